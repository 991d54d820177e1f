//! FigureService.

use prost::Message;
use tonic::{Request, Response};

use super::convert::{
    figure_hit, list_metrics, listed_metric, query_figures, query_figures_response, read_figures, read_metadata,
    sentence, summarize_figures, summary_response,
};
use super::page_token::TextToken;
use super::read::ITEM_BYTES;
use super::{Api, Reply, status};
use crate::domain::limits;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::figure_service_server::FigureService;
use crate::service::FigureCounts;

#[tonic::async_trait]
impl FigureService for Api {
    async fn read_figures(&self, request: Request<v1::ReadFiguresRequest>) -> Reply<v1::ReadFiguresResponse> {
        let (language, sentences) = read_figures(request.into_inner())?;
        let sentences = sentences.iter().map(|text| sentence(text, &language)).collect();
        Ok(Response::new(v1::ReadFiguresResponse { sentences }))
    }

    async fn query_figures(&self, request: Request<v1::QueryFiguresRequest>) -> Reply<v1::QueryFiguresResponse> {
        let query = query_figures(request.into_inner(), &self.store_id)?;
        let head = self.head(query.page.as_of).await?;
        let page = self.service.figures(&query.asked, head, query.request()).await.map_err(status::of_read)?;
        let statuses = self.statuses(page.hits.iter().map(|hit| &hit.version), head).await?;
        let (mut passed, mut hits) = (FigureCounts::default(), Vec::new());
        let (mut bytes, mut last, mut is_cut) = (0, None, false);
        for found in &page.hits {
            let hit = figure_hit(found, query.view, &statuses);
            bytes += hit.encoded_len() + ITEM_BYTES;
            // Its size ends it; the first hit it takes however large it is.
            if last.is_some() && bytes > limits::PAGE_BYTES {
                is_cut = true;
                break;
            }
            hits.push(hit);
            passed.merge(&found.passed);
            last = Some(found.place);
        }
        // What was looked at behind the last hit is counted where the page ends behind it.
        let next = if is_cut {
            last
        } else {
            passed.merge(&page.passed);
            page.next
        };
        Ok(Response::new(v1::QueryFiguresResponse {
            hits,
            next_page_token: query.next_page_token(head, next),
            scan_limited: page.is_cut_short && !is_cut,
            postings_scanned: page.scanned,
            ..query_figures_response(&query.asked.question.policy, &passed, head)
        }))
    }

    async fn list_metrics(&self, request: Request<v1::ListMetricsRequest>) -> Reply<v1::ListMetricsResponse> {
        let list = list_metrics(request.into_inner(), &self.store_id)?;
        let head = self.head(list.as_of).await?;
        let page = self.service.metrics(&list.asked, head).await.map_err(status::of_read)?;
        let (mut metrics, mut next, mut scan_limited) = (Vec::new(), page.next, page.is_cut_short);
        let (mut bytes, mut last) = (0, None);
        for listed in page.metrics {
            let metric = listed_metric(&listed);
            bytes += metric.encoded_len() + ITEM_BYTES;
            if last.is_some() && bytes > limits::PAGE_BYTES {
                (next, scan_limited) = (last, false);
                break;
            }
            metrics.push(metric);
            last = Some(listed.listed);
        }
        let token = |after| TextToken { revision: head.revision, after, fingerprint: list.fingerprint }.encode();
        Ok(Response::new(v1::ListMetricsResponse {
            metrics,
            next_page_token: next.map(token).unwrap_or_default(),
            scan_limited,
            read: Some(read_metadata(head)),
        }))
    }

    async fn summarize_figures(
        &self,
        request: Request<v1::SummarizeFiguresRequest>,
    ) -> Reply<v1::SummarizeFiguresResponse> {
        let (asked, as_of) = summarize_figures(request.into_inner())?;
        let head = self.head(as_of).await?;
        let summarized = self.service.summary(&asked, head).await.map_err(status::of_read)?;
        Ok(Response::new(summary_response(&summarized, &asked.rule, head)))
    }
}

//! FigureService.

use prost::Message;
use tonic::{Request, Response};

use super::convert::{
    figure_hit, list_metrics, listed_metric, query_figures, query_figures_response, read_figures, read_metadata,
    sentence, summarize_figures, summary_response,
};
use super::page_token::TextToken;
use super::read::Filling;
use super::{Api, Reply, status};
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
        let mut filling = Filling::new(page.next);
        for found in &page.hits {
            let hit = figure_hit(found, query.view, &statuses);
            if !filling.takes(found.place, hit.encoded_len()) {
                break;
            }
            hits.push(hit);
            passed.merge(&found.passed);
        }
        let is_cut = hits.len() < page.hits.len();
        // What was looked at behind the last hit is counted where the page ends behind it.
        if !is_cut {
            passed.merge(&page.passed);
        }
        Ok(Response::new(v1::QueryFiguresResponse {
            hits,
            next_page_token: query.next_page_token(head, filling.next),
            scan_limited: page.is_cut_short && !is_cut,
            postings_scanned: page.scanned,
            ..query_figures_response(&query.asked.question.policy, &passed, head)
        }))
    }

    async fn list_metrics(&self, request: Request<v1::ListMetricsRequest>) -> Reply<v1::ListMetricsResponse> {
        let list = list_metrics(request.into_inner(), &self.store_id)?;
        let head = self.head(list.as_of).await?;
        let page = self.service.metrics(&list.asked, head).await.map_err(status::of_read)?;
        let (mut metrics, mut filling) = (Vec::new(), Filling::new(page.next));
        let mut scan_limited = page.is_cut_short;
        for listed in page.metrics {
            let metric = listed_metric(&listed);
            if !filling.takes(listed.listed, metric.encoded_len()) {
                // Its size ended it first.
                scan_limited = false;
                break;
            }
            metrics.push(metric);
        }
        let token = |after| TextToken { revision: head.revision, after, fingerprint: list.fingerprint }.encode();
        Ok(Response::new(v1::ListMetricsResponse {
            metrics,
            next_page_token: filling.next.map(token).unwrap_or_default(),
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

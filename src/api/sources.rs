//! SourceService.

use tonic::{Request, Response};

use super::convert::{list_sources, query_sources};
use super::read::Texts;
use super::{Api, Reply};
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::source_service_server::SourceService;

#[tonic::async_trait]
impl SourceService for Api {
    async fn get_source(&self, request: Request<v1::GetSourceRequest>) -> Reply<v1::GetSourceResponse> {
        let message = request.into_inner();
        let (source, read) = self.one(&message.name, message.as_of).await?;
        Ok(Response::new(v1::GetSourceResponse { source: Some(source), read: Some(read) }))
    }

    async fn batch_get_sources(
        &self,
        request: Request<v1::BatchGetSourcesRequest>,
    ) -> Reply<v1::BatchGetSourcesResponse> {
        let message = request.into_inner();
        let several = self.several(message.names, message.as_of, message.allow_missing, Texts::Without).await?;
        Ok(Response::new(v1::BatchGetSourcesResponse {
            sources: several.records,
            missing_names: several.missing,
            omitted_names: several.omitted,
            read: Some(several.read),
        }))
    }

    async fn list_sources(&self, request: Request<v1::ListSourcesRequest>) -> Reply<v1::ListSourcesResponse> {
        let message = request.into_inner();
        let page = self.page(list_sources(message, &self.store_id)?, Texts::Without).await?;
        Ok(Response::new(v1::ListSourcesResponse {
            sources: page.records,
            next_page_token: page.next_page_token,
            read: Some(page.read),
        }))
    }

    async fn query_sources(&self, request: Request<v1::QuerySourcesRequest>) -> Reply<v1::QuerySourcesResponse> {
        let page = self.page(query_sources(request.into_inner(), &self.store_id)?, Texts::Without).await?;
        Ok(Response::new(v1::QuerySourcesResponse {
            sources: page.records,
            next_page_token: page.next_page_token,
            scan_limited: page.scan_limited,
            postings_scanned: page.scanned,
            read: Some(page.read),
        }))
    }
}

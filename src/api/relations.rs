//! RelationService.

use tonic::{Request, Response};

use super::convert::list_relations;
use super::read::Texts;
use super::{Api, Reply};
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::relation_service_server::RelationService;

#[tonic::async_trait]
impl RelationService for Api {
    async fn get_relation(&self, request: Request<v1::GetRelationRequest>) -> Reply<v1::GetRelationResponse> {
        let message = request.into_inner();
        let (relation, read) = self.one(&message.name, message.as_of).await?;
        Ok(Response::new(v1::GetRelationResponse { relation: Some(relation), read: Some(read) }))
    }

    async fn batch_get_relations(
        &self,
        request: Request<v1::BatchGetRelationsRequest>,
    ) -> Reply<v1::BatchGetRelationsResponse> {
        let message = request.into_inner();
        let several = self.several(message.names, message.as_of, message.allow_missing, Texts::Without).await?;
        Ok(Response::new(v1::BatchGetRelationsResponse {
            relations: several.records,
            missing_names: several.missing,
            omitted_names: several.omitted,
            read: Some(several.read),
        }))
    }

    async fn list_relations(&self, request: Request<v1::ListRelationsRequest>) -> Reply<v1::ListRelationsResponse> {
        let message = request.into_inner();
        let page = self.page(list_relations(message, &self.store_id)?, Texts::Without).await?;
        Ok(Response::new(v1::ListRelationsResponse {
            relations: page.records,
            next_page_token: page.next_page_token,
            read: Some(page.read),
        }))
    }
}

//! ClaimService.

use tonic::{Request, Response};

use super::convert::{count_claims, get, list_claims, query_claims, read_metadata, trace};
use super::read::Texts;
use super::status;
use super::{Api, Reply};
use crate::domain::name::RecordKind;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::claim_service_server::ClaimService;

#[tonic::async_trait]
impl ClaimService for Api {
    async fn get_claim(&self, request: Request<v1::GetClaimRequest>) -> Reply<v1::GetClaimResponse> {
        let message = request.into_inner();
        let (claim, read) = self.one(&message.name, message.as_of).await?;
        Ok(Response::new(v1::GetClaimResponse { claim: Some(claim), read: Some(read) }))
    }

    async fn batch_get_claims(&self, request: Request<v1::BatchGetClaimsRequest>) -> Reply<v1::BatchGetClaimsResponse> {
        let message = request.into_inner();
        let several = self.several(message.names, message.as_of, message.allow_missing, Texts::Without).await?;
        Ok(Response::new(v1::BatchGetClaimsResponse {
            claims: several.records,
            missing_names: several.missing,
            omitted_names: several.omitted,
            read: Some(several.read),
        }))
    }

    async fn list_claims(&self, request: Request<v1::ListClaimsRequest>) -> Reply<v1::ListClaimsResponse> {
        let message = request.into_inner();
        let page = self.page(list_claims(message, &self.store_id)?, Texts::Without).await?;
        Ok(Response::new(v1::ListClaimsResponse {
            claims: page.records,
            next_page_token: page.next_page_token,
            read: Some(page.read),
        }))
    }

    async fn query_claims(&self, request: Request<v1::QueryClaimsRequest>) -> Reply<v1::QueryClaimsResponse> {
        let page = self.page(query_claims(request.into_inner(), &self.store_id)?, Texts::Without).await?;
        Ok(Response::new(v1::QueryClaimsResponse {
            claims: page.records,
            next_page_token: page.next_page_token,
            scan_limited: page.scan_limited,
            postings_scanned: page.scanned,
            read: Some(page.read),
        }))
    }

    async fn count_claims(&self, request: Request<v1::CountClaimsRequest>) -> Reply<v1::CountClaimsResponse> {
        let (list, grouping, asked) = count_claims(request.into_inner(), &self.store_id)?;
        let head = self.head(asked.as_of).await?;
        let part = self.service.count(&list, grouping, head, asked.page.after).await.map_err(status::of_read)?;
        Ok(Response::new(v1::CountClaimsResponse {
            count: part.count,
            groups: part.groups.into_iter().map(|(key, count)| v1::ClaimGroup { key, count }).collect(),
            spanning_count: part.spanning,
            ungrouped_count: part.ungrouped,
            next_page_token: asked.next_page_token(head, part.next),
            read: Some(read_metadata(head)),
        }))
    }

    async fn trace(&self, request: Request<v1::TraceRequest>) -> Reply<v1::TraceResponse> {
        let message = request.into_inner();
        let (name, as_of) = get(&message.name, RecordKind::Claim, message.as_of)?;
        let head = self.head(as_of).await?;
        let traced = self.service.trace(&name, head).await.map_err(status::of_read)?;
        Ok(Response::new(trace(&traced)))
    }
}

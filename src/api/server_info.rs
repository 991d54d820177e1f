//! ServerInfoService.

use tonic::{Request, Response};

use super::convert::{read_metadata, timestamp};
use super::{Api, Reply};
use crate::domain::limits;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::server_info_service_server::ServerInfoService;
use crate::service::AsOf;

#[tonic::async_trait]
impl ServerInfoService for Api {
    async fn get_server_info(&self, _: Request<v1::GetServerInfoRequest>) -> Reply<v1::GetServerInfoResponse> {
        let description = self.service.description();
        let head = self.head(AsOf::Newest).await?;
        let limit = |limit: &limits::Limit| v1::Limit {
            name: limit.name.to_owned(),
            value: limit.value,
            reason: limit.reason.to_owned(),
        };
        Ok(Response::new(v1::GetServerInfoResponse {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            engine: description.engine.to_owned(),
            format_version: description.format_version,
            store_id: description.store_id,
            durable: description.durable,
            head: Some(read_metadata(head)),
            server_time: Some(timestamp(self.service.now())),
            limits: limits::ALL.iter().map(limit).collect(),
        }))
    }
}

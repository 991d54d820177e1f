//! The served API: the only code that knows the served messages, but for the program, which is a client, too.
//!
//! A handler converts the request (`convert`, where all validation of shape is), calls the service, and converts what
//! comes back; `status` says what a client is told when something goes wrong. One file for each service.

mod articles;
mod assessments;
mod changes;
mod claims;
pub(crate) mod codec;
mod convert;
mod differences;
mod exports;
mod figures;
mod imports;
mod json;
mod page_token;
mod pulled;
mod read;
mod records;
mod relations;
mod server_info;
mod sources;
mod status;
mod stream;
mod watching;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tonic::codec::CompressionEncoding;
use tonic::service::Routes;
use tonic::{Response, Status};

use crate::domain::limits;
use crate::proto::claimdb::v1::article_service_server::ArticleServiceServer;
use crate::proto::claimdb::v1::assessment_service_server::AssessmentServiceServer;
use crate::proto::claimdb::v1::change_service_server::ChangeServiceServer;
use crate::proto::claimdb::v1::claim_service_server::ClaimServiceServer;
use crate::proto::claimdb::v1::figure_service_server::FigureServiceServer;
use crate::proto::claimdb::v1::record_service_server::RecordServiceServer;
use crate::proto::claimdb::v1::relation_service_server::RelationServiceServer;
use crate::proto::claimdb::v1::server_info_service_server::ServerInfoServiceServer;
use crate::proto::claimdb::v1::source_service_server::SourceServiceServer;
use crate::service::Service;

/// What a handler answers.
type Reply<T> = Result<Response<T>, Status>;

/// The handlers of every service.
#[derive(Clone, Debug)]
pub struct Api {
    service: Service,
    /// Part of every page token: a token of another store is another query's.
    store_id: Arc<str>,
    /// Places for watchers: their calls last, and must leave room for others.
    watchers: Arc<Semaphore>,
    /// The largest message that is taken.
    message_bytes_max: usize,
}

impl Api {
    /// Handlers over this service, for messages of at most so many bytes either way.
    #[must_use]
    pub fn new(service: Service, message_bytes_max: usize) -> Self {
        let store_id = service.description().store_id.into();
        Self { service, store_id, watchers: Arc::new(Semaphore::new(limits::WATCHERS)), message_bytes_max }
    }

    /// The routes of every service. Compressed requests are accepted;
    /// answers go out as they are: compressing a small message costs several times what the call does.
    #[must_use]
    pub fn routes(self) -> Routes {
        let message_bytes_max = self.message_bytes_max;
        macro_rules! server {
            ($server:ident) => {
                $server::new(self.clone())
                    .max_decoding_message_size(message_bytes_max)
                    .max_encoding_message_size(message_bytes_max)
                    .accept_compressed(CompressionEncoding::Gzip)
                    .accept_compressed(CompressionEncoding::Zstd)
            };
        }
        Routes::new(server!(RecordServiceServer))
            .add_service(server!(ArticleServiceServer))
            .add_service(server!(SourceServiceServer))
            .add_service(server!(ClaimServiceServer))
            .add_service(server!(RelationServiceServer))
            .add_service(server!(AssessmentServiceServer))
            .add_service(server!(ChangeServiceServer))
            .add_service(server!(FigureServiceServer))
            .add_service(server!(ServerInfoServiceServer))
    }
}

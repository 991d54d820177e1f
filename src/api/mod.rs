//! The served API: the only code that knows tonic and the served messages.
//!
//! A handler converts the request (`convert`, where all validation of shape is), calls the service, and converts what
//! comes back; `status` says what a client is told when something goes wrong. One file for each service.

mod articles;
mod assessments;
mod claims;
mod convert;
mod figures;
mod page_token;
mod read;
mod records;
mod relations;
mod server_info;
mod sources;
mod status;

use tonic::codec::CompressionEncoding;
use tonic::service::Routes;
use tonic::{Response, Status};

use crate::proto::claimdb::v1::article_service_server::ArticleServiceServer;
use crate::proto::claimdb::v1::assessment_service_server::AssessmentServiceServer;
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
    store_id: std::sync::Arc<str>,
}

impl Api {
    /// Handlers over this service.
    #[must_use]
    pub fn new(service: Service) -> Self {
        let store_id = service.description().store_id.into();
        Self { service, store_id }
    }

    /// The routes of every service, for messages of at most so many bytes either way. Compressed requests are accepted;
    /// answers go out as they are: compressing a small message costs several times what the call does.
    #[must_use]
    pub fn routes(self, message_bytes_max: usize) -> Routes {
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
            .add_service(server!(FigureServiceServer))
            .add_service(server!(ServerInfoServiceServer))
    }
}

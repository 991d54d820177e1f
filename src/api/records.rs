//! RecordService: everything that changes the database, and the history of one record.
//!
//! A write runs to its end in the store even when its client goes away; the handler only waits for it.

use std::sync::Arc;

use tonic::{Request, Response, Status, Streaming};

use super::convert::{commit_info, history, record, reinstate, results, retract, revise, warnings};
use super::stream::Streamed;
use super::{Api, Reply, status};
use crate::domain::plan::Batch;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::record_service_server::RecordService;
use crate::storage::Committed;

/// What a write came to, as a message.
struct Written {
    committed: Committed,
    results: Vec<v1::RecordResult>,
    records_omitted: bool,
}

impl Api {
    async fn write(&self, batch: Batch) -> Result<Written, Status> {
        let committed = self.service.commit(batch).await.map_err(status::of_commit)?;
        let versions: Vec<_> = committed.results.iter().map(|(_, version)| Arc::clone(version)).collect();
        let statuses = self.service.statuses_of_results(&versions, committed.head.revision).await;
        let statuses = match statuses {
            Ok(statuses) => statuses,
            // The commit stands: an answer without the statuses of references beats an error that says it may not.
            Err(error) => {
                tracing::warn!(%error, "the statuses of references could not be read after a commit");
                crate::service::Statuses::default()
            }
        };
        let (results, records_omitted) = results(&committed, &statuses);
        Ok(Written { committed, results, records_omitted })
    }
}

#[tonic::async_trait]
impl RecordService for Api {
    async fn record(&self, request: Request<v1::RecordRequest>) -> Reply<v1::RecordResponse> {
        let written = self.write(record(request.into_inner())?).await?;
        Ok(Response::new(v1::RecordResponse {
            commit: Some(commit_info(&written.committed)),
            warnings: warnings(&written.committed),
            warning_count: written.committed.warning_count,
            results: written.results,
            records_omitted: written.records_omitted,
        }))
    }

    async fn revise(&self, request: Request<v1::ReviseRequest>) -> Reply<v1::ReviseResponse> {
        let written = self.write(revise(request.into_inner())?).await?;
        Ok(Response::new(v1::ReviseResponse {
            commit: Some(commit_info(&written.committed)),
            warnings: warnings(&written.committed),
            result: written.results.into_iter().next(),
        }))
    }

    async fn retract(&self, request: Request<v1::RetractRequest>) -> Reply<v1::RetractResponse> {
        let written = self.write(retract(request.into_inner())?).await?;
        Ok(Response::new(v1::RetractResponse {
            commit: Some(commit_info(&written.committed)),
            warnings: warnings(&written.committed),
            results: written.results,
            records_omitted: written.records_omitted,
        }))
    }

    async fn reinstate(&self, request: Request<v1::ReinstateRequest>) -> Reply<v1::ReinstateResponse> {
        let written = self.write(reinstate(request.into_inner())?).await?;
        Ok(Response::new(v1::ReinstateResponse {
            commit: Some(commit_info(&written.committed)),
            warnings: warnings(&written.committed),
            result: written.results.into_iter().next(),
        }))
    }

    type ImportStream = Streamed<v1::ImportResponse>;

    async fn import(&self, request: Request<Streaming<v1::ImportRequest>>) -> Reply<Self::ImportStream> {
        Ok(Response::new(self.import_stream(request)))
    }

    type ExportStream = Streamed<v1::ExportResponse>;

    async fn export(&self, request: Request<v1::ExportRequest>) -> Reply<Self::ExportStream> {
        Ok(Response::new(self.export_stream(request)))
    }

    async fn list_history(&self, request: Request<v1::ListHistoryRequest>) -> Reply<v1::ListHistoryResponse> {
        let message = request.into_inner();
        let texts = message.include_text.into();
        let page = self.versions(history(message, &self.store_id)?, texts).await?;
        Ok(Response::new(v1::ListHistoryResponse {
            versions: page.records,
            next_page_token: page.next_page_token,
            read: Some(page.read),
        }))
    }
}

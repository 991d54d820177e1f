//! RecordService: everything that changes the database, and the history of one record.
//!
//! A write runs to its end in the store even when its client goes away; the handler only waits for it.

use std::sync::Arc;

use tonic::{Request, Response, Status, Streaming};

use super::convert::{
    Served, Unreadable, commit_info, diff_versions, history, read_metadata, record, reinstate, results, retract,
    revise, version_info, warnings,
};
use super::differences::{Differences, differences};
use super::json::descriptor;
use super::read::Texts;
use super::stream::Streamed;
use super::{Api, Reply, status};
use crate::domain::model::Version;
use crate::domain::name::RecordKind;
use crate::domain::plan::Batch;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::record_service_server::RecordService;
use crate::service::{Statuses, VersionPair};
use crate::storage::{CommitError, Committed};

/// What a write came to, as a message.
struct Written {
    committed: Committed,
    results: Vec<v1::RecordResult>,
    records_omitted: bool,
}

impl Api {
    /// Everything that is wrong with a request: what it shows itself, and what the store makes of the rest of it.
    async fn all_wrong(&self, mut unreadable: Unreadable) -> Status {
        let Some(batch) = unreadable.readable.take() else { return unreadable.violations.into() };
        let more = match self.service.commit(*batch).await {
            Err(CommitError::Refused(refusal)) => refusal.violations(),
            // Anything else is no field's fault, or is met again once the fields are right.
            Ok(_) | Err(_) => Vec::new(),
        };
        unreadable.and(more).into()
    }

    async fn write(&self, batch: Batch) -> Result<Written, Status> {
        let committed = self.service.commit(batch).await.map_err(status::of_commit)?;
        let versions: Vec<_> = committed.results.iter().map(|(_, version)| Arc::clone(version)).collect();
        let statuses = self.service.statuses_of_results(&versions, committed.head.revision).await;
        let statuses = match statuses {
            Ok(statuses) => statuses,
            // The commit stands: an answer without the statuses of references beats an error that says it may not.
            Err(error) => {
                tracing::warn!(%error, "the statuses of references could not be read after a commit");
                Statuses::default()
            }
        };
        let (results, records_omitted) = results(&committed, &statuses);
        Ok(Written { committed, results, records_omitted })
    }

    async fn differences(&self, pair: &VersionPair) -> Result<Differences, Status> {
        match pair.to.name.kind {
            RecordKind::Article => self.differences_as::<v1::Article>("Article", pair).await,
            RecordKind::Source => self.differences_as::<v1::Source>("Source", pair).await,
            RecordKind::Claim => self.differences_as::<v1::Claim>("Claim", pair).await,
            RecordKind::Relation => self.differences_as::<v1::Relation>("Relation", pair).await,
            RecordKind::Assessment => self.differences_as::<v1::Assessment>("Assessment", pair).await,
        }
    }

    async fn differences_as<T: Served>(&self, message: &str, pair: &VersionPair) -> Result<Differences, Status> {
        // The statuses of what a record refers to are no part of its versions.
        let statuses = Statuses::default();
        let served = async |version: &Arc<Version>| self.answer::<T>(version, &statuses, Texts::With).await;
        let old = match &pair.from {
            Some(from) => Some(served(from).await?),
            None => None,
        };
        Ok(differences(&descriptor(message), old.as_ref(), &served(&pair.to).await?))
    }
}

#[tonic::async_trait]
impl RecordService for Api {
    async fn record(&self, request: Request<v1::RecordRequest>) -> Reply<v1::RecordResponse> {
        let batch = match record(request.into_inner()) {
            Ok(batch) => batch,
            Err(unreadable) => return Err(self.all_wrong(unreadable).await),
        };
        let written = self.write(batch).await?;
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

    async fn diff_versions(&self, request: Request<v1::DiffVersionsRequest>) -> Reply<v1::DiffVersionsResponse> {
        let (name, from, to) = diff_versions(request.into_inner())?;
        let pair = self.service.version_pair(&name, from, to).await.map_err(status::of_read)?;
        let differences = self.differences(&pair).await?;
        Ok(Response::new(v1::DiffVersionsResponse {
            from: pair.from.as_deref().map(version_info),
            to: Some(version_info(&pair.to)),
            differences: differences.listed,
            difference_count: differences.count,
            read: Some(read_metadata(pair.head)),
        }))
    }
}

//! ChangeService.

use std::sync::Arc;
use std::time::Duration;

use tonic::codegen::BoxStream;
use tonic::{Code, Request, Response, Status};

use super::convert::watch;
use super::pulled::Pulled;
use super::watching::Watching;
use super::{Api, Reply, status};
use crate::call::{Draining, retry_after};
use crate::domain::limits;
use crate::domain::model::ErrorReason;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::change_service_server::ChangeService;

/// Watchers stay long: a place is not free again in a moment.
const RETRY_DELAY: Duration = Duration::from_secs(5);

#[tonic::async_trait]
impl ChangeService for Api {
    type WatchStream = BoxStream<v1::WatchResponse>;

    async fn watch(&self, request: Request<v1::WatchRequest>) -> Reply<Self::WatchStream> {
        // Only the server drains; a service that is served without it does not.
        let draining = request.extensions().get::<Draining>().cloned().unwrap_or_default();
        let asked = watch(request.into_inner())?;
        let place = Arc::clone(&self.watchers).try_acquire_owned().map_err(|_| too_many())?;
        let watch = self.service.watch(asked.watching.clone()).await.map_err(status::of_read)?;
        let watching = Watching::new(self.service.clone(), watch, &asked, draining, place);
        Ok(Response::new(Box::pin(Pulled::new(watching, |watching| Box::pin(watching.next())))))
    }
}

fn too_many() -> Status {
    let message = format!("{} watch already, which is the limit", limits::WATCHERS);
    let limit = ("watchers", limits::WATCHERS.to_string());
    retry_after(Code::Unavailable, ErrorReason::Overloaded.reason(), message, RETRY_DELAY, [limit])
}

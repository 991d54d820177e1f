//! The messages of one watcher: commits cut to size, heartbeats where it would be silent, and a last word when the server
//! goes away. Between the messages of one commit there is nothing else.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tonic::Status;

use super::convert::{WatchAsked, timestamp, version};
use super::status;
use crate::call::{Draining, shutting_down_after};
use crate::domain::model::Version;
use crate::proto::claimdb::v1;
use crate::service::{Change, CommitChanges, Service, Statuses, Step, Watch};
use crate::storage::Head;

/// Bytes that a repeated message takes besides itself, and what a message has besides its changes.
const ITEM_BYTES: usize = 6;
const MESSAGE_BYTES: usize = 64;

/// Changes converted together: what they refer to is read at once.
const CONVERTED: usize = 100;

/// One watcher's stream between two messages.
pub(super) struct Watching {
    service: Service,
    watch: Watch,
    /// Everything up to here was given, or was not wanted.
    given: Head,
    /// What is left of the commit being given.
    rest: Option<Rest>,
    phase: Phase,
    heartbeat_interval: Duration,
    heartbeat_at: Instant,
    message_bytes_max: usize,
    include_previous: bool,
    draining: Draining,
    _place: OwnedSemaphorePermit,
}

#[derive(Clone, Copy)]
enum Phase {
    Opening,
    Following,
    Ending,
}

/// What is left of a commit, as far as it was read.
struct Rest {
    commit: Head,
    /// Whether a message of it was given.
    has_begun: bool,
    changes: std::vec::IntoIter<Change>,
    converted: VecDeque<v1::Change>,
}

impl Watching {
    pub(super) fn new(
        service: Service,
        watch: Watch,
        asked: &WatchAsked,
        draining: Draining,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            service,
            given: watch.position(),
            watch,
            rest: None,
            phase: Phase::Opening,
            heartbeat_interval: asked.heartbeat_interval,
            heartbeat_at: Instant::now(),
            message_bytes_max: asked.message_bytes_max,
            include_previous: asked.watching.include_previous,
            draining,
            _place: place,
        }
    }

    /// The next message, and the stream behind it; none behind an error.
    pub(super) async fn next(mut self) -> (Result<v1::WatchResponse, Status>, Option<Self>) {
        let message = match self.phase {
            Phase::Opening => {
                self.phase = Phase::Following;
                Ok(self.heartbeat())
            }
            Phase::Following => self.follow().await,
            Phase::Ending => Err(shutting_down_after(self.given.revision)),
        };
        self.heartbeat_at = Instant::now() + self.heartbeat_interval;
        let behind = message.is_ok().then_some(self);
        (message, behind)
    }

    async fn follow(&mut self) -> Result<v1::WatchResponse, Status> {
        loop {
            if self.draining.0.is_cancelled() {
                if self.rest.as_ref().is_some_and(|rest| rest.has_begun) {
                    // Within a commit a heartbeat would pass for the end of it. Whoever goes on from here is given all of it.
                    return Err(shutting_down_after(self.given.revision));
                }
                self.phase = Phase::Ending;
                return Ok(self.heartbeat());
            }
            if let Some(rest) = self.rest.take() {
                return self.part(rest).await;
            }
            // While nothing is wanted of a long log, too.
            if self.is_to_speak() {
                return Ok(self.heartbeat());
            }
            match self.watch.step().await.map_err(status::of_read)? {
                Step::Commit(CommitChanges { revision, time, changes }) => {
                    let commit = Head { revision, time: Some(time) };
                    let (changes, converted) = (changes.into_iter(), VecDeque::new());
                    self.rest = Some(Rest { commit, has_begun: false, changes, converted });
                }
                Step::Partway => {}
                Step::Passed => self.given = self.watch.position(),
                Step::UpToDate => {
                    tokio::select! {
                        () = self.watch.more() => {}
                        () = self.draining.0.cancelled() => {}
                        () = tokio::time::sleep_until(self.heartbeat_at) => {}
                    }
                }
            }
        }
    }

    /// Whether it was silent for as long as it may be.
    fn is_to_speak(&self) -> bool {
        Instant::now() >= self.heartbeat_at
    }

    fn heartbeat(&self) -> v1::WatchResponse {
        v1::WatchResponse {
            revision: self.given.revision,
            commit_time: self.given.time.map(timestamp),
            heartbeat: true,
            ..v1::WatchResponse::default()
        }
    }

    /// As much of a commit as a message holds. The first change it takes however large it is. A heartbeat while the first
    /// message of a large commit is still looked for.
    async fn part(&mut self, mut rest: Rest) -> Result<v1::WatchResponse, Status> {
        let mut changes = Vec::new();
        let mut bytes = MESSAGE_BYTES;
        loop {
            while rest.converted.is_empty() {
                if rest.changes.as_slice().is_empty() {
                    if !rest.has_begun && self.is_to_speak() {
                        rest.converted = changes.into();
                        self.rest = Some(rest);
                        return Ok(self.heartbeat());
                    }
                    let Some(further) = self.watch.further().await.map_err(status::of_read)? else { break };
                    rest.changes = further.into_iter();
                }
                let some: Vec<Change> = rest.changes.by_ref().take(CONVERTED).collect();
                rest.converted = self.convert(&some, rest.commit.revision).await?;
            }
            let Some(change) = rest.converted.pop_front() else { break };
            bytes += change.encoded_len() + ITEM_BYTES;
            if bytes > self.message_bytes_max && !changes.is_empty() {
                rest.converted.push_front(change);
                break;
            }
            changes.push(change);
        }
        let commit = rest.commit;
        let more_in_commit = !rest.converted.is_empty();
        if more_in_commit {
            self.rest = Some(Rest { has_begun: true, ..rest });
        } else {
            self.given = commit;
        }
        Ok(v1::WatchResponse {
            changes,
            revision: self.given.revision,
            commit_revision: commit.revision,
            commit_time: commit.time.map(timestamp),
            heartbeat: false,
            more_in_commit,
        })
    }

    /// Changes as messages: each version as it was served as of its own revision.
    async fn convert(&self, changes: &[Change], revision: u64) -> Result<VecDeque<v1::Change>, Status> {
        let new = self.statuses(changes.iter().map(|change| &change.version), revision).await?;
        let old = if self.include_previous {
            let previous = changes.iter().filter_map(|change| change.previous.as_ref());
            self.statuses(previous, revision.saturating_sub(1)).await?
        } else {
            Statuses::default()
        };
        let message = |change: &Change| v1::Change {
            version: Some(version(&change.version, &new, None)),
            previous: change.previous.as_deref().map(|previous| version(previous, &old, None)),
        };
        Ok(changes.iter().map(message).collect())
    }

    async fn statuses<'v>(
        &self,
        versions: impl IntoIterator<Item = &'v Arc<Version>> + Send,
        revision: u64,
    ) -> Result<Statuses, Status> {
        self.service.statuses(versions, revision).await.map_err(status::of_read)
    }
}

//! Watching: the log from a revision on, as far as a filter lets it through. Whoever watches asks for the next step when
//! it is ready for it; nothing is read ahead, so that a slow reader costs a few commits of memory and no one's time.
//!
//! Not here: messages, and when silence is broken, which are `api`'s.

mod filter;

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::{AsOf, Error, Service};
use crate::domain::model::Version;
use crate::domain::name::Name;
use crate::domain::time::Timestamp;
use crate::storage::{Commit, Head};

use filter::Matcher;

pub use filter::WatchFilter;

/// Commits that one read of the log gives, at most: enough that following many small ones is not all reading.
const COMMITS_READ: usize = 64;

/// What to watch.
#[derive(Clone, Debug)]
pub struct Watching {
    /// The state after which the first commit is given.
    pub start: AsOf,
    /// Which changes are given.
    pub filter: WatchFilter,
    /// Whether each comes with the version it replaced.
    pub include_previous: bool,
}

/// A watcher, and how far it has come.
#[derive(Debug)]
pub struct Watch {
    service: Service,
    matcher: Matcher,
    include_previous: bool,
    position: Head,
    commits: std::vec::IntoIter<Commit>,
    hints: watch::Receiver<u64>,
}

/// One step of a watcher.
#[derive(Clone, Debug)]
pub enum Step {
    /// A commit with changes that are wanted.
    Commit(CommitChanges),
    /// A commit without any: the position moved.
    Passed,
    /// There is none after the position.
    UpToDate,
}

/// What a watcher is given of a commit; never empty.
#[derive(Clone, Debug)]
pub struct CommitChanges {
    /// The commit.
    pub revision: u64,
    /// When it was made.
    pub time: Timestamp,
    /// The changes, in the order of the commit.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Change {
    /// The version that was made.
    pub version: Arc<Version>,
    /// The version it replaced, where that was asked for and there was one.
    pub previous: Option<Arc<Version>>,
}

impl Service {
    /// Starts to watch.
    ///
    /// # Errors
    /// When the start lies in the future, or a source of the filter answers to several.
    pub async fn watch(&self, watching: Watching) -> Result<Watch, Error> {
        let Watching { start, filter, include_previous } = watching;
        let hints = self.store.head_updates();
        let position = self.head(start).await?;
        let matcher = Matcher::resolve(self, filter).await?;
        let commits = Vec::new().into_iter();
        Ok(Watch { service: self.clone(), matcher, include_previous, position, commits, hints })
    }
}

impl Watch {
    /// The commit up to which every step was made.
    #[must_use]
    pub fn position(&self) -> Head {
        self.position
    }

    /// Goes past the next commit.
    ///
    /// # Errors
    /// When the store fails, or a source that was waited for answers to several.
    pub async fn step(&mut self) -> Result<Step, Error> {
        if self.commits.as_slice().is_empty() {
            // Before the read: a commit that comes after it must wake who waits.
            self.hints.borrow_and_update();
            let commits = self.service.store.changes(self.position.revision, COMMITS_READ).await?;
            self.commits = commits.into_iter();
        }
        let Some(commit) = self.commits.next() else { return Ok(Step::UpToDate) };
        self.matcher.admit(&self.service, &commit).await?;
        let changes = self.changes(&commit).await?;
        self.position = Head { revision: commit.revision, time: Some(commit.time) };
        if changes.is_empty() {
            return Ok(Step::Passed);
        }
        Ok(Step::Commit(CommitChanges { revision: commit.revision, time: commit.time, changes }))
    }

    /// Waits until there may be more. For ever once the store takes no more commits.
    pub async fn more(&mut self) {
        if self.hints.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    async fn changes(&self, commit: &Commit) -> Result<Vec<Change>, Error> {
        let new: Vec<(&Arc<Version>, bool)> =
            commit.versions.iter().map(|version| (version, self.matcher.matches(version))).collect();
        let is_asked = |(version, matches): &&(&Arc<Version>, bool)| {
            version.replaces.is_some() && (self.include_previous || !matches)
        };
        let names: Vec<Name> = new.iter().filter(is_asked).map(|(version, _)| version.name.clone()).collect();
        // What a record was before: at first as before the commit, then as the commit itself left it. An import may change a
        // record several times in one.
        let mut current = self.holding_before(commit.revision, &names).await?;
        let mut changes = Vec::new();
        for (version, matches) in new {
            let previous = current.insert(version.name.clone(), Arc::clone(version));
            if matches || previous.as_ref().is_some_and(|previous| self.matcher.matches(previous)) {
                let previous = previous.filter(|_| self.include_previous);
                changes.push(Change { version: Arc::clone(version), previous });
            }
        }
        Ok(changes)
    }

    /// The versions of records that held before a commit.
    async fn holding_before(&self, revision: u64, names: &[Name]) -> Result<HashMap<Name, Arc<Version>>, Error> {
        let mut old = HashMap::with_capacity(names.len());
        let note = |version: Arc<Version>| {
            old.insert(version.name.clone(), version);
        };
        self.service.each_holding(names, revision.saturating_sub(1), note).await?;
        Ok(old)
    }
}

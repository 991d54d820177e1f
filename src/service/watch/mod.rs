//! Watching: the log from a revision on, as far as a filter lets it through. Whoever watches asks for the next step when
//! it is ready for it; nothing is read ahead, so that a slow reader costs a few commits of memory and no one's time.
//!
//! Not here: messages, and when silence is broken, which are `api`'s.

mod filter;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
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
    /// Where the commit that the last step came to goes on.
    rest: Option<u64>,
    /// Where a commit goes on of which nothing was wanted so far.
    partway: Option<u64>,
    hints: watch::Receiver<u64>,
}

/// One step of a watcher.
#[derive(Clone, Debug)]
pub enum Step {
    /// A commit with changes that are wanted.
    Commit(CommitChanges),
    /// A commit without any so far, whose end the next steps come to: it may be a large one.
    Partway,
    /// A commit without any: the position moved.
    Passed,
    /// There is none after the position.
    UpToDate,
}

/// What a watcher is given of a commit first; never empty. `Watch::further` gives what follows.
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
        Ok(Watch {
            service: self.clone(),
            matcher,
            include_previous,
            position,
            commits,
            rest: None,
            partway: None,
            hints,
        })
    }
}

impl Watch {
    /// The commit up to which every step was made.
    #[must_use]
    pub fn position(&self) -> Head {
        self.position
    }

    /// Goes past the next commit, or a part of it.
    ///
    /// # Errors
    /// When the store fails, or a source that was waited for answers to several.
    pub async fn step(&mut self) -> Result<Step, Error> {
        if let Some(number) = self.partway {
            let part = self.service.store.changes_from(number).await?;
            return self.enter(part).await;
        }
        if self.commits.as_slice().is_empty() {
            // Before the read: a commit that comes after it must wake who waits.
            self.hints.borrow_and_update();
            let commits = self.service.store.changes(self.position.revision, COMMITS_READ).await?;
            self.commits = commits.into_iter();
        }
        let Some(commit) = self.commits.next() else { return Ok(Step::UpToDate) };
        self.matcher.admit(&self.service, &commit).await?;
        self.enter(commit).await
    }

    /// Goes into a commit, or on with one of which nothing was wanted so far.
    async fn enter(&mut self, part: Commit) -> Result<Step, Error> {
        let changes = self.changes(&part).await?;
        let (revision, time) = (part.revision, part.time);
        if changes.is_empty() && part.rest.is_some() {
            self.partway = part.rest;
            return Ok(Step::Partway);
        }
        (self.partway, self.rest) = (None, part.rest);
        self.position = Head { revision, time: Some(time) };
        if changes.is_empty() {
            return Ok(Step::Passed);
        }
        Ok(Step::Commit(CommitChanges { revision, time, changes }))
    }

    /// What is wanted of the next part of the commit that the last step came to, which may be nothing; none when that has no
    /// more parts.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn further(&mut self) -> Result<Option<Vec<Change>>, Error> {
        let Some(number) = self.rest else { return Ok(None) };
        let part = self.service.store.changes_from(number).await?;
        let changes = self.changes(&part).await?;
        self.rest = part.rest;
        Ok(Some(changes))
    }

    /// Waits until there may be more. For ever once the store takes no more commits.
    pub async fn more(&mut self) {
        if self.hints.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    async fn changes(&self, part: &Commit) -> Result<Vec<Change>, Error> {
        let new: Vec<(&Arc<Version>, bool)> =
            part.versions.iter().map(|version| (version, self.matcher.matches(version))).collect();
        let asked = new.iter().filter(|(_, matches)| self.include_previous || !matches);
        let replacing: Vec<&Version> = asked.map(|(version, _)| &***version).collect();
        let replaced = self.replaced(part, &replacing).await?;
        let mut changes = Vec::new();
        for (version, matches) in new {
            let previous = version.replaces.and_then(|number| replaced.get(&number));
            if matches || previous.is_some_and(|previous| self.matcher.matches(previous)) {
                let previous = previous.filter(|_| self.include_previous).cloned();
                changes.push(Change { version: Arc::clone(version), previous });
            }
        }
        Ok(changes)
    }

    /// What versions of a part of a commit replaced, by number: what was there before the commit or, since an import may
    /// change a record several times in one, an earlier version of the commit itself.
    async fn replaced(&self, part: &Commit, replacing: &[&Version]) -> Result<HashMap<u64, Arc<Version>>, Error> {
        let mut found = HashMap::new();
        let mut note = |version: Arc<Version>| {
            found.insert(version.number, version);
        };
        let is_before = |version: &&&Version| version.replaces.is_some_and(|number| number < part.first);
        let names: Vec<Name> = replacing.iter().filter(is_before).map(|version| version.name.clone()).collect();
        self.service.each_holding(&names, part.revision.saturating_sub(1), &mut note).await?;
        let within: BTreeSet<u64> =
            replacing.iter().filter_map(|version| version.replaces).filter(|number| *number >= part.first).collect();
        // What follows each other was mostly made in the same order.
        let mut read = &part.versions;
        let mut earlier;
        for number in within {
            let has = |read: &[Arc<Version>]| read.binary_search_by_key(&number, |version| version.number).ok();
            if has(read).is_none() {
                earlier = self.service.store.changes_from(number).await?.versions;
                read = &earlier;
            }
            has(read).and_then(|index| read.get(index)).cloned().map(&mut note);
        }
        Ok(found)
    }
}

//! The store as a plan sees it: through the writer, commits queued before included.

use std::sync::Arc;

use super::super::{Damage, Writer};
use super::known::{KnownSources, is_kept};
use super::memory::in_memory;
use super::reads::{self, Numbers};
use crate::domain::model::Version;
use crate::domain::name::Name;
use crate::domain::plan::View;
use crate::domain::term::Term;
use crate::domain::text::Sha256;
use crate::storage::Head;

pub(super) struct WriterView<'w> {
    pub(super) writer: &'w Writer,
    pub(super) known: &'w KnownSources,
}

impl WriterView<'_> {
    /// The newest commit, queued ones included.
    pub(super) fn newest(&self) -> Result<Head, Damage> {
        let head = self.writer.head();
        if head.revision == 0 {
            return Ok(Head::default());
        }
        Ok(Head { revision: head.revision, time: Some(reads::time(head.time_us)?) })
    }

    /// The version of a record that holds now; it must exist.
    pub(super) fn must_hold(&self, name: &Name) -> Result<Arc<Version>, Damage> {
        existing(name, self.holding(&Term::Name(name.clone()), 1)?.pop())
    }

    /// The version of a record that held as of a bound; it must exist.
    pub(super) fn must_have_held(&self, name: &Name, bound: u64) -> Result<Arc<Version>, Damage> {
        existing(name, self.writer.holding_of(name, bound)?)
    }

    /// Keeps what was found, if it is all there is.
    fn keep(&self, term: &Term, found: &[Arc<Version>], limit: usize) -> Result<(), Damage> {
        if found.len() >= limit && !matches!(term, Term::Name(_)) {
            return Ok(());
        }
        let mut bytes = 0;
        for version in found {
            let stored = self.writer.version(version.number)?.and_then(|raw| raw.bytes);
            bytes += in_memory(version, stored.map_or(0, |stored| stored.len()));
        }
        self.known.keep(term, found, bytes);
        Ok(())
    }
}

fn existing(name: &Name, version: Option<Arc<Version>>) -> Result<Arc<Version>, Damage> {
    version.ok_or_else(|| Damage::new(format!("the version of {name} that is referred to")))
}

impl View for WriterView<'_> {
    type Error = Damage;

    fn holding(&self, term: &Term, limit: usize) -> Result<Vec<Arc<Version>>, Damage> {
        if !term.is_key() {
            // It may not have been posted yet.
            self.writer.settle();
        }
        let find = || reads::holding(self.writer, term, self.writer.head().number, limit);
        if !is_kept(term) {
            return find();
        }
        if let Some(known) = self.known.holding(term, limit) {
            return Ok(known);
        }
        let found = find()?;
        self.keep(term, &found, limit)?;
        Ok(found)
    }

    fn text(&self, sha256: Sha256) -> Result<Option<Arc<str>>, Damage> {
        self.writer.text_of(sha256, self.writer.head().number)
    }
}

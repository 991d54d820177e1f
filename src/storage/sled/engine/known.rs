//! Sources as the writer found them: nearly every claim refers to some that other claims refer to, too, and finding one
//! means looking into every segment since it was recorded. Answers are kept until a commit changes them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::model::{Record, Version};
use crate::domain::name::RecordKind;
use crate::domain::term::Term;
use crate::storage::assemble::Made;

/// Bytes that are kept, about; then all is forgotten, so that nothing has to be ordered by its last use.
const BYTES_MAX: usize = 16 << 20;

/// What one answer takes besides its versions, about.
const ANSWER_BYTES: usize = 512;

/// A source takes more in memory than stored, about so many times.
const GROWTH: usize = 4;

/// What is known; of one writer alone, who tells it of every commit.
#[derive(Default)]
pub(super) struct KnownSources {
    kept: RefCell<Kept>,
}

#[derive(Default)]
struct Kept {
    /// All versions that hold now and carry the term, oldest first.
    by_term: HashMap<Term, Vec<Arc<Version>>>,
    bytes: usize,
}

impl KnownSources {
    /// The newest `limit` versions that hold now and carry the term, oldest first; none when it is not known.
    pub(super) fn holding(&self, term: &Term, limit: usize) -> Option<Vec<Arc<Version>>> {
        let kept = self.kept.borrow();
        let found = kept.by_term.get(term)?;
        Some(found[found.len().saturating_sub(limit)..].to_vec())
    }

    /// Keeps an answer that is whole; `bytes` is what its versions take where they are stored.
    pub(super) fn keep(&self, term: &Term, versions: &[Arc<Version>], bytes: usize) {
        let bytes = bytes * GROWTH + ANSWER_BYTES;
        if bytes > BYTES_MAX / 16 {
            return;
        }
        let mut kept = self.kept.borrow_mut();
        if kept.bytes + bytes > BYTES_MAX {
            *kept = Kept::default();
        }
        kept.bytes += bytes;
        kept.by_term.insert(term.clone(), versions.to_vec());
    }

    /// Forgets what a commit changes.
    pub(super) fn changed(&self, made: &Made) {
        let sources = || made.versions.iter().filter(|version| matches!(version.record, Record::Source(_)));
        let replaces = |number| made.closings.iter().any(|(_, by)| *by == number);
        if sources().any(|source| replaces(source.number)) {
            // The one replaced may have had other names.
            return self.forget();
        }
        if sources().next().is_some() {
            let mut kept = self.kept.borrow_mut();
            made.terms.iter().filter(|(term, _)| is_kept(term)).for_each(|(term, _)| {
                kept.by_term.remove(term);
            });
        }
    }

    /// Forgets everything: commits were taken back.
    pub(super) fn forget(&self) {
        *self.kept.borrow_mut() = Kept::default();
    }
}

/// Whether answers for the term are kept: a source's name, or the one it is known by.
pub(super) fn is_kept(term: &Term) -> bool {
    matches!(term, Term::DisplayName(_)) || matches!(term, Term::Name(name) if name.kind == RecordKind::Source)
}

//! Sources as the writer found them: nearly every claim refers to some that other claims refer to, too, and finding one
//! means looking into every segment since it was recorded. Answers are kept until a commit changes them.

use std::cell::RefCell;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::unsync::Cache;

use super::memory::VERSION_BYTES;
use crate::domain::model::{Record, Version};
use crate::domain::name::RecordKind;
use crate::domain::term::Term;
use crate::storage::assemble::Made;

/// What a term and its place take besides its versions, about.
const TERM_BYTES: usize = 512;

/// What is known; of one writer alone, who tells it of every commit.
pub(super) struct KnownSources {
    kept: RefCell<Cache<Term, Known, Weight>>,
}

struct Known {
    /// All versions that hold now and carry the term, oldest first.
    versions: Vec<Arc<Version>>,
    bytes: usize,
}

struct Weight;

impl Weighter<Term, Known> for Weight {
    fn weight(&self, _: &Term, known: &Known) -> u64 {
        known.bytes as u64
    }
}

impl KnownSources {
    /// Keeps so many bytes, about.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { kept: RefCell::new(Cache::with_weighter(bytes_max / VERSION_BYTES, bytes_max as u64, Weight)) }
    }

    /// The newest `limit` versions that hold now and carry the term, oldest first; none when it is not known.
    pub(super) fn holding(&self, term: &Term, limit: usize) -> Option<Vec<Arc<Version>>> {
        let kept = self.kept.borrow();
        let found = &kept.get(term)?.versions;
        Some(found[found.len().saturating_sub(limit)..].to_vec())
    }

    /// Keeps an answer that is whole; `bytes` is what its versions take. That there are none takes room, too.
    pub(super) fn keep(&self, term: &Term, versions: &[Arc<Version>], bytes: usize) {
        let known = Known { versions: versions.to_vec(), bytes: bytes + TERM_BYTES };
        self.kept.borrow_mut().insert(term.clone(), known);
    }

    /// Forgets what a commit changes.
    pub(super) fn changed(&self, made: &Made) {
        let versions = made.versions.iter().zip(&made.keys);
        let sources = || versions.clone().filter(|(version, _)| matches!(version.record, Record::Source(_)));
        if sources().any(|(source, _)| source.replaces.is_some()) {
            // The one replaced may have had other names.
            return self.forget();
        }
        let mut kept = self.kept.borrow_mut();
        for term in sources().flat_map(|(_, (_, keys))| keys).filter(|term| is_kept(term)) {
            kept.remove(term);
        }
    }

    /// Forgets everything: commits were taken back.
    pub(super) fn forget(&self) {
        self.kept.borrow_mut().clear();
    }
}

/// Whether answers for the term are kept: a source's name, or the one it is known by.
pub(super) fn is_kept(term: &Term) -> bool {
    matches!(term, Term::DisplayName(_)) || matches!(term, Term::Name(name) if name.kind == RecordKind::Source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_kept_within_the_bound() {
        let bytes_max = 1 << 20;
        let known = KnownSources::new(bytes_max);
        for number in 0..2 * bytes_max / TERM_BYTES {
            known.keep(&Term::DisplayName(number.to_string()), &[], 0);
        }
        assert!(known.kept.borrow().len() <= bytes_max / TERM_BYTES);
    }
}

//! What a commit must keep to. Breaking a rule is a defect of the layer above; it is refused here
//! so that it never reaches the log.

use std::ops::Bound;

use super::commit::{Head, NewCommit};
use super::errors::GroupError;

/// Terms are front-coded with lengths that fit a block; 255 bytes hold any key the index needs.
pub const TERM_BYTES_MAX: usize = 255;
/// Terms whose first byte is this or above are *ordered*: they can be enumerated. The order costs the
/// writer a second place for every new term, so that others do without.
pub const ORDERED_TERMS_FROM: u8 = 0x80;
/// Decompressed as one piece when read; the API's limit is 2 MiB, this leaves room to raise it.
pub const TEXT_BYTES_MAX: usize = 16 << 20;
/// A version is decompressed as one piece with its frame.
pub const VERSION_BYTES_MAX: usize = 16 << 20;
/// The note lies in the first frame, which is decompressed as one piece.
pub const NOTE_BYTES_MAX: usize = 16 << 20;
/// Versions and texts per commit: a commit is decoded whole when it is replayed.
pub const VERSIONS_MAX: usize = 100_000;

/// Bounds of terms, in the order of their bytes.
pub(crate) type TermRange<'a> = (Bound<&'a [u8]>, Bound<&'a [u8]>);

/// Whether a term can be enumerated.
pub(crate) fn is_ordered(term: &[u8]) -> bool {
    term.first().is_some_and(|first| *first >= ORDERED_TERMS_FROM)
}

/// Refuses a commit that breaks a rule.
pub(crate) fn check(head: &Head, commit: &NewCommit) -> Result<(), GroupError> {
    check_order(head, commit)
        .and_then(|()| check_sizes(commit))
        .and_then(|()| check_numbers(commit))
        .map_err(|rule| GroupError::Refused { rule })
}

fn check_order(head: &Head, commit: &NewCommit) -> Result<(), String> {
    let must = |holds: bool, rule: &str| holds.then_some(()).ok_or_else(|| rule.to_owned());
    must(commit.revision == head.revision + 1, "revisions have no gaps")?;
    must(commit.first_number == head.number + 1, "numbers have no gaps")?;
    must(commit.time_us >= head.time_us || head.revision == 0, "commit times never go back")
}

fn check_sizes(commit: &NewCommit) -> Result<(), String> {
    let limit = |length: usize, max: usize, what: &str| match length > max {
        true => Err(format!("{what} takes at most {max} bytes")),
        false => Ok(()),
    };
    limit(commit.note.len(), NOTE_BYTES_MAX, "a note")?;
    for version in &commit.versions {
        limit(version.len(), VERSION_BYTES_MAX, "a version")?;
    }
    for (_, text) in &commit.texts {
        limit(text.len(), TEXT_BYTES_MAX, "a text")?;
    }
    if commit.versions.len() > VERSIONS_MAX {
        return Err(format!("a commit has at most {VERSIONS_MAX} versions"));
    }
    Ok(())
}

fn check_numbers(commit: &NewCommit) -> Result<(), String> {
    check_terms(commit, &commit.terms)?;
    let own = commit.first_number..=commit.last_number();
    let mut previous = 0;
    for (number, _) in &commit.texts {
        if !own.contains(number) || *number <= previous {
            return Err(format!("text {number} is not of this commit, in order"));
        }
        previous = *number;
    }
    let mut closed: Vec<u64> = commit.closings.iter().map(|(old, _)| *old).collect();
    closed.sort_unstable();
    if closed.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err("a number is closed once".to_owned());
    }
    match commit.closings.iter().find(|(old, new)| !own.contains(new) || old >= new || *old == 0) {
        Some((old, new)) => Err(format!("number {new} cannot close number {old}")),
        None => Ok(()),
    }
}

/// Says which rule the terms of a commit break.
pub(crate) fn check_terms(commit: &NewCommit, terms: &[(Vec<u8>, u64)]) -> Result<(), String> {
    let own = commit.first_number..=commit.last_number();
    for (term, number) in terms {
        if !own.contains(number) {
            return Err(format!("number {number} of a term is not of this commit"));
        }
        if term.is_empty() || term.len() > TERM_BYTES_MAX {
            return Err(format!("a term has 1 to {TERM_BYTES_MAX} bytes"));
        }
    }
    Ok(())
}

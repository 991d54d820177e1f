//! What a stored commit is found by: derived from its versions and its note, the same when it is appended, when the
//! unsealed tail is replayed, and when a store is verified.

use super::super::{RawCommit, Replay, Replayed};
use super::terms;
use crate::domain::term;
use crate::domain::time::Timestamp;
use crate::storage::codec::{CommitNote, decode_note, decode_version};

/// Reads stored commits again.
#[derive(Clone, Copy, Debug)]
pub struct StoredCommits;

impl Replay for StoredCommits {
    fn replay(&self, commit: &RawCommit) -> Result<Replayed, String> {
        let time = Timestamp::from_micros(commit.header.time_us).map_err(|error| error.to_string())?;
        let mut replayed = Replayed::default();
        if let Some(note) = &commit.header.note {
            let note = decode_note(note).map_err(|error| error.to_string())?;
            replayed.terms.extend(note_terms(&note).map(|term| (term, commit.header.first_number)));
        }
        for (number, bytes) in (commit.header.first_number..).zip(&commit.versions) {
            let Some(bytes) = bytes else { continue };
            let version =
                decode_version(bytes, number, commit.header.revision, time).map_err(|error| error.to_string())?;
            replayed.terms.extend(term::terms(&version).iter().map(|term| (terms::encode(term), number)));
            replayed.closings.extend(version.replaces.map(|old| (old, number)));
        }
        Ok(replayed)
    }
}

/// What a commit as a whole is found by: its request id, its import's session.
pub(super) fn note_terms(note: &CommitNote) -> impl Iterator<Item = Vec<u8>> {
    let request = note.request.as_ref().map(|request| terms::encode_request(&note.principal, &request.key.id));
    let import = note.import.as_ref().map(|import| terms::encode_import(&note.principal, &import.id));
    request.into_iter().chain(import)
}

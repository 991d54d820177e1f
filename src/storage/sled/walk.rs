//! Following the log from commit to commit: density, digests and the chain. Open uses it for the
//! tail, verify for everything.

use super::chain::{Hash, Link};
use super::commit::{Head, RawCommit};
use super::errors::Damage;
use super::frame::{Entry, Frame};
use super::log::{Log, whole};
use super::note::HeadNote;

/// Checks that `frames` are the commit that follows `previous`, and gives the head after it.
pub(crate) fn check_commit(previous: &Head, frames: &[Frame]) -> Result<(Head, RawCommit), Damage> {
    let commit = whole(frames)?;
    let header = &commit.header;
    let damaged = |what: &str| Damage::new(format!("commit {}: {what}", header.revision));
    if header.revision != previous.revision + 1 {
        return Err(Damage::new(format!(
            "commit {}: revision {} lies in its place",
            previous.revision + 1,
            header.revision
        )));
    }
    if header.first_number != previous.number + 1 {
        return Err(damaged("its numbers leave a gap"));
    }
    if header.time_us < previous.time_us {
        return Err(damaged("its time is before that of the commit before it"));
    }
    if header.number_count != commit.versions.len().max(1) as u64 {
        return Err(damaged("its numbers and versions do not agree"));
    }
    let chain = chain_of(frames).ok_or_else(|| damaged("no first frame"))?;
    if link_of(frames, previous).as_ref() != Some(&chain) {
        return Err(damaged("the chain does not hold"));
    }
    let head = Head {
        revision: header.revision,
        number: header.first_number + header.number_count - 1,
        time_us: header.time_us,
        chain,
    };
    Ok((head, commit))
}

/// The head as of the commit that ends with `number`.
pub(crate) fn head_at(log: &Log, number: u64) -> Result<Head, Damage> {
    let frame = log.frame_at(number)?;
    let header = frame.header;
    let opening = log.frame_at(header.commit_first)?;
    let chain = chain_of(std::slice::from_ref(&*opening))
        .ok_or_else(|| Damage::new(format!("commit {}: no first frame", header.revision)))?;
    if header.commit_last() != number {
        return Err(Damage::new(format!("number {number}: no commit ends here")));
    }
    Ok(Head { revision: header.revision, number, time_us: header.time_us, chain })
}

/// A log that is shorter than its note has lost acknowledged commits; one that is longer is fine:
/// the process died between the two.
pub(crate) fn compare_with_note(
    log: &Log,
    end: Head,
    store_id: &[u8; 16],
    note: Option<&HeadNote>,
) -> Result<(), Damage> {
    let Some(note) = note else {
        return match end.revision {
            0 => Ok(()),
            1.. => Err(Damage::new("head note: missing or unreadable")),
        };
    };
    if note.store_id != *store_id {
        return Err(Damage::new("head note: it belongs to another store"));
    }
    if end.number < note.head.number {
        return Err(Damage::new(format!(
            "log: ends at revision {}, but revision {} was acknowledged",
            end.revision, note.head.revision
        )));
    }
    if note.head.revision > 0 && head_at(log, note.head.number)? != note.head {
        return Err(Damage::new(format!("log: revision {} is not the one that was acknowledged", note.head.revision)));
    }
    Ok(())
}

fn chain_of(frames: &[Frame]) -> Option<Hash> {
    Some(frames.first()?.opening.as_ref()?.chain)
}

/// The chain value computed from the frames.
fn link_of(frames: &[Frame], previous: &Head) -> Option<Hash> {
    let first = frames.first()?;
    let opening = first.opening.as_ref()?;
    let versions: Vec<Hash> = frames.iter().flat_map(|frame| frame.entries.iter().map(Entry::digest)).collect();
    let texts: Vec<(u64, Hash)> = opening.texts.iter().map(|text| (text.number, text.digest)).collect();
    let link = Link {
        revision: first.header.revision,
        time_us: first.header.time_us,
        first_number: first.header.commit_first,
        number_count: first.header.number_count,
        note: &opening.note.digest(),
        versions: &versions,
        texts: &texts,
    };
    Some(link.after(&previous.chain))
}

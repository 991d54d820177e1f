//! Reading: from terms and numbers to versions that hold as of a bound.
//!
//! Everything that is read as of a revision is read as of the last number of that revision's commit: numbers follow
//! revisions.

use std::ops::{Bound, RangeInclusive};
use std::sync::Arc;

use bytes::Bytes;

use super::super::{Damage, Direction, Postings, RawHeader, RawVersion, Writer};
use super::reading::Reading;
use super::terms;
use crate::domain::model::Version;
use crate::domain::name::Name;
use crate::domain::term::Term;
use crate::domain::text::Sha256;
use crate::domain::time::Timestamp;
use crate::storage::codec;
use crate::storage::{Commit, Cursor, Head, Order, PART_VERSIONS, Page, PageRequest, TermRange};

/// Bytes of versions after which one read of the log ends, and those after which it ends within a commit, so that a reader
/// holds little.
const CHANGES_BYTES: usize = 256 * 1024;

/// What readers and the writer read alike.
pub(super) trait Numbers {
    fn raw_version(&self, number: u64) -> Result<Option<RawVersion>, Damage>;
    fn numbers(&self, term: &[u8], range: RangeInclusive<u64>, direction: Direction) -> Postings;
    fn replaced_by(&self, number: u64) -> Result<Option<u64>, Damage>;
    fn raw_text(&self, number: u64) -> Result<Option<Bytes>, Damage>;
    fn header(&self, number: u64) -> Result<Option<RawHeader>, Damage>;

    /// A version by its number; none for a blank number.
    fn version_at(&self, number: u64) -> Result<Option<Arc<Version>>, Damage> {
        self.raw_version(number)?.map_or(Ok(None), |raw| decoded(&raw))
    }

    /// The version of a record that holds as of a bound: its newest up to there.
    fn holding_of(&self, name: &Name, bound: u64) -> Result<Option<Arc<Version>>, Damage> {
        let term = terms::encode(&Term::Name(name.clone()));
        for number in self.numbers(&term, 1..=bound, Direction::Descending) {
            if let Some(version) = self.version_at(number?)?
                && version.name == *name
            {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }

    fn holds(&self, number: u64, bound: u64) -> Result<bool, Damage> {
        Ok(self.replaced_by(number)?.is_none_or(|replacement| replacement > bound))
    }

    /// A text by its hash: it is stored with the first version that carried it.
    fn text_of(&self, sha256: Sha256, bound: u64) -> Result<Option<Arc<str>>, Damage> {
        let term = terms::encode(&Term::Text(sha256));
        for number in self.numbers(&term, 1..=bound, Direction::Ascending) {
            let number = number?;
            let Some(bytes) = self.raw_text(number)? else { continue };
            let text = std::str::from_utf8(&bytes).map_err(|_| Damage::new(format!("text {number}: not UTF-8")))?;
            return Ok(Some(Arc::from(text)));
        }
        Ok(None)
    }
}

impl Numbers for Reading {
    fn raw_version(&self, number: u64) -> Result<Option<RawVersion>, Damage> {
        self.version(number)
    }

    fn numbers(&self, term: &[u8], range: RangeInclusive<u64>, direction: Direction) -> Postings {
        self.postings(term, range, direction)
    }

    fn replaced_by(&self, number: u64) -> Result<Option<u64>, Damage> {
        self.closed_by(number)
    }

    fn raw_text(&self, number: u64) -> Result<Option<Bytes>, Damage> {
        self.text(number)
    }

    fn header(&self, number: u64) -> Result<Option<RawHeader>, Damage> {
        self.commit_header(number)
    }

    fn version_at(&self, number: u64) -> Result<Option<Arc<Version>>, Damage> {
        match self.versions.get(number) {
            Some(version) => Ok(Some(version)),
            None => self.read_and_keep(number),
        }
    }
}

impl Numbers for Writer {
    fn raw_version(&self, number: u64) -> Result<Option<RawVersion>, Damage> {
        self.version(number)
    }

    fn numbers(&self, term: &[u8], range: RangeInclusive<u64>, direction: Direction) -> Postings {
        self.postings(term, range, direction)
    }

    fn replaced_by(&self, number: u64) -> Result<Option<u64>, Damage> {
        self.closed_by(number)
    }

    fn raw_text(&self, number: u64) -> Result<Option<Bytes>, Damage> {
        self.text(number)
    }

    fn header(&self, number: u64) -> Result<Option<RawHeader>, Damage> {
        self.commit_header(number)
    }
}

/// A version as the domain knows it; none where it was blanked.
pub(super) fn decoded(raw: &RawVersion) -> Result<Option<Arc<Version>>, Damage> {
    let Some(bytes) = &raw.bytes else { return Ok(None) };
    let version = codec::decode_version(bytes, raw.number, raw.revision, time(raw.time_us)?)
        .map_err(|error| Damage::new(format!("version {}: {error}", raw.number)))?;
    Ok(Some(Arc::new(version)))
}

pub(super) fn time(micros: i64) -> Result<Timestamp, Damage> {
    Timestamp::from_micros(micros).map_err(|_| Damage::new("commit time: out of range"))
}

/// The newest `limit` versions that hold as of a bound and carry a term, oldest first.
pub(super) fn holding(
    numbers: &impl Numbers,
    term: &Term,
    bound: u64,
    limit: usize,
) -> Result<Vec<Arc<Version>>, Damage> {
    if let Term::Name(name) = term {
        return Ok(numbers.holding_of(name, bound)?.into_iter().collect());
    }
    let mut found = Vec::new();
    for number in numbers.numbers(&terms::encode(term), 1..=bound, Direction::Descending) {
        let number = number?;
        if found.len() == limit {
            break;
        }
        if numbers.holds(number, bound)?
            && let Some(version) = numbers.version_at(number)?
            && term.is_carried_by(&version)
        {
            found.push(version);
        }
    }
    found.reverse();
    Ok(found)
}

/// One page of the versions of a record up to a bound, oldest first.
pub(super) fn history(reader: &Reading, name: &Name, bound: u64, page: PageRequest) -> Result<Page, Damage> {
    let term = terms::encode(&Term::Name(name.clone()));
    let mut versions: Vec<Arc<Version>> = Vec::new();
    for number in reader.postings(&term, page.range(Order::Ascending, bound), Direction::Ascending) {
        let number = number?;
        if versions.len() == page.limit {
            let next = versions.last().map(|version| Cursor::at(version.number));
            return Ok(Page::full(versions, next));
        }
        if let Some(version) = reader.version_at(number)?
            && version.name == *name
        {
            versions.push(version);
        }
    }
    Ok(Page::last(versions))
}

/// The terms within a range, at most so many.
pub(super) fn terms_within(
    reader: &Reading,
    range: &TermRange,
    order: Order,
    limit: usize,
) -> Result<Vec<Term>, Damage> {
    let like = match (&range.low, &range.high) {
        (Bound::Included(term) | Bound::Excluded(term), _) | (_, Bound::Included(term) | Bound::Excluded(term)) => term,
        (Bound::Unbounded, Bound::Unbounded) => return Ok(Vec::new()),
    };
    let direction = match order {
        Order::Ascending => Direction::Ascending,
        Order::Descending => Direction::Descending,
    };
    let bounds = (range.low.as_ref().map(terms::encode), range.high.as_ref().map(terms::encode));
    let mut found = Vec::new();
    let mut within = reader.terms(bounds, direction);
    while found.len() < limit
        && let Some(bytes) = within.next()?
    {
        // What else lies between the two is of another kind.
        found.extend(terms::decode(&bytes, like));
    }
    Ok(found)
}

/// The commits whose numbers lie above a bound, oldest first; fewer than `limit` when they are large.
pub(super) fn changes(reader: &Reading, bound: u64, limit: usize) -> Result<Vec<Commit>, Damage> {
    let mut commits = Vec::new();
    let mut number = bound + 1;
    let mut bytes = 0;
    while commits.len() < limit && bytes < CHANGES_BYTES {
        let Some(header) = reader.commit_header(number)? else { break };
        let (commit, read) = part(reader, &header, number)?;
        commits.push(commit);
        bytes += read;
        number = header.first_number + header.number_count;
    }
    Ok(commits)
}

/// Of the commit that took a number, the versions from it on.
pub(super) fn changes_from(reader: &Reading, number: u64) -> Result<Commit, Damage> {
    let header = reader.commit_header(number)?.ok_or_else(|| Damage::new(format!("commit at {number}: missing")))?;
    Ok(part(reader, &header, number)?.0)
}

/// Of a commit, the versions from a number on, the first however large, and their bytes.
fn part(reader: &Reading, header: &RawHeader, from: u64) -> Result<(Commit, usize), Damage> {
    let end = header.first_number + header.number_count;
    let most = end.min(from.saturating_add(PART_VERSIONS as u64));
    let (mut versions, mut bytes) = (Vec::new(), 0);
    let mut number = from;
    let mut beside = reader.versions();
    while number < most && (number == from || bytes < CHANGES_BYTES) {
        if let Some(raw) = beside.at(number)? {
            bytes += raw.bytes.as_ref().map_or(0, Bytes::len);
            versions.extend(decoded(&raw)?);
        }
        number += 1;
    }
    let rest = (number < end).then_some(number);
    let time = time(header.time_us)?;
    Ok((Commit { revision: header.revision, time, first: header.first_number, versions, rest }, bytes))
}

/// The commit with a revision; none beyond the head.
pub(super) fn head_of(reader: &Reading, revision: u64) -> Result<Option<Head>, Damage> {
    if revision == 0 {
        return Ok(Some(Head::default()));
    }
    let Some(number) = reader.last_number_at(revision)? else { return Ok(None) };
    let header = reader.commit_header(number)?;
    let header = header.ok_or_else(|| Damage::new(format!("commit {revision}: missing")))?;
    Ok(Some(Head { revision, time: Some(time(header.time_us)?) }))
}

//! The manifest as it lies on disk: which segments are published, and what lies there besides.

use std::cmp::Reverse;
use std::ops::Range;

use super::errors::Damage;
use super::guard::guard;
use super::keys;
use super::segment::SegmentEntry;

const REMAINS: &str = "remains in the index";

/// All manifest entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredManifest {
    /// The segments that count, oldest first. They cover all numbers up to the last, each once.
    pub(crate) live: Vec<SegmentEntry>,
    /// Parts of merged segments: those win over everything inside their range.
    pub(crate) superseded: Vec<SegmentEntry>,
}

impl StoredManifest {
    /// Reads and checks all entries.
    pub(crate) fn read(tree: &::sled::Tree) -> Result<Self, Damage> {
        let pairs =
            guard(format_args!("manifest"), || tree.scan_prefix(keys::MANIFEST_PREFIX).collect::<Result<Vec<_>, _>>())?;
        let entries = pairs
            .iter()
            .map(|(key, value)| {
                SegmentEntry::decode(key, value).filter(|entry| entry.first <= entry.last).ok_or_else(|| {
                    let id = keys::parse_manifest(key).map_or_else(|| "?".to_owned(), |id| id.to_string());
                    Damage::new(format!("manifest entry {id}"))
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Self::sort(entries)
    }

    fn sort(mut entries: Vec<SegmentEntry>) -> Result<Self, Damage> {
        // Whatever lies inside a range follows it.
        entries.sort_unstable_by_key(|entry| (entry.first, Reverse(entry.last), Reverse(entry.id)));
        let mut sorted = Self::default();
        for entry in entries {
            let (newest, end) = sorted.live.last().map_or((0, 0), |live| (live.id, live.last));
            if entry.first == end + 1 {
                sorted.live.push(entry);
            } else if entry.last <= end && entry.id < newest {
                sorted.superseded.push(entry);
            } else {
                return Err(Damage::new(format!("manifest entry {}: it does not follow number {end}", entry.id)));
            }
        }
        Ok(sorted)
    }

    /// The lowest id above all that are in use, by an entry or by values, which may have none.
    pub(crate) fn next_id(&self, last_of_values: Option<u64>) -> u64 {
        let of_entries = self.live.iter().chain(&self.superseded).map(|entry| entry.id);
        of_entries.chain(last_of_values).map(|id| id + 1).max().unwrap_or(1)
    }

    /// Removes superseded entries, which are few.
    pub(crate) fn remove_superseded(&self, tree: &::sled::Tree) -> Result<(), Damage> {
        for entry in &self.superseded {
            guard(format_args!("{REMAINS}"), || tree.remove(keys::manifest(entry.id)))?;
        }
        Ok(())
    }

    /// The ids below one, in ranges, that have values and are not live: parts of merged segments, and what a seal or merge was
    /// writing when it was cut short.
    pub(crate) fn remains(&self, tree: &::sled::Tree, next_id: u64) -> Result<Vec<Range<u64>>, Damage> {
        let mut live: Vec<u64> = self.live.iter().map(|entry| entry.id).collect();
        live.sort_unstable();
        let begins = std::iter::once(0).chain(live.iter().map(|id| id + 1));
        let mut remains = Vec::new();
        for ids in begins.zip(live.iter().copied().chain([next_id])).map(|(from, to)| from..to) {
            let (from, to) = (keys::segment_start(ids.start), keys::segment_start(ids.end));
            // The values of all ids between two live ones lie side by side.
            if guard(format_args!("{REMAINS}"), || tree.range(&from[..]..&to[..]).keys().next().transpose())?.is_some()
            {
                remains.push(ids);
            }
        }
        Ok(remains)
    }
}

/// The highest id that has values.
pub(crate) fn last_of_values(tree: &::sled::Tree) -> Result<Option<u64>, Damage> {
    let (begin, end) = (keys::segment_start(0), keys::segment_end());
    let last = guard(format_args!("{REMAINS}"), || tree.range(&begin[..]..&end[..]).keys().next_back().transpose())?;
    Ok(last.and_then(|key| keys::parse_segment(&key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u64, first: u64, last: u64) -> SegmentEntry {
        SegmentEntry { id, first, last, ..SegmentEntry::default() }
    }

    fn ids(entries: &[SegmentEntry]) -> Vec<u64> {
        entries.iter().map(|entry| entry.id).collect()
    }

    #[test]
    fn a_merged_entry_wins_over_what_lies_inside_its_range() {
        let sorted = StoredManifest::sort(vec![
            entry(1, 1, 10),
            entry(2, 11, 20),
            entry(3, 21, 30),
            entry(4, 31, 40),
            entry(7, 1, 20),
            entry(8, 1, 30),
        ])
        .unwrap();
        assert_eq!(ids(&sorted.live), [8, 4]);
        let mut superseded = ids(&sorted.superseded);
        superseded.sort_unstable();
        assert_eq!((superseded, sorted.next_id(None)), (vec![1, 2, 3, 7], 9));
        assert_eq!(sorted.next_id(Some(12)), 13);
        assert_eq!(StoredManifest::sort(vec![]).unwrap().next_id(None), 1);
        let sorted = StoredManifest::sort(vec![entry(5, 1, 20), entry(4, 21, 30)]).unwrap();
        assert_eq!((ids(&sorted.live), sorted.superseded), (vec![5, 4], vec![]));
    }

    #[test]
    fn gaps_and_overlaps_are_damage() {
        for entries in [
            vec![entry(1, 2, 10)],
            vec![entry(1, 1, 10), entry(2, 12, 20)],
            vec![entry(1, 1, 10), entry(2, 10, 20)],
            vec![entry(1, 1, 10), entry(2, 1, 20), entry(3, 15, 30)],
            // A part is older than what it was merged into.
            vec![entry(1, 1, 20), entry(2, 11, 20)],
        ] {
            assert!(StoredManifest::sort(entries.clone()).is_err(), "{entries:?}");
        }
    }
}

//! Which segments to merge next.

use std::ops::Range;

use super::MergeLimits;
use super::segment::SegmentEntry;

/// The segments that are to become one, if any; there are at least two. The lowest level comes first:
/// its segments are the smallest, and the most.
///
/// A level waits until it has as many segments as are merged at once. Of those the oldest are taken, as
/// many as stay within the limits; a segment that fits with no other is passed over for good.
pub(crate) fn choose(entries: &[SegmentEntry], limits: &MergeLimits) -> Option<Range<usize>> {
    let mut chosen: Option<(u8, Range<usize>)> = None;
    let mut start = 0;
    while let Some(first) = entries.get(start) {
        let level = first.level;
        let end = start + entries[start..].iter().take_while(|entry| entry.level == level).count();
        if chosen.as_ref().is_none_or(|(lowest, _)| level < *lowest)
            && let Some(found) = choose_within(entries, start..end, limits)
        {
            chosen = Some((level, found));
        }
        start = end;
    }
    chosen.map(|(_, found)| found)
}

/// The choice among adjacent segments of one level.
fn choose_within(entries: &[SegmentEntry], run: Range<usize>, limits: &MergeLimits) -> Option<Range<usize>> {
    let at_once = limits.segments.max(2);
    for start in run.clone() {
        let candidates = entries.get(start..start + at_once).filter(|_| start + at_once <= run.end)?;
        let fitting = count_fitting(candidates, limits);
        if fitting >= 2 {
            return Some(start..start + fitting);
        }
    }
    None
}

/// How many of the segments, from the first on, stay within the limits together.
fn count_fitting(entries: &[SegmentEntry], limits: &MergeLimits) -> usize {
    let (mut numbers, mut terms) = (0u64, 0u64);
    let fits = |entry: &&SegmentEntry| {
        numbers += entry.numbers();
        // At most: what several have in common counts more than once.
        terms += entry.terms;
        numbers <= limits.numbers && terms <= limits.terms
    };
    entries.iter().take_while(fits).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Seals segments one by one and merges whatever is to be merged; gives the segments, and how many
    /// numbers were written by merges.
    fn run(sizes: &[(u64, u64)], limits: &MergeLimits, check: impl Fn(&[SegmentEntry])) -> (Vec<SegmentEntry>, u64) {
        let mut entries: Vec<SegmentEntry> = Vec::new();
        let mut written = 0;
        for (numbers, terms) in sizes {
            let first = entries.last().map_or(1, |last| last.last + 1);
            entries.push(SegmentEntry { first, last: first + numbers - 1, terms: *terms, ..SegmentEntry::default() });
            while let Some(chosen) = choose(&entries, limits) {
                assert!(chosen.len() >= 2 && chosen.len() <= limits.segments);
                let parts = &entries[chosen.clone()];
                let level = parts[0].level;
                assert!(parts.iter().all(|part| part.level == level));
                let merged = SegmentEntry {
                    level: level + 1,
                    first: parts[0].first,
                    last: parts[parts.len() - 1].last,
                    terms: parts.iter().map(|part| part.terms).sum(),
                    ..SegmentEntry::default()
                };
                assert!(merged.numbers() <= limits.numbers && merged.terms <= limits.terms);
                written += merged.numbers();
                entries.splice(chosen, [merged]);
            }
            check(&entries);
        }
        (entries, written)
    }

    #[test]
    fn segments_stay_few_and_each_number_is_written_seldom() {
        let limits = MergeLimits::default();
        let sealed = (65_536, 300_000);
        // Up to a million numbers.
        run(&[sealed; 16], &limits, |entries| assert!(entries.len() <= 6, "{}", entries.len()));
        let (entries, written) = run(&[sealed; 16], &limits, |_| ());
        assert_eq!((entries.len(), written), (1, 2 * 16 * 65_536));
        // Ten million, past the largest size.
        let (entries, written) = run(&[sealed; 160], &limits, |_| ());
        assert!(entries.len() <= 12, "{}", entries.len());
        assert!(written <= 3 * 160 * 65_536);
    }

    #[test]
    fn without_limits_in_the_way_the_count_is_logarithmic() {
        let limits = MergeLimits { segments: 3, numbers: u64::MAX, terms: u64::MAX };
        run(&[(10, 10); 800], &limits, |entries| {
            let sealed = entries.last().map_or(0, |last| last.last / 10);
            let levels = (1..).take_while(|level| 3u64.pow(*level) <= sealed).count() + 1;
            assert!(entries.len() <= 2 * levels, "{} of {sealed}", entries.len());
        });
    }

    #[test]
    fn nothing_is_merged_where_it_is_switched_off() {
        run(&[(1, 1); 50], &MergeLimits::NEVER, |entries| assert!(entries.iter().all(|entry| entry.level == 0)));
    }

    proptest! {
        #[test]
        fn sizes_of_any_kind_stay_within_the_limits(
            sizes in proptest::collection::vec((1u64..120, 0u64..200), 1..200),
            segments in 2usize..6,
        ) {
            let limits = MergeLimits { segments, numbers: 1_000, terms: 1_500 };
            let (entries, _) = run(&sizes, &limits, |_| ());
            prop_assert_eq!(choose(&entries, &limits), None);
            // Two neighbours that would fit are together only where their level is not full yet.
            let (numbers, terms): (u64, u64) = sizes.iter().fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
            let full = 2 * (numbers / 1_000 + terms / 1_500) as usize;
            prop_assert!(entries.len() <= full + (segments + 1) * 8, "{}", entries.len());
        }
    }
}

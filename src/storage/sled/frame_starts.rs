//! Where frames begin, as far as that was learned: sled finds an exact key without copying the page it lies in, which a
//! search for the last key at or before a number does.

use std::sync::{PoisonError, RwLock};

use super::bits::{Bits, chunk_of};

/// Chunks that are kept: 16 MiB, for 67 million numbers. Beyond that all is forgotten and learned again in use.
const CHUNKS_MAX: usize = 1024;

/// Frames whose first number is known.
#[derive(Default)]
pub(crate) struct FrameStarts {
    chunks: RwLock<Chunks>,
}

#[derive(Default)]
struct Chunks {
    /// By the numbers they are of; none where nothing was learned.
    by_place: Vec<Option<Box<Chunk>>>,
    count: usize,
}

/// 65,536 numbers.
#[derive(Default)]
struct Chunk {
    /// The first numbers of frames.
    starts: Bits,
    /// Numbers of frames whose first number is known.
    known: Bits,
}

impl FrameStarts {
    /// Notes that a frame covers the numbers `first..=last`. Of one that lies in two chunks nothing is noted: there is one
    /// in 65,536 numbers.
    pub(crate) fn learn(&self, first: u64, last: u64) {
        let place = chunk_of(first);
        if place != chunk_of(last) {
            return;
        }
        {
            let chunks = self.chunks.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(chunk) = chunks.at(place) {
                return chunk.learn(first, last);
            }
        }
        self.chunks.write().unwrap_or_else(PoisonError::into_inner).at_or_new(place).learn(first, last);
    }

    /// The first number of the frame that covers a number, if that is known.
    pub(crate) fn of(&self, number: u64) -> Option<u64> {
        self.chunks.read().unwrap_or_else(PoisonError::into_inner).at(chunk_of(number))?.of(number)
    }
}

impl Chunks {
    fn at(&self, place: usize) -> Option<&Chunk> {
        self.by_place.get(place)?.as_deref()
    }

    fn at_or_new(&mut self, place: usize) -> &Chunk {
        if self.at(place).is_none() {
            if self.count == CHUNKS_MAX {
                *self = Self::default();
            }
            if self.by_place.len() <= place {
                self.by_place.resize_with(place + 1, || None);
            }
            self.count += 1;
        }
        self.by_place[place].get_or_insert_with(Box::default)
    }
}

impl Chunk {
    fn learn(&self, first: u64, last: u64) {
        // In this order: who sees a number known sees where its frame begins.
        self.starts.set(first);
        self.known.set_all(first, last);
    }

    fn of(&self, number: u64) -> Option<u64> {
        self.known.contains(number).then(|| self.starts.last_until(number)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Of one chunk.
    const NUMBERS: u64 = 65_536;

    #[test]
    fn what_was_not_learned_is_not_known() {
        let starts = FrameStarts::default();
        assert_eq!(starts.of(5), None);
        starts.learn(3, 4);
        assert_eq!((starts.of(2), starts.of(3), starts.of(4), starts.of(5)), (None, Some(3), Some(3), None));
        // One that lies in two chunks is looked for each time.
        starts.learn(NUMBERS - 2, NUMBERS + 2);
        assert_eq!((starts.of(NUMBERS - 1), starts.of(NUMBERS)), (None, None));
    }

    #[test]
    fn it_keeps_so_many_chunks_and_no_more() {
        let starts = FrameStarts::default();
        for chunk in 0..=CHUNKS_MAX as u64 {
            starts.learn(chunk * NUMBERS, chunk * NUMBERS);
        }
        assert_eq!(starts.of(0), None, "all was forgotten");
        assert_eq!(starts.of(CHUNKS_MAX as u64 * NUMBERS), Some(CHUNKS_MAX as u64 * NUMBERS));
        assert_eq!(starts.chunks.read().unwrap().count, 1);
    }

    proptest! {
        /// Frames follow each other; some of them are learned, in any order.
        #[test]
        fn it_knows_the_frames_it_learned(
            lengths in prop::collection::vec((1u64..200, any::<bool>()), 1..60),
            from in prop_oneof![1u64..300, (NUMBERS - 300)..NUMBERS],
        ) {
            let starts = FrameStarts::default();
            let (mut next, mut expected) = (from, BTreeMap::new());
            for (length, is_learned) in lengths {
                let (first, last) = (next, next + length - 1);
                next = last + 1;
                if is_learned {
                    starts.learn(first, last);
                    if chunk_of(first) == chunk_of(last) {
                        expected.extend((first..=last).map(|number| (number, first)));
                    }
                }
            }
            for number in from.saturating_sub(100)..next + 100 {
                prop_assert_eq!(starts.of(number), expected.get(&number).copied(), "number {}", number);
            }
        }
    }
}

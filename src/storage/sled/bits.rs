//! Bits by number, in chunks of one size that many threads read and write at once.

use std::sync::atomic::{AtomicU64, Ordering};

const WORDS: usize = 1024;
/// Numbers of one chunk: 8 KiB.
const NUMBERS: u64 = 64 * WORDS as u64;

/// One bit for each number of a chunk. Who sees a bit set sees what was written before it was.
pub(crate) struct Bits([AtomicU64; WORDS]);

impl Default for Bits {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; WORDS])
    }
}

/// Which chunk a number is of.
pub(crate) fn chunk_of(number: u64) -> usize {
    usize::try_from(number / NUMBERS).expect("numbers fit memory long before they fit usize")
}

impl Bits {
    pub(crate) fn set(&self, number: u64) {
        self.set_all(number, number);
    }

    /// Sets the bits of `first..=last`, which are of this chunk.
    pub(crate) fn set_all(&self, first: u64, last: u64) {
        let (low, high) = (place(first), place(last));
        for word in low.0..=high.0 {
            let from = if word == low.0 { u64::MAX << low.1 } else { u64::MAX };
            let to = if word == high.0 { u64::MAX >> (63 - high.1) } else { u64::MAX };
            self.0[word].fetch_or(from & to, Ordering::Release);
        }
    }

    pub(crate) fn clear(&self, number: u64) {
        let (word, bit) = place(number);
        self.0[word].fetch_and(!(1 << bit), Ordering::Release);
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        let (word, bit) = place(number);
        self.0[word].load(Ordering::Acquire) & (1 << bit) != 0
    }

    /// The last number of this chunk at or before `number` whose bit is set.
    pub(crate) fn last_until(&self, number: u64) -> Option<u64> {
        let (word, bit) = place(number);
        let mut within = u64::MAX >> (63 - bit);
        for back in (0..=word).rev() {
            let set = self.0[back].load(Ordering::Acquire) & within;
            if set != 0 {
                return Some(number - number % NUMBERS + back as u64 * 64 + u64::from(set.ilog2()));
            }
            within = u64::MAX;
        }
        None
    }
}

/// Word and bit of a number.
fn place(number: u64) -> (usize, u32) {
    let within = number % NUMBERS;
    ((within / 64) as usize, (within % 64) as u32)
}

//! Drawing from few values, so that histories and filters meet.

use crate::chance::Chance;

impl Chance {
    pub(crate) fn one<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.index(all.len())]
    }

    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }

    /// Up to so many, each once, in any order.
    pub(crate) fn few<T: Clone>(&mut self, all: &[T], most: u64) -> Vec<T> {
        let (mut left, mut drawn) = (all.to_vec(), Vec::new());
        for _ in 0..self.below(most + 1) {
            if left.is_empty() {
                break;
            }
            drawn.push(left.swap_remove(self.index(left.len())));
        }
        drawn
    }

    /// Some of the numbers of a vocabulary, of which the last is given; 0 is not stated.
    pub(crate) fn words(&mut self, last: i32, most: u64) -> Vec<i32> {
        self.few(&(1..=last).collect::<Vec<_>>(), most)
    }

    pub(crate) fn word(&mut self, last: i32) -> i32 {
        i32::try_from(self.below(u64::from(last.unsigned_abs()) + 1)).unwrap()
    }

    pub(crate) fn maybe<T>(&mut self, percent: u64, draw: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.happens(percent).then(|| draw(self))
    }
}

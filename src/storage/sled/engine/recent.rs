//! A bounded memory of what was used lately, in two generations, so that nothing has to be ordered by its last use: what is
//! used is young, and when the young fill half of the room they become the old ones, which are forgotten.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Values by key, of which each is said to take so many bytes.
pub(super) struct Recent<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    /// What the young take.
    bytes: usize,
    bytes_max: usize,
}

/// What versions take in memory that take so many bytes where they are stored, about: their contents some four times as
/// much, and half a KiB for what holds them.
pub(super) fn in_memory(stored: usize) -> usize {
    stored * 4 + 512
}

impl<K: Hash + Eq, V> Recent<K, V> {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), bytes: 0, bytes_max }
    }

    /// A value, which is young again.
    pub(super) fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if let Some((key, (value, bytes))) = self.old.remove_entry(key) {
            self.make_young(key, value, bytes);
        }
        self.young.get(key).map(|(value, _)| value)
    }

    /// Keeps a value, unless it alone would take much of the room.
    pub(super) fn insert(&mut self, key: K, value: V, bytes: usize) {
        if bytes <= self.bytes_max / 16 {
            self.remove(&key);
            self.make_young(key, value, bytes);
        }
    }

    pub(super) fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.old.remove(key);
        if let Some((_, bytes)) = self.young.remove(key) {
            self.bytes -= bytes;
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.bytes_max);
    }

    fn make_young(&mut self, key: K, value: V, bytes: usize) {
        if self.bytes + bytes > self.bytes_max / 2 {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += bytes;
        self.young.insert(key, (value, bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_room_is_kept_to() {
        let mut recent: Recent<u64, u64> = Recent::new(3200);
        for number in 0..1000 {
            recent.insert(number, number, 100);
            assert_eq!(recent.get(&0), Some(&0), "it was used all the time");
            assert_eq!(recent.get(&number), Some(&number));
            assert!(recent.young.len() + recent.old.len() <= 32);
        }
        assert_eq!(recent.get(&500), None);
        recent.insert(0, 7, 100);
        assert_eq!(recent.get(&0), Some(&7));
        recent.remove(&0);
        assert_eq!(recent.get(&0), None);
        recent.insert(1, 1, 201);
        assert_eq!(recent.get(&1), None, "it would take more than a sixteenth");
    }
}

//! What versions take in memory, for what keeps them within a bound.

/// What a version takes, about.
pub(super) const VERSION_BYTES: usize = 4096;

/// What versions take in memory that take so many bytes where they are stored, about: their contents some four times as
/// much, and half a KiB for what holds them.
pub(super) fn in_memory(stored: usize) -> usize {
    stored * 4 + 512
}

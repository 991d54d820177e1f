//! A little randomness, to keep clients from moving in step. Not for secrets.

/// A number between `low` and `high`; the middle when the system has no randomness to give.
pub(crate) fn between(low: f64, high: f64) -> f64 {
    let share = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
    low + (high - low) * share
}

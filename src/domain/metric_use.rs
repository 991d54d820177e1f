//! How metrics are used: with which labels, definitions and units. An index has their uses in the order of keys.

use super::model::{Figure, Metric, Unit};

/// A metric as one figure or more have it: its key with a label, a definition and a unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricUse {
    /// The key; a very long one is cut and ends with a hash of all of it, so that it fits into an index. See [`listed_key`].
    pub key: String,
    /// What tells label, definition and unit from others of the same metric.
    pub digest: u64,
}

impl MetricUse {
    /// The use that a figure makes of its metric; none without one.
    #[must_use]
    pub fn of(figure: &Figure) -> Option<Self> {
        let metric = figure.metric.as_ref().filter(|metric| !metric.key.is_empty())?;
        Some(Self::with(metric, figure.unit.as_ref()))
    }

    /// The uses that mean what this figure's does. A unit in words alone is none, and an index tells the two apart: that is
    /// part of the format on disk.
    #[must_use]
    pub fn alike(figure: &Figure) -> Vec<Self> {
        let Some(metric) = figure.metric.as_ref().filter(|metric| !metric.key.is_empty()) else { return Vec::new() };
        let in_words = Unit { system: None, code: String::new(), verbatim: String::new() };
        match &figure.unit {
            Some(unit) if unit.system.is_some() => vec![Self::with(metric, Some(unit))],
            Some(_) | None => vec![Self::with(metric, None), Self::with(metric, Some(&in_words))],
        }
    }

    fn with(metric: &Metric, unit: Option<&Unit>) -> Self {
        let mut bytes = Vec::with_capacity(metric.label.len() + metric.definition.len() + 32);
        for part in [&metric.label, &metric.definition] {
            bytes.extend_from_slice(part.as_bytes());
            // No text has it.
            bytes.push(0xFF);
        }
        if let Some(unit) = unit {
            bytes.push(unit.system.map_or(0, |system| u8::try_from(system.number()).unwrap_or(u8::MAX)));
            bytes.extend_from_slice(unit.code.as_bytes());
        }
        Self { key: listed_key(&metric.key), digest: xxhash_rust::xxh3::xxh3_64(&bytes) }
    }
}

/// Bytes of a metric's key by which it is listed in order.
pub const LISTED_KEY_BYTES: usize = 200;

/// The key of a metric as it is listed: in the order of keys, but among those that agree in the first 200 bytes.
#[must_use]
pub fn listed_key(key: &str) -> String {
    if key.len() <= LISTED_KEY_BYTES {
        return key.to_owned();
    }
    // Keys have one byte a character; of what else is asked for as much is taken as has whole ones.
    let end = (0..=LISTED_KEY_BYTES).rev().find(|end| key.is_char_boundary(*end)).unwrap_or_default();
    format!("{}~{:016x}", &key[..end], xxhash_rust::xxh3::xxh3_64(key.as_bytes()))
}

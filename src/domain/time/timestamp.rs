//! Exact instants. Not here: where they come from; the domain reads no clock.

use std::fmt;

use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;
use thiserror::Error;

/// An instant in microseconds since 1970-01-01T00:00:00Z, from the year 0001 to the year 9999:
/// what RFC 3339 can write and protobuf can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// An instant before the year 0001 or after the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an instant lies in the years 0001 to 9999")]
pub struct TimestampOutOfRange;

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Timestamp {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Timestamp = Timestamp(-62_135_596_800 * MICROS_PER_SECOND);
    /// 9999-12-31T23:59:59.999999Z.
    pub const MAX: Timestamp = Timestamp(253_402_300_800 * MICROS_PER_SECOND - 1);

    /// The instant so many microseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// Where that is no instant of the years 0001 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, TimestampOutOfRange> {
        let instant = Timestamp(micros);
        if (Timestamp::MIN..=Timestamp::MAX).contains(&instant) { Ok(instant) } else { Err(TimestampOutOfRange) }
    }

    /// The instant that protobuf writes as seconds and nanoseconds; what is finer than a
    /// microsecond is cut off towards the past.
    ///
    /// # Errors
    /// Where the seconds leave the years 0001 to 9999 or the nanoseconds are not in
    /// 0..1,000,000,000.
    pub fn from_seconds_and_nanos(seconds: i64, nanos: i32) -> Result<Self, TimestampOutOfRange> {
        let nanos = u32::try_from(nanos).map_err(|_| TimestampOutOfRange)?;
        if nanos >= 1_000_000_000 {
            return Err(TimestampOutOfRange);
        }
        seconds
            .checked_mul(MICROS_PER_SECOND)
            .and_then(|micros| micros.checked_add(i64::from(nanos / 1_000)))
            .ok_or(TimestampOutOfRange)
            .and_then(Timestamp::from_micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The instant as protobuf writes it: seconds, rounded down, and the nanoseconds after them.
    pub fn seconds_and_nanos(self) -> (i64, i32) {
        let nanos = self.0.rem_euclid(MICROS_PER_SECOND) * 1_000;
        let nanos = i32::try_from(nanos).expect("less than a second in nanoseconds fits");
        (self.0.div_euclid(MICROS_PER_SECOND), nanos)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with as many digits of a second as there are: `2025-09-03T12:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .ok()
            .and_then(|instant| instant.format(&Rfc3339).ok())
            .ok_or(fmt::Error)?;
        f.write_str(&text)
    }
}

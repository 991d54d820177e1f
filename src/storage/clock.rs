//! Where commits get their times from.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::time::Timestamp;

/// Says what time it is. Not what order things are in: that is the revision's.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The computer's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A clock before 1970 or after 9999 is wrong; commits still get ascending times.
        let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_micros());
        i64::try_from(micros).ok().and_then(|micros| Timestamp::from_micros(micros).ok()).unwrap_or(Timestamp::MAX)
    }
}

/// The time of the commit after the one made at `last`: now, or just after it where the clock has not moved on.
#[must_use]
pub fn commit_time(now: Timestamp, last: Option<Timestamp>) -> Timestamp {
    let next = last.map(|last| Timestamp::from_micros(last.micros() + 1).unwrap_or(Timestamp::MAX));
    next.map_or(now, |next| next.max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commit_times_ascend_although_the_clock_goes_back() {
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        assert_eq!(commit_time(at(5), None), at(5));
        assert_eq!(commit_time(at(9), Some(at(5))), at(9));
        assert_eq!(commit_time(at(5), Some(at(5))), at(6));
        assert_eq!(commit_time(at(1), Some(at(5))), at(6));
    }
}

//! The kinds of value a setting can have: lengths of time, sizes, and the closed choices.
//!
//! Each is read from one text form, the same in flags, environment and file, and is shown in that form.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time, written `500ms`, `10s`, `5m` or `1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

impl Period {
    /// A period of whole milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// A period of whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The duration, or nothing where the setting's zero means "off".
    pub fn unless_zero(self) -> Option<Duration> {
        (!self.0.is_zero()).then_some(self.0)
    }
}

/// Largest unit first, so that a period is shown in the fewest digits.
const PERIOD_UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if millis == 0 {
            return write!(f, "0s");
        }
        for (unit, size) in PERIOD_UNITS {
            if millis.is_multiple_of(size) {
                return write!(f, "{}{unit}", millis / size);
            }
        }
        Ok(())
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit) = split_number(text);
        PERIOD_UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .and_then(|(_, size)| digits.parse::<u64>().ok()?.checked_mul(*size))
            .map(Self::millis)
            .ok_or_else(|| format!("`{text}` is not a period: write a whole number and ms, s, m or h, as in 10s"))
    }
}

/// A number of bytes, written `4 MiB`, `64KiB` or `1048576`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl Size {
    /// A size of whole kibibytes.
    pub const fn kib(kib: u64) -> Self {
        Self(kib << 10)
    }

    /// A size of whole mebibytes.
    pub const fn mib(mib: u64) -> Self {
        Self(mib << 20)
    }

    /// A size of whole gibibytes.
    pub const fn gib(gib: u64) -> Self {
        Self(gib << 30)
    }

    /// The size as a length in memory.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

const SIZE_UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("", 1)];

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, size) in SIZE_UNITS {
            if self.0.is_multiple_of(size) && (self.0 > 0 || unit.is_empty()) {
                let space = if unit.is_empty() { "" } else { " " };
                return write!(f, "{}{space}{unit}", self.0 / size);
            }
        }
        Ok(())
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, unit) = split_number(text);
        SIZE_UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .and_then(|(_, size)| digits.parse::<u64>().ok()?.checked_mul(*size))
            .map(Self)
            .ok_or_else(|| format!("`{text}` is not a size: write a whole number and KiB, MiB or GiB, as in 4 MiB"))
    }
}

/// Where to listen, written `127.0.0.1:50051` or `[::1]:50051`. No name: which of its addresses was meant is not for us
/// to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(pub SocketAddr);

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| format!("`{text}` is not an IP address and a port, as in 127.0.0.1:50051 or [::1]:50051");
        text.parse().map(Self).map_err(wrong)
    }
}

/// Where claims are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// On disk, in `data_dir`.
    Sled,
    /// In memory only: gone when the process ends.
    Memory,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Gives a closed choice its words: the same for reading, showing and the message about a wrong one.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ }) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),+ })
            }
        }

        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("`{text}` is none of: {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}

words!(Engine { Sled = "sled", Memory = "memory" });
words!(LogFormat { Auto = "auto", Text = "text", Json = "json" });

/// Reads and shows a type in files as in flags: by its text. A bare number is read as its digits.
macro_rules! serde_by_text {
    ($($type:ident),+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Text)?.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

serde_by_text!(Period, Size, Listen, Engine, LogFormat);

struct Text;

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a whole number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

fn split_number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    (digits, unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_back_as_it_is_shown() {
        for text in ["0s", "1ms", "1500ms", "10s", "5m", "48h"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        for text in ["0", "1023", "1 KiB", "4 MiB", "3 GiB"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        assert_eq!("4MiB".parse::<Size>().unwrap(), Size::mib(4));
    }

    #[test]
    fn what_has_no_unit_or_overflows_is_refused() {
        for text in ["", "10", "s", "-1s", "1.5s", "99999999999999999999h", "10 days"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
        for text in ["", "MiB", "4 MB", "-1", "99999999999999 GiB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}

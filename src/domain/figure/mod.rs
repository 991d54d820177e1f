//! Figures: what kind of number is named, how its words bound it, what they entail (`bounds`), what a policy takes them
//! for (`policy`, `intervals`), how far they meet a question (`grade`, `question`, and in outline `sketch`) and stand by value
//! (`value_key`), and what they say about each other (`estimate`, `compare`, `subset`). `words` reads them from a text.

use thiserror::Error;

pub use bounds::{Bounds, FigureError, Lower, Upper, check_stated, entailed, stored};
pub use grade::Grade;
pub use intervals::{Intervals, Numbers};
pub use policy::{BareReading, Policy, Tolerance, ToleranceOutOfRange, VagueReading};
pub use question::{Candidate, Graded, MetricAsked, Question};
pub use sketch::{ReadSketch, Sketch, Step, sketches};
pub use value_key::{ValueKey, standing_for};

/// A word that is none of the values of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found:?} is no {what}")]
pub struct UnknownWord {
    /// The word, shortened.
    pub found: String,
    /// What it should be: `qualifier`.
    pub what: &'static str,
}

/// An enumeration with the word under which each value is written everywhere.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$value_doc:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$value_doc])* $value,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$value),+];

            /// The word under which the value is written: upper case with underscores.
            pub fn word(self) -> &'static str {
                match self { $($name::$value => $word,)+ }
            }

            /// The value's number in the proto: they are numbered from 1 in the order above, and 0 is no value.
            pub fn number(self) -> i32 {
                self as i32 + 1
            }

            /// The value with this number; none for 0 and for numbers not known.
            pub fn from_number(number: i32) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.number() == number)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::figure::UnknownWord;

            fn from_str(text: &str) -> Result<Self, $crate::domain::figure::UnknownWord> {
                $name::ALL
                    .iter()
                    .copied()
                    .find(|value| value.word() == text)
                    .ok_or_else(|| $crate::domain::figure::UnknownWord { found: $crate::domain::excerpt::excerpt(text), what: $what })
            }
        }
    };
}

// Below the macro, which they use.
pub mod bounds;
pub mod compare;
pub mod currency;
pub mod estimate;
mod facts;
mod grade;
mod interval;
mod intervals;
mod policy;
mod question;
mod sketch;
pub mod subset;
pub mod summary;
pub mod units;
mod value_key;
pub mod words;

words! {
    /// How the words of a figure bind the number they name.
    Qualifier, "qualifier" {
        /// "exactly", "precisely": the number and no other.
        Exactly = "EXACTLY",
        /// A plain number: itself, as stated; how round it is stays visible.
        Bare = "BARE",
        /// "about", "around", "some", "circa": nothing follows.
        About = "ABOUT",
        /// "nearly", "almost", "just under": less than the number.
        Nearly = "NEARLY",
        /// "just over": more than the number.
        JustOver = "JUST_OVER",
        /// "over", "exceeding": more than the number.
        MoreThan = "MORE_THAN",
        /// "fewer than", "under": less than the number.
        LessThan = "LESS_THAN",
        /// "at least", "no fewer than": the number or more.
        AtLeast = "AT_LEAST",
        /// "at most", "no more than": the number or less.
        AtMost = "AT_MOST",
        /// "up to", "as many as": the number or less; apart from AT_MOST, because reporters use it
        /// for high estimates.
        UpTo = "UP_TO",
        /// "10 to 20": two numbers, which are bounds; there is no value.
        Between = "BETWEEN",
        /// "dozens", "several": there is no number, and nothing follows.
        Vague = "VAGUE",
        /// "none": zero.
        NoneAtAll = "NONE_AT_ALL",
    }
}

words! {
    /// What sort of number a figure is.
    FigureKind, "kind of figure" {
        /// How many: whole, never negative.
        Count = "COUNT",
        /// How much, in a unit.
        Measure = "MEASURE",
        /// An amount of a currency.
        Money = "MONEY",
        /// A share of a hundred.
        Percent = "PERCENT",
        /// One number to another.
        Ratio = "RATIO",
        /// A number per something.
        Rate = "RATE",
        /// A place in an order: "first".
        Ordinal = "ORDINAL",
        /// How long.
        Duration = "DURATION",
        /// A number on a scale that somebody defined.
        Index = "INDEX",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_values() {
        for qualifier in Qualifier::ALL {
            assert_eq!(qualifier.word().parse().as_ref(), Ok(qualifier));
        }
        for kind in FigureKind::ALL {
            assert_eq!(kind.to_string().parse().as_ref(), Ok(kind));
            assert_eq!(FigureKind::from_number(kind.number()), Some(*kind));
        }
        let error = "nearly".parse::<Qualifier>().expect_err("lower case");
        assert_eq!(error.to_string(), "\"nearly\" is no qualifier");
    }
}

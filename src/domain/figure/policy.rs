//! What a reader of figures adds to what the words entail: a tolerance, how a plain number is taken, what a vague word is
//! taken for. It is stated with every question and repeated with every answer; nothing of it is ever stored.

use bigdecimal::BigDecimal;
use thiserror::Error;

use crate::domain::decimal::Decimal;

/// How figures are interpreted beyond what their words entail. The default is a tolerance of a tenth, numbers as stated,
/// and vague words open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// How far "about", "nearly" and "just over" may miss their number.
    pub tolerance: Tolerance,
    /// How a plain number is taken.
    pub bare: BareReading,
    /// What a word without a number is taken for.
    pub vague: VagueReading,
}

/// A share of a number, from 0 to 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tolerance(Decimal);

words! {
    /// How a plain number ("13,000") is taken.
    #[derive(Default)]
    BareReading, "reading of a plain number" {
        /// As that number.
        #[default]
        Stated = "STATED",
        /// As rounded: anything within half a unit of the last digit that carries information, 12,500 to 13,500.
        Rounded = "ROUNDED",
    }
}

words! {
    /// What a word without a number ("dozens") is taken for.
    #[derive(Default)]
    VagueReading, "reading of a vague word" {
        /// For nothing: any number is as likely as any other.
        #[default]
        Open = "OPEN",
        /// For the numbers that ACLED codes: 10 for tens, 12 for dozens, 100 for hundreds.
        Acled = "ACLED",
    }
}

/// A tolerance that is no share.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a tolerance is a share from 0 to 1, this one is {0}")]
pub struct ToleranceOutOfRange(pub Decimal);

impl Tolerance {
    /// The share.
    #[must_use]
    pub fn share(&self) -> &Decimal {
        &self.0
    }
}

impl TryFrom<Decimal> for Tolerance {
    type Error = ToleranceOutOfRange;

    fn try_from(share: Decimal) -> Result<Self, ToleranceOutOfRange> {
        if share.is_negative() || share > Decimal::from(1u64) {
            Err(ToleranceOutOfRange(share))
        } else {
            Ok(Self(share))
        }
    }
}

impl Default for Tolerance {
    /// A tenth, which FHIR recommends for "approximately".
    fn default() -> Self {
        Self(Decimal::try_from(BigDecimal::new(1.into(), 1)).expect("a tenth has one digit"))
    }
}

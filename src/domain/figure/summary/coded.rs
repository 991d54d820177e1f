//! Which numbers stand for what was said, by the conventions of those who code it. A number is never taken for more than its
//! words allow: "nearly 2,000" counts as 1999.

use crate::domain::decimal::Decimal;
use crate::domain::figure::units::Conversion;
use crate::domain::figure::{Bounds, Lower, Policy, Qualifier, Upper, VagueReading};
use crate::domain::model::{EstimateRole, Figure};

words! {
    /// Which numbers stand for what was said.
    Convention, "convention" {
        /// None but what was said.
        Literal = "LITERAL",
        /// As UCDP has it: the lowest low, all that is called best, and the highest high.
        UcdpLowBestHigh = "UCDP_LOW_BEST_HIGH",
        /// As ACLED has it: the most conservative number that anybody names, 10 for tens, 12 for dozens, 100 for hundreds.
        AcledConservative = "ACLED_CONSERVATIVE",
    }
}

/// The numbers that a convention gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded {
    /// The lowest number given as a low one.
    pub low: Option<Decimal>,
    /// The lowest and the highest number given as the best one.
    pub best: Option<(Decimal, Decimal)>,
    /// The highest number given as a high one.
    pub high: Option<Decimal>,
    /// The most conservative number.
    pub conservative: Option<Decimal>,
    /// How many statements give none of these.
    pub uncoded: u64,
}

/// The numbers that a statement names, by the parts they may play.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) low: Option<Decimal>,
    pub(super) best: Option<(Decimal, Decimal)>,
    pub(super) high: Option<Decimal>,
    /// What ACLED codes for its word.
    pub(super) vague: Option<Decimal>,
    /// The smallest and the largest number, whatever parts they play.
    pub(super) all: Ends,
}

impl Named {
    /// What the numbers of a statement are, each kept within what its words entail, which is in its own unit, and then
    /// converted by its own way.
    pub(super) fn of<'f>(figures: impl IntoIterator<Item = (&'f Figure, Conversion, Bounds)>) -> Self {
        let mut named = Self::default();
        for (figure, way, hard) in figures {
            named.add(figure, &way, &hard);
        }
        named
    }

    fn add(&mut self, figure: &Figure, way: &Conversion, hard: &Bounds) {
        let Some(qualifier) = figure.qualifier else { return };
        // One that is no decimal of the other unit is rounded outward, as the ends of intervals are.
        let converted = |number: &Decimal| way.floor(number).zip(way.ceiling(number));
        let number = |number: &Decimal| converted(&within(number, hard));
        let value = figure.value.as_ref().and_then(number);
        let (lower, upper) = (figure.bounds.lower.as_ref(), figure.bounds.upper.as_ref());
        let (low, best, high) = match qualifier {
            Qualifier::Exactly | Qualifier::Bare | Qualifier::About | Qualifier::Nearly | Qualifier::JustOver => {
                (value.clone(), value.clone(), value)
            }
            Qualifier::MoreThan | Qualifier::AtLeast => (value, None, None),
            Qualifier::LessThan | Qualifier::AtMost | Qualifier::UpTo => (None, None, value),
            Qualifier::Between => {
                let lower = lower.and_then(|end| number(end.number().0));
                (lower, None, upper.and_then(|end| number(end.number().0)))
            }
            Qualifier::NoneAtAll => {
                let none = number(&Decimal::zero());
                (none.clone(), none.clone(), none)
            }
            Qualifier::Vague => {
                let acled = Policy { vague: VagueReading::Acled, ..Policy::default() };
                let soft = crate::domain::figure::Intervals::of(figure, &acled).map(|intervals| intervals.soft);
                let coded = soft.and_then(|soft| match (soft.lower, soft.upper) {
                    (Some(Lower::AtLeast(low)), Some(Upper::AtMost(high))) if low == high => floor(converted(&low)),
                    _ => None,
                });
                self.vague = least(self.vague.take(), coded);
                (None, None, None)
            }
        };
        self.all = [&low, &best, &high].into_iter().fold(self.all.take(), |all, one| span(all, one.clone()));
        // A number with a role plays that part alone, whatever its words.
        match figure.role {
            Some(EstimateRole::Low) => self.low = least(self.low.take(), floor(low.or(high))),
            Some(EstimateRole::Best) => self.best = span(span(self.best.take(), low), high),
            Some(EstimateRole::High) => self.high = most(self.high.take(), ceiling(high.or(low))),
            Some(EstimateRole::Single) | None => {
                self.low = least(self.low.take(), floor(low));
                self.best = span(self.best.take(), best);
                self.high = most(self.high.take(), ceiling(high));
            }
        }
    }
}

impl Coded {
    /// Takes in what one more statement names.
    pub(super) fn add(&mut self, named: &Named, convention: Convention) {
        let is_coded = match convention {
            Convention::Literal => return,
            Convention::UcdpLowBestHigh => {
                self.low = least(self.low.take(), named.low.clone());
                self.best = span(self.best.take(), named.best.clone());
                self.high = most(self.high.take(), named.high.clone());
                named.low.is_some() || named.best.is_some() || named.high.is_some()
            }
            Convention::AcledConservative => {
                let best = || named.best.as_ref().map(|(low, _)| low.clone());
                let number = named.low.clone().or_else(best).or_else(|| named.vague.clone());
                let is_coded = number.is_some();
                self.conservative = least(self.conservative.take(), number);
                is_coded
            }
        };
        self.uncoded += u64::from(!is_coded);
    }
}

/// The number, or the nearest one that the words allow, where there is one.
fn within(number: &Decimal, hard: &Bounds) -> Decimal {
    match (&hard.lower, &hard.upper) {
        (Some(Lower::AtLeast(least)), _) if number < least => least.clone(),
        (_, Some(Upper::AtMost(most))) if number > most => most.clone(),
        _ => number.clone(),
    }
}

fn least(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    a.into_iter().chain(b).min()
}

fn most(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    a.max(b)
}

/// The ends of a range, or a number rounded down and up.
pub(super) type Ends = Option<(Decimal, Decimal)>;

fn floor(ends: Ends) -> Option<Decimal> {
    ends.map(|(low, _)| low)
}

fn ceiling(ends: Ends) -> Option<Decimal> {
    ends.map(|(_, high)| high)
}

/// The ends of two ranges together.
pub(super) fn span(a: Ends, b: Ends) -> Ends {
    match (a, b) {
        (Some((low, high)), Some((other_low, other_high))) => Some((low.min(other_low), high.max(other_high))),
        (one, None) | (None, one) => one,
    }
}

//! From the unit of one figure to that of another, if a way leads there.

use super::{Conversion, Kind, parse};
use crate::domain::decimal::Decimal;
use crate::domain::figure::compare::Incomparable;
use crate::domain::model::{Unit, UnitSystem};

/// What a caller says that currencies are worth. There are no others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rates(Vec<(String, String, Conversion)>);

impl Rates {
    /// Adds that one of a currency is so many of another. False, and nothing is added, unless the rate is more than zero.
    #[must_use]
    pub fn add(&mut self, from: &str, to: &str, rate: &Decimal) -> bool {
        let conversion = Conversion::by_rate(rate);
        let is_rate = conversion.is_some();
        self.0.extend(conversion.map(|conversion| (from.to_owned(), to.to_owned(), conversion)));
        is_rate
    }

    /// The way from one currency to another, or back along the one from the other.
    fn between(&self, from: &str, to: &str) -> Option<Conversion> {
        let there = |a: &str, b: &str| self.0.iter().find(|(from, to, _)| from == a && to == b).map(|(.., rate)| rate);
        there(from, to).cloned().or_else(|| there(to, from).map(Conversion::inverse))
    }
}

/// How numbers of one unit become numbers of another. No unit is the unit of plain numbers, as UCUM's `1` is.
///
/// # Errors
/// [`Incomparable::Currency`] for money without a rate, else [`Incomparable::Unit`].
pub fn between(from: Option<&Unit>, to: Option<&Unit>, kind: Kind, rates: &Rates) -> Result<Conversion, Incomparable> {
    let plain = (UnitSystem::Ucum, "1");
    let code = |unit: Option<&'_ Unit>| unit.and_then(|unit| unit.system.map(|system| (system, unit.code.clone())));
    let (from, to) = (code(from), code(to));
    let from = from.as_ref().map_or(plain, |(system, code)| (*system, code.as_str()));
    let to = to.as_ref().map_or(plain, |(system, code)| (*system, code.as_str()));
    if from == to {
        return Ok(Conversion::none());
    }
    match (from.0, to.0) {
        (UnitSystem::Iso4217, UnitSystem::Iso4217) => rates.between(from.1, to.1).ok_or(Incomparable::Currency),
        (UnitSystem::Ucum, UnitSystem::Ucum) => {
            let (from, to) = parse(from.1).and_then(|from| Ok((from, parse(to.1)?))).map_err(|_| Incomparable::Unit)?;
            from.to(&to, kind).map_err(|_| Incomparable::Unit)
        }
        (UnitSystem::Ucum | UnitSystem::Iso4217 | UnitSystem::Other, _) => Err(Incomparable::Unit),
    }
}

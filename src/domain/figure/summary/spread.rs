//! How far numbers spread: from the lowest that anybody's words allow to the highest.

use super::coded::{Coded, Convention, Named, span};
use crate::domain::decimal::Decimal;
use crate::domain::figure::{Bounds, Intervals};

/// How far statements spread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many there are.
    pub count: u64,
    /// The smallest interval that holds everything that their words entail; none where there are none.
    pub hard: Option<Bounds>,
    /// The smallest interval that holds everything that the policy takes them for.
    pub soft: Option<Bounds>,
    /// The smallest and the largest number that anybody names.
    pub named: Option<(Decimal, Decimal)>,
    /// The numbers of the convention.
    pub coded: Coded,
    /// How many estimates have a number that lies outside the others.
    pub anomalies: u64,
}

impl Spread {
    /// Takes in one more statement.
    pub(super) fn add(&mut self, intervals: &Intervals, named: &Named, is_anomalous: bool, convention: Convention) {
        let hull = |all: Option<Bounds>, one: &Bounds| Some(all.map_or_else(|| one.clone(), |all| all.hull(one)));
        self.count += 1;
        self.hard = hull(self.hard.take(), &intervals.hard);
        self.soft = hull(self.soft.take(), &intervals.soft);
        self.named = span(self.named.take(), named.all.clone());
        self.coded.add(named, convention);
        self.anomalies += u64::from(is_anomalous);
    }
}

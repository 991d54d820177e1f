//! Which statements agree: the largest sets that some number fits, within one period. Statements are grouped with those that
//! state the same about kind, time, period and place, so that every two of a group can be compared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Rule;
use super::series::{Placement, Stated};
use super::statement::Compared;
use crate::domain::figure::Bounds;
use crate::domain::figure::facts::{Circumstances, Ranked};
use crate::domain::name::Name;

/// The groups of a series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// How many there are.
    pub count: u64,
    /// The first of them, by period, and then by their numbers.
    pub listed: Vec<Group>,
}

/// Statements that agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// When.
    pub placement: Placement,
    /// What fits all of them.
    pub common: Bounds,
    /// How many there are.
    pub count: u64,
    /// How many sources they come from.
    pub origins: usize,
    /// The first of them, by where they stand in the series.
    pub members: Vec<usize>,
}

impl Groups {
    pub(super) fn of(statements: &[Stated], compared: &[Compared], ranked: &[Ranked], rule: &Rule) -> Self {
        // By the first statement of each slice, so that the order does not depend on chance.
        let mut slices: HashMap<(Placement, Circumstances<'_>), usize> = HashMap::new();
        let mut members: BTreeMap<(Placement, usize), Vec<usize>> = BTreeMap::new();
        for (index, (stated, compared)) in statements.iter().zip(compared).enumerate() {
            let first = *slices.entry((stated.placement, compared.facts.circumstances())).or_insert(index);
            members.entry((stated.placement, first)).or_default().push(index);
        }
        let mut groups = Self::default();
        for ((placement, _), members) in &members {
            cliques(members, ranked, |clique| {
                groups.count += 1;
                if groups.listed.len() < rule.listed.findings {
                    groups.listed.push(Group::of(*placement, clique, statements, ranked, rule.listed.members));
                }
            });
        }
        groups
    }
}

impl Group {
    fn of(
        placement: Placement,
        clique: &BTreeSet<usize>,
        statements: &[Stated],
        ranked: &[Ranked],
        members_max: usize,
    ) -> Self {
        let all = || clique.iter().filter_map(|index| Some((statements.get(*index)?, ranked.get(*index)?)));
        let origins: BTreeSet<&Name> = all().filter_map(|(stated, _)| stated.statement.origin()).collect();
        // What fits all reaches from the highest beginning to the lowest end.
        let begins =
            all().max_by_key(|(_, ranked)| ranked.lower).and_then(|(last, _)| last.intervals.hard.lower.clone());
        let ends =
            all().min_by_key(|(_, ranked)| ranked.upper).and_then(|(first, _)| first.intervals.hard.upper.clone());
        Self {
            placement,
            common: Bounds { lower: begins, upper: ends },
            count: clique.len() as u64,
            origins: origins.len(),
            members: clique.iter().copied().take(members_max).collect(),
        }
    }
}

/// Shows every largest set of intervals that have a number in common, from the lowest on: they are those that are open when
/// one ends after another has begun.
fn cliques(members: &[usize], ranked: &[Ranked], mut see: impl FnMut(&BTreeSet<usize>)) {
    // At one place beginnings come before ends: intervals that touch have that number in common.
    let mut ends: Vec<(i64, bool, usize)> = Vec::with_capacity(2 * members.len());
    for index in members {
        if let Some(interval) = ranked.get(*index) {
            ends.extend([(interval.lower, false, *index), (interval.upper, true, *index)]);
        }
    }
    ends.sort_unstable();
    let (mut open, mut has_begun) = (BTreeSet::new(), false);
    for (_, is_end, index) in ends {
        if !is_end {
            open.insert(index);
            has_begun = true;
            continue;
        }
        if has_begun {
            see(&open);
            has_begun = false;
        }
        open.remove(&index);
    }
}

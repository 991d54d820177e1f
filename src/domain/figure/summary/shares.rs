//! Parts and their wholes: whether a part fits, and the share that follows. Nobody said the share: it is derived here and
//! stored nowhere.

use std::collections::{BTreeMap, HashMap};

use super::series::Stated;
use super::{Listed, Rule};
use crate::domain::figure::compare::Incomparable;
use crate::domain::figure::facts::class;
use crate::domain::figure::subset::{Fit, fit, share};
use crate::domain::figure::units::{Rates, between};
use crate::domain::figure::value_key::{kind, unit};
use crate::domain::figure::{Bounds, Intervals, Policy};
use crate::domain::model::{Figure, Link, LinkTarget, RecordStatus, WholeRelation};
use crate::domain::name::{FigureId, Name};

/// Digits of a share behind the point, in hundredths.
const DIGITS: u32 = 2;

/// The figures that others are a part of, as far as they are there, with the status of their claims.
pub type Wholes = HashMap<(Name, FigureId), (Figure, RecordStatus)>;

/// The parts of a series, with their wholes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// How many parts there are of each fit.
    pub fits: BTreeMap<Fit, u64>,
    /// How many cannot be compared with their wholes, by reason.
    pub incomparable: BTreeMap<Incomparable, u64>,
    /// How many name a whole that is not there.
    pub missing: u64,
    /// The first of them: those that exceed their wholes, then the others, in the order of the statements.
    pub listed: Vec<Share>,
}

/// A part and its whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The statement that has the part, by where it stands in the series.
    pub statement: usize,
    /// The part.
    pub part: FigureId,
    /// The claim that has the whole.
    pub whole_claim: Name,
    /// The whole.
    pub whole: FigureId,
    /// The status of that claim.
    pub whole_status: RecordStatus,
    /// How it is a part.
    pub relation: WholeRelation,
    /// Whether it fits.
    pub fit: Fit,
    /// Its share of the whole, in hundredths, rounded outward.
    pub share: Bounds,
}

/// The claim and the figure that a figure of a claim is a part of.
#[must_use]
pub(super) fn whole_of(claim: &Name, figure: &Figure) -> Option<(Name, FigureId)> {
    let LinkTarget { record, figure: whole } = figure.whole.as_ref()?;
    let claim = match record {
        None => claim,
        Some(link) => Link::name(link)?,
    };
    Some((claim.clone(), whole.clone()?))
}

impl super::Statement {
    /// The figures that its own are a part of.
    pub fn wholes(&self) -> impl Iterator<Item = (Name, FigureId)> {
        self.figures.iter().filter_map(|figure| whole_of(&self.claim, figure))
    }
}

impl Shares {
    pub(super) fn of(statements: &[Stated], wholes: &Wholes, rule: &Rule) -> Self {
        let (mut shares, mut exceeding, mut others) = (Self::default(), Vec::new(), Vec::new());
        let Listed { findings: most, .. } = rule.listed;
        for (index, stated) in statements.iter().enumerate() {
            for part in &stated.statement.figures {
                let Some((claim, whole)) = whole_of(&stated.statement.claim, part) else { continue };
                let relation = part.whole_relation.unwrap_or(WholeRelation::SubsetOf);
                let is_share = match relation {
                    WholeRelation::SubsetOf | WholeRelation::PartOfSum => true,
                    // A ratio is a share already.
                    WholeRelation::RatioOf => false,
                };
                let Some(id) = part.id.clone().filter(|_| is_share) else { continue };
                let Some((found, status)) = wholes.get(&(claim.clone(), whole.clone())) else {
                    shares.missing += 1;
                    continue;
                };
                match derived(part, found, &rule.policy) {
                    Err(reason) => *shares.incomparable.entry(reason).or_default() += 1,
                    Ok((fit, share)) => {
                        *shares.fits.entry(fit).or_default() += 1;
                        let list = if fit == Fit::Exceeds { &mut exceeding } else { &mut others };
                        if list.len() < most {
                            list.push(Share {
                                statement: index,
                                part: id,
                                whole_claim: claim,
                                whole,
                                whole_status: *status,
                                relation,
                                fit,
                                share,
                            });
                        }
                    }
                }
            }
        }
        shares.listed = exceeding.into_iter().chain(others).take(most).collect();
        shares
    }

    /// How many parts have a share.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.fits.values().sum()
    }

    /// How many parts have a fit.
    #[must_use]
    pub fn count(&self, fit: Fit) -> u64 {
        self.fits.get(&fit).copied().unwrap_or(0)
    }
}

/// Whether a part fits into its whole, and its share of it. By what the words entail: a share by tolerance would be a guess.
fn derived(part: &Figure, whole: &Figure, policy: &Policy) -> Result<(Fit, Bounds), Incomparable> {
    // Of the number alone, without what is known of counts: that they are whole makes a part fit, and nobody said it.
    let said = |figure: &Figure| Intervals::of(&Figure { kind: None, ..figure.clone() }, policy);
    let all = |figure: &Figure| Intervals::of(figure, policy).zip(said(figure));
    let ((part_hard, part_said), (whole_hard, whole_said)) = all(part).zip(all(whole)).ok_or(Incomparable::NotRead)?;
    if part.kind.zip(whole.kind).is_some_and(|(part, whole)| part != whole) {
        return Err(Incomparable::Kind);
    }
    if class(part.aggregation) != class(whole.aggregation) {
        return Err(Incomparable::Aggregation);
    }
    let way = between(unit(whole).as_ref(), unit(part).as_ref(), kind(whole), &Rates::default())?;
    let fit = fit(&part_hard.hard, &way.bounds(&whole_hard.hard));
    Ok((fit, share(&part_said.hard, &way.bounds(&whole_said.hard), DIGITS)))
}

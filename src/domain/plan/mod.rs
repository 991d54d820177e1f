//! What a write means: from a batch as it was asked for, and the store as it stands, to the versions to commit.
//!
//! Every engine calls `plan` from its one writer, with a view that includes the commits queued before. So identity,
//! references, quotes and policies are decided once, the same way everywhere, and never on a stale read.

mod batch;
mod content;
mod corrections;
mod figures;
mod identity;
mod moved;
mod order;
mod planner;
mod records;
mod references;
mod refers;
mod refusal;
mod revising;
mod spans;
mod whole;

use std::sync::Arc;

pub use batch::{
    Batch, Condition, Draft, NewVersion, Plan, Planned, Precondition, Reinstatement, Replaced, RequestKey, Retracting,
    Revising, Warning,
};
pub use refusal::{Refusal, Violation};

use super::model::Version;
use super::name::IdSource;
use super::term::Term;
use super::text::Sha256;
use planner::Planner;

/// The store as the writer sees it: the newest state, commits queued before included.
pub trait View {
    /// What goes wrong when the engine cannot answer.
    type Error;

    /// The versions that hold now and carry the term, retracted ones included: the newest `limit` of them, oldest first.
    ///
    /// # Errors
    /// When the engine cannot answer.
    fn holding(&self, term: &Term, limit: usize) -> Result<Vec<Arc<Version>>, Self::Error>;

    /// A text by its hash.
    ///
    /// # Errors
    /// When the engine cannot answer.
    fn text(&self, sha256: Sha256) -> Result<Option<Arc<str>>, Self::Error>;
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanError<E> {
    /// The batch is refused.
    Refused(Box<Refusal>),
    /// The view could not answer.
    View(E),
}

impl<E> From<Refusal> for PlanError<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

/// Decides what a batch comes to that makes or finds these drafts. They are given apart from it, since most of what they hold
/// becomes new versions.
///
/// # Errors
/// When the batch is refused, with everything that is wrong with its fields at once; or when the view cannot answer.
pub fn plan<V: View>(
    batch: &Batch,
    drafts: Vec<Draft>,
    view: &V,
    ids: &dyn IdSource,
) -> Result<Plan, PlanError<V::Error>> {
    let mut planner = Planner::new(batch, view, ids);
    planner.check_preconditions()?;
    planner.identify_drafts(&drafts)?;
    planner.record_drafts(drafts)?;
    planner.revise()?;
    planner.resolve_wholes()?;
    planner.retract()?;
    planner.reinstate()?;
    planner.follow_imprints()?;
    planner.finish()
}

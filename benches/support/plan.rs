//! How PostgreSQL finds a page. Its planner, left alone, takes an index that costs more: the one in the order of the page
//! where it takes few matches for many, or the one of what is asked for where it takes many for few.

use std::time::{Duration, Instant};

/// What is kept from the planner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    Free,
    OrderHidden,
    FilterHidden,
}

/// Questions asked in each way before the best one is chosen.
const TRIALS: u64 = 5;

impl Plan {
    pub(crate) const ALL: [Self; 3] = [Self::Free, Self::OrderHidden, Self::FilterHidden];

    /// What follows a column to order by.
    pub(crate) fn order(self) -> &'static str {
        if self == Self::OrderHidden { " + 0" } else { "" }
    }

    /// A condition for which there is an index.
    pub(crate) fn condition(self, condition: &str) -> String {
        if self == Self::FilterHidden { format!("({condition}) IS TRUE") } else { condition.to_owned() }
    }

    /// Asks a few times in every way, and gives the one that took least.
    pub(crate) async fn quickest(mut ask: impl AsyncFnMut(Self, u64)) -> Self {
        let mut best = (Duration::MAX, Self::Free);
        for plan in Self::ALL {
            // Prepared before, as is what the plan reads first.
            ask(plan, 0).await;
            let begin = Instant::now();
            for turn in 0..TRIALS {
                ask(plan, turn).await;
            }
            if begin.elapsed() < best.0 {
                best = (begin.elapsed(), plan);
            }
        }
        best.1
    }
}

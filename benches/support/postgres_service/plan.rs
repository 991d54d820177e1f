//! How a page is found. The planner, left alone, takes an index that costs more: the one in the order of the page where few
//! records match, or the one of what is asked for where very many do.

use http::HeaderMap;

/// What is kept from the planner.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    Free,
    OrderHidden,
    FilterHidden,
}

impl Plan {
    pub(crate) const ALL: [Self; 3] = [Self::Free, Self::OrderHidden, Self::FilterHidden];

    /// The header that says which one is asked for.
    pub(crate) const HEADER: &str = "plan";

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::OrderHidden => "order-hidden",
            Self::FilterHidden => "filter-hidden",
        }
    }

    pub(super) fn asked(headers: &HeaderMap) -> Self {
        let named = |plan: &Self| headers.get(Self::HEADER).is_some_and(|name| name == plan.name());
        Self::ALL.into_iter().find(named).unwrap_or(Self::Free)
    }

    /// What follows a column to order by.
    pub(super) fn order(self) -> &'static str {
        if self == Self::OrderHidden { " + 0" } else { "" }
    }

    /// A condition for which there is an index.
    pub(super) fn condition(self, condition: &str) -> String {
        if self == Self::FilterHidden { format!("({condition}) IS TRUE") } else { condition.to_owned() }
    }
}

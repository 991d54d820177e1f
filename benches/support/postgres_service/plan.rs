//! How a page is to be found, in the header of a call: the client tries which way is best.

use http::HeaderMap;

use crate::plan::Plan;

impl Plan {
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
}

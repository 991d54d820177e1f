//! Whoever or whatever a claim is attributed to.

use super::fields::record_fields;
use super::{Basis, ExternalId, InlineSource, Labels, Link, SourceKind, Span};

/// A source without its names; see `claimdb.v1.Source`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Source {
    /// What kind of source it is.
    pub kind: Option<SourceKind>,
    /// The human name.
    pub display_name: String,
    /// Other names it goes by.
    pub aliases: Vec<String>,
    /// How the text describes it.
    pub description: String,
    /// The platform it publishes on.
    pub platform: String,
    /// Whether the text names the platform.
    pub platform_basis: Option<Basis>,
    /// Its handle there.
    pub handle: String,
    /// Whether the text gives the handle.
    pub handle_basis: Option<Basis>,
    /// Where it can be found.
    pub urls: Vec<String>,
    /// The article it exists in alone.
    pub scope_article: Option<Link>,
    /// Why it is not named.
    pub anonymity_reason: String,
    /// Where the text speaks of it.
    pub mentions: Vec<Span>,
    /// Its ids elsewhere; each identifies it.
    pub external_ids: Vec<ExternalId>,
    /// Free labels.
    pub labels: Labels,
}

record_fields!(Source {
    kind: replace,
    display_name: replace,
    aliases: unite,
    description: replace,
    platform: replace,
    platform_basis: replace,
    handle: replace,
    handle_basis: replace,
    urls: unite,
    scope_article: replace,
    anonymity_reason: replace,
    mentions: replace,
    external_ids: unite,
    labels: unite,
});

impl Source {
    /// The source made from what was given inline.
    #[must_use]
    pub fn from_inline(inline: InlineSource, scope_article: Option<Link>) -> Self {
        let InlineSource { display_name, kind, platform, handle, external_ids, description } = inline;
        Self { kind, display_name, platform, handle, external_ids, description, scope_article, ..Self::default() }
    }

    /// Platform and handle, when it has both, folded to lower case: together they identify it.
    #[must_use]
    pub fn account(&self) -> Option<(String, String)> {
        account(&self.platform, &self.handle)
    }
}

/// Platform and handle, when both are given, folded to lower case.
#[must_use]
pub(crate) fn account(platform: &str, handle: &str) -> Option<(String, String)> {
    (!platform.is_empty() && !handle.is_empty()).then(|| (platform.to_lowercase(), handle.to_lowercase()))
}

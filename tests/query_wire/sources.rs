//! Which sources a filter means, by the comments of `SourceRef`, `Source.name` and `follow_same_as`.

use std::collections::BTreeSet;

use claimdb::proto::claimdb::v1;
use v1::{ClaimFilter, RelationType, SourceKind};

use crate::log::State;

/// Several sources answer to what is known of one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ambiguous;

/// The one source that is meant, if there is one.
pub(crate) fn found(state: &State<'_>, meant: &v1::SourceRef) -> Result<Option<String>, Ambiguous> {
    if !meant.name.is_empty() {
        return Ok(Some(meant.name.clone()));
    }
    let same = |a: &str, b: &str| !a.is_empty() && a.to_lowercase() == b.to_lowercase();
    let mut candidates: Vec<&v1::Source> = state
        .sources()
        .filter(|source| {
            source.external_ids.iter().any(|id| meant.external_ids.contains(id))
                || same(&source.platform, &meant.platform) && same(&source.handle, &meant.handle)
        })
        .collect();
    if candidates.is_empty() {
        candidates = namesakes(state, meant);
    }
    match &candidates[..] {
        [] => Ok(None),
        [only] => Ok(Some(only.name.clone())),
        [_, _, ..] => Err(Ambiguous),
    }
}

/// By exact display name, and kind where both have one. Those that stand go before retracted ones, and those of the kind
/// given before those without a kind.
fn namesakes<'l>(state: &State<'l>, meant: &v1::SourceRef) -> Vec<&'l v1::Source> {
    let unstated = SourceKind::Unspecified;
    let mut candidates: Vec<&v1::Source> = state
        .sources()
        .filter(|source| source.scope_article.is_empty() && !meant.display_name.is_empty())
        .filter(|source| source.display_name == meant.display_name)
        .filter(|source| [source.kind(), unstated].contains(&meant.kind()) || source.kind() == unstated)
        .collect();
    let is_active = |source: &&v1::Source| source.metadata.as_ref().unwrap().status() == v1::RecordStatus::Active;
    if candidates.iter().any(is_active) {
        candidates.retain(is_active);
    }
    if meant.kind() != unstated && candidates.iter().any(|source| source.kind() == meant.kind()) {
        candidates.retain(|source| source.kind() == meant.kind());
    }
    candidates
}

/// The sources meant by one that a filter names, those said to be the same among them where it follows that.
pub(crate) fn meant(state: &State<'_>, source: &v1::SourceRef, follow_same_as: bool) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = found(state, source).unwrap().into_iter().collect();
    if !follow_same_as {
        return all;
    }
    loop {
        let mut more = all.clone();
        for relation in state.relations().filter(|relation| relation.r#type() == RelationType::SameAs) {
            if all.contains(&relation.from) || all.contains(&relation.to) {
                more.extend([relation.from.clone(), relation.to.clone()]);
            }
        }
        if more.len() == all.len() {
            return all;
        }
        all = more;
    }
}

/// Whether a filter of claims names a source that may be several.
pub(crate) fn claims_ambiguous(state: &State<'_>, filter: &ClaimFilter) -> bool {
    let speakers = filter.speakers.iter().filter_map(|speaker| speaker.source.as_ref());
    let mut sources = filter.publishers.iter().chain(&filter.sources).chain(&filter.origins).chain(speakers);
    sources.any(|source| found(state, source).is_err())
        || filter.any_of.iter().chain(&filter.none_of).any(|group| claims_ambiguous(state, group))
}

/// Whether a filter of articles does.
pub(crate) fn articles_ambiguous(state: &State<'_>, filter: &v1::ArticleFilter) -> bool {
    filter.publishers.iter().any(|source| found(state, source).is_err())
        || filter.any_of.iter().chain(&filter.none_of).any(|group| articles_ambiguous(state, group))
}

//! Which source a filter means, by the rules by which a write finds it again. Nothing is made here.

use std::sync::Arc;

use super::{Error, Service};
use crate::domain::limits;
use crate::domain::model::{InlineSource, SourceLink, Version, account};
use crate::domain::name::Name;
use crate::domain::term::Term;
use crate::storage::{Order, PageRequest, Query};

impl Service {
    /// The source that is meant; none when there is none at that revision.
    pub(super) async fn find_source(
        &self,
        path: &str,
        source: &SourceLink,
        revision: u64,
    ) -> Result<Option<Name>, Error> {
        let inline = match source {
            SourceLink::Link(link) => return Ok(link.name().cloned()),
            SourceLink::Inline(inline) => inline,
        };
        let mut found: Vec<Name> = Vec::new();
        for term in exact_keys(inline) {
            found.extend(self.holding(term, revision).await?.into_iter().map(|version| version.name.clone()));
        }
        if found.is_empty() && !inline.display_name.is_empty() {
            found = self.find_by_display_name(inline, revision).await?;
        }
        found.sort_unstable();
        found.dedup();
        if found.len() > 1 {
            found.truncate(limits::CANDIDATES);
            return Err(Error::SourceAmbiguous { path: path.to_owned(), candidates: found });
        }
        Ok(found.pop())
    }

    async fn find_by_display_name(&self, inline: &InlineSource, revision: u64) -> Result<Vec<Name>, Error> {
        let found = inline.meant(self.holding(Term::DisplayName(inline.display_name.clone()), revision).await?);
        Ok(found.into_iter().map(|version| version.name.clone()).collect())
    }

    async fn holding(&self, term: Term, revision: u64) -> Result<Vec<Arc<Version>>, Error> {
        // The newest, as a write looks at them. Retraction keeps a key.
        let query = Query::carrying([term], Order::Descending);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = PageRequest { after, limit: limits::NAMESAKES - found.len() };
            let page = self.store.query(&query, revision, page).await?;
            found.extend(page.versions);
            // What was replaced is passed in pages that may come to nothing.
            if !page.is_cut_short {
                break;
            }
            after = page.next;
        }
        found.reverse();
        Ok(found)
    }
}

/// What a source that this may mean is found by.
pub(super) fn keys(inline: &InlineSource) -> Vec<Term> {
    let mut keys = exact_keys(inline);
    if !inline.display_name.is_empty() {
        keys.push(Term::DisplayName(inline.display_name.clone()));
    }
    keys
}

fn exact_keys(inline: &InlineSource) -> Vec<Term> {
    Term::keys_of_source(&inline.external_ids, account(&inline.platform, &inline.handle))
}

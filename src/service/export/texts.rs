//! The texts of articles that come before them: spans stay bound to the text that they were checked against.

use std::collections::HashSet;
use std::sync::Arc;

use super::{ExportItem, PAGE};
use crate::domain::model::{Article, Record, Version};
use crate::domain::name::Name;
use crate::domain::text::Sha256;
use crate::service::{Error, Service};
use crate::storage::{Head, PageRequest};

impl Service {
    /// The items with the earlier texts of articles among records that are exported together, and the articles that these
    /// items make: all of them before any of the records, since they refer to nothing. Oldest article first, so that their
    /// order does not depend on what else is taken along.
    pub(super) async fn texts_before(
        &self,
        records: &[&Arc<Version>],
        head: Head,
    ) -> Result<(Vec<ExportItem>, Arc<HashSet<Name>>), Error> {
        let (mut items, mut made) = (Vec::new(), HashSet::new());
        let mut by_number = records.to_vec();
        by_number.sort_by_key(|version| version.number);
        for article in by_number {
            let mut carrying = self.earlier_texts(article, head).await?;
            if carrying.is_empty() {
                continue;
            }
            // The article is revised only after its item has recorded the others, whose mentions need the text by then.
            if text_of(article).is_some_and(|text| records.iter().any(|version| is_bound(version, text))) {
                carrying.push(Arc::clone(article));
            }
            for earlier in carrying {
                let Some(text) = self.text(&earlier).await? else { continue };
                let is_first = made.insert(article.name.clone());
                items.push(ExportItem::EarlierText { article: Arc::clone(article), text, is_first });
            }
        }
        Ok((items, Arc::new(made)))
    }

    /// The first versions with each text that an article had and no longer has, oldest first.
    pub(super) async fn earlier_texts(&self, version: &Arc<Version>, head: Head) -> Result<Vec<Arc<Version>>, Error> {
        if !matches!(version.record, Record::Article(_)) || version.replaces.is_none() {
            return Ok(Vec::new());
        }
        let mut seen: HashSet<Sha256> = text_of(version).into_iter().collect();
        let (mut carrying, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.history(&version.name, head.revision, PageRequest { after, limit: PAGE }).await?;
            let other = |earlier: &Arc<Version>| text_of(earlier).is_some_and(|sha256| seen.insert(sha256));
            carrying.extend(page.versions.into_iter().filter(other));
            after = page.next;
            if after.is_none() {
                return Ok(carrying);
            }
        }
    }
}

fn text_of(version: &Version) -> Option<Sha256> {
    let Record::Article(Article { text: Some(text), .. }) = &version.record else { return None };
    Some(text.sha256)
}

/// Whether a record that may come before an article, or with it, has words in this text.
fn is_bound(version: &Version, text: Sha256) -> bool {
    let Record::Source(source) = &version.record else { return false };
    source.mentions.iter().any(|span| span.text_sha256 == Some(text))
}

//! What the services of all kinds of records have in common: one record, several, a page of them.

use std::sync::Arc;

use super::Api;
use super::convert::{AsOfGiven, PageAsked, Served, batch, get, read_metadata, version};
use super::status;
use crate::domain::limits;
use crate::domain::model::Version;
use crate::domain::name::Name;
use crate::proto::claimdb::v1;
use crate::service::{AsOf, List, Statuses};
use crate::storage::{Cursor, Head};
use tonic::Status;

/// Bytes that a repeated message takes besides itself.
pub(super) const ITEM_BYTES: usize = 6;

/// Whether articles are answered with their texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    With,
    Without,
}

impl From<bool> for Texts {
    fn from(include_text: bool) -> Self {
        if include_text { Self::With } else { Self::Without }
    }
}

/// Several records.
pub(super) struct Several<T> {
    pub(super) records: Vec<T>,
    pub(super) missing: Vec<String>,
    pub(super) omitted: Vec<String>,
    pub(super) read: v1::ReadMetadata,
}

/// One page of records.
pub(super) struct Paged<T> {
    pub(super) records: Vec<T>,
    pub(super) next_page_token: String,
    /// Whether the page ended early because it had looked at enough.
    pub(super) scan_limited: bool,
    /// How many places in posting lists were looked at.
    pub(super) scanned: u64,
    pub(super) read: v1::ReadMetadata,
}

impl Api {
    /// One record, an article with its text.
    pub(super) async fn one<T: Served>(
        &self,
        name: &str,
        as_of: Option<impl Into<AsOfGiven>>,
    ) -> Result<(T, v1::ReadMetadata), Status> {
        let (name, as_of) = get(name, T::KIND, as_of)?;
        let head = self.service.head(as_of).await.map_err(status::of_read)?;
        let found = self.service.get(&name, head).await.map_err(status::of_read)?;
        let statuses = self.statuses([&found], head).await?;
        let record = self.answer(&found, &statuses, Texts::With).await?;
        Ok((record, read_metadata(head)))
    }

    /// Several records in the order asked.
    pub(super) async fn several<T: Served>(
        &self,
        names: Vec<String>,
        as_of: Option<impl Into<AsOfGiven>>,
        allow_missing: bool,
        texts: Texts,
    ) -> Result<Several<T>, Status> {
        let (names, as_of) = batch(names, T::KIND, as_of)?;
        let head = self.service.head(as_of).await.map_err(status::of_read)?;
        let found = self.service.get_all(&names, head).await.map_err(status::of_read)?;
        let statuses = self.statuses(found.iter().flatten(), head).await?;
        let read = read_metadata(head);
        let mut several = Several { records: Vec::new(), missing: Vec::new(), omitted: Vec::new(), read };
        let mut bytes = 0;
        for (name, version) in names.into_iter().zip(&found) {
            let Some(version) = version else {
                if !allow_missing {
                    return Err(status::of_read(crate::service::Error::NotFound(name)));
                }
                several.missing.push(name.to_string());
                continue;
            };
            // Once something was left out, so is what follows: whoever asks again asks for the rest in order.
            if several.omitted.is_empty() {
                let record: T = self.answer(version, &statuses, texts).await?;
                bytes += record.encoded_len() + ITEM_BYTES;
                if bytes <= limits::PAGE_BYTES || several.records.is_empty() {
                    several.records.push(record);
                    continue;
                }
            }
            several.omitted.push(name.to_string());
        }
        Ok(several)
    }

    /// One page of a list.
    pub(super) async fn page<T: Served>(
        &self,
        (list, asked): (List, PageAsked),
        texts: Texts,
    ) -> Result<Paged<T>, Status> {
        let head = self.service.head(asked.as_of).await.map_err(status::of_read)?;
        let page = self.service.list(&list, head, asked.page).await.map_err(status::of_read)?;
        let statuses = self.statuses(&page.versions, head).await?;
        let mut filling = Filling::new(page.next);
        let mut records = Vec::new();
        let mut scan_limited = page.is_cut_short;
        for version in &page.versions {
            let record: T = self.answer(version, &statuses, texts).await?;
            if !filling.takes(list.sort.cursor(version), record.encoded_len()) {
                // Its size ended it first.
                scan_limited = false;
                break;
            }
            records.push(record);
        }
        let next_page_token = asked.next_page_token(head, filling.next);
        Ok(Paged { records, next_page_token, scan_limited, scanned: page.scanned, read: read_metadata(head) })
    }

    /// One page of a record's history.
    pub(super) async fn versions(
        &self,
        (name, asked): (Name, PageAsked),
        texts: Texts,
    ) -> Result<Paged<v1::Version>, Status> {
        let head = self.service.head(asked.as_of).await.map_err(status::of_read)?;
        let page = self.service.history(&name, head, asked.page).await.map_err(status::of_read)?;
        let statuses = self.statuses(&page.versions, head).await?;
        let mut filling = Filling::new(page.next);
        let mut records = Vec::new();
        for found in &page.versions {
            let body = self.body(found, texts).await?;
            let message = version(found, &statuses, body.as_deref());
            if !filling.takes(Cursor::at(found.number), prost::Message::encoded_len(&message)) {
                break;
            }
            records.push(message);
        }
        let next_page_token = asked.next_page_token(head, filling.next);
        Ok(Paged { records, next_page_token, scan_limited: false, scanned: page.scanned, read: read_metadata(head) })
    }

    /// The state to read.
    pub(super) async fn head(&self, as_of: AsOf) -> Result<Head, Status> {
        self.service.head(as_of).await.map_err(status::of_read)
    }

    /// The statuses of what versions refer to.
    pub(super) async fn statuses<'v>(
        &self,
        versions: impl IntoIterator<Item = &'v Arc<Version>> + Send,
        head: Head,
    ) -> Result<Statuses, Status> {
        self.service.statuses(versions, head.revision).await.map_err(status::of_read)
    }

    async fn body(&self, version: &Version, texts: Texts) -> Result<Option<Arc<str>>, Status> {
        match texts {
            Texts::With => self.service.text(version).await.map_err(status::of_read),
            Texts::Without => Ok(None),
        }
    }

    pub(super) async fn answer<T: Served>(
        &self,
        version: &Version,
        statuses: &Statuses,
        texts: Texts,
    ) -> Result<T, Status> {
        let body = self.body(version, texts).await?;
        let record = T::from_version(version, statuses, body.as_deref());
        record.ok_or_else(|| status::impossible("read", &format!("{} is of another kind", version.name)))
    }
}

/// A page being filled. It ends early when it is large enough; the next one goes on from there.
pub(super) struct Filling<P> {
    bytes: usize,
    last: Option<P>,
    /// Where the next page goes on.
    pub(super) next: Option<P>,
}

impl<P> Filling<P> {
    /// The page that goes on where the store's did, unless it ends before.
    pub(super) fn new(next: Option<P>) -> Self {
        Self { bytes: 0, last: None, next }
    }

    /// Whether the page takes one more item. The first it takes however large it is.
    pub(super) fn takes(&mut self, place: P, bytes: usize) -> bool {
        self.bytes += bytes + ITEM_BYTES;
        if self.last.is_some() && self.bytes > limits::PAGE_BYTES {
            self.next = self.last.take();
            return false;
        }
        self.last = Some(place);
        true
    }
}

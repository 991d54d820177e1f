//! Export: a stream of items as of one revision, in parts that fit a message.

use prost::Message as _;
use tonic::{Request, Status};

use super::convert::{ExportAsked, export, export_item, item_bytes, read_metadata};
use super::page_token::{self, PageToken};
use super::stream::{Messages, Streamed, serving};
use super::{Api, status};
use crate::call::{Draining, memory, shutting_down};
use crate::domain::sort::{Cursor, SortKey};
use crate::proto::claimdb::v1;
use crate::service::ExportCursor;

/// Bytes of items in one part, about: a single item may be larger.
const PART_BYTES: usize = 1024 * 1024;

/// Items in one part.
const PART_ITEMS: usize = 1_000;

impl Api {
    pub(super) fn export_stream(&self, request: Request<v1::ExportRequest>) -> Streamed<v1::ExportResponse> {
        let draining = request.extensions().get::<Draining>().cloned().unwrap_or_default();
        let (api, message) = (self.clone(), request.into_inner());
        serving(|answers| api.export_all(message, draining, answers))
    }

    async fn export_all(
        self,
        message: v1::ExportRequest,
        draining: Draining,
        answers: Messages<v1::ExportResponse>,
    ) -> Result<(), Status> {
        let ExportAsked { export, as_of, cursor, fingerprint } = export(message, &self.store_id)?;
        let head = self.head(as_of).await?;
        let exporting = self.service.export(&export, head, cursor, item_bytes).await;
        let mut exporting = exporting.map_err(status::of_read)?;
        let token = |cursor: ExportCursor| {
            // Where other cursors have two times: a number, which is never 0, and a stage.
            let (stage, number) = cursor.early_since.unwrap_or_default();
            let key = SortKey { rank: cursor.stage, first: number.cast_signed(), second: i64::from(stage) };
            let after = Cursor { key, number: cursor.after };
            // Nearly every cursor lies between two records.
            let within = if cursor.given == 0 { page_token::WHOLE } else { cursor.given };
            PageToken { revision: head.revision, after, within, fingerprint }.encode()
        };
        let begin = || v1::ExportResponse { read: Some(read_metadata(head)), ..v1::ExportResponse::default() };
        let (mut part, mut bytes, mut total) = (begin(), 0, 0);
        let mut record_count = None;
        while let Some(items) = self.service.export_next(&mut exporting).await.map_err(status::of_read)? {
            for (index, item) in items.iter().enumerate() {
                let item = export_item(item, &self.store_id);
                let size = item.encoded_len();
                if !part.items.is_empty() && (bytes + size > PART_BYTES || part.items.len() == PART_ITEMS) {
                    // Nobody needs it of an export of one part.
                    if record_count.is_none() {
                        record_count = self.service.export_count(&mut exporting).await.map_err(status::of_read)?;
                    }
                    let full = std::mem::replace(&mut part, begin());
                    // What is full may end within the record that this item is of.
                    let cursor = token(exporting.cursor_behind(&items[..index]));
                    answers.send(v1::ExportResponse { cursor, record_count, ..full }).await;
                    bytes = 0;
                    if draining.0.is_cancelled() {
                        exporting.stop().await;
                        return Err(shutting_down());
                    }
                    // Whoever goes on from its cursor later gets the rest.
                    if memory::process().is_short() {
                        exporting.stop().await;
                        return Err(memory::process().refusal());
                    }
                }
                part.items.push(item);
                (bytes, total) = (bytes + size, total + 1);
            }
        }
        part.cursor = token(exporting.cursor());
        (part.total_items, part.record_count) = (Some(total), record_count);
        answers.send(part).await;
        Ok(())
    }
}

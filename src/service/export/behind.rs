//! How an export goes on within a record that is several items: behind those that were given.

use super::{ExportCursor, ExportItem, Exporting};

impl ExportItem {
    /// Whether it is of the record with this number itself, and not only of what is taken along with it.
    fn is_of(&self, number: u64) -> bool {
        let first = match self {
            Self::EarlierText { article, .. } | Self::Retraction(article) => Some(article),
            Self::Records { records, .. } => records.first().map(|(version, _)| version),
        };
        first.is_some_and(|version| version.number == number)
    }
}

impl Exporting {
    /// Where it goes on behind the first items of the record that was given last.
    #[must_use]
    pub fn cursor_behind(&self, items: &[ExportItem]) -> ExportCursor {
        let own = items.iter().filter(|item| item.is_of(self.cursor.after)).count();
        let given = self.before.given.saturating_add(u32::try_from(own).unwrap_or(u32::MAX));
        ExportCursor { given, ..self.before }
    }
}

/// Leaves out what was given of a record's items: so many of its own, and what was taken along before the last of them.
pub(super) fn skip(items: &mut Vec<ExportItem>, number: u64, given: u32) {
    let Some(last) = (given as usize).checked_sub(1) else { return };
    let mut own = items.iter().enumerate().filter(|(_, item)| item.is_of(number));
    let behind = own.nth(last).map_or(items.len(), |(index, _)| index + 1);
    items.drain(..behind);
}

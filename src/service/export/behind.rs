//! How an export goes on within a record that is several items: behind those that were given.

use super::{ExportCursor, ExportItem, Exporting};

impl ExportItem {
    /// Whether it is counted as given, among the items of the record with this number: those of the record itself, and what
    /// an import does not find to exist, which comes in the same order again.
    fn counts(&self, number: u64) -> bool {
        match self {
            Self::EarlierText { .. } | Self::Retraction(_) => true,
            Self::Records { records, .. } => records.first().is_some_and(|(version, _)| version.number == number),
        }
    }
}

impl Exporting {
    /// Where it goes on behind the first items of the record that was given last.
    #[must_use]
    pub fn cursor_behind(&self, items: &[ExportItem]) -> ExportCursor {
        let counted = items.iter().filter(|item| item.counts(self.cursor.after)).count();
        let given = self.before.given.saturating_add(u32::try_from(counted).unwrap_or(u32::MAX));
        ExportCursor { given, ..self.before }
    }
}

/// Leaves out what was given of a record's items: so many of those that count, and what was taken along before the last of
/// them.
pub(super) fn skip(items: &mut Vec<ExportItem>, number: u64, given: u32) {
    let Some(last) = (given as usize).checked_sub(1) else { return };
    let mut counted = items.iter().enumerate().filter(|(_, item)| item.counts(number));
    let behind = counted.nth(last).map_or(items.len(), |(index, _)| index + 1);
    items.drain(..behind);
}

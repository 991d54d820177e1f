//! Answers of many pages, read while others write.

use tonic::Status;

use crate::chance::Chance;
use crate::history::History;
use crate::served::Served;

/// While one answer is read, at most: a store that gives up early has many pages, and would grow without end.
const WRITES_BETWEEN_PAGES: u64 = 3;

/// One page.
pub(crate) struct Part<T> {
    pub(crate) found: Vec<T>,
    /// The token of the next one; empty after the last.
    pub(crate) next: String,
    pub(crate) revision: u64,
}

/// All of an answer, of which so much is expected at most, and the revision that it was given as of; or why it was refused.
pub(crate) async fn all<T>(
    chance: &mut Chance,
    served: &mut Served,
    history: &mut History,
    expected: usize,
    mut page: impl AsyncFnMut(&mut Served, String) -> Result<Part<T>, Status>,
) -> Result<(Vec<T>, u64), Status> {
    let (mut found, mut page_token, mut revision, mut writes) = (Vec::new(), String::new(), None, 0);
    loop {
        let part = page(served, page_token).await?;
        // Pages stay with the revision of the first.
        assert_eq!(part.revision, *revision.get_or_insert(part.revision));
        found.extend(part.found);
        assert!(found.len() <= expected, "{} of {expected}", found.len());
        page_token = part.next;
        if page_token.is_empty() {
            return Ok((found, part.revision));
        }
        if writes < WRITES_BETWEEN_PAGES && chance.happens(25) {
            writes += 1;
            served.write(history.write(chance)).await;
        }
    }
}

/// Asserts that a page is as small as it was asked for.
pub(crate) fn assert_small(found: usize, page_size: i32) {
    let most = if page_size == 0 { 100 } else { usize::try_from(page_size).unwrap().min(1_000) };
    assert!(found <= most, "{found} of {most}");
}

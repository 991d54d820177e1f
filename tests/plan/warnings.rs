//! Warnings that a write comes with: the first few are kept, all are counted.

use claimdb::domain::model::{Claim, Figure, Record, WarningReason};
use claimdb::domain::plan::Warning;
use claimdb::storage::ClaimStore;

use super::store;
use crate::support::{claim, write};

fn warning(index: usize) -> Warning {
    Warning {
        path: format!("claims[0].figures[{index}]"),
        reason: WarningReason::FigureReadsDifferently,
        message: "the words read as another number".to_owned(),
    }
}

#[tokio::test]
async fn the_first_hundred_are_kept_and_none_is_said_twice() {
    // Words that a plan reads as another number, of which the request alone was warned; but for the last.
    let figure = Figure { verbatim: "2,000".to_owned(), value: Some("5".parse().unwrap()), ..Figure::default() };
    let record = Claim { figures: vec![figure; 3], language: Some("en".parse().unwrap()), ..claim("Many.") };
    let mut batch = write().record(Record::Claim(record)).batch();
    batch.warnings = (3..200).chain([1, 0]).map(warning).collect();
    let answer = store().commit(batch).await.unwrap();
    assert_eq!(answer.warnings.len(), 100);
    assert_eq!(answer.warnings[0].path, "claims[0].figures[3]");
    assert_eq!(answer.warning_count, 200, "199 of the request, and one of the last figure");
}

//! The table of pages: one row for each query.

use crate::ask::Measured;

pub(crate) fn head() {
    println!(
        "| page of 100 claims | p50 ms | p99 ms | PostgreSQL p50 | PostgreSQL p99 | p99, ratio | claims | round trips | \
         scan-limited | postings | samples |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
}

pub(crate) fn row(name: &str, ours: &Measured, theirs: Option<&Measured>) {
    let beside = theirs.map_or_else(
        || "| | |".to_owned(),
        |theirs| format!("{:.2} | {:.2} | {:.2}", theirs.at(0.5), theirs.at(0.99), theirs.at(0.99) / ours.at(0.99)),
    );
    // The two answer the same question: what they find must be as much, or one of them is asked another.
    let claims = match theirs {
        Some(theirs) if (theirs.claims() - ours.claims()).abs() > 0.05 => {
            format!("{:.1} (PostgreSQL {:.1})", ours.claims(), theirs.claims())
        }
        _ => format!("{:.1}", ours.claims()),
    };
    let (round_trips, scan_limited, postings) = ours.effort();
    println!(
        "| {name} | {:.2} | {:.2} | {beside} | {claims} | {round_trips:.2} | {scan_limited:.2} | {postings:.0} | {} |",
        ours.at(0.5),
        ours.at(0.99),
        ours.samples(),
    );
}

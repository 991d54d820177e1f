//! What three public suites expect of English number words, against the reader. Where a convention of theirs is not ours, the
//! whole form is excluded and counted; every other disagreement is listed, with its convention, in docs/figures.md.

mod classes;
mod expected;
mod units;

use claimdb::domain::figure::words;
use claimdb::domain::language::Language;
use serde_json::Value;

use classes::CLASSES;

/// Where disagreements are explained.
const DOCUMENT: &str = include_str!("../../../docs/figures.md");

/// The least share of the cases that our conventions do not exclude.
const AGREED: f64 = 0.97;

/// The most that may be excluded.
const EXCLUDED: f64 = 0.15;

pub(crate) async fn duckling(rows: Vec<Value>) {
    check("Duckling", &rows);
}

pub(crate) async fn number_parser(rows: Vec<Value>) {
    check("number-parser", &rows);
}

pub(crate) async fn recognizers_text(rows: Vec<Value>) {
    check("Recognizers-Text", &rows);
}

/// Compares a suite, prints the shares and every disagreement, and holds the shares.
fn check(suite: &str, rows: &[Value]) {
    let language: Language = "en".parse().unwrap();
    let mut of_class = vec![(0, 0); CLASSES.len()];
    let (mut agreed, mut agreed_excluded, mut excluded) = (0, 0, 0);
    let mut disagreements = Vec::new();
    for row in rows {
        let input = row["input"].as_str().unwrap();
        let found = words::find(input, &language).unwrap();
        let outcome = expected::compare(row, input, &found);
        let class = CLASSES.iter().position(|class| (class.is)(row, input));
        match class {
            Some(class) => {
                excluded += 1;
                of_class[class].0 += 1;
                agreed_excluded += usize::from(outcome.is_ok());
                of_class[class].1 += usize::from(outcome.is_ok());
            }
            None => match outcome {
                Ok(()) => agreed += 1,
                Err(why) => disagreements.push((input, why)),
            },
        }
    }
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    let with = share(agreed + agreed_excluded, rows.len());
    let without = share(agreed, rows.len() - excluded);
    println!("{suite}: {} cases", rows.len());
    println!("  agreed, excluded forms left out: {agreed} of {} ({:.1} %)", rows.len() - excluded, without * 100.0);
    println!("  agreed, of all: {} ({:.1} %)", agreed + agreed_excluded, with * 100.0);
    println!("  excluded forms: {excluded} ({:.1} %)", share(excluded, rows.len()) * 100.0);
    for (class, (of, agree)) in CLASSES.iter().zip(&of_class).filter(|(_, (of, _))| *of > 0) {
        println!("    {}: {of}, of which {agree} agree", class.name);
    }
    for (input, why) in &disagreements {
        println!("  differs: {input:?}: {why}");
    }
    let unlisted: Vec<&str> = disagreements.iter().map(|(input, _)| *input).filter(|input| !is_listed(input)).collect();
    assert!(unlisted.is_empty(), "{suite}: not in the table of docs/figures.md: {unlisted:?}");
    let row = format!("| {suite} | {} | {agreed} of {}, {:.1} %", rows.len(), rows.len() - excluded, without * 100.0);
    assert!(DOCUMENT.contains(&row), "docs/figures.md does not say {row:?}");
    assert!(share(excluded, rows.len()) <= EXCLUDED, "{suite}: too much is excluded");
    assert!(without >= AGREED, "{suite}: {:.1} % agree", without * 100.0);
}

/// Whether docs/figures.md lists the case: by its words, or by those that a long one begins with.
fn is_listed(input: &str) -> bool {
    let table = DOCUMENT.split("What differs besides").nth(1).unwrap();
    let input = input.trim();
    let words = if input.len() > 120 { input[..60].trim_end() } else { input };
    table.contains(&format!("`{words}`")) || (input.len() > 120 && table.contains(&format!("`{words}")))
}

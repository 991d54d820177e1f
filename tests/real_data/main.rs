//! Real data over a real socket: where `CLAIMDB_TEST_DATA` names a folder of data sets, they are recorded and read back.
//! Without it, or where a set is missing, the tests say that they are skipped.
#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    clippy::duplicate_mod,
    reason = "tests panic where something is not as expected, and two examples share a module"
)]

#[path = "../support/process.rs"]
mod process;

mod imported;
mod numbers;
mod statements;
mod summaries;
mod ucdp;

use std::future::Future;
use std::path::PathBuf;

use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

fn main() {
    let arguments = Arguments::from_args();
    let trials = vec![
        trial(
            "ucdp::every_event_is_recorded_as_coded_and_read_back_with_its_anomalies",
            "ucdp_ukraine/events.jsonl",
            ucdp::every_event_is_recorded_as_coded_and_read_back_with_its_anomalies,
        ),
        trial(
            "ucdp::ranges_are_answered_as_by_a_pass_over_the_file",
            "ucdp_ukraine/events.jsonl",
            ucdp::ranges_are_answered_as_by_a_pass_over_the_file,
        ),
        trial(
            "statements::what_a_speaker_said_is_listed_as_a_scan_of_the_file_has_it",
            "checkthat2022_2b/corpus.jsonl",
            statements::what_a_speaker_said_is_listed_as_a_scan_of_the_file_has_it,
        ),
        trial(
            "imported::events_are_based_on_the_articles_that_they_share",
            "ucdp_ukraine/events.jsonl",
            imported::events_are_based_on_the_articles_that_they_share,
        ),
        trial(
            "summaries::every_estimate_stands_in_its_month_and_no_row_is_mended",
            "ucdp_ukraine/events.jsonl",
            summaries::every_estimate_stands_in_its_month_and_no_row_is_mended,
        ),
        trial(
            "summaries::reports_that_disagree_about_one_event_stand_side_by_side",
            "ucdp_ukraine/events.jsonl",
            summaries::reports_that_disagree_about_one_event_stand_side_by_side,
        ),
        trial(
            "imported::statements_are_found_by_speaker_and_by_month",
            "checkthat2022_2b/corpus.jsonl",
            imported::statements_are_found_by_speaker_and_by_month,
        ),
        trial("numbers::duckling", "number_expressions/duckling_en.jsonl", numbers::duckling),
        trial("numbers::number_parser", "number_expressions/number_parser_en.jsonl", numbers::number_parser),
        trial("numbers::recognizers_text", "number_expressions/recognizers_text_en.jsonl", numbers::recognizers_text),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

/// A test over a data set; ignored, with a message that says why, where the set is not at hand.
fn trial<F>(name: &str, file: &'static str, test: fn(Vec<Value>) -> F) -> Trial
where
    F: Future<Output = ()> + 'static,
{
    let folder = std::env::var_os("CLAIMDB_TEST_DATA").map(PathBuf::from);
    let path = folder.as_ref().map(|folder| folder.join(file)).filter(|path| path.exists());
    if path.is_none() {
        match folder {
            None => println!("skipped: {name}: CLAIMDB_TEST_DATA is not set"),
            Some(_) => println!("skipped: {name}: {file} is not in CLAIMDB_TEST_DATA"),
        }
    }
    let is_absent = path.is_none();
    Trial::test(name, move || {
        let lines = std::fs::read_to_string(path.ok_or("the data set is not at hand")?)?;
        let lines = lines.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
        tokio::runtime::Runtime::new()?.block_on(test(lines));
        Ok(())
    })
    .with_ignored_flag(is_absent)
}

fn text(value: &Value, field: &str) -> String {
    match &value[field] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null => String::new(),
        other => panic!("{field} is {other}"),
    }
}

//! A summary as text: for each series who says what, how it spreads, and what the statements say about each other.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::chart;
use super::text::{interval, intervals, line, origin, said, source, time, title, word};
use crate::proto::claimdb::v1;

/// The widest a cell of a table gets, but for the last one of a row.
const CELL: usize = 40;

/// The whole summary.
pub(super) fn print(answer: &v1::SummarizeFiguresResponse, rows: usize, width: usize) -> String {
    let mut out = String::new();
    for series in &answer.series {
        print_series(&mut out, answer, series, rows, width);
    }
    let revision = answer.read.as_ref().map_or(0, |read| read.revision);
    let claims = answer.claim_count;
    let _ = writeln!(
        out,
        "{} in {} as of revision {revision}",
        count(answer.statement_count, "statement"),
        count(claims, "claim")
    );
    for left in &answer.incomparable {
        let reason = word(left.reason().as_str_name(), "INCOMPARABLE_");
        let _ = writeln!(out, "{} left out: {reason}", count(left.count, "statement"));
    }
    if !answer.cut_after_claim.is_empty() {
        let _ = writeln!(out, "there is more behind {}: a narrower filter reaches it", answer.cut_after_claim);
    }
    let cuts: Vec<String> = answer.cuts().map(|cut| word(cut.as_str_name(), "SUMMARY_CUT_")).collect();
    if !cuts.is_empty() {
        let _ = writeln!(out, "cut short: {}", cuts.join(", "));
    }
    out
}

fn print_series(
    out: &mut String,
    answer: &v1::SummarizeFiguresResponse,
    series: &v1::FigureSeries,
    rows: usize,
    width: usize,
) {
    let spread = series.spread.clone().unwrap_or_default();
    let _ = writeln!(out, "{}", title(series));
    let _ = writeln!(out, "{} from {}", count(spread.count, "statement"), count(series.origin_count, "source"));
    let _ = writeln!(out, "spread: {}{}", intervals(spread.intervals.as_ref()), named(&spread));
    if let Some(coded) = &spread.coded {
        let _ = writeln!(
            out,
            "{}: {}",
            word(answer.convention().as_str_name(), "SUMMARY_CONVENTION_"),
            coded_numbers(coded)
        );
    }
    let _ = writeln!(out);
    statements(out, answer, series, rows);
    more(out, spread.count, series.statements.len().min(rows), "statement");
    let chart = chart::draw(series, width, rows);
    if !chart.is_empty() {
        let _ = writeln!(out, "\n{}\n{}", chart.join("\n"), chart::LEGEND);
        more(out, series.bucket_count, series.buckets.len().min(rows), "period");
    }
    coded_periods(out, series, rows);
    pairs(out, answer, series, rows);
    groups(out, series, rows);
    shares(out, series, rows);
    if spread.anomaly_count > 0 {
        let _ = writeln!(out, "\n{} out of order, shown as recorded", count(spread.anomaly_count, "estimate"));
    }
    let _ = writeln!(out);
}

fn statements(out: &mut String, answer: &v1::SummarizeFiguresResponse, series: &v1::FigureSeries, rows: usize) {
    let row = |statement: &v1::FigureStatement| {
        let hops = statement.chain.split_last().map_or(&[][..], |(_, through)| through);
        // The nearest to the origin first.
        let through: Vec<String> = hops.iter().rev().map(|hop| line(source(answer, hop), CELL)).collect();
        let claim = statement.name.split_once("/figures/").map_or(statement.name.as_str(), |(claim, _)| claim);
        let retracted = retracted(statement.status());
        let by = word(statement.time_basis().as_str_name(), "TIME_BASIS_").replace("unspecified", "-");
        [
            format!("{} {by}", time(statement)).trim_end_matches(" -").to_owned(),
            said(statement),
            intervals(statement.intervals.as_ref()),
            line(origin(answer, statement), CELL),
            if through.is_empty() { "-".to_owned() } else { through.join(", ") },
            format!("{claim}{retracted}"),
        ]
    };
    let rows: Vec<[String; 6]> = series.statements.iter().take(rows).map(row).collect();
    table(out, ["TIME", "SAYS", "MEANS", "WHO", "THROUGH", "CLAIM"], &rows);
}

/// Columns as wide as what is in them.
fn table<const N: usize>(out: &mut String, heads: [&str; N], rows: &[[String; N]]) {
    let heads = heads.map(str::to_owned);
    let all = || std::iter::once(&heads).chain(rows);
    let length = |cell: &String| cell.chars().count();
    let widths: Vec<usize> =
        (0..N).map(|column| all().filter_map(|row| row.get(column)).map(length).max().unwrap_or(0)).collect();
    for row in all() {
        let mut text = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let _ = writeln!(out, "{}", text.trim_end());
    }
}

/// The numbers of the convention for each period.
fn coded_periods(out: &mut String, series: &v1::FigureSeries, rows: usize) {
    let coded = |bucket: &v1::FigureBucket| {
        let coded = bucket.spread.as_ref()?.coded.as_ref()?;
        Some([chart::label(bucket), coded_numbers(coded)])
    };
    let rows: Vec<[String; 2]> = series.buckets.iter().filter_map(coded).take(rows).collect();
    if !rows.is_empty() {
        let _ = writeln!(out);
        table(out, ["PERIOD", "CODED"], &rows);
    }
}

fn pairs(out: &mut String, answer: &v1::SummarizeFiguresResponse, series: &v1::FigureSeries, rows: usize) {
    let counted: Vec<String> = series
        .findings
        .iter()
        .map(|found| format!("{} {}", found.count, word(found.finding().as_str_name(), "FINDING_")))
        .chain(series.incomparable_pairs.iter().map(|left| {
            format!("{} not comparable ({})", left.count, word(left.reason().as_str_name(), "INCOMPARABLE_"))
        }))
        .collect();
    if counted.is_empty() {
        return;
    }
    let _ = writeln!(out, "\npairs: {}", counted.join(", "));
    let by_name: HashMap<&str, &v1::FigureStatement> =
        series.statements.iter().map(|statement| (statement.name.as_str(), statement)).collect();
    let side = |name: &str| match by_name.get(name) {
        Some(statement) => format!("{} ({})", said(statement), line(origin(answer, statement), CELL)),
        None => name.to_owned(),
    };
    for pair in series.pairs.iter().take(rows) {
        let says = match pair.finding() {
            v1::Finding::Contradict => "contradicts",
            v1::Finding::Decreased => "fell to",
            v1::Finding::Agree | v1::Finding::Differ | v1::Finding::Grown | v1::Finding::Unspecified => "and",
        };
        let _ = writeln!(out, "  {} {says} {}", side(&pair.a), side(&pair.b));
    }
    let conflicts = series
        .findings
        .iter()
        .filter(|found| matches!(found.finding(), v1::Finding::Contradict | v1::Finding::Decreased));
    more(out, conflicts.map(|found| found.count).sum(), series.pairs.len().min(rows), "pair");
}

fn groups(out: &mut String, series: &v1::FigureSeries, rows: usize) {
    let agreeing: Vec<&v1::AgreementGroup> = series.groups.iter().filter(|group| group.count > 1).collect();
    if agreeing.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nagree:");
    for group in agreeing.iter().take(rows) {
        let bucket = v1::FigureBucket { period: group.period.clone(), undated: group.undated, spread: None };
        let (statements, sources) = (count(group.count, "statement"), count(group.origin_count, "source"));
        let common = interval(group.common.as_ref());
        let _ = writeln!(out, "  {}: {statements} from {sources}: {common}", chart::label(&bucket));
    }
    // Groups of one agree with nobody, and are not shown: only those listed are known to be such.
    if agreeing.len() > rows {
        more(out, agreeing.len() as u64, rows, "group");
    }
}

fn shares(out: &mut String, series: &v1::FigureSeries, rows: usize) {
    if series.shares.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nshares, derived:");
    for share in series.shares.iter().take(rows) {
        let says = match share.fit() {
            v1::PartFit::Exceeds => ", more than the whole!",
            v1::PartFit::Open => ", may be more than the whole",
            v1::PartFit::Fits | v1::PartFit::Unspecified => "",
        };
        // Of nothing everything is any share.
        let percent = share
            .share
            .as_ref()
            .map_or_else(|| "an unknown share".to_owned(), |share| format!("{} %", interval(Some(share))));
        let retracted = retracted(share.whole_status());
        let _ = writeln!(out, "  {} is {percent} of {}{retracted}{says}", share.part, share.whole);
    }
    more(out, series.fits.iter().map(|fit| fit.count).sum(), series.shares.len().min(rows), "share");
}

fn retracted(status: v1::RecordStatus) -> &'static str {
    if status == v1::RecordStatus::Retracted { " (retracted)" } else { "" }
}

/// Says how many are not shown, if any.
fn more(out: &mut String, total: u64, shown: usize, what: &str) {
    let left = total.saturating_sub(shown as u64);
    if left > 0 {
        let _ = writeln!(out, "  ... and {}", count(left, &format!("{what} more")).replace(" mores", "s more"));
    }
}

fn named(spread: &v1::FigureSpread) -> String {
    match (spread.lowest.as_str(), spread.highest.as_str()) {
        ("", _) | (_, "") => String::new(),
        (low, high) if low == high => format!("; named: {low}"),
        (low, high) => format!("; named: {low} to {high}"),
    }
}

fn coded_numbers(coded: &v1::ConventionalNumbers) -> String {
    let best = match (coded.best_low.as_str(), coded.best_high.as_str()) {
        (low, high) if low == high => low.to_owned(),
        (low, high) => format!("{low} to {high}"),
    };
    let all = [("low", &coded.low), ("best", &best), ("high", &coded.high), ("conservative", &coded.conservative)];
    let mut all: Vec<String> = all
        .into_iter()
        .filter(|(_, number)| !number.is_empty())
        .map(|(what, number)| format!("{what} {number}"))
        .collect();
    if coded.uncoded_count > 0 {
        all.push(format!("{} without a number", coded.uncoded_count));
    }
    all.join(", ")
}

/// So many of something: "1 statement", "2 statements".
fn count(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_what_was_retracted_says_so() {
        let share = |whole_status: v1::RecordStatus| v1::FigureShare {
            part: "claims/a/figures/f1".to_owned(),
            whole: "claims/b/figures/f1".to_owned(),
            whole_status: whole_status.into(),
            ..v1::FigureShare::default()
        };
        let shown = [v1::RecordStatus::Active, v1::RecordStatus::Retracted].map(share);
        let mut out = String::new();
        shares(&mut out, &v1::FigureSeries { shares: shown.to_vec(), ..v1::FigureSeries::default() }, 10);
        let lines: Vec<&str> = out.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "  claims/a/figures/f1 is an unknown share of claims/b/figures/f1",
                "  claims/a/figures/f1 is an unknown share of claims/b/figures/f1 (retracted)",
            ]
        );
    }
}

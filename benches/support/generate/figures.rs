//! Figures: mostly in words, some as coded low, best and high values.

use claimdb::proto::claimdb::v1::{EstimateRole, Figure, Metric};

use super::random::{Random, Zipf};
use super::words;

/// None to three figures.
pub(crate) fn some(metrics: &Zipf, random: &mut Random) -> Vec<Figure> {
    let count = random.weighted(&[45, 35, 14, 6]);
    if count == 3 && random.percent(50) {
        return estimate(metrics, random);
    }
    (0..count)
        .map(|_| Figure { verbatim: verbatim(random), metric: Some(metric(metrics, random)), ..Figure::default() })
        .collect()
}

/// One estimate of three values, as data sets have them.
fn estimate(metrics: &Zipf, random: &mut Random) -> Vec<Figure> {
    let metric = metric(metrics, random);
    let low = random.below(500);
    [(EstimateRole::Low, low), (EstimateRole::Best, low + low / 4), (EstimateRole::High, 2 * low + 1)]
        .into_iter()
        .map(|(role, value)| Figure {
            value: value.to_string(),
            role: role.into(),
            metric: Some(metric.clone()),
            ..Figure::default()
        })
        .collect()
}

fn metric(metrics: &Zipf, random: &mut Random) -> Metric {
    Metric { key: words::metric(metrics.rank(random)), ..Metric::default() }
}

fn verbatim(random: &mut Random) -> String {
    const BEFORE: [&str; 9] =
        ["", "", "nearly ", "about ", "more than ", "at least ", "up to ", "fewer than ", "some "];
    let size = 10_u64.pow(1 + random.below(5) as u32);
    let number = grouped((1 + random.below(99)) * size / 10);
    match random.below(12) {
        0 => format!("{}.{} percent", random.below(100), random.below(10)),
        1 => format!("{}.{} million", 1 + random.below(99), random.below(10)),
        _ => format!("{}{number}", random.one_of(&BEFORE)),
    }
}

/// 12,000
fn grouped(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1000), number % 1000) }
}

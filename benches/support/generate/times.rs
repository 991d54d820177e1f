//! Times of every precision, as they are written.

use claimdb::proto::claimdb::v1::ApproximateTime;

use super::random::Random;

/// When something happened: to the second, the day, the month, the year, the decade, from then to then, since then,
/// unknown, or not stated.
pub(crate) fn event(random: &mut Random) -> Option<ApproximateTime> {
    let year = year(random);
    let (month, day) = (1 + random.below(12), 1 + random.below(28));
    let edtf = match random.weighted(&[10, 5, 8, 15, 38, 12, 6, 3, 3]) {
        0 => return None,
        1 => "XXXX".to_owned(),
        2 => format!("{year}"),
        3 => format!("{year}-{month:02}"),
        4 => format!("{year}-{month:02}-{day:02}"),
        5 => instant(year, month, day, random),
        6 => format!("{year}-{month:02}-{day:02}/{}-{month:02}-{day:02}", year + 1),
        7 => format!("{year}-{month:02}/.."),
        _ => format!("{}X", year / 10),
    };
    Some(written(edtf))
}

/// When an article was published or somebody said something: to the day or the second.
pub(crate) fn published(random: &mut Random) -> ApproximateTime {
    let year = year(random);
    let (month, day) = (1 + random.below(12), 1 + random.below(28));
    written(if random.percent(50) { format!("{year}-{month:02}-{day:02}") } else { instant(year, month, day, random) })
}

/// From 2010 to 2025, the later the likelier.
fn year(random: &mut Random) -> u64 {
    2010 + random.below(16).max(random.below(16))
}

fn instant(year: u64, month: u64, day: u64, random: &mut Random) -> String {
    let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn written(edtf: String) -> ApproximateTime {
    ApproximateTime { edtf, ..ApproximateTime::default() }
}

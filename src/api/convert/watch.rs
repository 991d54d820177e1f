//! Requests to watch.

use std::time::Duration;

use super::figure::metric_key;
use super::reader::{Reader, Violations};
use crate::domain::limits;
use crate::domain::name::RecordKind;
use crate::proto::claimdb::v1;
use crate::proto::claimdb::v1::watch_request::Start;
use crate::service::{AsOf, WatchFilter, Watching};

/// The silence after which a heartbeat comes. Shorter ones would be traffic, longer ones would outlast what stands between
/// client and server.
const HEARTBEAT_DEFAULT: Duration = Duration::from_secs(15);
const HEARTBEAT_MIN: Duration = Duration::from_secs(1);
const HEARTBEAT_MAX: Duration = Duration::from_secs(300);

/// What to watch, and how it is to be told.
#[derive(Clone, Debug)]
pub(crate) struct WatchAsked {
    pub(crate) watching: Watching,
    pub(crate) heartbeat_interval: Duration,
    /// What a message holds at most, one change aside.
    pub(crate) message_bytes_max: usize,
}

/// What to watch.
pub(crate) fn watch(message: v1::WatchRequest) -> Result<WatchAsked, Violations> {
    let v1::WatchRequest { start: given, filter, include_previous, heartbeat_interval, max_message_bytes } = message;
    let mut r = Reader::default();
    let start = start(&mut r, given);
    let filter = filter.map(|filter| r.field("filter", |r| watch_filter(r, filter))).unwrap_or_default();
    let heartbeat_interval = heartbeat(&mut r, heartbeat_interval);
    let message_bytes_max = match usize::try_from(max_message_bytes) {
        Ok(bytes @ 1..=limits::PAGE_BYTES) => bytes,
        Ok(_) | Err(_) => limits::PAGE_BYTES,
    };
    let watching = Watching { start, filter, include_previous };
    r.finish(Some(WatchAsked { watching, heartbeat_interval, message_bytes_max }))
}

fn start(r: &mut Reader, start: Option<Start>) -> AsOf {
    let mut flag = |field, given: bool, start| {
        if !given {
            r.invalid(field, "is true when it is given; for another start give that one");
        }
        start
    };
    match start {
        None => AsOf::Newest,
        Some(Start::AfterRevision(revision)) => AsOf::Revision(revision),
        Some(Start::FromOldest(given)) => flag("from_oldest", given, AsOf::Revision(0)),
        Some(Start::FromNow(given)) => flag("from_now", given, AsOf::Newest),
        Some(Start::FromTime(time)) => r.timestamp("from_time", time).map_or(AsOf::Newest, AsOf::Time),
    }
}

fn watch_filter(r: &mut Reader, message: v1::WatchFilter) -> WatchFilter {
    let v1::WatchFilter { kinds, sources, metrics, articles } = message;
    let mut filter = WatchFilter { kinds: r.words("kinds", &kinds, RecordKind::from_number), ..WatchFilter::default() };
    for (field, source) in bounded(r, "sources", sources) {
        let path = format!("{}.{field}", r.path());
        filter.sources.extend(r.source_filter(&field, Some(source)).map(|source| (path, source)));
    }
    for (field, metric) in bounded(r, "metrics", metrics) {
        filter.metrics.push(metric_key(r, &field, metric));
    }
    for (field, article) in bounded(r, "articles", articles) {
        filter.articles.extend(r.required_name(&field, &article, Some(RecordKind::Article)));
    }
    filter
}

/// The values of a field, each with its path; none when there are too many.
fn bounded<T>(r: &mut Reader, field: &'static str, values: Vec<T>) -> impl Iterator<Item = (String, T)> + use<T> {
    let values = r.items(field, limits::WATCH_FILTER_VALUES, values, |_, value| value);
    values.into_iter().enumerate().map(move |(index, value)| (format!("{field}[{index}]"), value))
}

fn heartbeat(r: &mut Reader, interval: Option<prost_types::Duration>) -> Duration {
    let Some(interval) = interval else { return HEARTBEAT_DEFAULT };
    let interval = Duration::try_from(interval).unwrap_or_default();
    if !(HEARTBEAT_MIN..=HEARTBEAT_MAX).contains(&interval) {
        let (min, max) = (HEARTBEAT_MIN.as_secs(), HEARTBEAT_MAX.as_secs());
        r.invalid("heartbeat_interval", format!("is not between {min} and {max} seconds"));
    }
    interval
}

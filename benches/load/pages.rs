//! Pages of 100, asked of claimdb and of PostgreSQL behind its service, one at a time: alone, and beside a writer.

use std::ops::Range;
use std::time::{Duration, Instant};

use claimdb::proto::claimdb::v1::claim_service_client::ClaimServiceClient;
use claimdb::proto::claimdb::v1::figure_service_client::FigureServiceClient;
use claimdb::proto::claimdb::v1::*;
use hdrhistogram::Histogram;
use tonic::Request;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;

use crate::generate::{person, words};
use crate::median::median;
use crate::open;
use crate::plan::Plan;
use crate::results::{Sample, microseconds, record};
use crate::systems::{CLAIMDB, POSTGRES, Settings, System};

const PAGE: usize = 100;
/// Pages of which is told how much is found: both are asked as many.
const COMPARED: u64 = 20;
const FREQUENT: Range<u64> = 0..10;
const RARE: Range<u64> = 300..400;

enum Asked {
    Claims(Box<QueryClaimsRequest>),
    Figures(Box<QueryFiguresRequest>),
}

type Query = fn(u64) -> Asked;

const QUERIES: [(&str, Query); 6] = [
    ("claims by source: the ten most cited", |turn| by_source(FREQUENT, turn)),
    ("claims by source: ranks 300 to 400", |turn| by_source(RARE, turn)),
    ("claims by entity and metric: ranks 0 to 5 of both", |turn| by_entity_and_metric(0..5, turn)),
    ("claims by entity and metric: ranks 40 to 60 of both", |turn| by_entity_and_metric(40..60, turn)),
    ("figures by range: the ten most frequent metrics, certainly 1,000 to 5,000", |turn| by_range(FREQUENT, turn)),
    ("figures by range: metrics of ranks 300 to 400, certainly 1,000 to 5,000", |turn| by_range(RARE, turn)),
];

/// Of one query: p50, p99 in milliseconds and what was found on a page, of every run, for claimdb and for PostgreSQL.
struct Row {
    name: &'static str,
    is_beside_a_writer: bool,
    runs: [Vec<[f64; 3]>; 2],
}

pub(crate) struct Pages {
    rows: Vec<Row>,
    rate: f64,
    /// What the writers came to beside them, of claimdb and of PostgreSQL.
    written: [Vec<Sample>; 2],
}

impl Pages {
    /// Beside a writer of so many Records a second.
    pub(crate) fn new(rate: f64) -> Self {
        let row = |(name, is_beside_a_writer)| Row { name, is_beside_a_writer, runs: [Vec::new(), Vec::new()] };
        let names = || QUERIES.iter().map(|(name, _)| *name);
        let all = names().map(|name| (name, false)).chain(names().map(|name| (name, true)));
        Self { rows: all.map(row).collect(), rate, written: <[Vec<Sample>; 2]>::default() }
    }

    /// One run of those alone or of those beside a writer, each for so long.
    pub(crate) async fn run(
        &mut self,
        systems: &[System],
        settings: &Settings,
        duration: Duration,
        is_beside_a_writer: bool,
    ) {
        for row in self.rows.iter_mut().filter(|row| row.is_beside_a_writer == is_beside_a_writer) {
            let Some((_, query)) = QUERIES.iter().find(|(name, _)| *name == row.name) else { continue };
            let sides = [CLAIMDB, POSTGRES].into_iter().zip(&mut row.runs).zip(&mut self.written);
            for ((name, runs), written) in sides {
                let Some(system) = systems.iter().find(|system| system.name == name) else { continue };
                let channel = system.channel().await;
                let mut asker = Asker::new(channel);
                if name == POSTGRES {
                    asker.plan = asker.quickest(*query).await;
                }
                let asking = ask(asker, *query, duration);
                runs.push(if row.is_beside_a_writer {
                    let callers = system.callers(settings.connections).await;
                    let writes = system.writes(settings);
                    let (asked, wrote) = tokio::join!(asking, open::run(&callers, &writes, self.rate, duration));
                    written.push(Sample::of(&wrote, 1, Duration::ZERO));
                    asked
                } else {
                    asking.await
                });
            }
        }
    }

    pub(crate) fn table(&self) -> String {
        let mut text = format!(
            "| page of {PAGE} | writer | claimdb p50 ms | p99 ms | {POSTGRES} p50 ms | p99 ms | p50, ratio | p99, ratio | both ≤ 1 | \
             found by claimdb | by PostgreSQL |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
        );
        for row in &self.rows {
            let [ours, theirs] = row
                .runs
                .each_ref()
                .map(|runs| [0, 1, 2].map(|figure| median(runs.iter().map(|of_run| of_run[figure]))));
            let writer = if row.is_beside_a_writer { format!("{:.0}/s", self.rate) } else { "none".to_owned() };
            let ratio = |place: usize| {
                let runs = row.runs[0].iter().zip(&row.runs[1]);
                median(runs.map(|(ours, theirs)| ours[place] / theirs[place]))
            };
            let verdict = match ratio(0).max(ratio(1)) {
                _ if ratio(0).is_nan() => "not compared",
                worst if worst <= 1.0 => "reached",
                _ => "**missed**",
            };
            let [median_ratio, tail_ratio] = [ratio(0), ratio(1)].map(cell);
            let ([p50, p99, found], [their_p50, their_p99, their_found]) = (ours.map(cell), theirs.map(cell));
            text += &format!(
                "| {} | {writer} | {p50} | {p99} | {their_p50} | {their_p99} | {median_ratio} | {tail_ratio} | {verdict} | \
                 {found} | {their_found} |\n",
                row.name,
            );
        }
        text.push('\n');
        for (name, written) in [CLAIMDB, POSTGRES].into_iter().zip(&self.written) {
            text += &of_writers(name, written);
        }
        text
    }
}

/// The writers that one system had beside pages, one for each row and run.
fn of_writers(system: &str, written: &[Sample]) -> String {
    if written.is_empty() {
        return String::new();
    }
    let middle = |of: fn(&Sample) -> f64| median(written.iter().map(of));
    let refused: f64 = written.iter().map(|sample| sample.errors).sum();
    format!(
        "The writers beside {system}, medians over rows and runs: {:.0} Records a second, p50 {:.2} ms, p99 {:.2} ms; \
         {refused:.0} were refused.\n",
        middle(|sample| sample.rate),
        middle(|sample| sample.latencies[0]),
        middle(|sample| sample.latencies[2]),
    )
}

/// Empty for what was not measured.
fn cell(value: f64) -> String {
    if value.is_nan() { String::new() } else { format!("{value:.2}") }
}

/// p50 and p99 in milliseconds, and the mean of what was found.
async fn ask(mut asker: Asker, query: Query, duration: Duration) -> [f64; 3] {
    let (mut latencies, mut compared) = (microseconds(), Vec::new());
    // Not counted: statements are prepared by it.
    asker.page(query(0)).await;
    let end = Instant::now() + duration;
    for turn in 0.. {
        let begin = Instant::now();
        if begin > end {
            break;
        }
        let found = asker.page(query(turn)).await;
        record(&mut latencies, begin.elapsed());
        if turn < COMPARED {
            compared.push(found as f64);
        }
    }
    let at = |latencies: &Histogram<u64>, quantile| latencies.value_at_quantile(quantile) as f64 / 1000.0;
    [at(&latencies, 0.5), at(&latencies, 0.99), compared.iter().sum::<f64>() / compared.len() as f64]
}

/// Asks for pages over one connection.
struct Asker {
    claims: ClaimServiceClient<Channel>,
    figures: FigureServiceClient<Channel>,
    /// How PostgreSQL is to find them.
    plan: Plan,
}

impl Asker {
    fn new(channel: Channel) -> Self {
        let claims = ClaimServiceClient::new(channel.clone());
        Self { claims, figures: FigureServiceClient::new(channel), plan: Plan::Free }
    }

    async fn quickest(&mut self, query: Query) -> Plan {
        let ask = async |plan, turn| {
            self.plan = plan;
            self.page(query(turn)).await;
        };
        Plan::quickest(ask).await
    }

    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.metadata_mut().insert(Plan::HEADER, MetadataValue::from_static(self.plan.name()));
        request
    }

    /// Until the page is full, or there are no more: claimdb may end a page early that takes much looking.
    async fn page(&mut self, asked: Asked) -> usize {
        let (mut found, mut token) = (0, String::new());
        loop {
            let page_size = (PAGE - found) as i32;
            let (count, next) = match &asked {
                Asked::Claims(asked) => {
                    let request = QueryClaimsRequest { page_size, page_token: token, ..(**asked).clone() };
                    let request = self.request(request);
                    let page = self.claims.query_claims(request).await.expect("an answer").into_inner();
                    (page.claims.len(), page.next_page_token)
                }
                Asked::Figures(asked) => {
                    let request = QueryFiguresRequest { page_size, page_token: token, ..(**asked).clone() };
                    let request = self.request(request);
                    let page = self.figures.query_figures(request).await.expect("an answer").into_inner();
                    (page.hits.len(), page.next_page_token)
                }
            };
            found += count;
            token = next;
            if token.is_empty() || found >= PAGE {
                return found;
            }
        }
    }
}

fn by_source(ranks: Range<u64>, turn: u64) -> Asked {
    claims(ClaimFilter { sources: vec![person(in_turn(&ranks, turn))], ..ClaimFilter::default() })
}

fn by_entity_and_metric(ranks: Range<u64>, turn: u64) -> Asked {
    let (entity, metric) = (in_turn(&ranks, turn), in_turn(&ranks, turn / (ranks.end - ranks.start)));
    let entity = EntityFilter { label: words::proper_name(entity), ..EntityFilter::default() };
    claims(ClaimFilter { entities: vec![entity], metrics: vec![words::metric(metric)], ..ClaimFilter::default() })
}

fn claims(filter: ClaimFilter) -> Asked {
    let order = ClaimOrder::RecordedDesc.into();
    Asked::Claims(Box::new(QueryClaimsRequest { filter: Some(filter), order, ..QueryClaimsRequest::default() }))
}

/// What the words of a figure entail lies in the range.
fn by_range(ranks: Range<u64>, turn: u64) -> Asked {
    let range = Interval {
        lower: Some(interval::Lower::AtLeast("1000".to_owned())),
        upper: Some(interval::Upper::AtMost("5000".to_owned())),
    };
    Asked::Figures(Box::new(QueryFiguresRequest {
        metric_asked: Some(query_figures_request::MetricAsked::Metric(words::metric(in_turn(&ranks, turn)))),
        range: Some(range),
        minimum_grade: Grade::Certain.into(),
        order: FigureOrder::RecordedDesc.into(),
        ..QueryFiguresRequest::default()
    }))
}

fn in_turn(ranks: &Range<u64>, turn: u64) -> u64 {
    ranks.start + turn % (ranks.end - ranks.start)
}

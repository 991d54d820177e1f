//! The queries that are measured, each over several sources, entities, metrics or months in turn.

use std::ops::Range;

use claimdb::proto::claimdb::v1::*;

use crate::ask::{self, Answer, Limits, Measured, PAGE};
use crate::generate::{LANGUAGE_WITHOUT_PRINT, PRINT, person, words};
use crate::ours::Ours;
use crate::peer::Peer;
use crate::plan::Plan;
use crate::table::Row;
use crate::writer::{Writer, Written};

pub(crate) type Query = fn(u64) -> QueryClaimsRequest;

const QUERIES: [(&str, Query); 14] = [
    ("by source: the ten most cited", |turn| by_source(0..10, turn)),
    ("by source: ranks 300 to 400", |turn| by_source(300..400, turn)),
    ("by source: ranks 20,000 to 21,000", |turn| by_source(20_000..21_000, turn)),
    ("by entity and metric: ranks 0 to 5 of both", |turn| by_entity_and_metric(0..5, turn)),
    ("by entity and metric: ranks 40 to 60 of both", |turn| by_entity_and_metric(40..60, turn)),
    ("by event time: one month", |turn| {
        let (year, month) = (2014 + turn % 12, 1 + turn / 12 % 12);
        let event_time = Some(during(format!("{year}-{month:02}")));
        query(ClaimFilter { event_time, ..ClaimFilter::default() }, ClaimOrder::RecordedDesc)
    }),
    ("by event time: one day", |turn| {
        let (year, day) = (2014 + turn % 12, 1 + turn % 28);
        let event_time = Some(during(format!("{year}-06-{day:02}")));
        query(ClaimFilter { event_time, ..ClaimFilter::default() }, ClaimOrder::RecordedDesc)
    }),
    ("all, latest event first", |_| query(ClaimFilter::default(), ClaimOrder::EventDesc)),
    ("one year's, earliest event first", |turn| {
        let event_time = Some(during((2014 + turn % 12).to_string()));
        query(ClaimFilter { event_time, ..ClaimFilter::default() }, ClaimOrder::EventAsc)
    }),
    ("the ten most cited sources', latest event first", |turn| QueryClaimsRequest {
        order: ClaimOrder::EventDesc.into(),
        ..by_source(0..10, turn)
    }),
    ("sources' of ranks 300 to 400, latest event first", |turn| QueryClaimsRequest {
        order: ClaimOrder::EventDesc.into(),
        ..by_source(300..400, turn)
    }),
    ("nothing: a label nobody gave", |turn| {
        let labels = [("desk".to_owned(), format!("none-{turn}"))].into();
        query(ClaimFilter { labels, ..ClaimFilter::default() }, ClaimOrder::RecordedDesc)
    }),
    ("next to nothing: a source and an entity that hardly ever meet", |turn| {
        let filter =
            ClaimFilter { entities: vec![entity(30_000 + turn)], ..by_source(0..10, turn).filter.unwrap_or_default() };
        query(filter, ClaimOrder::RecordedDesc)
    }),
    ("nothing: two frequent terms that never meet", |_| {
        let filter = ClaimFilter {
            languages: vec![LANGUAGE_WITHOUT_PRINT.to_owned()],
            labels: [(PRINT.0.to_owned(), PRINT.1.to_owned())].into(),
            ..ClaimFilter::default()
        };
        query(filter, ClaimOrder::RecordedDesc)
    }),
];

/// Answers that are paged through to their ends.
const LONG: [(&str, Query); 2] = [
    ("the deepest, by the most cited source", |_| by_source(0..1, 0)),
    ("the deepest, by event time in a year", |_| {
        let event_time = Some(during("2023".to_owned()));
        query(ClaimFilter { event_time, ..ClaimFilter::default() }, ClaimOrder::EventAsc)
    }),
];

/// Pages of a long answer that are read at most.
const PAGES: usize = 1_000;

/// Asks both, one query of theirs after the other, so that what else the machine does meets both; with a rate, each beside
/// a writer of its own.
pub(crate) struct Round<'a> {
    pub(crate) ours: &'a mut Ours,
    pub(crate) peer: Option<&'a mut Peer>,
    pub(crate) limits: Limits,
    /// Writes a second.
    pub(crate) rate: Option<u64>,
    /// What the name of a query has to contain.
    pub(crate) only: Option<String>,
    /// What the writers did: ours, the peer's.
    pub(crate) written: [Written; 2],
    /// No item has less than one claim, so those of this number and above are new.
    pub(crate) next: u64,
}

impl Round<'_> {
    /// Pages of claims.
    pub(crate) async fn pages(&mut self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (name, query) in QUERIES {
            if self.is_asked(name) {
                rows.push(self.claims(name, query).await);
            }
        }
        for (name, query) in LONG {
            if self.is_asked(name) {
                rows.extend(self.long(name, query(0)).await);
            }
        }
        rows
    }

    pub(crate) fn is_asked(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }

    /// A page of claims, asked of both.
    pub(crate) async fn claims(&mut self, name: &str, query: Query) -> Row {
        let mut ask = async |ours: &mut Ours, turn| ask::claims(&mut ours.client, query(turn)).await;
        self.warm(&mut ask).await;
        let ours = self.ours(&mut ask).await;
        if let Some(peer) = self.peer.as_mut() {
            peer.choose(async |peer, turn| peer.answer(&query(turn), None).await).await;
        }
        let theirs = self.theirs(async |peer, turn| peer.answer(&query(turn), None).await).await;
        Row { name: name.to_owned(), detail: String::new(), ours, theirs }
    }

    async fn long(&mut self, name: &str, query: QueryClaimsRequest) -> Option<Row> {
        self.warm(async |ours, _| ask::claims(&mut ours.client, query.clone()).await).await;
        let (tokens, claims) = ask::last_tokens(&mut self.ours.client, query.clone(), PAGES).await;
        if tokens.is_empty() {
            return None;
        }
        let ours = self.ours(async |ours, turn| {
            let page_token = tokens[turn as usize % tokens.len()].clone();
            ask::claims(&mut ours.client, QueryClaimsRequest { page_token, ..query.clone() }).await
        });
        let ours = ours.await;
        let mut positions = Vec::new();
        if let Some(peer) = self.peer.as_mut() {
            peer.choose(async |peer, _| peer.answer(&query, None).await).await;
            positions = peer.last_positions(&query, claims / PAGE).await;
        }
        let theirs = self
            .theirs(async |peer, turn| peer.answer(&query, Some(&positions[turn as usize % positions.len()])).await)
            .await;
        Some(Row { name: name.to_owned(), detail: format!(", behind {claims} claims"), ours, theirs })
    }

    /// Asks claimdb what the peer is asked while its plan is chosen, in the same turns and as often: what the first answers
    /// read from the disk is then among the samples of neither.
    pub(crate) async fn warm(&mut self, mut ask: impl AsyncFnMut(&mut Ours, u64) -> Answer) {
        let ask = async |_, turn| {
            ask(self.ours, turn).await;
        };
        Plan::quickest(ask).await;
    }

    /// Measures claimdb, beside a writer where there is a rate.
    pub(crate) async fn ours(&mut self, mut ask: impl AsyncFnMut(&mut Ours, u64) -> Answer) -> Measured {
        let writer = self.rate.map(|rate| self.ours.write(rate, self.next));
        let measured = Measured::of(self.limits, async |turn| ask(self.ours, turn).await).await;
        stop(writer, &mut self.written[0]).await;
        self.next += BETWEEN;
        measured
    }

    /// As `ours`, of the peer, if there is one.
    pub(crate) async fn theirs(&mut self, mut ask: impl AsyncFnMut(&mut Peer, u64) -> Answer) -> Option<Measured> {
        let peer = self.peer.as_mut()?;
        let writer = self.rate.map(|rate| peer.write(rate, self.next));
        let measured = Measured::of(self.limits, async |turn| ask(peer, turn).await).await;
        stop(writer, &mut self.written[1]).await;
        self.next += BETWEEN;
        Some(measured)
    }
}

/// Items that no writer of one query can use up before the next.
const BETWEEN: u64 = 1_000_000;

async fn stop(writer: Option<Writer>, written: &mut Written) {
    if let Some(writer) = writer {
        written.add(&writer.stop().await);
    }
}

fn query(filter: ClaimFilter, order: ClaimOrder) -> QueryClaimsRequest {
    QueryClaimsRequest { filter: Some(filter), order: order.into(), page_size: 100, ..QueryClaimsRequest::default() }
}

fn by_source(ranks: Range<u64>, turn: u64) -> QueryClaimsRequest {
    let rank = ranks.start + turn % (ranks.end - ranks.start);
    query(ClaimFilter { sources: vec![person(rank)], ..ClaimFilter::default() }, ClaimOrder::RecordedDesc)
}

fn by_entity_and_metric(ranks: Range<u64>, turn: u64) -> QueryClaimsRequest {
    let count = ranks.end - ranks.start;
    let filter = ClaimFilter {
        entities: vec![entity(ranks.start + turn % count)],
        metrics: vec![words::metric(ranks.start + turn / count % count)],
        ..ClaimFilter::default()
    };
    query(filter, ClaimOrder::RecordedDesc)
}

fn entity(rank: u64) -> EntityFilter {
    EntityFilter { label: words::proper_name(rank), ..EntityFilter::default() }
}

fn during(overlaps: String) -> TimeFilter {
    TimeFilter { overlaps, ..TimeFilter::default() }
}

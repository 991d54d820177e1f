//! The same claims in PostgreSQL: one table with the payload in one column, an index for every filter that is measured,
//! the same unique keys, no history. What a client can do for it is done: names are resolved before, so that every
//! record is sent once and COPY never meets one that is there; texts that are only compared are sent as hashes.

mod load;
mod queries;
mod rows;
mod writer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use claimdb::proto::claimdb::v1::QueryClaimsRequest;
use tokio_postgres::{Client, Statement};

pub(crate) use self::queries::Position;
use self::rows::Rows;
use self::writer::Connections;
use crate::ask::{Answer, KEPT};
use crate::generate::Generator;
use crate::postgres::Postgres;
use crate::writer::Writer;

/// Articles, sources and claims, told apart by `type`.
const TABLE: &str = "
CREATE TABLE records (
    number bigint PRIMARY KEY,
    type smallint NOT NULL,
    name text,
    identity text,
    digest bigint,
    article bigint,
    sources bigint[],
    entities bigint[],
    metrics bigint[],
    labels bigint[],
    language text,
    event_earliest bigint,
    event_latest bigint,
    payload bytea NOT NULL
);
CREATE UNIQUE INDEX ON records (name) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX ON records (identity) WHERE identity IS NOT NULL;
CREATE UNIQUE INDEX ON records (digest) WHERE digest IS NOT NULL;
CREATE INDEX ON records USING gin (sources) WHERE type = 3;
CREATE INDEX ON records USING gin (entities, metrics) WHERE type = 3;
CREATE INDEX ON records USING gin (labels) WHERE type = 3;
CREATE INDEX ON records (language, number) WHERE type = 3;
CREATE INDEX ON records USING gist (int8range(event_earliest, event_latest)) WHERE type = 3;
CREATE INDEX ON records (event_earliest, event_latest, number) WHERE type = 3;
";

const COLUMNS: &str = "number, type, name, identity, digest, article, sources, entities, metrics, labels, language, \
                       event_earliest, event_latest, payload";

/// A cluster with the claims in it.
pub(crate) struct Peer {
    client: Client,
    statements: HashMap<String, Statement>,
    connections: Connections,
    rows: Arc<Mutex<Rows>>,
    generator: Arc<Generator>,
    hides_order: bool,
}

/// Questions asked in each way before the better one is chosen.
const TRIALS: u64 = 5;

impl Peer {
    pub(crate) async fn load(server: &Postgres, generator: Arc<Generator>, claims: u64) -> Self {
        let client = server.connect().await;
        let version = client.query_one("SHOW server_version", &[]).await.expect("an answer");
        println!("\n## PostgreSQL {}: COPY\n", version.get::<_, &str>(0));
        let rows = load::load(&client, Arc::clone(&generator), claims).await;
        Self {
            client,
            statements: HashMap::new(),
            connections: Connections::open(server).await,
            rows: Arc::new(Mutex::new(rows)),
            generator,
            hides_order: false,
        }
    }

    /// Asks a few times in either way, and from then on in the one that took less: the order may be hidden from the planner,
    /// which else walks an index in that order where it takes few matches for many.
    pub(crate) async fn choose(&mut self, query: impl Fn(u64) -> QueryClaimsRequest) {
        let mut took = [Duration::MAX; 2];
        for (hidden, took) in [false, true].into_iter().zip(&mut took) {
            self.hides_order = hidden;
            // Prepared before, as is what the plan reads first.
            self.page(&query(0), None).await;
            let begin = Instant::now();
            for turn in 0..TRIALS {
                self.page(&query(turn), None).await;
            }
            *took = begin.elapsed();
        }
        self.hides_order = took[1] < took[0];
    }

    /// One page, which is the answer.
    pub(crate) async fn answer(&mut self, request: &QueryClaimsRequest, behind: Option<&Position>) -> Answer {
        let (claims, _) = self.page(request, behind).await;
        Answer { claims, round_trips: 1, ..Answer::default() }
    }

    /// Pages through an answer: where its last pages begin.
    pub(crate) async fn last_positions(&mut self, request: &QueryClaimsRequest, pages: usize) -> Vec<Position> {
        let mut positions: Vec<Position> = Vec::new();
        for _ in 0..pages {
            let (_, end) = self.page(request, positions.last()).await;
            positions.extend(end);
        }
        // The last may lead to less than a page.
        positions.pop();
        positions.split_off(positions.len().saturating_sub(KEPT))
    }

    async fn page(&mut self, request: &QueryClaimsRequest, behind: Option<&Position>) -> (usize, Option<Position>) {
        let asked = {
            let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
            queries::Asked::of(request, behind, self.hides_order, &rows)
        };
        if !self.statements.contains_key(&asked.text) {
            let statement = self.client.prepare(&asked.text).await.expect("it is prepared");
            self.statements.insert(asked.text.clone(), statement);
        }
        asked.answer(&self.client, &self.statements[&asked.text]).await
    }

    pub(crate) fn write(&self, rate: u64, first: u64) -> Writer {
        let (rows, generator) = (Arc::clone(&self.rows), Arc::clone(&self.generator));
        let connections = self.connections.clone();
        Writer::start(rate, first, move |number| {
            let item = rows.lock().unwrap_or_else(PoisonError::into_inner).of(&generator.item(number));
            let connection = connections.of_turn(number);
            async move { connection.write(&item).await.is_ok() }
        })
    }

    /// Bytes of the table and its indexes, without the log of its writes.
    pub(crate) async fn on_disk(&self) -> u64 {
        load::size(&self.client).await
    }
}

//! The same claims in PostgreSQL: one table with the payload in one column and one of figures, an index for every filter
//! that is measured, the same unique keys, no history. What a client can do for it is done: names are resolved before, so that every
//! record is sent once and COPY never meets one that is there; texts that are only compared are sent as hashes.

mod export;
mod figures;
mod load;
mod numeric;
mod queries;
mod rows;
mod writer;

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};

use claimdb::proto::claimdb::v1::{Claim, FigureHit, QueryClaimsRequest, QueryFiguresRequest};
use prost::Message as _;
use tokio_postgres::{Client, Statement};

pub(crate) use self::export::{Export, Exported};
pub(crate) use self::queries::Position;
use self::rows::Rows;
use self::writer::Connections;
use crate::ask::{Answer, KEPT};
use crate::generate::Generator;
use crate::plan::Plan;
use crate::postgres::Postgres;
use crate::steps::Curve;
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
    plan: Plan,
}

impl Peer {
    pub(crate) async fn load(server: &Postgres, generator: Arc<Generator>, claims: u64) -> (Self, Curve) {
        let client = server.connect().await;
        let version = client.query_one("SHOW server_version", &[]).await.expect("an answer");
        say!("\nPostgreSQL {}, COPY:\n", version.get::<_, &str>(0));
        let (rows, curve) = load::load(&client, Arc::clone(&generator), claims).await;
        let peer = Self {
            client,
            statements: HashMap::new(),
            connections: Connections::open(server).await,
            rows: Arc::new(Mutex::new(rows)),
            generator,
            plan: Plan::Free,
        };
        (peer, curve)
    }

    /// Asks a few times in every way, and from then on in the one that took least.
    pub(crate) async fn choose(&mut self, mut ask: impl AsyncFnMut(&mut Self, u64) -> Answer) {
        let ask = async |plan, turn| {
            self.plan = plan;
            ask(self, turn).await;
        };
        self.plan = Plan::quickest(ask).await;
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
            queries::Asked::of(request, behind, self.plan, &rows)
        };
        let statement = self.prepared(&asked.text).await;
        asked.answer(&self.client, &statement).await
    }

    /// One page of figures, each with its claim.
    pub(crate) async fn figures(&mut self, request: &QueryFiguresRequest) -> Answer {
        let (text, parameters) = figures::asked(request, self.plan);
        let statement = self.prepared(&text).await;
        let found = self.client.query(&statement, &queries::borrowed(&parameters)).await.expect("an answer");
        for row in &found {
            // What a caller is given are messages there too.
            black_box(FigureHit::decode(row.get::<_, &[u8]>("hit")).expect("a hit"));
            black_box(Claim::decode(row.get::<_, &[u8]>("claim")).expect("a claim"));
        }
        Answer { claims: found.len(), round_trips: 1, ..Answer::default() }
    }

    async fn prepared(&mut self, text: &str) -> Statement {
        if let Some(statement) = self.statements.get(text) {
            return statement.clone();
        }
        let statement = self.client.prepare(text).await.expect("it is prepared");
        self.statements.insert(text.to_owned(), statement.clone());
        statement
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

    /// Bytes of the tables and their indexes, without the log of their writes.
    pub(crate) async fn on_disk(&self) -> u64 {
        load::size_on_disk(&self.client).await
    }

    /// Copies everything out.
    pub(crate) async fn export(&self, what: Export) -> Exported {
        export::run(&self.client, what).await
    }
}

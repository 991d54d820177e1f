//! Writing a request, and reading a claim by its name.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use claimdb::proto::claimdb::v1::*;
use prost::Message as _;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row, Statement};
use tonic::Status;

use super::rows::{Given, Rows, key};
use super::table::TABLES;

/// Sources that are remembered: some hundred bytes each at most.
const KNOWN_MAX: usize = 1_000_000;
/// Rows of a request: what a statement may have as parameters, with room.
const ROWS_MAX: usize = 3_000;
/// For reading: four were better than two, eight or sixteen.
const READ_CONNECTIONS: usize = 4;
/// A write and a name are planned once; how many a filter finds decides how a page is best found.
const GENERIC: &str = "SET plan_cache_mode = force_generic_plan";
const CUSTOM: &str = "SET plan_cache_mode = force_custom_plan";
const CLAIM_BY_NAME: &str = "SELECT payload FROM records WHERE name = $1";
/// Numbers in a block: each store that is opened takes one block.
const BLOCK: i64 = 1 << 40;

pub(crate) struct Store {
    writes: Pool,
    names: Pool,
    pub(super) pages: Pool,
    next_number: AtomicI64,
    /// References of sources whose rows are durable.
    known: RwLock<HashSet<i64>>,
}

/// Connections of one use, taken in turn.
pub(super) struct Pool {
    connections: Vec<Connection>,
    turn: AtomicUsize,
}

/// Statements are pipelined over it: none waits until the one before was answered.
pub(super) struct Connection {
    client: Client,
    statements: Mutex<HashMap<String, Statement>>,
}

impl Store {
    /// Makes the tables if they are not there. So many connections are for writing.
    pub(crate) async fn open(cluster: u16, connections: usize) -> Result<Self, Error> {
        let first = crate::postgres::connect_to(cluster).await?;
        if first.query_opt("SELECT 1 FROM pg_class WHERE relname = 'records'", &[]).await?.is_none() {
            first.batch_execute(TABLES).await?;
        }
        let block: i64 = first.query_one("SELECT nextval('blocks')", &[]).await?.get(0);
        Ok(Self {
            writes: Pool::open(cluster, connections, GENERIC).await?,
            names: Pool::open(cluster, READ_CONNECTIONS, GENERIC).await?,
            pages: Pool::open(cluster, READ_CONNECTIONS, CUSTOM).await?,
            next_number: AtomicI64::new(block * BLOCK),
            known: RwLock::default(),
        })
    }

    pub(crate) async fn record(&self, request: RecordRequest) -> Result<RecordResponse, Status> {
        let rows = Rows::of(vec![request], &mut &*self)?;
        let made = self.write(&rows).await?;
        let is_made = |identity: &str| rows.found.get(identity).is_some_and(|row| made.contains(&row.number));
        let outcome = |is_made| if is_made { Outcome::Created } else { Outcome::Existing }.into();
        let of_article = |article: &Article| article.urls.first().is_some_and(|url| is_made(url));
        let of_source = |source: &Source| is_made(&format!("{}:{}", source.kind, source.display_name));
        let mut results = Vec::with_capacity(rows.articles.len() + rows.said.len() + rows.inline.len());
        let mut add = |name: &str, is_made, record| {
            let (name, record) = (name.to_owned(), Some(record));
            results.push(RecordResult { name, outcome: outcome(is_made), record, ..RecordResult::default() });
        };
        for article in &rows.articles {
            add(&article.name, of_article(article), record_result::Record::Article(article.clone()));
        }
        for claim in &rows.said {
            add(&claim.name, true, record_result::Record::Claim(claim.clone()));
        }
        for source in &rows.inline {
            add(&source.name, of_source(source), record_result::Record::Source(source.clone()));
        }
        let commit = Some(CommitInfo { committed: true, ..CommitInfo::default() });
        Ok(RecordResponse { commit, results, ..RecordResponse::default() })
    }

    /// Many requests in one transaction.
    pub(crate) async fn load(&self, requests: Vec<RecordRequest>) -> Result<(), Status> {
        let rows = Rows::of(requests, &mut &*self)?;
        self.write(&rows).await.map(drop)
    }

    /// Brings the statistics up to date after much was loaded.
    pub(crate) async fn settle(&self) -> Result<(), Error> {
        let connection = self.writes.next();
        connection.client.batch_execute("VACUUM ANALYZE records").await?;
        connection.client.batch_execute("VACUUM ANALYZE figures").await
    }

    pub(crate) async fn claim(&self, request: GetClaimRequest) -> Result<GetClaimResponse, Status> {
        let found = self.names.next().query(CLAIM_BY_NAME, &[Type::TEXT], &[&request.name]).await?;
        let row = found.first().ok_or_else(|| Status::not_found(request.name.clone()))?;
        Ok(GetClaimResponse { claim: Some(claim(row.get(0))?), read: None })
    }

    /// One transaction; the numbers of articles and sources that were not there.
    async fn write(&self, rows: &Rows) -> Result<Vec<i64>, Status> {
        let shape = rows.shape();
        if shape.found + shape.claims + shape.figures > ROWS_MAX {
            return Err(Status::invalid_argument("too many records"));
        }
        let (text, types) = shape.statement();
        let found = self.writes.next().query(&text, &types, &rows.columns()).await?;
        self.remember(rows);
        Ok(found.iter().map(|row| row.get(0)).collect())
    }

    fn remember(&self, rows: &Rows) {
        let fresh: Vec<i64> = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let identities =
                rows.found.values().filter(|row| row.name.is_none()).filter_map(|row| row.identity.as_ref());
            identities.map(|identity| key(identity)).filter(|reference| !known.contains(reference)).collect()
        };
        if !fresh.is_empty() {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() < KNOWN_MAX {
                known.extend(fresh);
            }
        }
    }
}

impl Given for &Store {
    fn number(&mut self) -> i64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    fn is_known(&self, reference: i64) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).contains(&reference)
    }
}

impl Pool {
    async fn open(cluster: u16, connections: usize, plans: &str) -> Result<Self, Error> {
        let mut open = Vec::new();
        for _ in 0..connections.max(1) {
            let client = crate::postgres::connect_to(cluster).await?;
            client.batch_execute(plans).await?;
            open.push(Connection { client, statements: Mutex::default() });
        }
        Ok(Self { connections: open, turn: AtomicUsize::new(0) })
    }

    pub(super) fn next(&self) -> &Connection {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        &self.connections[turn % self.connections.len()]
    }
}

impl Connection {
    /// Prepares a statement when it is first met: there are few, whatever they are given.
    pub(super) async fn query(
        &self,
        text: &str,
        types: &[Type],
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Status> {
        let prepared = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned();
        let statement = match prepared {
            Some(statement) => statement,
            None => {
                let statement = self.client.prepare_typed(text, types).await.map_err(refused)?;
                let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
                statements.insert(text.to_owned(), statement.clone());
                statement
            }
        };
        self.client.query(&statement, parameters).await.map_err(refused)
    }
}

pub(super) fn claim(payload: &[u8]) -> Result<Claim, Status> {
    Claim::decode(payload).map_err(|error| Status::data_loss(error.to_string()))
}

fn refused(error: Error) -> Status {
    match error.code() {
        Some(code) if *code == SqlState::UNIQUE_VIOLATION => Status::already_exists(error.to_string()),
        Some(_) | None => Status::unavailable(error.to_string()),
    }
}

//! Writing beside the queries: one transaction for each item, its inserts prepared and pipelined.

use std::sync::Arc;

use futures_util::future::{try_join, try_join_all};
use tokio::sync::Mutex;
use tokio_postgres::{Client, Statement};

use super::COLUMNS;
use super::figures::{self, FigureRow};
use super::rows::{Row, Written};
use crate::postgres::Postgres;

/// Connections, taken in turn.
const CONNECTIONS: u64 = 8;

/// Connections to write over.
#[derive(Clone)]
pub(super) struct Connections(Vec<Arc<Connection>>);

pub(super) struct Connection {
    /// One transaction at a time.
    client: Mutex<Client>,
    records: Statement,
    figures: Statement,
}

impl Connections {
    pub(super) async fn open(server: &Postgres) -> Self {
        let mut open = Vec::new();
        for _ in 0..CONNECTIONS {
            let client = server.connect().await;
            let records = insert(&client, "records", COLUMNS).await;
            let figures = insert(&client, "figures", figures::COLUMNS).await;
            open.push(Arc::new(Connection { client: Mutex::new(client), records, figures }));
        }
        Self(open)
    }

    pub(super) fn of_turn(&self, turn: u64) -> Arc<Connection> {
        Arc::clone(&self.0[(turn % CONNECTIONS) as usize])
    }
}

impl Connection {
    pub(super) async fn write(&self, written: &Written) -> Result<(), tokio_postgres::Error> {
        let mut client = self.client.lock().await;
        let transaction = client.transaction().await?;
        let records: Vec<_> = written.records.iter().map(Row::columns).collect();
        let figures: Vec<_> = written.figures.iter().map(FigureRow::columns).collect();
        let records = records.iter().map(|columns| transaction.execute_raw(&self.records, columns.iter().copied()));
        let figures = figures.iter().map(|columns| transaction.execute_raw(&self.figures, columns.iter().copied()));
        // Begun in this order, and sent before the first is answered.
        try_join(try_join_all(records), try_join_all(figures)).await?;
        transaction.commit().await
    }
}

async fn insert(client: &Client, table: &str, columns: &str) -> Statement {
    let places: Vec<String> = (1..=columns.split(',').count()).map(|place| format!("${place}")).collect();
    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({}) ON CONFLICT DO NOTHING", places.join(", "));
    client.prepare(&sql).await.expect("it is prepared")
}

//! Writing beside the queries: one transaction for each item, its inserts prepared and pipelined.

use std::sync::Arc;

use futures_util::future::try_join_all;
use tokio::sync::Mutex;
use tokio_postgres::{Client, Statement};

use super::COLUMNS;
use super::rows::Row;
use crate::postgres::Postgres;

/// Connections, taken in turn.
const CONNECTIONS: u64 = 8;

/// Connections to write over.
#[derive(Clone)]
pub(super) struct Connections(Vec<Arc<Connection>>);

pub(super) struct Connection {
    /// One transaction at a time.
    client: Mutex<Client>,
    insert: Statement,
}

impl Connections {
    pub(super) async fn open(server: &Postgres) -> Self {
        let mut open = Vec::new();
        for _ in 0..CONNECTIONS {
            let client = server.connect().await;
            let places: Vec<String> = (1..=14).map(|place| format!("${place}")).collect();
            let sql = format!("INSERT INTO records ({COLUMNS}) VALUES ({}) ON CONFLICT DO NOTHING", places.join(", "));
            let insert = client.prepare(&sql).await.expect("it is prepared");
            open.push(Arc::new(Connection { client: Mutex::new(client), insert }));
        }
        Self(open)
    }

    pub(super) fn of_turn(&self, turn: u64) -> Arc<Connection> {
        Arc::clone(&self.0[(turn % CONNECTIONS) as usize])
    }
}

impl Connection {
    pub(super) async fn write(&self, rows: &[Row]) -> Result<(), tokio_postgres::Error> {
        let mut client = self.client.lock().await;
        let transaction = client.transaction().await?;
        let columns: Vec<_> = rows.iter().map(Row::columns).collect();
        try_join_all(columns.iter().map(|columns| transaction.execute_raw(&self.insert, columns.iter().copied())))
            .await?;
        transaction.commit().await
    }
}

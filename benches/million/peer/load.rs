//! The import: COPY in binary form, one durable transaction for every step.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;

use super::figures::{self, FigureRow};
use super::rows::{Rows, TYPES, Written};
use super::{COLUMNS, TABLE};
use crate::generate::Generator;
use crate::steps::{self, Curve, Steps};

/// Items that are made ahead.
const AHEAD: usize = 10_000;

/// Loads so many claims; what is left is what a client has to remember.
pub(super) async fn load(client: &Client, generator: Arc<Generator>, claims: u64) -> (Rows, Curve) {
    client.batch_execute(TABLE).await.expect("the table is made");
    client.batch_execute(figures::TABLE).await.expect("the table of figures is made");
    let (sender, mut made) = mpsc::channel::<Written>(AHEAD);
    let making = std::thread::spawn(move || {
        let mut rows = Rows::default();
        for item in generator.items(claims) {
            sender.blocking_send(rows.of(&item)).expect("the load goes on");
        }
        rows
    });
    let (mut steps, size) = (Steps::begin(claims), steps::size(claims));
    let (mut done, mut records) = (0, 0);
    while let Some(first) = made.recv().await {
        client.batch_execute("BEGIN").await.expect("a transaction");
        let end = done / size * size + size;
        let (copied, figures) = copy(client, first, &mut made, &mut done, end).await;
        copy_figures(client, &figures).await;
        client.batch_execute("COMMIT").await.expect("it is durable");
        records += copied;
        steps.at(done, records, || None);
    }
    let curve = steps.end();
    let begin = Instant::now();
    for table in ["records", "figures"] {
        client.batch_execute(&format!("VACUUM ANALYZE {table}")).await.expect("it is vacuumed");
    }
    say!("VACUUM ANALYZE afterwards took {:.1} s, which is not counted", begin.elapsed().as_secs_f64());
    say!("on disk, tables and indexes: {:.0} MB", size_on_disk(client).await as f64 / 1e6);
    (making.join().expect("the rows are made"), curve)
}

/// Copies items until so many claims are done: how many records that were, and the figures in them.
async fn copy(
    client: &Client,
    mut item: Written,
    made: &mut mpsc::Receiver<Written>,
    done: &mut u64,
    end: u64,
) -> (u64, Vec<FigureRow>) {
    let statement = format!("COPY records ({COLUMNS}) FROM STDIN BINARY");
    let sink = client.copy_in(statement.as_str()).await.expect("it begins");
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
    let mut figures = Vec::new();
    loop {
        for row in &item.records {
            writer.as_mut().write(&row.columns()).await.expect("a row is taken");
            *done += u64::from(row.is_claim());
        }
        figures.append(&mut item.figures);
        if *done >= end {
            break;
        }
        let Some(next) = made.recv().await else { break };
        item = next;
    }
    (writer.finish().await.expect("the rows are taken"), figures)
}

async fn copy_figures(client: &Client, rows: &[FigureRow]) {
    let statement = format!("COPY figures ({}) FROM STDIN BINARY", figures::COLUMNS);
    let sink = client.copy_in(statement.as_str()).await.expect("it begins");
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &figures::TYPES));
    for row in rows {
        writer.as_mut().write(&row.columns()).await.expect("a row is taken");
    }
    writer.finish().await.expect("the rows are taken");
}

/// Bytes of the tables and their indexes, without the log of their writes.
pub(super) async fn size_on_disk(client: &Client) -> u64 {
    let sql = "SELECT (pg_total_relation_size('records') + pg_total_relation_size('figures'))::bigint";
    client.query_one(sql, &[]).await.expect("an answer").get::<_, i64>(0).cast_unsigned()
}

//! The import: COPY in binary form, one durable transaction for every 100,000 claims.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::BinaryCopyInWriter;

use super::rows::{Row, Rows, TYPES};
use super::{COLUMNS, TABLE};
use crate::generate::Generator;

/// Claims per transaction, and per row of the table that is printed.
const STEP: u64 = 100_000;
/// Items that are made ahead.
const AHEAD: usize = 10_000;

/// Loads so many claims; what is left is what a client has to remember.
pub(crate) async fn load(client: &Client, generator: Arc<Generator>, claims: u64) -> Rows {
    client.batch_execute(TABLE).await.expect("the table is made");
    let (sender, mut made) = mpsc::channel::<Vec<Row>>(AHEAD);
    let making = std::thread::spawn(move || {
        let mut rows = Rows::default();
        for item in generator.items(claims) {
            sender.blocking_send(rows.of(&item)).expect("the load goes on");
        }
        rows
    });
    println!("| claims | claims/s | records/s |");
    println!("|---|---|---|");
    let begin = Instant::now();
    let mut done = 0;
    while let Some(first) = made.recv().await {
        let (step, before) = (Instant::now(), done);
        let records = copy(client, first, &mut made, &mut done).await;
        let seconds = step.elapsed().as_secs_f64();
        println!("| {done} | {:.0} | {:.0} |", (done - before) as f64 / seconds, records as f64 / seconds);
    }
    let rate = claims as f64 / begin.elapsed().as_secs_f64();
    println!("\nall {claims} claims in {:.1} s: {rate:.0} claims/s", begin.elapsed().as_secs_f64());
    let begin = Instant::now();
    client.batch_execute("VACUUM ANALYZE records").await.expect("it is vacuumed");
    println!("VACUUM ANALYZE afterwards took {:.1} s, which is not counted", begin.elapsed().as_secs_f64());
    println!("on disk, table and indexes: {:.0} MB", size(client).await as f64 / 1e6);
    making.join().expect("the rows are made")
}

async fn copy(client: &Client, mut item: Vec<Row>, made: &mut mpsc::Receiver<Vec<Row>>, done: &mut u64) -> u64 {
    let statement = format!("COPY records ({COLUMNS}) FROM STDIN BINARY");
    let sink = client.copy_in(statement.as_str()).await.expect("it begins");
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
    let end = *done / STEP * STEP + STEP;
    loop {
        for row in &item {
            writer.as_mut().write(&row.columns()).await.expect("a row is taken");
            *done += u64::from(row.is_claim());
        }
        if *done >= end {
            break;
        }
        let Some(next) = made.recv().await else { break };
        item = next;
    }
    writer.finish().await.expect("it is durable")
}

/// Bytes of the table and its indexes, without the log of its writes.
pub(super) async fn size(client: &Client) -> u64 {
    let row = client.query_one("SELECT pg_total_relation_size('records')", &[]).await.expect("an answer");
    row.get::<_, i64>(0).cast_unsigned()
}

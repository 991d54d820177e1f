//! Everything copied out, in binary form.

use std::pin::pin;
use std::time::Instant;

use futures_util::TryStreamExt as _;
use tokio_postgres::Client;

/// What is copied.
#[derive(Clone, Copy)]
pub(crate) enum Export {
    /// The table as it lies there: no reference is resolved.
    Table,
    /// Every claim with its article.
    Articles,
    /// Every claim with its article and the sources in its chain.
    Sources,
}

/// What an export gave.
pub(crate) struct Exported {
    pub(crate) claims: u64,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
}

impl Export {
    pub(crate) const ALL: [Self; 3] = [Self::Table, Self::Articles, Self::Sources];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Table => "PostgreSQL, COPY of the table",
            Self::Articles => "PostgreSQL, COPY of claims joined with their articles",
            Self::Sources => "PostgreSQL, COPY of claims joined with articles and sources",
        }
    }

    fn query(self) -> &'static str {
        match self {
            Self::Table => "SELECT number, type, name, payload FROM records",
            Self::Articles => {
                "SELECT claim.number, claim.name, claim.payload, article.number, article.payload \
                 FROM records claim JOIN records article ON article.number = claim.article WHERE claim.type = 3"
            }
            Self::Sources => {
                "SELECT claim.number, claim.name, claim.payload, article.number, article.payload, \
                 ARRAY(SELECT source.payload FROM unnest(claim.sources) number JOIN records source USING (number)) \
                 FROM records claim JOIN records article ON article.number = claim.article WHERE claim.type = 3"
            }
        }
    }
}

pub(super) async fn run(client: &Client, what: Export) -> Exported {
    let sql = "SELECT count(*) FROM records WHERE type = 3";
    let claims = client.query_one(sql, &[]).await.expect("an answer").get::<_, i64>(0).cast_unsigned();
    let begin = Instant::now();
    let statement = format!("COPY ({}) TO STDOUT BINARY", what.query());
    let mut rows = pin!(client.copy_out(statement.as_str()).await.expect("it begins"));
    let mut bytes = 0;
    while let Some(part) = rows.try_next().await.expect("it goes on") {
        bytes += part.len() as u64;
    }
    Exported { claims, bytes, seconds: begin.elapsed().as_secs_f64() }
}

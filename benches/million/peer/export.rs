//! Everything copied out, in binary form, and decoded: what a caller is given are messages there too.

use std::error::Error;
use std::hint::black_box;
use std::pin::pin;
use std::time::Instant;

use claimdb::proto::claimdb::v1::{Article, Claim, Source};
use futures_util::TryStreamExt as _;
use prost::Message;
use tokio_postgres::Client;
use tokio_postgres::binary_copy::{BinaryCopyOutRow, BinaryCopyOutStream};
use tokio_postgres::types::{FromSql, Type};

use super::rows::{ARTICLE, SOURCE};

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

    fn columns(self) -> &'static [Type] {
        match self {
            Self::Table => &[Type::INT8, Type::INT2, Type::TEXT, Type::BYTEA],
            Self::Articles => &[Type::INT8, Type::TEXT, Type::BYTEA, Type::INT8, Type::BYTEA],
            Self::Sources => &[Type::INT8, Type::TEXT, Type::BYTEA, Type::INT8, Type::BYTEA, Type::BYTEA_ARRAY],
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

    fn decode(self, row: &BinaryCopyOutRow) {
        black_box(row.get::<i64>(0));
        let claim_and_article = || {
            black_box(row.get::<Option<&str>>(1));
            decode::<Claim>(row.get(2));
            black_box(row.get::<i64>(3));
            decode::<Article>(row.get(4));
        };
        match self {
            Self::Table => {
                black_box(row.get::<Option<&str>>(2));
                match row.get::<i16>(1) {
                    ARTICLE => decode::<Article>(row.get(3)),
                    SOURCE => decode::<Source>(row.get(3)),
                    _ => decode::<Claim>(row.get(3)),
                }
            }
            Self::Articles => claim_and_article(),
            Self::Sources => {
                claim_and_article();
                row.get::<Vec<&[u8]>>(5).into_iter().for_each(decode::<Source>);
            }
        }
    }
}

pub(super) async fn run(client: &Client, what: Export) -> Exported {
    let sql = "SELECT count(*) FROM records WHERE type = 3";
    let claims = client.query_one(sql, &[]).await.expect("an answer").get::<_, i64>(0).cast_unsigned();
    let begin = Instant::now();
    let statement = format!("COPY ({}) TO STDOUT BINARY", what.query());
    let rows = client.copy_out(statement.as_str()).await.expect("it begins");
    let mut rows = pin!(BinaryCopyOutStream::new(rows, what.columns()));
    let mut bytes = AROUND_ROWS;
    while let Some(row) = rows.try_next().await.expect("it goes on") {
        bytes += size(&row, what.columns().len());
        what.decode(&row);
    }
    Exported { claims, bytes, seconds: begin.elapsed().as_secs_f64() }
}

/// The signature, flags and extension before the rows, and the mark behind them.
const AROUND_ROWS: u64 = 21;

/// The bytes of a row as it is sent: behind the number of its columns each with its length.
fn size(row: &BinaryCopyOutRow, columns: usize) -> u64 {
    2 + (0..columns).map(|column| 4 + row.get::<Raw<'_>>(column).0.len() as u64).sum::<u64>()
}

fn decode<M: Message + Default>(payload: &[u8]) {
    black_box(M::decode(payload).expect("what was written"));
}

/// A column as it is sent.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(&[]))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

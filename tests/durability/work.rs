//! What is written: a batch for every number, the same each time it is asked for.

use claimdb::domain::model::{Article, Claim, Link, Record, Source, SourceLink, TimeGiven};
use claimdb::domain::plan::Batch;

use crate::chance::Chance;
use crate::support::{Write, claim, name, quote, said_by, source, text, url, write};

/// The source of every claim. Each batch with an article makes a new version of it.
pub(crate) const SOURCE: &str = "sources/ministry";

/// In which everything happens.
pub(crate) const MONTH: &str = "2017-05";

/// Those among the first batches with a text of 2 MiB that does not compress.
pub(crate) const LARGE_TEXTS: [u64; 2] = [5, 37];

/// The batch with this number, which counts from 1. Each makes the commit after the one before it.
///
/// Most are an article, two claims in it and a new version of their source; some carry a text of 2 MiB, which hardly can be
/// compressed, or one of 400 KB, which can; some are 1,000 records. All records are named by the caller.
pub(crate) fn batch(number: u64) -> Batch {
    let write = match number % 32 {
        5 => with_article(number, &incompressible(number, 2 << 20)),
        17 => with_article(number, &"What the ministry said on Wednesday it said again. ".repeat(8_000)),
        25 => many(number, 1_000),
        _ => with_article(number, &format!("In report {number}, 2,000 soldiers have been killed, the ministry said.")),
    };
    write.request(&request_id(number)).batch()
}

/// The request id of a batch.
pub(crate) fn request_id(number: u64) -> String {
    format!("request-{number}")
}

fn with_article(number: u64, body: &str) -> Write {
    let article = Article {
        urls: vec![url(&format!("https://news.example/{number}"))],
        title: format!("Report {number}"),
        text: Some(text(body)),
        ..Article::default()
    };
    let article_name = format!("articles/a{number}");
    let mut ministry = source("Ministry of Defence");
    ministry.description = format!("As of report {number}.");
    let mut write =
        write().update_named(SOURCE, Record::Source(ministry)).named(&article_name, Record::Article(article));
    for index in 0..2 {
        let statement = format!("Claim {index} of report {number}.");
        let mut claim = Claim { article: Some(Link::Name(name(&article_name))), ..said(&statement) };
        claim.event_time = happened(number).map(Box::new);
        if body.contains("have been killed") {
            claim.spans = vec![quote("2,000 soldiers have been killed")];
        }
        write = write.named(&format!("claims/c{number}-{index}"), Record::Claim(claim));
    }
    write
}

fn many(number: u64, records: u64) -> Write {
    (0..records).fold(write(), |write, index| {
        let record = match index % 4 {
            0 => Record::Source(Source {
                description: "One of many.".to_owned(),
                ..source(&format!("Source {number}-{index}"))
            }),
            _ => {
                return write.named(
                    &format!("claims/m{number}-{index}"),
                    Record::Claim(said(&format!("Claim {number}-{index}."))),
                );
            }
        };
        write.named(&format!("sources/m{number}-{index}"), record)
    })
}

/// Days of one month, and now and then the month itself or nothing.
fn happened(number: u64) -> Option<TimeGiven> {
    let text = match number % 10 {
        0 => return None,
        1 => MONTH.to_owned(),
        day => format!("{MONTH}-{day:02}"),
    };
    Some(TimeGiven { time: Some(text.parse().unwrap()), ..TimeGiven::default() })
}

fn said(statement: &str) -> Claim {
    Claim { attributions: vec![said_by(SourceLink::Link(Link::Name(name(SOURCE))))], ..claim(statement) }
}

/// A text that can hardly be compressed.
pub(crate) fn incompressible(seed: u64, bytes: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .";
    let mut chance = Chance::seeded(seed);
    let mut text = String::with_capacity(bytes + 10);
    while text.len() < bytes {
        let mut bits = chance.next();
        for _ in 0..10 {
            text.push(char::from(LETTERS[(bits & 63) as usize]));
            bits >>= 6;
        }
    }
    text.truncate(bytes);
    text
}

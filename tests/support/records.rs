//! Records as a caller gives them.

use std::sync::Arc;

use claimdb::domain::model::Assessment;
use claimdb::domain::model::{
    Article, Attribution, Claim, ExternalId, InlineSource, Key, Link, LinkTarget, Relation, RelationType, Source,
    SourceLink, Span, Text, Url, Verdict,
};
use claimdb::domain::name::Name;
use claimdb::domain::text::Sha256;

/// What the articles of the tests say.
pub const TEXT: &str = "Nearly 2,000 North Korean soldiers have been killed, the ministry said on Wednesday.";

/// A name.
pub fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// A record of the same request.
pub fn key(key: &str) -> Link {
    Link::Key(Key::parse(key).unwrap())
}

/// A URL.
pub fn url(text: &str) -> Url {
    Url { given: text.to_owned(), canonical: text.parse().unwrap() }
}

/// A text.
pub fn text(body: &str) -> Text {
    Text {
        sha256: Sha256::of(body.as_bytes()),
        code_points: u32::try_from(body.chars().count()).unwrap(),
        body: Some(Arc::from(body)),
    }
}

/// An article with the text of the tests, at this place of the web.
pub fn article(path: &str) -> Article {
    Article {
        urls: vec![url(&format!("https://news.example/{path}"))],
        title: "Losses in the east".to_owned(),
        text: Some(text(TEXT)),
        ..Article::default()
    }
}

/// A source by its display name.
pub fn source(display_name: &str) -> Source {
    Source { display_name: display_name.to_owned(), ..Source::default() }
}

/// A source given inline by its display name.
pub fn inline(display_name: &str) -> SourceLink {
    SourceLink::Inline(Box::new(InlineSource { display_name: display_name.to_owned(), ..InlineSource::default() }))
}

/// A hop of a chain.
pub fn said_by(source: SourceLink) -> Attribution {
    Attribution::to(source)
}

/// A claim of the ministry, in no article.
pub fn claim(statement: &str) -> Claim {
    Claim {
        statement: statement.to_owned(),
        attributions: vec![said_by(inline("Ministry of Defence"))],
        ..Claim::default()
    }
}

/// The claim that the text of the tests makes, in an article.
pub fn claim_in(article: Link, statement: &str) -> Claim {
    Claim { article: Some(article), spans: vec![quote("North Korean soldiers have been killed")], ..claim(statement) }
}

/// Words of a text.
pub fn quote(exact: &str) -> Span {
    Span { exact: exact.to_owned(), ..Span::default() }
}

/// One claim contradicts another.
pub fn contradicts(from: Link, to: Link) -> Relation {
    Relation {
        from,
        r#type: RelationType::Contradicts,
        to,
        basis: None,
        alterations: Vec::new(),
        evidence: Vec::new(),
        asserted_by: None,
        note: String::new(),
        external_ids: Vec::new(),
        labels: Default::default(),
    }
}

/// The fact checkers found a record supported.
pub fn supported(target: Link) -> Assessment {
    Assessment {
        target: LinkTarget { record: Some(target), figure: None },
        assessor: inline("Fact checkers"),
        scheme: String::new(),
        original_label: "true".to_owned(),
        rating_value: None,
        best_rating: None,
        worst_rating: None,
        verdict: Some(Verdict::Supported),
        reliability: None,
        credibility: None,
        explanation: String::new(),
        url: String::new(),
        assessed_time: None,
        external_ids: Vec::new(),
        labels: Default::default(),
    }
}

/// An id elsewhere.
pub fn external_id(scheme: &str, id: &str) -> ExternalId {
    ExternalId { scheme: scheme.to_owned(), id: id.to_owned() }
}

//! Records as they are sent: few values of everything, in every combination.

use std::collections::BTreeMap;

use claimdb::proto::claimdb::v1;

use crate::chance::Chance;
use crate::figure_records::figures;
use crate::times::{TIMES, UNKNOWN};

/// What articles say. In front stand letters of several bytes: places are counted in code points.
pub(crate) const TEXT: &str = "Київ – Nearly 2,000 North Korean soldiers were killed, the ministry said on Wednesday. Analysts \
    doubt it. The embassy has not replied.";

/// Words that occur in it once, and not in their order.
const QUOTES: &[&str] =
    &["replied", "the ministry", "North Korean", "Analysts", "Nearly 2,000", "killed", "Wednesday", "doubt it", "Київ"];

pub(crate) const ARTICLES: u64 = 5;
/// The one whose text nobody has.
const WITHOUT_TEXT: u64 = 4;

/// Display names; the last two are namesakes.
pub(crate) const SOURCES: &[&str] =
    &["The Ministry", "The Agency", "The Outlet", "Éclair", "Ada", "Tower Post", "John Smith", "John Smith"];
pub(crate) const ALIASES: &[&str] = &["The Tower", "tower block", "ÉCLAIR du soir", "Countess", "MINISTRY", "the min"];
pub(crate) const PLATFORMS: &[&str] = &["x", "X", "Telegram", "telegram"];
pub(crate) const HANDLES: &[&str] = &["news", "News", "ada_l", "Ministry_RU"];
pub(crate) const METRICS: &[&str] = &["troops", "troops.killed", "troops.killed.officers", "troop", "losses"];
pub(crate) const ENTITIES: &[&str] = &["Kyiv", "KYIV", "Київ", "КИЇВ", "Moscow"];
pub(crate) const LANGUAGES: &[&str] = &["en", "en-GB", "en-US", "pt-BR", "pt", "de"];
/// The last of the kinds that name a source.
const SOURCE_KINDS: i32 = v1::SourceKind::AutomatedSystem as i32;

pub(crate) fn id(scheme: &str, id: impl std::fmt::Display) -> v1::ExternalId {
    v1::ExternalId { scheme: scheme.into(), id: id.to_string() }
}

pub(crate) fn by_name(name: String) -> v1::SourceRef {
    v1::SourceRef { name, ..Default::default() }
}

/// The URLs of an article: two spellings that one may be given in, and another place.
pub(crate) fn urls(article: u64) -> [String; 3] {
    [
        format!("https://news.example/{article}"),
        format!("HTTPS://News.Example:443/{article}#top"),
        format!("https://news.example/Print/{article}?full=1"),
    ]
}

/// The same for two spellings of one URL: scheme and host in lower case, no default port, no fragment.
pub(crate) fn canonical(url: &str) -> String {
    let (scheme, rest) = url.split('#').next().unwrap().split_once("://").unwrap();
    let (host, path) = rest.split_at(rest.find('/').unwrap());
    format!("{}://{}{path}", scheme.to_lowercase(), host.to_lowercase().trim_end_matches(":443"))
}

pub(crate) fn labels(chance: &mut Chance) -> BTreeMap<String, String> {
    let values = [("desk", "east"), ("desk", "west"), ("topic", "war"), ("topic", "money")];
    chance.few(&values, 2).into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Known, unknown or not stated.
pub(crate) fn time(chance: &mut Chance) -> Option<v1::ApproximateTime> {
    let edtf = match chance.below(10) {
        0 => return None,
        1 => chance.one(UNKNOWN),
        _ => TIMES[chance.index(TIMES.len())].0,
    };
    Some(v1::ApproximateTime { edtf: edtf.into(), verbatim: "of late".into(), ..Default::default() })
}

pub(crate) fn source(chance: &mut Chance, number: usize) -> v1::Source {
    let account = chance.happens(50);
    v1::Source {
        name: format!("sources/s{number}"),
        display_name: SOURCES[number].into(),
        kind: chance.word(SOURCE_KINDS),
        aliases: chance.few(ALIASES, 2).into_iter().map(str::to_owned).collect(),
        platform: if account { chance.one(PLATFORMS).into() } else { String::new() },
        handle: if account { chance.one(HANDLES).into() } else { String::new() },
        external_ids: chance.maybe(50, |_| id("wikidata", number)).into_iter().collect(),
        labels: labels(chance),
        ..Default::default()
    }
}

/// Sources that exist in one article alone.
pub(crate) fn scoped() -> Vec<v1::Source> {
    let scoped = |number: u64, kind: v1::SourceKind, display_name: &str| v1::Source {
        name: format!("sources/u{number}"),
        kind: kind.into(),
        display_name: display_name.into(),
        scope_article: format!("articles/a{number}"),
        ..Default::default()
    };
    vec![
        scoped(0, v1::SourceKind::UnnamedGroup, "tower watchers"),
        scoped(1, v1::SourceKind::UnnamedDocuments, "the min reports"),
    ]
}

/// What an article says, by its name.
pub(crate) fn text(article: &str) -> &'static str {
    if article == format!("articles/a{WITHOUT_TEXT}") { "" } else { TEXT }
}

pub(crate) fn article(chance: &mut Chance, number: u64) -> v1::Article {
    let [plain, spelt, other] = urls(number);
    v1::Article {
        name: format!("articles/a{number}"),
        urls: vec![if chance.happens(50) { plain } else { spelt }, other],
        external_ids: chance.maybe(50, |_| id("archive", number)).into_iter().collect(),
        publisher: chance.maybe(75, publisher),
        title: "Losses".into(),
        language: chance.maybe(75, |chance| chance.one(LANGUAGES).into()).unwrap_or_default(),
        text: text(&format!("articles/a{number}")).into(),
        publish_time: time(chance),
        labels: labels(chance),
        ..Default::default()
    }
}

/// One that everybody knows, or a source of some article alone.
fn publisher(chance: &mut Chance) -> v1::SourceRef {
    let scoped = chance.happens(15);
    by_name(if scoped {
        format!("sources/u{}", chance.below(2))
    } else {
        format!("sources/s{}", chance.index(SOURCES.len()))
    })
}

/// A source that a claim in this article may go back to.
fn speaker(chance: &mut Chance, article: Option<u64>) -> v1::SourceRef {
    match (chance.below(10), article) {
        (0, Some(article @ 0..=1)) => by_name(format!("sources/u{article}")),
        (1, Some(_)) => v1::SourceRef {
            kind: v1::SourceKind::UnnamedPerson.into(),
            display_name: "an official".into(),
            ..Default::default()
        },
        (2, _) => v1::SourceRef { display_name: SOURCES[chance.index(6)].into(), ..Default::default() },
        _ => by_name(format!("sources/s{}", chance.index(SOURCES.len()))),
    }
}

fn hop(chance: &mut Chance, article: Option<u64>) -> v1::Attribution {
    v1::Attribution {
        source: Some(speaker(chance, article)),
        role: chance.word(v1::AttributionRole::QuotedAuthority.into()),
        channel: chance.maybe(15, |_| by_name("sources/s4".into())),
        addressees: chance.maybe(15, |_| by_name("sources/s5".into())).into_iter().collect(),
        certainty: chance.word(v1::Certainty::ProbableOrPossible.into()),
        ..Default::default()
    }
}

fn span(chance: &mut Chance, article: u64) -> v1::Span {
    let other = if article == 0 { 1 } else { 0 };
    v1::Span {
        exact: chance.one(QUOTES).into(),
        article: chance.maybe(15, |_| format!("articles/a{other}")).unwrap_or_default(),
        ..Default::default()
    }
}

fn entity(chance: &mut Chance) -> v1::EntityRef {
    v1::EntityRef {
        label: chance.one(ENTITIES).into(),
        external_ids: chance.maybe(50, |chance| id("wikidata", chance.below(3))).into_iter().collect(),
        ..Default::default()
    }
}

/// A claim; in half of all cases in the first article.
pub(crate) fn claim(chance: &mut Chance, number: u64) -> v1::Claim {
    let article = match chance.below(10) {
        0..5 => Some(0),
        5..8 => Some(chance.below(ARTICLES)),
        _ => None,
    };
    let hedge = |chance: &mut Chance| v1::Hedge {
        kind: 1 + chance.word(v1::HedgeKind::Ignorance as i32 - 1),
        verbatim: "reportedly".into(),
        ..Default::default()
    };
    v1::Claim {
        name: format!("claims/c{number}"),
        article: article.map(|number| format!("articles/a{number}")).unwrap_or_default(),
        statement: format!("Claim {number} holds."),
        language: chance.maybe(75, |chance| chance.one(LANGUAGES).into()).unwrap_or_default(),
        spans: article.map_or_else(Vec::new, |at| (0..chance.below(4)).map(|_| span(chance, at)).collect()),
        kinds: chance.words(v1::ClaimKind::Normative.into(), 3),
        presentation: chance.word(v1::Presentation::Summarized.into()),
        attributions: (0..=chance.below(3)).map(|_| hop(chance, article)).collect(),
        hedges: (0..chance.below(3)).map(|_| hedge(chance)).collect(),
        entities: (0..chance.below(3)).map(|_| entity(chance)).collect(),
        event_time: time(chance),
        figures: figures(chance, number),
        external_ids: chance.maybe(30, |_| id("ucdp", number)).into_iter().collect(),
        labels: labels(chance),
        ..Default::default()
    }
}

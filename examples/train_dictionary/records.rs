//! Records as they are stored, and frames of them.

use claimdb::proto::claimdb::storage::v1;
use prost::Message;

use super::text::Dice;
use super::words::{NOUNS, VERBS};

const FRAME_BYTES: usize = 4 << 10;
const LANGUAGES: &[&str] = &["en", "en", "en", "uk", "ru", "fr", "de", "es", "ar", "en-GB", "en-US"];

/// What is compressed: the payload of a frame, or now and then a text.
pub(crate) fn sample(dice: &mut Dice) -> Vec<u8> {
    match dice.roll(10) {
        0 => (0..40).map(|_| dice.sentence()).collect::<Vec<_>>().join(" ").into_bytes(),
        1..=3 => first_frame(dice),
        _ => frame(dice, Vec::new(), FRAME_BYTES),
    }
}

/// The first frame of a small commit: the chain, the note, no texts, and versions.
fn first_frame(dice: &mut Dice) -> Vec<u8> {
    let mut raw = dice.bytes::<32>().to_vec();
    let note = v1::CommitNote { principal: principal(dice), recorder: recorder(dice), ..Default::default() };
    entry(dice, &mut raw, &note);
    raw.push(0);
    let bytes = raw.len() + dice.roll(FRAME_BYTES);
    frame(dice, raw, bytes)
}

/// Versions behind what a frame begins with, up to about so many bytes.
fn frame(dice: &mut Dice, mut raw: Vec<u8>, bytes: usize) -> Vec<u8> {
    let (principal, recorder) = (principal(dice), recorder(dice));
    while raw.len() < bytes {
        let mut version = version(dice);
        version.principal.clone_from(&principal);
        version.recorder.clone_from(&recorder);
        entry(dice, &mut raw, &version);
    }
    raw
}

/// A flag, a salt, a length and a message.
fn entry(dice: &mut Dice, raw: &mut Vec<u8>, message: &impl Message) {
    raw.push(0);
    raw.extend_from_slice(&dice.bytes::<16>());
    message.encode_length_delimited(raw).expect("a vector grows");
}

fn principal(dice: &mut Dice) -> String {
    if dice.one_in(3) { dice.word(NOUNS).to_owned() } else { "anonymous".to_owned() }
}

fn recorder(dice: &mut Dice) -> Option<v1::Recorder> {
    (!dice.one_in(4)).then(|| v1::Recorder {
        tool: format!("{}-{}", dice.word(NOUNS), dice.word(VERBS)),
        tool_version: format!("{}.{}.0", dice.roll(3), dice.roll(20)),
        agent_type: dice.roll(4) as u32,
        extraction_confidence: if dice.one_in(2) { format!("0.{}", dice.roll(100)) } else { String::new() },
    })
}

fn version(dice: &mut Dice) -> v1::Version {
    let revised = dice.one_in(10);
    let record = match dice.roll(20) {
        0..=2 => v1::version::Record::Article(article(dice)),
        3..=5 => v1::version::Record::Source(source(dice)),
        6 => v1::version::Record::Relation(relation(dice)),
        7 if dice.one_in(2) => v1::version::Record::Assessment(assessment(dice)),
        _ => v1::version::Record::Claim(claim(dice)),
    };
    let is_claim = matches!(record, v1::version::Record::Claim(_));
    v1::Version {
        id: dice.id(),
        action: if revised { 2 } else { 1 },
        created: revised.then(|| v1::Origin { revision: dice.roll(100_000) as u64, time_micros: micros(dice) }),
        replaces: if revised { dice.roll(1_000_000) as u64 } else { 0 },
        content_sha256: if is_claim { dice.bytes::<32>().to_vec() } else { Vec::new() },
        record: Some(record),
        ..Default::default()
    }
}

fn micros(dice: &mut Dice) -> i64 {
    1_700_000_000_000_000 + dice.roll(1 << 48) as i64
}

fn article(dice: &mut Dice) -> v1::Article {
    let host = dice.invented().to_lowercase();
    v1::Article {
        urls: vec![format!("https://www.{host}.com/{}/{:02}/{}", 2005 + dice.roll(22), 1 + dice.roll(12), slug(dice))],
        publisher: dice.id(),
        publisher_basis: dice.roll(3) as u32,
        bylines: (0..dice.roll(3)).map(|_| dice.id()).collect(),
        title: dice.sentence(),
        language: dice.of(LANGUAGES).to_owned(),
        text: dice
            .one_in(3)
            .then(|| v1::Text { sha256: dice.bytes::<32>().to_vec(), code_points: dice.roll(9_000) as u32 }),
        publish_time: Some(time(dice)),
        retrieve_time_micros: dice.one_in(3).then(|| micros(dice)),
        ..Default::default()
    }
}

fn slug(dice: &mut Dice) -> String {
    (0..2 + dice.roll(4)).map(|_| dice.word(NOUNS)).collect::<Vec<_>>().join("-")
}

fn source(dice: &mut Dice) -> v1::Source {
    v1::Source {
        kind: 1 + dice.roll(8) as u32,
        display_name: dice.name(),
        description: if dice.one_in(4) { dice.sentence() } else { String::new() },
        platform: if dice.one_in(8) { "x.com".to_owned() } else { String::new() },
        external_ids: external_ids(dice),
        ..Default::default()
    }
}

fn external_ids(dice: &mut Dice) -> Vec<v1::ExternalId> {
    (0..dice.roll(2))
        .map(|_| match dice.roll(6) {
            0 => ("geonames", dice.roll(9_000_000).to_string()),
            1 => ("doi", format!("10.{}/{}", 1_000 + dice.roll(9_000), dice.roll(1_000_000))),
            _ => ("wikidata", format!("Q{}", dice.roll(9_000_000))),
        })
        .map(|(scheme, id)| v1::ExternalId { scheme: scheme.to_owned(), id })
        .collect()
}

fn relation(dice: &mut Dice) -> v1::Relation {
    v1::Relation {
        from: format!("claims/{}", dice.id()),
        r#type: 1 + dice.roll(8) as u32,
        to: format!("claims/{}", dice.id()),
        basis: 1 + dice.roll(3) as u32,
        ..Default::default()
    }
}

fn assessment(dice: &mut Dice) -> v1::Assessment {
    v1::Assessment {
        target: Some(v1::Target { record: format!("claims/{}", dice.id()), figure: String::new() }),
        assessor: dice.id(),
        original_label: dice.of(&["False", "True", "Mostly True", "Half True", "Misleading"]).to_owned(),
        verdict: 1 + dice.roll(5) as u32,
        explanation: dice.sentence(),
        assessed_time: Some(time(dice)),
        ..Default::default()
    }
}

fn claim(dice: &mut Dice) -> v1::Claim {
    let statement = dice.sentence();
    v1::Claim {
        article: dice.id(),
        language: dice.of(LANGUAGES).to_owned(),
        spans: (0..dice.roll(2)).map(|_| span(dice, &statement)).collect(),
        kinds: vec![1 + dice.roll(4) as u32],
        presentation: dice.roll(4) as u32,
        attributions: (0..1 + dice.roll(3)).map(|_| attribution(dice)).collect(),
        polarity: 1,
        hedges: (0..dice.roll(2)).map(|_| hedge(dice)).collect(),
        entities: (0..dice.roll(4)).map(|_| entity(dice)).collect(),
        event_time: dice.one_in(2).then(|| time(dice)),
        place: dice.one_in(5).then(|| place(dice)),
        figures: (0..dice.roll(3)).map(|at| figure(dice, at + 1)).collect(),
        labels: (0..dice.roll(2))
            .map(|_| v1::Label { key: dice.word(NOUNS).to_owned(), value: dice.word(NOUNS).to_owned() })
            .collect(),
        publisher: dice.id(),
        publish_time: dice.date(),
        statement,
        ..Default::default()
    }
}

/// A stretch of a statement, as it stands in a text.
fn span(dice: &mut Dice, statement: &str) -> v1::Span {
    let start = dice.roll(5_000) as u32;
    let exact: String = statement.chars().take(60 + dice.roll(100)).collect();
    let end = start + exact.chars().count() as u32;
    let found = dice.one_in(2);
    v1::Span {
        start: found.then_some(start),
        end: found.then_some(end),
        exact,
        text_sha256: if dice.one_in(4) { dice.bytes::<32>().to_vec() } else { Vec::new() },
        status: 1 + dice.roll(3) as u32,
        ..Default::default()
    }
}

fn attribution(dice: &mut Dice) -> v1::Attribution {
    v1::Attribution {
        source: dice.id(),
        role: 1 + dice.roll(6) as u32,
        mode: 1 + dice.roll(3) as u32,
        cue: dice.one_in(4).then(|| v1::Span { exact: dice.word(VERBS).to_owned(), ..Default::default() }),
        stance: dice.roll(3) as u32,
        certainty: dice.roll(5) as u32,
        evidence_basis: dice.roll(4) as u32,
        said_time: dice.one_in(4).then(|| time(dice)),
        basis: 1 + dice.roll(2) as u32,
        ..Default::default()
    }
}

fn hedge(dice: &mut Dice) -> v1::Hedge {
    v1::Hedge {
        kind: 1 + dice.roll(5) as u32,
        verbatim: dice.of(&["reportedly", "allegedly", "may", "could", "believed to", "appears to"]).to_owned(),
        ..Default::default()
    }
}

fn entity(dice: &mut Dice) -> v1::Entity {
    v1::Entity {
        label: dice.name(),
        kind: 1 + dice.roll(5) as u32,
        external_ids: external_ids(dice),
        ..Default::default()
    }
}

fn time(dice: &mut Dice) -> v1::Time {
    let verbatim = if dice.one_in(6) { dice.of(&["on Monday", "last year", "yesterday"]) } else { "" };
    v1::Time { edtf: dice.date(), verbatim: verbatim.to_owned(), basis: 0 }
}

fn place(dice: &mut Dice) -> v1::Place {
    v1::Place {
        verbatim: dice.name(),
        latitude: format!("{}.{:06}", dice.roll(90), dice.roll(1_000_000)),
        longitude: format!("{}.{:06}", dice.roll(180), dice.roll(1_000_000)),
        precision: dice.roll(4) as u32,
        ..Default::default()
    }
}

fn figure(dice: &mut Dice, at: usize) -> v1::Figure {
    let (quantity, what) = (dice.quantity(), dice.word(NOUNS));
    let qualifier = dice.of(&["at least ", "more than ", "nearly ", "about ", "up to ", "", "", "some ", "over "]);
    let key = format!("{what}.{}", dice.word(VERBS));
    v1::Figure {
        id: format!("f{at}"),
        verbatim: format!("{qualifier}{quantity}"),
        kind: dice.roll(3) as u32,
        value: if dice.one_in(3) { quantity } else { String::new() },
        unit: dice.one_in(5).then(|| v1::Unit { system: 1, code: "1".to_owned(), verbatim: what.to_owned() }),
        metric: Some(v1::Metric {
            label: if dice.one_in(4) { key.clone() } else { String::new() },
            key,
            ..Default::default()
        }),
        aggregation: dice.roll(3) as u32,
        ..Default::default()
    }
}

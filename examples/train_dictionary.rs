//! Trains the compression dictionary of the sled layer on synthetic records. No real record may
//! ever be used: what is in the dictionary cannot be erased.
//!
//! `cargo run --example train_dictionary` rewrites `src/storage/sled/dictionary.bin`. A dictionary
//! that stores were written with must be kept; give a new one the next id in `compression.rs`.

use std::error::Error;

/// Small enough to stay in the processor's cache beside the writer's other work.
const DICTIONARY_BYTES: usize = 32 << 10;
const SAMPLES: u64 = 8_000;

fn main() -> Result<(), Box<dyn Error>> {
    let samples: Vec<Vec<u8>> = (0..SAMPLES).map(sample).collect();
    let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES)?;
    std::fs::write("src/storage/sled/dictionary.bin", &dictionary)?;
    println!("{} bytes", dictionary.len());
    Ok(())
}

/// A generator that gives the same records every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // SplitMix64: short, and good enough for choosing words.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len())]
    }
}

/// One record in the manner of the stored messages: tags, lengths, ids, words, times.
fn sample(seed: u64) -> Vec<u8> {
    let mut dice = Dice(seed);
    let mut record = Vec::new();
    field(&mut record, 1, &id(&mut dice, "claims"));
    field(&mut record, 2, &sentence(&mut dice));
    field(&mut record, 3, &id(&mut dice, "articles"));
    for _ in 0..1 + dice.roll(2) {
        let mut hop = Vec::new();
        field(&mut hop, 1, &id(&mut dice, "sources"));
        field(&mut hop, 2, dice.of(ROLES));
        number(&mut hop, 3, dice.roll(6) as u64);
        field(&mut hop, 5, dice.of(CUES));
        nested(&mut record, 4, &hop);
    }
    let mut span = Vec::new();
    number(&mut span, 1, dice.roll(9_000) as u64);
    number(&mut span, 2, dice.roll(9_000) as u64);
    field(&mut span, 3, &sentence(&mut dice));
    nested(&mut record, 5, &span);
    for _ in 0..dice.roll(3) {
        nested(&mut record, 6, &figure(&mut dice));
    }
    for _ in 0..dice.roll(4) {
        field(&mut record, 7, dice.of(PLACES));
    }
    field(&mut record, 8, &date(&mut dice));
    let mut recording = Vec::new();
    field(&mut recording, 1, "anonymous");
    field(&mut recording, 2, dice.of(TOOLS));
    field(&mut recording, 3, &format!("{}.{}.0", dice.roll(3), dice.roll(20)));
    number(&mut recording, 4, 1_700_000_000_000_000 + dice.roll(1 << 40) as u64);
    nested(&mut record, 9, &recording);
    record
}

fn figure(dice: &mut Dice) -> Vec<u8> {
    let mut figure = Vec::new();
    let value = (1 + dice.roll(400)) * 50;
    let qualifier = dice.of(QUALIFIERS);
    let noun = dice.of(NOUNS);
    field(&mut figure, 1, &format!("f{}", 1 + dice.roll(4)));
    field(&mut figure, 2, &format!("{qualifier} {value} {noun}"));
    field(&mut figure, 3, &value.to_string());
    number(&mut figure, 4, dice.roll(12) as u64);
    field(&mut figure, 6, &format!("{}.{noun}.{}", dice.of(PLACES), dice.of(MEASURES)));
    field(&mut figure, 7, &date(dice));
    figure
}

fn sentence(dice: &mut Dice) -> String {
    let mut words = vec![dice.of(OPENINGS).to_owned()];
    for _ in 0..1 + dice.roll(3) {
        words.push(dice.of(PLACES).to_owned());
        words.push(dice.of(VERBS).to_owned());
        words.push(dice.of(QUALIFIERS).to_owned());
        words.push(((1 + dice.roll(300)) * 10).to_string());
        words.push(dice.of(NOUNS).to_owned());
        words.push(dice.of(LINKS).to_owned());
    }
    words.push(dice.of(ENDINGS).to_owned());
    words.join(" ")
}

fn id(dice: &mut Dice, kind: &str) -> String {
    format!("{kind}/{:08x}{:06x}", dice.roll(1 << 32), dice.roll(1 << 24))
}

fn date(dice: &mut Dice) -> String {
    let year = 2000 + dice.roll(30);
    match dice.roll(3) {
        0 => year.to_string(),
        1 => format!("{year}-{:02}", 1 + dice.roll(12)),
        _ => format!("{year}-{:02}-{:02}", 1 + dice.roll(12), 1 + dice.roll(28)),
    }
}

fn field(out: &mut Vec<u8>, tag: u8, text: &str) {
    nested(out, tag, text.as_bytes());
}

fn nested(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    out.push(tag << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn number(out: &mut Vec<u8>, tag: u8, value: u64) {
    out.push(tag << 3);
    varint(out, value);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

const OPENINGS: &[&str] = &[
    "According to officials,",
    "The ministry said that",
    "Analysts estimate that",
    "It was reported that",
    "The spokesperson denied that",
    "In a statement on Tuesday,",
    "Witnesses told reporters that",
    "The report says",
    "The company announced that",
    "Researchers found that",
    "On Wednesday, the president said",
];
const PLACES: &[&str] = &[
    "the northern province",
    "the capital",
    "the border region",
    "the coastal city",
    "the eastern district",
    "the government",
    "the opposition",
    "the army",
    "the agency",
    "the hospital",
    "the university",
    "the river",
];
const VERBS: &[&str] = &[
    "reported",
    "lost",
    "received",
    "sent",
    "counted",
    "confirmed",
    "expects",
    "has evacuated",
    "produced",
    "spent",
    "employs",
    "were killed, among them",
    "were injured, including",
    "has lost at least",
];
const QUALIFIERS: &[&str] = &[
    "about",
    "nearly",
    "more than",
    "less than",
    "at least",
    "at most",
    "up to",
    "exactly",
    "roughly",
    "between",
    "an estimated",
    "no fewer than",
    "almost",
    "just over",
];
const NOUNS: &[&str] = &[
    "people",
    "troops",
    "soldiers",
    "civilians",
    "houses",
    "vehicles",
    "million dollars",
    "percent",
    "tonnes",
    "workers",
    "refugees",
    "cases",
    "votes",
    "hectares",
    "kilometres",
    "euros",
];
const LINKS: &[&str] =
    &["in", "and", "while", "after", "because of", "according to", "as well as", "since", "during", "which", "of the"];
const ENDINGS: &[&str] = &[
    "since the beginning of the year.",
    "over the past week.",
    "in the first quarter.",
    "the statement said.",
    "without giving further details.",
    "compared with the year before.",
    "it was not possible to verify the figure.",
];
const ROLES: &[&str] = &[
    "spokesperson",
    "minister",
    "journalist",
    "analyst",
    "eyewitness",
    "agency",
    "outlet",
    "organization",
    "document",
];
const CUES: &[&str] = &["said", "told", "according to", "estimates", "claimed", "denied", "reported", "confirmed"];
const TOOLS: &[&str] = &["extractor", "importer", "annotation-desk", "rule-set", "reader"];
const MEASURES: &[&str] = &["killed", "wounded", "total", "share", "cost", "output", "sent", "missing"];

//! Names and sentences.

use super::random::Random;

const SYLLABLES: [&str; 40] = [
    "ka", "lo", "mi", "ren", "tar", "vo", "shi", "bel", "dor", "an", "ez", "fi", "gor", "hal", "is", "jun", "kov",
    "lis", "mar", "nov", "ol", "pet", "qui", "ros", "sal", "ti", "ur", "val", "wen", "xi", "yur", "zan", "bra", "che",
    "den", "el", "fro", "gri", "hu", "ilo",
];

const FIRST_NAMES: [&str; 24] = [
    "Anna", "Boris", "Chen", "Dana", "Elif", "Farid", "Grace", "Hugo", "Irina", "Jorge", "Kenji", "Lena", "Marco",
    "Nadia", "Oleh", "Priya", "Quentin", "Rosa", "Samir", "Tomas", "Uma", "Viktor", "Wei", "Yara",
];

const VERBS: [&str; 16] = [
    "killed",
    "deployed",
    "wounded",
    "exported",
    "announced",
    "destroyed",
    "displaced",
    "signed",
    "lost",
    "seized",
    "rejected",
    "approved",
    "delayed",
    "evacuated",
    "repaired",
    "recruited",
];

const WORDS: &str = "the of and to in a on for with that by at from as is was were has have had been will would could \
    which who their its after before during near against between since under over about into through because while \
    when where troops soldiers civilians officials residents ministry government forces border city region village \
    river bridge power plant grid convoy shelter hospital school factory warehouse port airport railway station road \
    attack strike shelling offensive talks agreement sanctions aid grain oil gas electricity water food medicine \
    shipment supply budget tax inflation rate price wage market bank loan debt vote election parliament court law \
    decree protest strike union company plant worker migrant refugee camp crossing checkpoint patrol drone missile \
    tank artillery brigade battalion commander spokesman minister president governor mayor ambassador delegation \
    summit meeting statement report survey estimate figure number total share increase decrease decline rise fall \
    early late recent earlier later first second third last next new old large small heavy light northern southern \
    eastern western central local national foreign regional military civilian public private several many most some \
    including according despite following amid weekly monthly annual overnight temporary permanent partial complete \
    reported claimed denied confirmed warned added noted expected planned agreed refused failed continued began ended \
    moved reached crossed opened closed rebuilt supplied delivered blocked delayed restored reduced raised doubled";

/// What a source or an entity is called: another rank, another name.
pub(crate) fn proper_name(rank: u64) -> String {
    // Multiplying by a number that 40 shares no factor with only changes the order of names.
    let mut digits = (rank * 1_234_567) % 2_560_000;
    let mut name = String::with_capacity(24);
    name.push_str(FIRST_NAMES[(rank % 24) as usize]);
    name.push(' ');
    let begin = name.len();
    for _ in 0..4 {
        name.push_str(SYLLABLES[(digits % 40) as usize]);
        digits /= 40;
    }
    name[begin..=begin].make_ascii_uppercase();
    name
}

pub(crate) fn outlet(rank: u64) -> String {
    const KINDS: [&str; 6] = ["Times", "Post", "Herald", "News", "Tribune", "Wire"];
    let name = proper_name(rank + 1_000_000);
    let place = name.split(' ').nth(1).unwrap_or_default().to_owned();
    format!("{place} {}", KINDS[(rank % 6) as usize])
}

/// A metric's key: its topic, what is counted, and what happened to it.
pub(crate) fn metric(rank: u64) -> String {
    const COUNTED: [&str; 12] = [
        "troops",
        "civilians",
        "vehicles",
        "homes",
        "shipments",
        "migrants",
        "votes",
        "prices",
        "jobs",
        "cases",
        "arrests",
        "schools",
    ];
    format!("topic-{}.{}.{}", rank % 97, COUNTED[(rank % 12) as usize], VERBS[(rank / 12 % 16) as usize])
        + &if rank < 12 * 16 * 97 { String::new() } else { format!(".s{rank}") }
}

pub(crate) struct Sentences {
    words: Vec<&'static str>,
}

impl Sentences {
    pub(crate) fn new() -> Self {
        Self { words: WORDS.split_whitespace().collect() }
    }

    /// A sentence about somebody, with the words of its figures in it and one number that makes it itself.
    pub(crate) fn about(&self, subject: &str, figures: &[String], number: u64, random: &mut Random) -> String {
        // Two of three are short.
        let length = if random.percent(67) { 6 + random.below(9) } else { 20 + random.below(60) };
        let mut text = String::with_capacity(16 * length as usize);
        text.push_str(subject);
        text.push(' ');
        text.push_str(random.one_of(&VERBS));
        for figure in figures {
            text.push(' ');
            text.push_str(figure);
            text.push(' ');
            text.push_str(random.one_of(&self.words));
        }
        self.words(length, &mut text, random);
        text.push_str(" no. ");
        text.push_str(&number.to_string());
        text
    }

    pub(crate) fn title(&self, random: &mut Random) -> String {
        let mut text = proper_name(random.below(5_000));
        self.words(5 + random.below(6), &mut text, random);
        text
    }

    fn words(&self, count: u64, text: &mut String, random: &mut Random) {
        for _ in 0..count {
            text.push(' ');
            text.push_str(random.one_of(&self.words));
        }
    }
}

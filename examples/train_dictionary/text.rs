//! Chance, and texts made of it.

use super::words::{NOUNS, PHRASES, PROPER, QUALIFIERS, SMALL, VERBS};

/// A generator that gives the same records every time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    fn bits(&mut self) -> u64 {
        // SplitMix64: short, and good enough for choosing words.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        (self.bits() % sides as u64) as usize
    }

    pub(crate) fn one_in(&mut self, chances: usize) -> bool {
        self.roll(chances) == 0
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.bits() as u8)
    }

    /// One of some words, the first ones more often.
    pub(crate) fn word<'a>(&mut self, words: &'a str) -> &'a str {
        let count = words.split_whitespace().count();
        let at = self.roll(count).min(self.roll(count));
        words.split_whitespace().nth(at).unwrap_or_default()
    }

    pub(crate) fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len())]
    }

    /// An id as the server makes them, of some time.
    pub(crate) fn id(&mut self) -> String {
        let time = 1_500_000_000_000 + self.bits() % 500_000_000_000;
        let random = uuid::Builder::from_unix_timestamp_millis(time, &self.bytes());
        random.into_uuid().to_string()
    }

    pub(crate) fn name(&mut self) -> String {
        let proper = self.word(PROPER).to_owned();
        match self.roll(3) {
            0 => proper,
            1 => format!("{proper} {}", self.word(PROPER)),
            _ => format!("{proper} {}", self.invented()),
        }
    }

    /// A name made of syllables, so that none is learned.
    pub(crate) fn invented(&mut self) -> String {
        let mut name: String = (0..2 + self.roll(3))
            .map(|_| {
                let consonant = "bcdfghklmnprstvz".as_bytes()[self.roll(16)];
                let vowel = "aeiou".as_bytes()[self.roll(5)];
                format!("{}{}", char::from(consonant), char::from(vowel))
            })
            .collect();
        name[..1].make_ascii_uppercase();
        name
    }

    pub(crate) fn quantity(&mut self) -> String {
        match self.roll(4) {
            0 => (1 + self.roll(99)).to_string(),
            1 => format!("{},000", 1 + self.roll(900)),
            2 => format!("{}.{}", self.roll(100), self.roll(10)),
            _ => (self.roll(400) * 50).to_string(),
        }
    }

    pub(crate) fn sentence(&mut self) -> String {
        let mut text = if self.one_in(2) { self.name() } else { self.word(PROPER).to_owned() };
        for _ in 0..4 + self.roll(24) {
            text.push(' ');
            match self.roll(20) {
                0..=5 => text.push_str(self.word(SMALL)),
                6..=11 => text.push_str(self.word(NOUNS)),
                12..=14 => text.push_str(self.word(VERBS)),
                15..=16 => text.push_str(self.word(QUALIFIERS)),
                17 => text.push_str(self.of(PHRASES)),
                18 => text.push_str(&self.quantity()),
                _ => text.push_str(&self.name()),
            }
        }
        if self.one_in(2) {
            text.push('.');
        }
        text
    }

    pub(crate) fn date(&mut self) -> String {
        let (year, month, day) = (2005 + self.roll(22), 1 + self.roll(12), 1 + self.roll(28));
        match self.roll(6) {
            0 => year.to_string(),
            1 => format!("{year}-{month:02}"),
            2 => {
                let (hour, minute, second) = (self.roll(24), self.roll(60), self.roll(60));
                format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
            }
            _ => format!("{year}-{month:02}-{day:02}"),
        }
    }
}

//! Numbers in English sentences that are no figures: years and dates, times of day, names and part numbers, addresses, and
//! the "one" that stands for a noun. What is left is read.

use std::ops::RangeInclusive;

use super::super::token::Shape;
use super::English;
use super::figure::Found;
use super::vocabulary::Meaning;
use crate::domain::figure::{FigureKind, Qualifier};

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
];

impl English<'_> {
    /// The figures of the sentence, in order.
    pub(super) fn sentence(&self) -> Vec<Found> {
        let mut found = Vec::new();
        let mut other = None;
        let mut at = 0;
        while at < self.tokens.len() {
            if let Some(behind) = self.address(at) {
                at = behind;
                continue;
            }
            match self.figure(at) {
                Some(figure) => {
                    at = figure.next.max(at + 1);
                    let is_other = other == Some(figure.from);
                    other = self.paired(&figure);
                    if !is_other && other.is_none() && self.is_figure(&figure) {
                        found.push(figure);
                    }
                }
                None => at += 1,
            }
        }
        found
    }

    /// Whether a figure may begin at this token: not within a name, a number, or a date that goes on from before.
    pub(super) fn may_begin(&self, at: usize) -> bool {
        let Some(token) = self.token(at) else { return false };
        if token.is_apart || at == 0 {
            return true;
        }
        let before = at - 1;
        let is_name = |at: usize| matches!(self.shape(at), Some(Shape::Word | Shape::Digits));
        match self.shape(before) {
            // "B2", "scp173m"
            Some(Shape::Word | Shape::Digits) => token.shape == Shape::Sign,
            // "<>30", "=>30"
            Some(Shape::Sign) if matches!(self.text(before), "<" | ">" | "=") => token.shape != Shape::Sign,
            // "covid-19", "F-16", "2020-05"; but "mid-twenty"
            Some(Shape::Sign)
                if matches!(self.text(before), "-" | "–" | "/" | ":" | "." | "'" | "_") && !self.is_apart(before) =>
            {
                !(before > 0 && is_name(before - 1) && token.shape == Shape::Digits)
            }
            Some(Shape::Sign) | None => true,
        }
    }

    /// Whether what was read is a number that somebody means as one.
    fn is_figure(&self, found: &Found) -> bool {
        !(self.is_year(found)
            || self.is_label(found)
            || self.is_alternative(found)
            || self.is_date(found)
            || self.is_time_of_day(found)
            || self.is_name(found)
            || self.is_pronoun(found)
            || self.is_other_part(found)
            || self.is_end_of_change(found)
            || self.is_power(found)
            || self.is_compared_multiple(found)
            || self.is_limited(found)
            || self.is_part_of_unread(found))
    }

    /// "Section 8", "No. 1", "Bill 5": a number that names one of a series.
    fn is_label(&self, found: &Found) -> bool {
        const BEFORE: &[&str] = &[
            "no",
            "number",
            "section",
            "bill",
            "act",
            "schedule",
            "issue",
            "chapter",
            "article",
            "page",
            "volume",
            "phase",
            "category",
            "level",
            "highway",
            "route",
            "interstate",
            "flight",
            "room",
            "proposition",
            "amendment",
            "title",
            "part",
            "item",
            "line",
            "update",
            "wrapup",
            "day",
            "version",
        ];
        let before = self.before(found.from);
        let is_dotted = before == "." && found.from.checked_sub(2).is_some_and(|at| self.text(at) == "no");
        self.is_plain(found) && (is_dotted || BEFORE.contains(&before))
    }

    /// "5,00 or 6": either of two, of which the first is not read.
    fn is_alternative(&self, found: &Found) -> bool {
        let is_bare = found.reading.qualifier == Qualifier::Bare && found.reading.kind.is_none();
        let is_number = |at: usize| {
            let is_word = matches!(self.meaning(at), Some(Meaning::Small(_) | Meaning::Ten(_)));
            is_word || self.shape(at) == Some(Shape::Digits)
        };
        is_bare && self.before(found.from) == "or" && found.from >= 2 && is_number(found.from - 2)
    }

    pub(super) fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |before| self.text(before))
    }

    /// A plain number of one token.
    fn is_plain(&self, found: &Found) -> bool {
        let is_bare = matches!(found.reading.qualifier, Qualifier::Bare) && found.reading.kind.is_none();
        is_bare && found.next == found.from + 1 && self.shape(found.from) == Some(Shape::Digits)
    }

    /// "in 2017", "a 2024 pact", "2014–2019", "from 2014 to 2019", "since at least 2014", "founded in 1848".
    pub(super) fn is_year(&self, found: &Found) -> bool {
        if found.reading.kind.is_some() || found.reading.unit.is_some() {
            return false;
        }
        if found.reading.qualifier == Qualifier::Between {
            let mut digits = (found.from..found.next).filter(|at| self.shape(*at) == Some(Shape::Digits)).peekable();
            let is_year =
                |at: usize| self.is_of_year(at) || (self.is_of_old_year(at) && self.counts_nothing(found.next));
            return digits.peek().is_some() && digits.all(is_year);
        }
        if self.is_plain(found) {
            return self.stands_as_year(found.from) || self.stands_as_old_year(found.from);
        }
        self.is_qualified_year(found)
    }

    /// "since at least 2014", "until about 2035", "built around 1950."
    fn is_qualified_year(&self, found: &Found) -> bool {
        let Some(last) = found.next.checked_sub(1).filter(|last| *last > found.from && self.is_of_year(*last)) else {
            return false;
        };
        let is_time = match self.before(found.from) {
            "since" | "until" | "till" => true,
            "in" | "from" | "to" | "of" | "by" | "before" | "after" | "during" => self.counts_nothing(found.next),
            _ => matches!(self.text(last - 1), "around" | "circa") && self.counts_nothing(found.next),
        };
        is_time && found.reading.scale_word.is_none()
    }

    /// Whether no noun that a number would count follows.
    fn counts_nothing(&self, at: usize) -> bool {
        const OTHER: &[&str] =
            &["the", "a", "an", "as", "and", "but", "by", "in", "it", "he", "she", "they", "when", "with"];
        self.shape(at) != Some(Shape::Word) || OTHER.contains(&self.text(at))
    }

    /// Four digits without a comma, as years have.
    pub(super) fn is_of_year(&self, at: usize) -> bool {
        self.has_century(at, 19..=20)
    }

    /// A year before 1900, which is a number as often.
    fn is_of_old_year(&self, at: usize) -> bool {
        self.has_century(at, 11..=18)
    }

    fn has_century(&self, at: usize, centuries: RangeInclusive<u32>) -> bool {
        let text = self.text(at);
        let is_whole = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_whole
            && text
                .get(..2)
                .and_then(|century| century.parse().ok())
                .is_some_and(|century| centuries.contains(&century))
    }

    /// "founded in 1848"; but "in 1500 homes".
    fn stands_as_old_year(&self, at: usize) -> bool {
        let before = self.before(at);
        let is_time =
            matches!(before, "in" | "since" | "until" | "till" | "by" | "during" | "circa" | "year" | "early" | "late")
                || MONTHS.contains(&before);
        let is_round = self.text(at).ends_with("00");
        self.is_of_old_year(at) && is_time && (!is_round || self.counts_nothing(at + 1))
    }

    /// Whether the digits of a year stand where one does: "in 2017", "September 2025".
    pub(super) fn stands_as_year(&self, at: usize) -> bool {
        const BEFORE: &[&str] = &[
            "in", "since", "that", "his", "her", "its", "their", "until", "till", "by", "during", "before", "after",
            "of", "from", "to", "a", "an", "the", "year", "early", "late", "mid", "spring", "summer", "autumn", "fall",
            "winter", "and", ",", "(", "-", "for",
        ];
        let before = self.before(at);
        // "Wisconsin's 2010 budget"
        let is_owned = before.ends_with("'s") || before.ends_with("’s");
        self.is_of_year(at) && (is_owned || BEFORE.contains(&before) || MONTHS.contains(&before) || at == 0)
    }

    /// "May 4th", "3 September", "Sept. 3", "September 3, 2025", "5/17/2018".
    fn is_date(&self, found: &Found) -> bool {
        let is_day = found.next <= found.from + 2
            && matches!(found.reading.kind, None | Some(FigureKind::Ordinal))
            && matches!(found.reading.qualifier, Qualifier::Bare | Qualifier::Exactly);
        let before = self.before(found.from);
        let before = if before == "." { found.from.checked_sub(2).map_or("", |at| self.text(at)) } else { before };
        let after = found.next + usize::from(self.text(found.next) == "of");
        let is_beside = MONTHS.contains(&before) || MONTHS.contains(&self.text(after));
        let has_slash = self.text(found.next) == "/"
            && self.shape(found.next + 1) == Some(Shape::Digits)
            && !self.is_apart(found.next);
        // "may" is also a verb: "20 may have died".
        let is_verb = self.text(after) == "may" && self.token(after).is_some_and(|may| may.raw == "may");
        has_slash || (is_day && is_beside && !is_verb)
    }

    /// "2:00 pm", "6pm", "11 a.m."
    fn is_time_of_day(&self, found: &Found) -> bool {
        let is_clock = self.text(found.next) == ":"
            && !self.is_apart(found.next)
            && self.shape(found.next + 1) == Some(Shape::Digits);
        let is_minutes = self.before(found.from) == ":" && !self.is_apart(found.from);
        let next = self.text(found.next);
        let is_half = matches!(next, "am" | "pm" | "o'clock" | "gmt")
            || (matches!(next, "a" | "p") && self.text(found.next + 1) == "." && self.text(found.next + 2) == "m");
        is_clock || is_minutes || is_half
    }

    /// "24703L202", "13F", "1-222-2222": digits that letters or more digits touch.
    fn is_name(&self, found: &Found) -> bool {
        let Some(next) = self.token(found.next).filter(|next| !next.is_apart) else { return false };
        let last = found.next.checked_sub(1).and_then(|last| self.shape(last));
        let is_touched = |shape| matches!(shape, Some(Shape::Word | Shape::Digits));
        match next.shape {
            Shape::Word | Shape::Digits => is_touched(last),
            Shape::Sign => {
                let goes_on = self.shape(found.next + 1) == Some(Shape::Digits) && !self.is_apart(found.next + 1);
                matches!(next.text, "-" | "–" | "/") && goes_on && last == Some(Shape::Digits)
            }
        }
    }

    /// "the one you mentioned", "this one": a noun's stand-in.
    fn is_pronoun(&self, found: &Found) -> bool {
        const BEFORE: &[&str] = &[
            "the", "this", "that", "which", "each", "every", "any", "no", "some", "another", "next", "last",
            "previous", "current", "only", "first", "right", "wrong", "other", "new", "good", "old", "big", "small",
        ];
        let is_one = self.text(found.from) == "one" && found.next == found.from + 1;
        is_one
            && (BEFORE.contains(&self.before(found.from)) || matches!(self.text(found.next), "another" | "'s" | "you"))
    }

    /// "10^6", "10⁶", and the 1.2 of "1.2×10⁶".
    fn is_power(&self, found: &Found) -> bool {
        let is_raised = |at: usize| {
            let is_exponent =
                |sign: &str| sign == "^" || sign.starts_with(|c| matches!(c, '⁰'..='⁹' | '¹' | '²' | '³' | '⁻'));
            !self.is_apart(at) && is_exponent(self.text(at))
        };
        let factor = found.next + 1;
        let is_factor = matches!(self.text(found.next), "×" | "x" | "*" | "·") && self.text(factor) == "10";
        is_raised(found.next)
            || (is_factor && is_raised(factor + 1))
            || (self.before(found.from) == "^" && !self.is_apart(found.from))
    }

    /// "three times more", "three times as likely", "three times the size": a multiple of something else, which is not read.
    fn is_compared_multiple(&self, found: &Found) -> bool {
        const COMPARED: &[&str] = &[
            "as", "the", "more", "less", "fewer", "higher", "lower", "larger", "greater", "bigger", "smaller",
            "longer", "shorter", "faster", "slower", "older", "younger", "stronger", "better", "worse",
        ];
        let is_number = found.reading.kind.is_none() && found.reading.unit.is_none();
        let is_multiple =
            is_number && self.text(found.next) == "times" && COMPARED.contains(&self.text(found.next + 1));
        // "higher than 100" behind "three times" is no bound.
        is_multiple || (self.before(found.from) == "times" && found.reading.qualifier != Qualifier::Bare)
    }

    /// The token behind a web or mail address that begins here.
    fn address(&self, at: usize) -> Option<usize> {
        if !self.is_apart(at) {
            return None;
        }
        let touching = self.tokens.iter().skip(at + 1).take_while(|token| !token.is_apart).count();
        let behind = at + 1 + touching;
        if touching < 2 {
            return None;
        }
        let chunk = self.written(at, behind);
        let is_address = chunk.contains("://") || chunk.starts_with("www.") || chunk.contains('@');
        is_address.then_some(behind)
    }
}

//! What stands beside a number, belongs to it and is not read: words that limit it, and digits in another notation. A number
//! beside them would be another one than is meant, so it is left out. The words are data.

use super::super::token::Shape;
use super::English;
use super::figure::Found;
use super::vocabulary::{Meaning, phrases};
use crate::domain::figure::{FigureKind, Qualifier};

/// Words in front of a number that limit it, or may: "close to two villages" is as usual as "close to two thousand".
const BEFORE: &[&[&str]] = &[
    &["close", "to"],
    &["closer", "to"],
    &["close", "on"],
    &["closing", "in", "on"],
    &["near"],
    &["near", "to"],
    &["nearer", "to"],
    &["nearing"],
    &["approaching"],
    &["nigh"],
    &["nigh", "on"],
    &["getting", "on", "for"],
    &["verging", "on"],
    &["bordering", "on"],
    &["pushing"],
    &["topping"],
    &["beyond"],
    &["shy", "of"],
    &["short", "of"],
    &["north", "of"],
    &["south", "of"],
    &["in", "the", "region", "of"],
    &["in", "the", "neighbourhood", "of"],
    &["in", "the", "neighborhood", "of"],
    &["in", "the", "vicinity", "of"],
    &["the", "best", "part", "of"],
    &["the", "better", "part", "of"],
    &["like"],
    &["at", "best"],
    &["at", "worst"],
    &["minimum"],
    &["minimum", "of"],
    &["maximum"],
    &["maximum", "of"],
    &["max"],
    &["max", "."],
    &["ca"],
    &["ca", "."],
    &["c", "."],
    &["est"],
    &["est", "."],
    &["approximate"],
    &["possible"],
    &["potential"],
    &["probable"],
    &["perhaps"],
    &["maybe"],
    &["quite"],
    &["little"],
    &["barely"],
    &["hardly"],
    &["scarcely"],
    &["rarely"],
    &["seldom"],
    &["neither"],
    &["nor"],
    &["no", "longer"],
    &["far", "from"],
    &["likely"],
    &["possibly"],
    &["potentially"],
    &["presumably"],
    &["probably"],
    &["supposedly"],
    &["practically"],
    &["virtually"],
    &["give", "or", "take"],
    &["plus", "or"],
    &["plus", "/"],
    &["±"],
    &["≠"],
    &["≲"],
    &["≳"],
];

/// What is joined to a number and limits it.
const JOINED: &[&[&str]] = &[&["odd"], &["-", "odd"], &["-", "plus"]];

/// How far a number may be off, with another number behind it or not.
const OFF: &[&[&str]] = &[
    &["give", "or", "take"],
    &["plus", "or", "minus"],
    &["plus", "/", "minus"],
    &["+", "/", "-"],
    &["+", "/", "−"],
    &["±"],
    &["if", "not", "more"],
];

/// Words behind a number, or the noun that it counts, that limit it; not where they begin the next number: "100 or over 200".
const BEHIND: &[&[&str]] = &[
    &["or", "so"],
    &["or", "more"],
    &["or", "greater"],
    &["or", "fewer"],
    &["or", "less"],
    &["or", "thereabouts"],
    &["or", "even", "more"],
    &["at", "least"],
    &["at", "most"],
    &["at", "the", "least"],
    &["at", "the", "most"],
    &["at", "the", "very", "least"],
    &["at", "the", "very", "most"],
    &["or", "above"],
    &["or", "below"],
    &["or", "higher"],
    &["or", "lower"],
    &["or", "older"],
    &["or", "over"],
    &["or", "under"],
];

/// How many words of a noun are looked past for the words that limit its number: "20 armed men or more".
const NOUN_WORDS_MAX: usize = 2;

/// Words in "-ly" that leave the number behind them as it is. Whatever other adverb stands there limits it: there are too
/// many to know.
const NEUTRAL: &[&str] = &[
    "accidentally",
    "actually",
    "additionally",
    "allegedly",
    "ally",
    "annually",
    "apparently",
    "assembly",
    "belly",
    "bodily",
    "collectively",
    "currently",
    "daily",
    "deliberately",
    "directly",
    "early",
    "elderly",
    "eventually",
    "family",
    "fatally",
    "finally",
    "formerly",
    "fully",
    "globally",
    "hourly",
    "illegally",
    "immediately",
    "individually",
    "initially",
    "instantly",
    "jointly",
    "lately",
    "legally",
    "literally",
    "locally",
    "merely",
    "monthly",
    "namely",
    "nationally",
    "officially",
    "only",
    "originally",
    "previously",
    "quarterly",
    "quickly",
    "rally",
    "really",
    "recently",
    "reply",
    "reportedly",
    "respectively",
    "separately",
    "simply",
    "simultaneously",
    "subsequently",
    "successfully",
    "suddenly",
    "supply",
    "unfortunately",
    "weekly",
    "yearly",
];

/// How many two-digit groups are looked through for the three digits that a grouped number ends with: "12 34 56 789".
const GROUPS_OF_TWO_MAX: usize = 4;

impl English<'_> {
    /// Whether words beside the figure limit it, and are not read.
    pub(super) fn is_limited(&self, found: &Found) -> bool {
        match found.reading.qualifier {
            // They bound nothing that could be wrong; but the "few" of "as few as 20" is no quantity.
            Qualifier::Vague | Qualifier::About => {
                self.before(found.from) == "as" && self.text(found.next) == "as" && self.text(found.from) == "few"
            }
            Qualifier::Bare => {
                self.is_limited_before(found)
                    || self.is_limited_behind(found)
                    || self.has_adverb(found.from)
                    || self.is_behind_minus(found.from)
            }
            Qualifier::Exactly
            | Qualifier::Nearly
            | Qualifier::JustOver
            | Qualifier::MoreThan
            | Qualifier::LessThan
            | Qualifier::AtLeast
            | Qualifier::AtMost
            | Qualifier::UpTo
            | Qualifier::Between => self.is_limited_before(found) || self.is_limited_behind(found),
            Qualifier::NoneAtAll => self.is_limited_before(found),
        }
    }

    /// Whether a minus that was not read stands directly before this token: "a frost –5 degrees deep", "+/-5".
    fn is_behind_minus(&self, at: usize) -> bool {
        let Some(sign) = at.checked_sub(1) else { return false };
        // "most of all--6 million": two are a dash.
        let is_mark = |at: usize| self.shape(at) == Some(Shape::Sign) && !matches!(self.text(at), "-" | "–");
        let is_open = self.is_apart(sign) || (sign > 0 && is_mark(sign - 1));
        match self.text(sign) {
            "-" | "−" | "–" | "‑" => is_open && !self.is_apart(at),
            "minus" | "negative" => true,
            _ => false,
        }
    }

    fn is_limited_before(&self, found: &Found) -> bool {
        let at = found.from;
        let is_place = found.reading.kind == Some(FigureKind::Ordinal);
        BEFORE.iter().any(|words| self.ends_with(at, words))
            || self.is_denied(at)
            || self.is_left_qualifier(at, is_place)
            || (!is_place && (self.is_behind_than(found) || self.is_compared(at)))
    }

    /// "100-odd", "500, if not more", "20 people or more", "100 ± 5". What only opens a number upward leaves a lower bound true.
    fn is_limited_behind(&self, found: &Found) -> bool {
        let is_lower =
            matches!(found.reading.qualifier, Qualifier::MoreThan | Qualifier::AtLeast | Qualifier::JustOver);
        let is_noun = |at: &usize| {
            self.shape(*at) == Some(Shape::Word) && !matches!(self.text(*at), "and" | "but" | "or" | "more")
        };
        let nouns = (found.next..).take(NOUN_WORDS_MAX).take_while(is_noun).count();
        let opens = |words: &[&str]| {
            is_lower
                && matches!(words.last(), Some(&("more" | "least" | "greater" | "above" | "higher" | "older" | "over")))
        };
        let is_joined = JOINED.iter().any(|words| self.is_phrase(found.next, words));
        let stands = |at: usize, words: &[&str]| self.is_phrase(at, words) && !opens(words);
        is_joined
            || (found.next..=found.next + nouns).any(|at| {
                let at = at + usize::from(self.text(at) == ",");
                OFF.iter().any(|words| stands(at, words))
                    || BEHIND.iter().any(|words| stands(at, words) && self.ends_figure(at + words.len()))
            })
    }

    /// Whether no number begins here that the words before it belong to: "or more than 200".
    fn ends_figure(&self, at: usize) -> bool {
        self.text(at) != "than" && self.quantity(at).is_none()
    }

    /// Whether these words end before this token.
    fn ends_with(&self, at: usize, words: &[&str]) -> bool {
        at.checked_sub(words.len()).is_some_and(|from| self.is_phrase(from, words))
    }

    /// "not 100", "not much more than 100", "isn't even 100", "not necessarily more than 100"; but "not only 100".
    fn is_denied(&self, at: usize) -> bool {
        let is_degree = |at: &usize| {
            let word = self.text(*at);
            let is_adverb = word.ends_with("ly") && !matches!(word, "only" | "merely" | "simply" | "solely");
            is_adverb || matches!(word, "quite" | "even" | "much" | "many" | "far" | "all" | "that")
        };
        let Some(at) = (0..at).rev().take(3).find(|at| !is_degree(at)) else { return false };
        let word = self.text(at);
        matches!(word, "not" | "never" | "cannot") || word.ends_with("n't") || word.ends_with("n’t")
    }

    /// Whether a phrase that qualifies numbers stands before this token, and the number was read without it: "nearly first".
    fn is_left_qualifier(&self, at: usize, is_place: bool) -> bool {
        (1..=5).filter_map(|length| at.checked_sub(length)).any(|from| {
            phrases(self.text(from)).iter().any(|(words, qualifier)| {
                // "over three years" may be during them, "how about five" asks, and "about first love" tells of it.
                let is_other = matches!(words.as_slice(), ["over" | "about"]);
                let counts = if is_place { *qualifier == Qualifier::Nearly } else { !is_other };
                counts && from + words.len() == at && self.is_phrase(from, words)
            })
        })
    }

    /// "better than 17"; but "fewer came than 20 years ago" compares no number.
    fn is_behind_than(&self, found: &Found) -> bool {
        self.before(found.from) == "than" && self.text(found.next) != "ago"
    }

    /// "as low as 20", but "as well as 20 others" adds them.
    fn is_compared(&self, at: usize) -> bool {
        let Some(first) = at.checked_sub(3) else { return false };
        let is_as = self.text(first) == "as" && self.text(first + 2) == "as";
        is_as && !matches!(self.text(first + 1), "well" | "soon" | "many" | "much" | "long")
    }

    /// Whether an adverb stands before this token that says how far the number is meant. A capital makes it a name: "Italy".
    fn has_adverb(&self, at: usize) -> bool {
        let word = at.checked_sub(1).and_then(|before| self.token(before));
        word.is_some_and(|word| word.raw == word.text && word.text.ends_with("ly") && !NEUTRAL.contains(&word.text))
    }

    /// Whether the figure is one end, or the scale word, of a number in another notation: "from 10 to 12 000",
    /// "5,00 million".
    pub(super) fn is_part_of_unread(&self, found: &Found) -> bool {
        let is_scale =
            matches!(self.meaning(found.from), Some(Meaning::Scale(_) | Meaning::Hundred | Meaning::Dozen(_)));
        let is_behind = |length: usize| found.from.checked_sub(length).is_some_and(|at| self.is_unread(at));
        let is_high = self.is_joint(found.from.saturating_sub(1)) && is_behind(2);
        is_high || (is_scale && is_behind(1)) || self.leads_to_unread(found.next)
    }

    /// Whether the other end of a range, or what a share is of, stands here and is not read.
    fn leads_to_unread(&self, at: usize) -> bool {
        let other = match (self.text(at), self.text(at + 1)) {
            ("in", _) => at + 1,
            ("out", "of") => at + 2,
            (_, _) if self.is_joint(at) => at + 1,
            (_, _) => return false,
        };
        let is_money = matches!(self.text(other), "$" | "£" | "€");
        self.is_unread(other) || (is_money && self.is_unread(other + 1) && self.quantity(other).is_none())
    }

    /// What may part the ends of a range.
    fn is_joint(&self, at: usize) -> bool {
        matches!(self.text(at), "to" | "through" | "and" | "-" | "–" | "—" | "~")
    }

    /// Whether a number in digits stands here that is not read: in another notation, or with an "m" of two meanings.
    fn is_unread(&self, at: usize) -> bool {
        let is_letter = self.text(at + 1) == "m" && !self.is_apart(at + 1);
        let is_left = || self.quantity(at).is_none_or(|quantity| quantity.next == at + 1);
        self.shape(at) == Some(Shape::Digits) && (self.digits(at).is_none() || (is_letter && is_left()))
    }

    /// Whether plain spaces may group the digits here with those beside them: "12 000", "12 34 567". A year in front of a
    /// number does not.
    pub(super) fn is_spaced(&self, at: usize) -> bool {
        let is_head = |at: usize| self.shape(at) == Some(Shape::Digits) && !self.stands_as_year(at);
        let is_behind_head = at.checked_sub(1).is_some_and(is_head);
        if is_behind_head && self.is_group(at, 3) {
            return true;
        }
        let twos = (at + 1..).take(GROUPS_OF_TWO_MAX).take_while(|at| self.is_group(*at, 2)).count();
        is_head(at) && self.is_group(at + 1 + twos, 3)
    }

    /// Whether digits that begin with so many before a separator stand here, apart from what is before them.
    fn is_group(&self, at: usize, length: usize) -> bool {
        self.token(at).is_some_and(|token| {
            let whole = token.text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            token.shape == Shape::Digits && token.is_apart && whole.len() == length
        })
    }
}

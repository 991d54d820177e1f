//! The grammar of UCUM codes: `km`, `m/s2`, `[mi_i]/h`, `10*3/uL`, `kg.(m/s)2`. Annotations (`{soldiers}`) are no units here.

use std::collections::BTreeMap;

use super::UnitError;
use super::ratio::Ratio;
use super::table::{Atom, Definition, TABLE};

/// The largest exponent of a unit; nothing that is measured has a larger one.
const EXPONENT_MAX: i32 = 30;

/// How deep the table's definitions and a code's brackets may nest; the table needs fewer.
const DEPTH_MAX: usize = 24;

/// What a code comes to: base units with their exponents, and the factor in front of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) factor: Ratio,
    pub(super) dimension: BTreeMap<String, i32>,
    /// The special unit that the code is; it cannot be a part of another.
    pub(super) special: Option<String>,
}

impl Term {
    fn one() -> Self {
        Self { factor: Ratio::whole(1), dimension: BTreeMap::new(), special: None }
    }

    fn times(mut self, other: Term, exponent: i32) -> Result<Self, UnitError> {
        let factor = other.factor.power(exponent).ok_or(UnitError::Exponent)?;
        self.factor = self.factor.times(&factor);
        for (base, count) in other.dimension {
            *self.dimension.entry(base).or_default() += count * exponent;
        }
        self.dimension.retain(|_, count| *count != 0);
        if self.dimension.values().any(|count| count.abs() > EXPONENT_MAX) {
            return Err(UnitError::Exponent);
        }
        Ok(self)
    }
}

/// Reads a code.
pub(super) fn read(code: &str) -> Result<Term, UnitError> {
    let mut reader = Reader { rest: code, depth: 0 };
    let term = reader.term()?;
    if reader.rest.is_empty() { Ok(term) } else { Err(UnitError::unknown(reader.rest)) }
}

struct Reader<'c> {
    rest: &'c str,
    depth: usize,
}

impl<'c> Reader<'c> {
    fn take(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Components with `.` and `/` between them, from the left; a `/` may stand first.
    fn term(&mut self) -> Result<Term, UnitError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(UnitError::TooDeep);
        }
        let mut sign = if self.take('/') { -1 } else { 1 };
        let mut term = Term::one();
        let mut is_first = true;
        loop {
            let component = self.component()?;
            if component.special.is_some() {
                // A special unit is a scale, not a quantity: there is no metre per degree Celsius.
                let is_alone = is_first && sign > 0 && !self.rest.starts_with(['.', '/']) && self.depth == 1;
                self.depth -= 1;
                return if is_alone { Ok(component) } else { Err(UnitError::SpecialInTerm) };
            }
            term = term.times(component, sign)?;
            is_first = false;
            sign = if self.take('.') {
                1
            } else if self.take('/') {
                -1
            } else {
                self.depth -= 1;
                return Ok(term);
            };
        }
    }

    /// A bracketed term, a number, or a unit, with its exponent.
    fn component(&mut self) -> Result<Term, UnitError> {
        if self.take('(') {
            let term = self.term()?;
            if !self.take(')') {
                return Err(UnitError::unknown(self.rest));
            }
            return self.raised(term);
        }
        // `10*` and `10^` are units; digits alone are a factor.
        let is_power = self.rest.starts_with("10*") || self.rest.starts_with("10^");
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && !is_power {
            let (number, rest) = self.rest.split_at(digits);
            let number: i64 =
                number.parse().ok().filter(|number| *number > 0).ok_or_else(|| UnitError::unknown(number))?;
            self.rest = rest;
            return Ok(Term { factor: Ratio::whole(number), ..Term::one() });
        }
        let name = self.name();
        let unit = named(name, self.depth)?;
        self.raised(unit)
    }

    /// The letters of a unit, as far as they go: to an exponent, an operator or a bracket.
    fn name(&mut self) -> &'c str {
        let mut length = 0;
        let mut in_brackets = false;
        let power = self.rest.starts_with("10*") || self.rest.starts_with("10^");
        for (at, c) in self.rest.char_indices() {
            match c {
                '[' => in_brackets = true,
                ']' => in_brackets = false,
                _ if in_brackets || (power && at < 3) => {}
                '.' | '/' | '(' | ')' | '+' | '-' | '0'..='9' => break,
                _ => {}
            }
            length = at + c.len_utf8();
        }
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest;
        name
    }

    fn raised(&mut self, term: Term) -> Result<Term, UnitError> {
        let sign = if self.take('-') { -1 } else { 1 };
        let has_sign = sign < 0 || self.take('+');
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return if has_sign { Err(UnitError::unknown(self.rest)) } else { Ok(term) };
        }
        let (number, rest) = self.rest.split_at(digits);
        let exponent: i32 = number.parse().ok().filter(|number| *number <= EXPONENT_MAX).ok_or(UnitError::Exponent)?;
        self.rest = rest;
        if term.special.is_some() {
            return Err(UnitError::SpecialInTerm);
        }
        Term::one().times(term, sign * exponent)
    }
}

/// A unit of the table, with a prefix where it may have one.
fn named(name: &str, depth: usize) -> Result<Term, UnitError> {
    if let Some((code, atom)) = TABLE.atoms.get_key_value(name) {
        return defined(code, atom, depth);
    }
    // No prefix is longer than two letters, and no name is a prefixed unit in two ways.
    for length in [1, 2] {
        let Some((prefix, rest)) = name.split_at_checked(length) else { continue };
        let prefix = TABLE.prefixes.get(prefix);
        let atom = TABLE.atoms.get_key_value(rest).filter(|(_, atom)| atom.is_metric);
        if let (Some(prefix), Some((code, atom))) = (prefix, atom) {
            let term = defined(code, atom, depth)?;
            // A decibel is a scale of its own.
            if term.special.is_some() {
                let dimension = BTreeMap::from([(name.to_owned(), 1)]);
                return Ok(Term { dimension, special: Some(name.to_owned()), ..Term::one() });
            }
            return Ok(Term { factor: term.factor.times(prefix), ..term });
        }
    }
    Err(UnitError::unknown(name))
}

/// What the table says that a unit is.
fn defined(code: &str, atom: &Atom, depth: usize) -> Result<Term, UnitError> {
    let base = || BTreeMap::from([(code.to_owned(), 1)]);
    match &atom.definition {
        Definition::Base => Ok(Term { dimension: base(), ..Term::one() }),
        Definition::Special(special) => Ok(Term { dimension: base(), special: Some(special.clone()), ..Term::one() }),
        Definition::Derived(factor, of) => {
            let mut reader = Reader { rest: of, depth };
            let term = reader.term()?;
            Ok(Term { factor: term.factor.times(factor), ..term })
        }
    }
}

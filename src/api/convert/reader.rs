//! Reads one request: knows where in it the conversion stands, and collects everything that is wrong with it, so that a
//! caller learns all of it at once.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use crate::domain::language::Language;
use crate::domain::limits;
use crate::domain::model::{ErrorReason, Key, WarningReason};
use crate::domain::name::RecordKind;
use crate::domain::plan::{Violation, Warning};

/// What is wrong with a request; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violations {
    /// The first few.
    pub listed: Vec<Violation>,
    /// How many there are in all.
    pub total: usize,
    /// The reason they all share; `FIELD_INVALID` when they differ.
    pub reason: ErrorReason,
}

impl Violations {
    /// What is wrong, from a list of all of it.
    #[must_use]
    pub fn of(mut all: Vec<Violation>) -> Self {
        let (total, reason) = (all.len(), shared_reason(&all));
        all.truncate(limits::VIOLATIONS);
        Self { listed: all, total, reason }
    }

    /// With more of them.
    #[must_use]
    pub fn and(self, more: Vec<Violation>) -> Self {
        let (total, mut all) = (self.total + more.len(), self.listed);
        all.extend(more);
        Self { total, ..Self::of(all) }
    }

    /// One violation.
    #[must_use]
    pub fn one(path: &str, reason: ErrorReason, message: impl Into<String>) -> Self {
        Self::of(vec![Violation { path: path.to_owned(), reason, message: message.into() }])
    }
}

fn shared_reason(all: &[Violation]) -> ErrorReason {
    let first = all.first().map_or(ErrorReason::FieldInvalid, |violation| violation.reason);
    if all.iter().all(|violation| violation.reason == first) { first } else { ErrorReason::FieldInvalid }
}

/// Which fields of a record a request must give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Demands {
    /// All that are required: a record is made.
    #[default]
    Whole,
    /// Of those required, the ones that a revision names.
    Fields(Vec<String>),
}

/// Where a conversion stands, and what it has found.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    path: String,
    violations: Vec<Violation>,
    total: usize,
    warnings: Vec<Warning>,
    /// The records of the request that have keys.
    pub(super) keys: HashMap<Key, RecordKind>,
    pub(super) demands: Demands,
    /// How many words the request wants to be found in texts.
    pub(super) spans: usize,
    /// How many sources it gives inline.
    pub(super) inline_sources: usize,
    /// The languages of the request's articles, by the references that lead to them.
    pub(super) languages: HashMap<String, Language>,
    /// The names of records that are taken as they were exported.
    pub(super) restored: HashSet<String>,
    /// The record that is being read is one of them.
    pub(super) is_restoring: bool,
}

impl Reader {
    /// Goes into a field.
    pub(crate) fn field<T>(&mut self, field: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.within(|path| path.push_str(field), read)
    }

    /// Goes into an item of a repeated field.
    pub(crate) fn item<T>(&mut self, field: &str, index: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let step = |path: &mut String| {
            // A string takes whatever is written to it.
            let _ = write!(path, "{field}[{index}]");
        };
        self.within(step, read)
    }

    /// Goes one step further. Steps are written into the one path: every field of every record is one.
    fn within<T>(&mut self, step: impl FnOnce(&mut String), read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        step(&mut self.path);
        let value = read(self);
        self.path.truncate(length);
        value
    }

    /// Goes into each item of a repeated field, of which there may be so many.
    pub(crate) fn items<M, T>(
        &mut self,
        field: &str,
        max: usize,
        items: Vec<M>,
        mut read: impl FnMut(&mut Self, M) -> T,
    ) -> Vec<T> {
        if items.len() > max {
            let message = format!("at most {max} are allowed, these are {}", items.len());
            self.violation_at(field, ErrorReason::LimitExceeded, message);
            // What is beyond the limit is not worth reading, however much there is of it.
            return Vec::new();
        }
        items.into_iter().enumerate().map(|(index, item)| self.item(field, index, |r| read(r, item))).collect()
    }

    /// Where the conversion stands.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Notes that something is wrong here.
    pub(crate) fn violation(&mut self, reason: ErrorReason, message: impl Into<String>) {
        self.total += 1;
        // The first few are named, and of the rest one with another reason, so that a shared reason is truly shared.
        let differs = self.violations.iter().all(|violation| violation.reason != reason);
        if self.violations.len() < limits::VIOLATIONS || differs {
            self.violations.push(Violation { path: self.path.clone(), reason, message: message.into() });
        }
    }

    /// Notes that something is wrong with a field.
    pub(crate) fn violation_at(&mut self, field: &str, reason: ErrorReason, message: impl Into<String>) {
        self.field(field, |r| r.violation(reason, message));
    }

    /// Notes that a field's value cannot be.
    pub(crate) fn invalid(&mut self, field: &str, message: impl Into<String>) {
        self.violation_at(field, ErrorReason::FieldInvalid, message);
    }

    /// Notes something that is recorded as given and that the caller should look at.
    pub(crate) fn warn(&mut self, reason: WarningReason, message: impl Into<String>) {
        self.warnings.push(Warning { path: self.path.clone(), reason, message: message.into() });
    }

    /// Whether a required field of the record being read must be given.
    pub(super) fn demands(&self, field: &str) -> bool {
        match &self.demands {
            Demands::Whole => true,
            Demands::Fields(fields) => fields.iter().any(|candidate| candidate == field),
        }
    }

    /// Whether the record being read is made, as opposed to revised.
    pub(super) fn is_whole(&self) -> bool {
        self.demands == Demands::Whole
    }

    /// Hands over the warnings.
    pub(super) fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    /// The value read, if nothing was wrong. A value that could not be made has its violation.
    ///
    /// # Errors
    /// Everything that was wrong.
    pub(crate) fn finish<T>(mut self, value: Option<T>) -> Result<T, Violations> {
        if self.spans > limits::REQUEST_SPANS {
            let message =
                format!("at most {} spans are allowed in a request, these are {}", limits::REQUEST_SPANS, self.spans);
            self.violation(ErrorReason::LimitExceeded, message);
        }
        match value {
            Some(value) if self.violations.is_empty() => Ok(value),
            _ if self.violations.is_empty() => {
                Err(Violations::one("", ErrorReason::FieldInvalid, "the request cannot be read"))
            }
            _ => Err(Violations { total: self.total, ..Violations::of(self.violations) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_where_it_is_wrong_and_all_of_it_is_collected() {
        let mut r = Reader::default();
        r.item("claims", 3, |r| {
            r.item("attributions", 1, |r| r.field("cue", |r| r.invalid("exact", "empty")));
            r.invalid("statement", "missing");
        });
        let violations = r.finish(Some(())).unwrap_err();
        let paths: Vec<_> = violations.listed.iter().map(|violation| violation.path.as_str()).collect();
        assert_eq!(paths, ["claims[3].attributions[1].cue.exact", "claims[3].statement"]);
        assert_eq!((violations.total, violations.reason), (2, ErrorReason::FieldInvalid));
    }

    #[test]
    fn a_reason_is_shared_by_all_or_not_named() {
        let mut r = Reader::default();
        for _ in 0..40 {
            r.violation_at("a", ErrorReason::LimitExceeded, "");
        }
        assert_eq!(Reader { total: 40, ..r }.finish(Some(())).unwrap_err().reason, ErrorReason::LimitExceeded);
        let mut r = Reader::default();
        for _ in 0..40 {
            r.violation_at("a", ErrorReason::LimitExceeded, "");
        }
        r.invalid("b", "");
        let violations = r.finish(Some(())).unwrap_err();
        assert_eq!((violations.reason, violations.total), (ErrorReason::FieldInvalid, 41));
        assert_eq!(violations.listed.len(), limits::VIOLATIONS);
    }
}

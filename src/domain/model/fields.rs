//! What can be said of every field of a record, written once: whether it was given, whether it differs, how an update
//! and a revision change it.

use std::collections::BTreeMap;

use super::{Link, LinkTarget, RelationType, SourceLink};

/// A revision's mask names a field that the record does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such field: {0}")]
pub struct UnknownField(pub String);

/// A field of a record.
pub trait Field: PartialEq + Sized {
    /// Whether a value was given: not empty, not absent.
    fn is_given(&self) -> bool;

    /// Adds what `given` has and this does not.
    fn unite(&mut self, given: Self) {
        *self = given;
    }

    /// Whether this holds all that `given` has: then uniting changes nothing.
    fn holds(&self, given: &Self) -> bool {
        self == given
    }
}

macro_rules! always_given {
    ($($type:ty),*) => { $(impl Field for $type { fn is_given(&self) -> bool { true } })* };
}
always_given!(Link, SourceLink, LinkTarget, RelationType);

impl Field for bool {
    fn is_given(&self) -> bool {
        *self
    }
}

impl Field for String {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl<T: PartialEq> Field for Option<T> {
    fn is_given(&self) -> bool {
        self.is_some()
    }
}

impl<T: PartialEq> Field for Vec<T> {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }

    fn unite(&mut self, given: Self) {
        for item in given {
            if !self.contains(&item) {
                self.push(item);
            }
        }
    }

    fn holds(&self, given: &Self) -> bool {
        given.iter().all(|item| self.contains(item))
    }
}

impl Field for BTreeMap<String, String> {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }

    fn unite(&mut self, given: Self) {
        self.extend(given);
    }

    fn holds(&self, given: &Self) -> bool {
        given.iter().all(|(key, value)| self.get(key) == Some(value))
    }
}

/// Gives a record its field-wise operations. `unite` fields are added to by an update, `replace` fields replaced.
macro_rules! record_fields {
    ($record:ident { $($field:ident: $rule:ident),* $(,)? }) => {
        impl $record {
            /// The names of its fields.
            pub const FIELDS: &[&str] = &[$(stringify!($field)),*];

            /// The fields given that differ from the stored ones, by name: what an update would change.
            #[must_use]
            pub fn differing(&self, given: &Self) -> Vec<&'static str> {
                let mut fields = Vec::new();
                $(
                    if $crate::domain::model::Field::is_given(&given.$field)
                        && !$crate::domain::model::fields::holds!($rule, self.$field, given.$field)
                    {
                        fields.push(stringify!($field).trim_start_matches("r#"));
                    }
                )*
                fields
            }

            /// Takes over the fields that are given.
            pub fn update(&mut self, given: Self) {
                $(
                    if $crate::domain::model::Field::is_given(&given.$field) {
                        $crate::domain::model::fields::take!($rule, self.$field, given.$field);
                    }
                )*
            }

            /// The names of the fields that are given.
            #[must_use]
            pub fn given(&self) -> Vec<&'static str> {
                let mut fields = Vec::new();
                $(
                    if $crate::domain::model::Field::is_given(&self.$field) {
                        fields.push(stringify!($field).trim_start_matches("r#"));
                    }
                )*
                fields
            }

            /// Replaces one field, given or not, by its proto name.
            ///
            /// # Errors
            /// When the record has no such field.
            pub fn replace(&mut self, field: &str, from: &Self) -> Result<(), $crate::domain::model::UnknownField> {
                $(
                    if stringify!($field).trim_start_matches("r#") == field {
                        self.$field = from.$field.clone();
                        return Ok(());
                    }
                )*
                Err($crate::domain::model::UnknownField(field.to_owned()))
            }
        }
    };
}

macro_rules! holds {
    (unite, $stored:expr, $given:expr) => {
        $crate::domain::model::Field::holds(&$stored, &$given)
    };
    (replace, $stored:expr, $given:expr) => {
        $stored == $given
    };
}

macro_rules! take {
    (unite, $stored:expr, $given:expr) => {
        $crate::domain::model::Field::unite(&mut $stored, $given)
    };
    (replace, $stored:expr, $given:expr) => {
        $stored = $given
    };
}

pub(super) use record_fields;
pub(crate) use {holds, take};

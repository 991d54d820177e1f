//! The table of UCUM, read from the file that its keepers publish. Only the shape of that file is read, not any XML.

use std::collections::HashMap;
use std::sync::LazyLock;

use bigdecimal::BigDecimal;

use super::ratio::Ratio;

const ESSENCE: &str = include_str!("ucum-essence.xml");

/// A unit as the table defines it.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    /// Whether prefixes may stand before it.
    pub(super) is_metric: bool,
    pub(super) definition: Definition,
}

/// What a unit is.
#[derive(Debug, Clone)]
pub(super) enum Definition {
    /// A dimension of its own: a base unit, or one that no other measures (an international unit).
    Base,
    /// So many of another unit.
    Derived(Ratio, String),
    /// A function of another unit: degrees Celsius, decibels.
    Special(String),
}

/// The table.
pub(super) struct Table {
    pub(super) atoms: HashMap<String, Atom>,
    pub(super) prefixes: HashMap<String, Ratio>,
}

/// The table, read once.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(read);

fn read() -> Table {
    let mut table = Table { atoms: HashMap::new(), prefixes: HashMap::new() };
    for element in elements("prefix") {
        if let (Some(code), Some(value)) = (attribute(element, "Code"), value(element)) {
            table.prefixes.insert(code, value);
        }
    }
    for element in elements("base-unit") {
        if let Some(code) = attribute(element, "Code") {
            table.atoms.insert(code, Atom { is_metric: true, definition: Definition::Base });
        }
    }
    for element in elements("unit") {
        let Some(code) = attribute(element, "Code") else { continue };
        let head = element.split('>').next().unwrap_or_default();
        let has = |name: &str| attribute(head, name).is_some_and(|value| value == "yes");
        let definition = if has("isArbitrary") || code == "[pi]" {
            Definition::Base
        } else if has("isSpecial") {
            Definition::Special(code.clone())
        } else {
            let of = element.split("<value").nth(1).and_then(|value| attribute(value, "Unit"));
            match (value(element), of) {
                (Some(factor), Some(of)) => Definition::Derived(factor, of),
                (_, _) => continue,
            }
        };
        table.atoms.insert(code, Atom { is_metric: has("isMetric"), definition });
    }
    table
}

/// The elements of this name, from their attributes on.
fn elements(name: &str) -> impl Iterator<Item = &'static str> {
    let (open, close) = (format!("<{name} "), format!("</{name}>"));
    let mut rest = ESSENCE;
    std::iter::from_fn(move || {
        let from = rest.get(rest.find(&open)? + open.len()..)?;
        let (element, behind) = from.split_once(&close)?;
        rest = behind;
        Some(element)
    })
}

/// The number in the element's `value`.
fn value(element: &str) -> Option<Ratio> {
    let text = attribute(element.split("<value").nth(1)?, "value")?;
    text.parse::<BigDecimal>().ok().as_ref().map(Ratio::of)
}

/// An attribute, with the few entities that codes need.
fn attribute(element: &str, name: &str) -> Option<String> {
    let from = element.split(&format!(" {name}=\"")).nth(1).or_else(|| element.strip_prefix(&format!("{name}=\"")))?;
    let text = from.split('"').next()?;
    Some(
        text.replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn the_whole_table_is_read() {
        assert_eq!(TABLE.prefixes.len(), 24);
        assert_eq!(TABLE.atoms.len(), ESSENCE.matches("<unit ").count() + ESSENCE.matches("<base-unit ").count());
        for code in TABLE.atoms.keys() {
            assert!(parse(code).is_ok(), "{code}: {:?}", parse(code));
        }
    }
}

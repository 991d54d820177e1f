//! What a unit measures, and how its numbers become those of the base unit that all units of the same dimension share: so
//! that figures in different units have one order.

use super::{Conversion, Kind, Ratio, Scale, parse};
use crate::domain::model::{Unit, UnitSystem};

/// The longest name of a dimension that is kept as it is. Only codes made for it have longer ones.
const NAME_BYTES_MAX: usize = 96;

/// What a unit measures, under a name that all units that are converted into each other share, and the way to its base
/// unit. Plain numbers have the empty name.
#[must_use]
pub fn base(unit: Option<&Unit>, kind: Kind) -> (String, Conversion) {
    let Some((system, code)) = unit.and_then(|unit| unit.system.map(|system| (system, unit.code.as_str()))) else {
        return (String::new(), Conversion::none());
    };
    let (name, conversion) = match system {
        UnitSystem::Ucum => match parse(code) {
            Ok(unit) => {
                let scale = Scale::of(&unit.0);
                let offset = match kind {
                    Kind::Value => scale.offset,
                    Kind::Difference => Ratio::whole(0),
                };
                let parts: Vec<String> = scale.dimension.iter().map(|(base, power)| format!("{base}{power}")).collect();
                (parts.join("."), Conversion { factor: scale.factor, offset })
            }
            // Kept before the table was what it is: not converted.
            Err(_) => (format!("?{code}"), Conversion::none()),
        },
        UnitSystem::Iso4217 => (format!("${code}"), Conversion::none()),
        UnitSystem::Other => (format!("?{code}"), Conversion::none()),
    };
    if name.len() <= NAME_BYTES_MAX {
        return (name, conversion);
    }
    (format!("#{:016x}", xxhash_rust::xxh3::xxh3_64(name.as_bytes())), conversion)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::figure::units::{Rates, between};

    #[test]
    fn units_share_a_dimension_where_a_way_leads_from_one_to_the_other() {
        let unit = |(system, code): (UnitSystem, &str)| Unit {
            system: Some(system),
            code: code.to_owned(),
            verbatim: String::new(),
        };
        let all: Vec<Unit> = [
            (UnitSystem::Ucum, "1"),
            (UnitSystem::Ucum, "%"),
            (UnitSystem::Ucum, "km"),
            (UnitSystem::Ucum, "[mi_i]"),
            (UnitSystem::Ucum, "km/h"),
            (UnitSystem::Ucum, "Cel"),
            (UnitSystem::Ucum, "[degF]"),
            (UnitSystem::Ucum, "deg"),
            (UnitSystem::Ucum, "rad"),
            (UnitSystem::Ucum, "[pH]"),
            (UnitSystem::Iso4217, "USD"),
            (UnitSystem::Iso4217, "EUR"),
            (UnitSystem::Other, "km"),
            (UnitSystem::Other, "barrel"),
        ]
        .map(unit)
        .into();
        let all: Vec<Option<Unit>> = all.into_iter().map(Some).chain([None]).collect();
        for a in &all {
            for b in &all {
                let leads = between(a.as_ref(), b.as_ref(), Kind::Value, &Rates::default()).is_ok();
                let shares = base(a.as_ref(), Kind::Value).0 == base(b.as_ref(), Kind::Value).0;
                assert_eq!(leads, shares, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn long_names_are_shortened() {
        let code = "x".repeat(128);
        let unit = Unit { system: Some(UnitSystem::Other), code, verbatim: String::new() };
        assert!(base(Some(&unit), Kind::Value).0.len() <= NAME_BYTES_MAX);
    }
}

//! Conversions against what the standards say, and the laws of conversion over every unit of the table.

use super::table::TABLE;
use super::*;

fn convert(number: &str, from: &str, to: &str) -> Result<Option<String>, UnitError> {
    let conversion = parse(from)?.to(&parse(to)?, Kind::Value)?;
    Ok(conversion.number(&number.parse().expect(number)).map(|number| number.to_string()))
}

#[test]
fn numbers_are_converted_exactly() {
    for (number, from, to, expected) in [
        ("1", "[in_i]", "cm", "2.54"),
        ("1", "[mi_i]", "km", "1.609344"),
        ("5", "km", "m", "5000"),
        ("1", "[lb_av]", "g", "453.59237"),
        ("1", "[gal_us]", "L", "3.785411784"),
        ("1", "[acr_us]", "[ft_us]2", "43560"),
        ("36", "km/h", "m/s", "10"),
        ("1", "[mi_i]/h", "km/h", "1.609344"),
        ("1", "a", "d", "365.25"),
        ("1", "wk", "h", "168"),
        ("50", "%", "1", "0.5"),
        ("3", "10*3/uL", "/L", "3000000000"),
        ("2", "GW.h", "J", "7200000000000"),
        ("20", "Cel", "[degF]", "68"),
        ("-40", "[degF]", "Cel", "-40"),
        ("0", "K", "Cel", "-273.15"),
        ("80", "[degRe]", "Cel", "100"),
        ("1", "'", "''", "60"),
        ("1", "kg.m/s2", "N", "1"),
        ("1", "J/(s.m2)", "W/m2", "1"),
    ] {
        assert_eq!(convert(number, from, to), Ok(Some(expected.to_owned())), "{number} {from} in {to}");
    }
    assert_eq!(convert("1", "s", "min"), Ok(None), "a sixtieth is no decimal");
}

#[test]
fn what_cannot_be_converted_says_why() {
    for (from, to, expected) in [
        ("km", "kg", UnitError::Dimension),
        ("m", "m2", UnitError::Dimension),
        ("[iU]", "g", UnitError::Dimension),
        ("[iU]", "[arb'U]", UnitError::Dimension),
        ("Cel", "m", UnitError::Dimension),
        ("[pH]", "1", UnitError::Dimension),
        ("deg", "rad", UnitError::Inexact),
        ("parsecs", "m", UnitError::Unknown("parsecs".to_owned())),
        ("{soldiers}", "1", UnitError::Unknown("{soldiers}".to_owned())),
        ("k[in_i]", "m", UnitError::Unknown("k[in_i]".to_owned())),
        ("", "m", UnitError::Unknown(String::new())),
        ("m/", "m", UnitError::Unknown(String::new())),
        ("(m", "m", UnitError::Unknown(String::new())),
        ("mCel", "K", UnitError::Dimension),
        ("dB", "B", UnitError::Dimension),
        ("Cel/m", "K/m", UnitError::SpecialInTerm),
        ("Cel2", "K2", UnitError::SpecialInTerm),
        ("m99", "m", UnitError::Exponent),
    ] {
        assert_eq!(convert("1", from, to), Err(expected), "{from} in {to}");
    }
    assert_eq!(parse(&"(".repeat(60)), Err(UnitError::TooDeep));
    assert_eq!(parse(&"m".repeat(65)), Err(UnitError::TooLong(65)));
}

#[test]
fn a_difference_of_temperatures_has_no_offset() {
    let (celsius, fahrenheit) = (parse("Cel").expect("a unit"), parse("[degF]").expect("a unit"));
    let warmer = celsius.to(&fahrenheit, Kind::Difference).expect("the same dimension");
    assert_eq!(warmer.number(&Decimal::from(20i64)).map(|number| number.to_string()).as_deref(), Some("36"));
}

#[test]
fn ends_that_are_no_decimals_are_rounded_outward_and_not_reached() {
    let seconds =
        parse("s").expect("a unit").to(&parse("min").expect("a unit"), Kind::Value).expect("the same dimension");
    let one = Bounds::exactly(&Decimal::from(1i64));
    let digits = "6".repeat(36);
    assert_eq!(seconds.bounds(&one).to_string(), format!("more than 0.01{digits} and less than 0.01{}7", &digits[1..]));
    let hour = Bounds::above(Lower::MoreThan(Decimal::from(3_600i64)));
    assert_eq!(seconds.bounds(&hour).to_string(), "more than 60");
}

#[test]
fn every_unit_of_the_table_leads_to_others_of_its_dimension_and_back() {
    let units: Vec<(&String, Ucum)> =
        TABLE.atoms.keys().map(|code| (code, parse(code).expect("it is in the table"))).collect();
    let mut converted = 0;
    for (code, unit) in &units {
        for (other_code, other) in &units {
            let Ok(there) = unit.to(other, Kind::Value) else { continue };
            let back = other.to(unit, Kind::Value).expect("the way back");
            assert_eq!(there.inverse(), back, "{code} and {other_code}");
            let number = Ratio::whole(7);
            let again = number.times(&there.factor).plus(&there.offset).times(&back.factor).plus(&back.offset);
            assert_eq!(again, number, "{code} and {other_code}");
            assert!(there.factor.is_positive());
            converted += 1;
        }
    }
    assert!(converted > 3_000, "{converted}");
}

#[test]
fn money_has_a_rate_only_from_a_caller() {
    let rate = Conversion::by_rate(&"1.25".parse().expect("a number")).expect("a rate");
    assert_eq!(rate.number(&Decimal::from(4i64)), Some(Decimal::from(5i64)));
    assert_eq!(rate.inverse().number(&Decimal::from(5i64)), Some(Decimal::from(4i64)));
    for none in [0i64, -1] {
        assert_eq!(Conversion::by_rate(&Decimal::from(none)), None);
    }
}

//! English names of units, with their UCUM codes. Words that name several units ("gallon", "ton", "pound", "mile per gallon")
//! have no code: they are kept as OTHER, which is never converted. Data alone; `quantity` reads them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::figure::FigureKind;

/// A unit that words name.
#[derive(Debug)]
pub(super) struct Named {
    /// Its names, singular and plural, each a phrase of tokens parted by spaces.
    names: &'static str,
    /// The UCUM code, or the word itself for OTHER.
    pub(super) code: &'static str,
    pub(super) is_ucum: bool,
    pub(super) kind: FigureKind,
    /// The series of units that are written one behind the other ("5 feet 2 inches"), and its size in the smallest of them.
    pub(super) series: Option<(Series, u32)>,
}

/// Units that make one measure when they are written one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Series {
    /// Millimetres to kilometres.
    Metres,
    /// Inches to miles.
    Feet,
    /// Seconds to weeks.
    Seconds,
    /// Months and years.
    Months,
    /// Ounces and pounds.
    Ounces,
    /// Grams to tonnes.
    Grams,
}

macro_rules! units {
    ($($kind:ident { $($names:literal => $code:literal $($series:ident * $size:literal)?,)+ })+) => {
        &[$($(Named {
            names: $names,
            code: $code,
            is_ucum: units!(@ucum $kind),
            kind: units!(@kind $kind),
            series: units!(@series $($series * $size)?),
        },)+)+]
    };
    (@ucum Other) => { false };
    (@ucum $kind:ident) => { true };
    (@kind Other) => { FigureKind::Measure };
    (@kind $kind:ident) => { FigureKind::$kind };
    (@series) => { None };
    (@series $series:ident * $size:literal) => { Some((Series::$series, $size)) };
}

const UNITS: &[Named] = units! {
    Measure {
        "millimetre|millimetres|millimeter|millimeters|mm" => "mm" Metres * 1,
        "centimetre|centimetres|centimeter|centimeters|cm" => "cm" Metres * 10,
        "decimetre|decimetres|decimeter|decimeters|dm" => "dm" Metres * 100,
        "metre|metres|meter|meters|m" => "m" Metres * 1_000,
        "kilometre|kilometres|kilometer|kilometers|km|kms" => "km" Metres * 1_000_000,
        "picometre|picometres|picometer|picometers" => "pm",
        "nanometre|nanometres|nanometer|nanometers" => "nm",
        "micrometre|micrometres|micrometer|micrometers|micron|microns" => "um",
        "inch|inches" => "[in_i]" Feet * 1,
        "foot|feet|ft" => "[ft_i]" Feet * 12,
        "yard|yards|yd|yds" => "[yd_i]" Feet * 36,
        "mile|miles|mi" => "[mi_i]" Feet * 63_360,
        "nautical mile|nautical miles" => "[nmi_i]",
        "square metre|square metres|square meter|square meters|sq m|sq metres|sq meters|m 2|m ²" => "m2",
        "square kilometre|square kilometres|square kilometer|square kilometers|sq km|km 2|km ²" => "km2",
        "square centimetre|square centimetres|square centimeter|square centimeters|cm 2|cm ²" => "cm2",
        "square foot|square feet|sq ft" => "[sft_i]",
        "square mile|square miles|sq mi" => "[mi_i]2",
        "hectare|hectares|ha" => "har",
        "acre|acres" => "[acr_us]",
        "cubic metre|cubic metres|cubic meter|cubic meters|m 3|m ³" => "m3",
        "cubic foot|cubic feet|cu ft" => "[cft_i]",
        "millilitre|millilitres|milliliter|milliliters|ml|mls" => "mL",
        "centilitre|centilitres|centiliter|centiliters|cl" => "cL",
        "litre|litres|liter|liters|l" => "L",
        "hectolitre|hectolitres|hectoliter|hectoliters|hl" => "hL",
        "tablespoon|tablespoons|tbsp" => "[tbs_us]",
        "teaspoon|teaspoons|tsp" => "[tsp_us]",
        "microgram|micrograms|microgramme|microgrammes|µg|μg|mcg" => "ug",
        "milligram|milligrams|milligramme|milligrammes|mg" => "mg",
        "gram|grams|gramme|grammes|g|gs|g ." => "g" Grams * 1,
        "kilogram|kilograms|kilogramme|kilogrammes|kilo|kilos|kg|kgs|k . g .|k . gs" => "kg" Grams * 1_000,
        "tonne|tonnes|metric ton|metric tons|metric tonne|metric tonnes" => "t" Grams * 1_000_000,
        "kiloton|kilotons|kilotonne|kilotonnes" => "kt",
        "megaton|megatons|megatonne|megatonnes" => "Mt",
        "lb|lbs" => "[lb_av]" Ounces * 16,
        "ounce|ounces|oz" => "[oz_av]" Ounces * 1,
        "stone" => "[stone_av]",
        "degree celsius|degrees celsius|degrees c|degree c|deg celsius|deg c|° celsius|° c|celsius|celcius|degrees celcius|centigrade|centigrate|degrees centigrade" => "Cel",
        "degree fahrenheit|degrees fahrenheit|degrees f|degree f|deg fahrenheit|° fahrenheit|° f|fahrenheit|farenheit|degrees farenheit" => "[degF]",
        "kelvin|kelvins" => "K",
        "radian|radians|rad" => "rad",
        "bit|bits" => "bit",
        "byte|bytes" => "By",
        "kilobyte|kilobytes|kb" => "kBy",
        "megabyte|megabytes" => "MBy",
        "gigabit|gigabits|gb" => "Gbit",
        "gigabyte|gigabytes|gb" => "GBy",
        "terabyte|terabytes|tb" => "TBy",
        "milliwatt|milliwatts|mw" => "mW",
        "watt|watts|w" => "W",
        "kilowatt|kilowatts|kw" => "kW",
        "megawatt|megawatts|mw" => "MW",
        "gigawatt|gigawatts|gw" => "GW",
        "kilowatt hour|kilowatt hours|kilowatt - hours|kwh" => "kW.h",
        "megawatt hour|megawatt hours|mwh" => "MW.h",
        "gigawatt hour|gigawatt hours|gwh" => "GW.h",
        "terawatt hour|terawatt hours|twh" => "TW.h",
        "joule|joules" => "J",
        "volt|volts" => "V",
        "hertz|hz" => "Hz",
        "megahertz|mhz" => "MHz",
        "gigahertz|ghz" => "GHz",
        "decibel|decibels|db" => "dB",
        "knot|knots" => "[kn_i]",
        "pascal|pascals" => "Pa",
        "hectopascal|hectopascals|hpa" => "hPa",
        "millibar|millibars" => "mbar",
    }
    Rate {
        "mph" => "[mi_i]/h",
        "kph|kmph|km / h|km / hr|kmh" => "km/h",
    }
    Duration {
        "nanosecond|nanoseconds" => "ns",
        "millisecond|milliseconds|ms" => "ms",
        "second|seconds|sec|secs" => "s" Seconds * 1,
        "minute|minutes|min|mins" => "min" Seconds * 60,
        "hour|hours|hr|hrs|h" => "h" Seconds * 3_600,
        "day|days" => "d" Seconds * 86_400,
        "week|weeks" => "wk" Seconds * 604_800,
        "month|months" => "mo" Months * 1,
        "year|years|yr|yrs|yo" => "a" Months * 12,
    }
    Other {
        "quarter|quarters" => "quarter",
        "decade|decades" => "decade",
        "century|centuries" => "century",
        "degree|degrees|deg|deg .|°" => "degree",
        "gallon|gallons|gal|gals" => "gallon",
        "pint|pints" => "pint",
        "quart|quarts" => "quart",
        "cup|cups" => "cup",
        "barrel|barrels|bbl" => "barrel",
        "ton|tons|t" => "ton",
        "dram|drams|drachma|drachmas|drachm|drachms" => "dram",
        "ml" => "ML",
        "kb" => "kb",
        "mb" => "mb",
        "gb" => "gb",
        "mw" => "mw",
        "kt" => "kt",
        "nm" => "nm",
        "turn|turns" => "turn",
        "percentage point|percentage points" => "percentage point",
        "light year|light years" => "light year",
        "horsepower|hp" => "horsepower",
        "carat|carats" => "carat",
        "calorie|calories" => "calorie",
    }
};

/// Symbols that are another unit, or none, in another case: how they are written, with the code. Every other name is read in
/// any case. A code that is in no table of units is the symbol itself, which may be several.
const WRITTEN: &[(&str, &str)] = &[
    ("mm", "mm"),
    ("ml", "mL"),
    ("mL", "mL"),
    ("ML", "ML"),
    ("mls", "mL"),
    ("mg", "mg"),
    ("ms", "ms"),
    ("gs", "g"),
    ("sec", "s"),
    ("kB", "kBy"),
    ("KB", "kBy"),
    ("kb", "kb"),
    ("Kb", "kb"),
    ("GB", "GBy"),
    ("Gb", "Gbit"),
    ("gb", "gb"),
    ("mW", "mW"),
    ("MW", "MW"),
    ("mw", "mw"),
    ("MWh", "MW.h"),
    ("MWH", "MW.h"),
    ("MHz", "MHz"),
    ("Mhz", "MHz"),
    ("mhz", "MHz"),
];

/// Whether a symbol stands for a unit as it is written.
pub(super) fn is_written(raw: &str, unit: &Named) -> bool {
    let mut writings = WRITTEN.iter().filter(|(writing, _)| writing.eq_ignore_ascii_case(raw)).peekable();
    writings.peek().is_none() || writings.any(|(writing, code)| *writing == raw && *code == unit.code)
}

/// A name as words, and the unit.
type Name = (Vec<&'static str>, &'static Named);

/// The names by their first word, longest first.
static NAMES: LazyLock<HashMap<&'static str, Vec<Name>>> = LazyLock::new(|| {
    let mut names: HashMap<&str, Vec<Name>> = HashMap::new();
    for unit in UNITS {
        for name in unit.names.split('|') {
            let words: Vec<&str> = name.split(' ').collect();
            names.entry(words.first().copied().unwrap_or_default()).or_default().push((words, unit));
        }
    }
    names.values_mut().for_each(|names| names.sort_by_key(|(words, _)| std::cmp::Reverse(words.len())));
    names
});

/// The names that begin with this word.
pub(super) fn names(first: &str) -> &'static [Name] {
    NAMES.get(first).map_or(&[], Vec::as_slice)
}

/// The inch behind feet, whose short name is a preposition everywhere else.
pub(super) fn inch(at: usize) -> Option<(&'static Named, usize)> {
    UNITS.iter().find(|unit| unit.code == "[in_i]").map(|unit| (unit, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decimal::Decimal;
    use crate::domain::figure::units::{Kind, parse};

    #[test]
    fn every_writing_is_of_a_name() {
        for (writing, code) in WRITTEN {
            let name = writing.to_ascii_lowercase();
            let unit = names(&name).iter().find(|(words, unit)| words.len() == 1 && unit.code == *code);
            assert!(unit.is_some_and(|(_, unit)| is_written(writing, unit)), "{writing}: {code}");
        }
    }

    #[test]
    fn codes_are_in_ucum_and_sizes_are_what_it_says() {
        for unit in UNITS.iter().filter(|unit| unit.is_ucum) {
            let code = parse(unit.code).unwrap_or_else(|error| panic!("{}: {error}", unit.code));
            for (other, smaller) in UNITS.iter().filter_map(|other| Some((other, other.series?))) {
                let Some((series, size)) = unit.series.filter(|(series, _)| *series == smaller.0) else { continue };
                let there = code.to(&parse(other.code).expect("it is in UCUM"), Kind::Value).expect("of one series");
                let sizes = (Decimal::from(u64::from(smaller.1)), Decimal::from(u64::from(size)));
                assert_eq!(there.number(&sizes.0), Some(sizes.1), "{} in {} ({series:?})", unit.code, other.code);
            }
        }
    }
}

//! Currencies: the codes of ISO 4217, from a table that somebody keeps. Not here: rates, which nobody but a caller has.

use iso_currency::Currency;

/// Codes that ISO 4217 has withdrawn and that old articles still use.
const WITHDRAWN: &[&str] = &["ATS", "BEF", "DEM", "ESP", "FIM", "FRF", "GRD", "IEP", "ITL", "NLG", "PTE", "SUR", "YUM"];

/// Whether the three letters are a currency of ISO 4217, or were one.
#[must_use]
pub fn is_code(code: &str) -> bool {
    self::code(code).is_some()
}

/// The code that three letters of either case are, if they are one.
#[must_use]
pub fn code(letters: &str) -> Option<&'static str> {
    let code = letters.to_ascii_uppercase();
    let withdrawn = || WITHDRAWN.iter().copied().find(|withdrawn| *withdrawn == code);
    Currency::from_code(&code).map(|currency| currency.code()).or_else(withdrawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_table() {
        for code in ["USD", "UAH", "KPW", "EUR", "DEM"] {
            assert!(is_code(code), "{code}");
        }
        assert_eq!(super::code("usd"), Some("USD"));
        for code in ["ZZZ", "", "DOLLAR"] {
            assert!(!is_code(code), "{code}");
        }
    }
}

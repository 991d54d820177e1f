//! Currencies: the codes of ISO 4217, from a table that somebody keeps. Not here: rates, which nobody but a caller has.

use iso_currency::Currency;

// Together these are ISO 4217 List Three, the historic denominations of currencies and funds, as it was published on
// 2026-01-01, but for the codes that it lists for one country or name and that are in use elsewhere or under another: EUR,
// IDR, MWK, PEN, RON, SDG, SZL and TRY. Some are in the table as well, which may drop them at any time.

/// Codes that ISO 4217 has withdrawn and that articles still use.
#[rustfmt::skip]
const WITHDRAWN: &[&str] = &[
    "ATS", "BEF", "BGN", "CUC", "DEM", "ESP", "FIM", "FRF", "GRD", "HRK", "IEP", "ITL", "NLG", "PTE", "SLL", "SUR", "YUM",
    "ZWL",
];

/// The other codes that ISO 4217 has withdrawn: a claim may be about any of them, but in a sentence such letters are more
/// often something else.
#[rustfmt::skip]
const WITHDRAWN_UNREAD: &[&str] = &[
    "ADP", "AFA", "ALK", "ANG", "AOK", "AON", "AOR", "ARA", "ARP", "ARY", "AYM", "AZM",
    "BAD", "BEC", "BEL", "BGJ", "BGK", "BGL", "BOP", "BRB", "BRC", "BRE", "BRN", "BRR",
    "BUK", "BYB", "BYR", "CHC", "CSD", "CSJ", "CSK", "CYP", "DDM", "ECS", "ECV", "EEK",
    "ESA", "ESB", "GEK", "GHC", "GHP", "GNE", "GNS", "GQE", "GWE", "GWP", "HRD", "ILP",
    "ILR", "ISJ", "LAJ", "LSM", "LTL", "LTT", "LUC", "LUF", "LUL", "LVL", "LVR", "MGF",
    "MLF", "MRO", "MTL", "MTP", "MVQ", "MXP", "MZE", "MZM", "NIC", "PEH", "PEI", "PES",
    "PLZ", "RHD", "ROK", "ROL", "RUR", "SDD", "SDP", "SIT", "SKK", "SRG", "STD", "TJR",
    "TMM", "TPE", "TRL", "UAK", "UGS", "UGW", "USS", "UYN", "UYP", "VEB", "VEF", "VNC",
    "XEU", "XFO", "XFU", "XRE", "YDD", "YUD", "YUN", "ZAL", "ZMK", "ZRN", "ZRZ", "ZWC",
    "ZWD", "ZWN", "ZWR",
];

/// Whether the three capital letters are in ISO 4217, or ever were.
#[must_use]
pub fn is_listed(code: &str) -> bool {
    Currency::from_code(code).is_some() || WITHDRAWN.contains(&code) || WITHDRAWN_UNREAD.contains(&code)
}

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
            assert!(!is_listed(code), "{code}");
        }
    }

    #[test]
    fn withdrawn_codes_are_listed_and_the_rarer_ones_not_read() {
        for code in ["USD", "DEM", "SKK", "VEF", "ZWL", "XXX"] {
            assert!(is_listed(code), "{code}");
        }
        assert!(!is_listed("usd"));
        for code in WITHDRAWN_UNREAD {
            assert!(!is_code(code), "{code} is read: it belongs to the others");
        }
    }

    #[test]
    fn the_withdrawn_codes_are_as_many_as_the_list_has() {
        let mut codes = [WITHDRAWN, WITHDRAWN_UNREAD].concat();
        for code in &codes {
            assert!(code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase()), "{code}");
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 129);
        // The list has them for one country, or under an earlier name.
        for code in ["EUR", "IDR", "MWK", "PEN", "RON", "SDG", "SZL", "TRY"] {
            assert!(codes.binary_search(&code).is_err() && is_code(code), "{code} is in use");
        }
    }
}

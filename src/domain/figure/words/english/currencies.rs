//! English names and signs of currencies, with their ISO 4217 codes. What several countries call their money ("dollar",
//! "franc") has no code by itself: it is kept as OTHER unless the language's region says whose it is. Data alone; `quantity`
//! reads them.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a name or a sign of money means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Currency {
    /// One currency.
    Code(&'static str),
    /// Of several; the word that they share.
    Shared(&'static str),
    /// Money, or a weight; the word.
    OrWeight(&'static str),
    /// A hundredth of some currency; its word.
    Hundredth(&'static str),
}

use Currency::{Code, Hundredth, OrWeight, Shared};

/// Names in words and signs; those that may also stand in front of a number are marked.
const NAMES: &[(&str, Currency, bool)] = &[
    ("$", Shared("dollar"), true),
    ("us $", Code("USD"), true),
    ("u . s $", Code("USD"), true),
    ("u . s . $", Code("USD"), true),
    ("usd $", Code("USD"), true),
    ("c $", Code("CAD"), true),
    ("ca $", Code("CAD"), true),
    ("cad $", Code("CAD"), true),
    ("a $", Code("AUD"), true),
    ("au $", Code("AUD"), true),
    ("aud $", Code("AUD"), true),
    ("nz $", Code("NZD"), true),
    ("nzd $", Code("NZD"), true),
    ("hk $", Code("HKD"), true),
    ("s $", Code("SGD"), true),
    ("mex $", Code("MXN"), true),
    ("mxn $", Code("MXN"), true),
    ("r $", Code("BRL"), true),
    ("€", Code("EUR"), true),
    ("£", Code("GBP"), true),
    ("¥", Shared("¥"), true),
    ("₹", Code("INR"), true),
    ("₽", Code("RUB"), true),
    ("₴", Code("UAH"), true),
    ("₩", Code("KRW"), true),
    ("₪", Code("ILS"), true),
    ("₺", Code("TRY"), true),
    ("₿", Shared("bitcoin"), true),
    ("rs", Shared("rupee"), true),
    ("rs .", Shared("rupee"), true),
    ("rm", Code("MYR"), true),
    ("rmb", Code("CNY"), true),
    ("₡", Code("CRC"), true),
    ("₾", Code("GEL"), true),
    ("₭", Code("LAK"), true),
    ("₦", Code("NGN"), true),
    ("฿", Code("THB"), true),
    ("₫", Code("VND"), true),
    ("₱", Shared("peso"), true),
    ("元", Code("CNY"), false),
    ("le|l . e|l . e .", Code("EGP"), false),
    ("¢", Hundredth("cent"), false),
    ("dollar|dollars|buck|bucks", Shared("dollar"), true),
    ("us dollar|us dollars|u . s . dollars|american dollar|american dollars", Code("USD"), false),
    ("canadian dollar|canadian dollars", Code("CAD"), false),
    ("australian dollar|australian dollars", Code("AUD"), false),
    ("new zealand dollar|new zealand dollars", Code("NZD"), false),
    ("hong kong dollar|hong kong dollars", Code("HKD"), false),
    ("singapore dollar|singapore dollars", Code("SGD"), false),
    ("euro|euros", Code("EUR"), false),
    ("pound|pounds", OrWeight("pound"), false),
    ("pound sterling|pounds sterling|british pound|british pounds", Code("GBP"), false),
    ("lebanese pound|lebanese pounds", Code("LBP"), false),
    ("egyptian pound|egyptian pounds", Code("EGP"), false),
    ("yen|japanese yen", Code("JPY"), false),
    ("yuan|renminbi|chinese yuan", Code("CNY"), false),
    ("rupee|rupees", Shared("rupee"), false),
    ("indian rupee|indian rupees", Code("INR"), false),
    ("ruble|rubles|rouble|roubles", Shared("ruble"), false),
    ("russian ruble|russian rubles|russian rouble|russian roubles", Code("RUB"), false),
    ("hryvnia|hryvnias|hryvni", Code("UAH"), false),
    ("franc|francs", Shared("franc"), false),
    ("swiss franc|swiss francs", Code("CHF"), false),
    ("french franc|french francs", Code("FRF"), false),
    ("peseta|pesetas", Code("ESP"), false),
    ("markka|markkas|finnish markka|finnish markkas", Code("FIM"), false),
    ("deutsche mark|deutsche marks|deutschmark|deutschmarks", Code("DEM"), false),
    ("guilder|guilders", Shared("guilder"), false),
    ("dutch guilder|dutch guilders", Code("NLG"), false),
    ("lira|liras|lire", Shared("lira"), false),
    ("turkish lira|turkish liras", Code("TRY"), false),
    ("italian lira|italian lire", Code("ITL"), false),
    ("krona|kronor|krone|kroner|kronur|crown|crowns", Shared("crown"), false),
    ("swedish krona|swedish kronor", Code("SEK"), false),
    ("norwegian krone|norwegian kroner", Code("NOK"), false),
    ("danish krone|danish kroner", Code("DKK"), false),
    ("zloty|zlotys|zlotych", Code("PLN"), false),
    ("peso|pesos", Shared("peso"), false),
    ("mexican peso|mexican pesos", Code("MXN"), false),
    ("dinar|dinars", Shared("dinar"), false),
    ("kuwaiti dinar|kuwaiti dinars", Code("KWD"), false),
    ("riyal|riyals", Shared("riyal"), false),
    ("rial|rials", Shared("rial"), false),
    ("qatari riyal|qatari riyals", Code("QAR"), false),
    ("saudi riyal|saudi riyals", Code("SAR"), false),
    ("iranian rial|iranian rials", Code("IRR"), false),
    ("dirham|dirhams", Shared("dirham"), false),
    ("shekel|shekels", Code("ILS"), false),
    ("won", Shared("won"), false),
    ("south korean won", Code("KRW"), false),
    ("north korean won", Code("KPW"), false),
    ("baht", Code("THB"), false),
    ("ringgit|ringgits|malaysian ringgit|malaysian ringgits|malaysia ringgit|malaysia ringgits", Code("MYR"), true),
    ("rand|rands", Code("ZAR"), false),
    ("naira", Code("NGN"), false),
    ("tugrik|tugriks", Code("MNT"), false),
    ("bitcoin|bitcoins|btc", Shared("bitcoin"), false),
    ("satoshi|satoshis", Shared("satoshi"), false),
    ("cent|cents", Hundredth("cent"), false),
    ("penny|pennies|pence", Hundredth("penny"), false),
    ("sen|sens", Hundredth("sen"), false),
    ("kopek|kopeks|kopeck|kopecks|kopiyka|kopiykas", Hundredth("kopek"), false),
];

/// Codes that are English words: they are money only where they touch the number.
const WORDS: &[&str] =
    &["ALL", "TRY", "TOP", "MAD", "CUP", "GEL", "PEN", "BOB", "COP", "SOS", "MOP", "BAM", "AMD", "LAK"];

/// Codes that are read in lower case too, because they are no words.
const LOWER: &[&str] = &["usd", "eur", "gbp", "cad", "aud", "chf", "cny", "jpy", "inr", "sek", "nok", "dkk", "myr"];

/// A name as words, the currency, and whether it may stand in front of the number.
type Name = (Vec<&'static str>, Currency, bool);

/// The names by their first word, longest first.
static BY_WORD: LazyLock<HashMap<&'static str, Vec<Name>>> = LazyLock::new(|| {
    let mut by_word: HashMap<&str, Vec<Name>> = HashMap::new();
    for (names, currency, is_before) in NAMES {
        for name in names.split('|') {
            let words: Vec<&str> = name.split(' ').collect();
            let first = words.first().copied().unwrap_or_default();
            by_word.entry(first).or_default().push((words, *currency, *is_before));
        }
    }
    by_word.values_mut().for_each(|names| names.sort_by_key(|(words, ..)| std::cmp::Reverse(words.len())));
    by_word
});

/// The names that begin with this word.
pub(super) fn names(first: &str) -> &'static [Name] {
    BY_WORD.get(first).map_or(&[], Vec::as_slice)
}

/// Whether three letters are a code that stands for money here.
pub(super) fn is_code(raw: &str, touches: bool) -> bool {
    if raw.len() != 3 {
        return false;
    }
    let is_known = crate::domain::figure::currency::is_code(&raw.to_ascii_uppercase());
    let is_written = if raw.bytes().all(|byte| byte.is_ascii_uppercase()) {
        touches || !WORDS.contains(&raw)
    } else {
        LOWER.contains(&raw) || (touches && LOWER.contains(&raw.to_ascii_lowercase().as_str()))
    };
    is_known && is_written
}

/// The code of a shared word in a region, in any case: a dollar in `US`.
pub(super) fn in_region(word: &str, region: &str) -> Option<&'static str> {
    const IN_REGION: &[(&str, &str, &str)] = &[
        ("dollar", "US", "USD"),
        ("dollar", "CA", "CAD"),
        ("dollar", "AU", "AUD"),
        ("dollar", "NZ", "NZD"),
        ("dollar", "HK", "HKD"),
        ("dollar", "SG", "SGD"),
        ("rupee", "IN", "INR"),
        ("rupee", "PK", "PKR"),
        ("rupee", "LK", "LKR"),
    ];
    let is_here = |(shared, place, _): &&(&str, &str, &str)| *shared == word && place.eq_ignore_ascii_case(region);
    IN_REGION.iter().find(is_here).map(|(_, _, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::figure::currency::is_code as is_iso;

    #[test]
    fn codes_are_in_iso_4217() {
        for (names, currency, _) in NAMES {
            if let Code(code) = currency {
                assert!(is_iso(code), "{names}: {code}");
            }
        }
        for code in WORDS.iter().copied().chain(LOWER.iter().copied()) {
            assert!(is_iso(&code.to_ascii_uppercase()), "{code}");
        }
    }
}

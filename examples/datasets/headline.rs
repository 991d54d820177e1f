//! Headlines that say how many of a party of the war in Ukraine were killed, by whom. A few words in fixed places: what is
//! said in another way is left out.

use claimdb::domain::figure::words;

/// How many of a party were killed, as a headline says it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Killed {
    /// The words of the number: "more than 30".
    pub(crate) words: String,
    /// Of whom.
    pub(crate) party: Party,
    /// Who says so, where the headline names somebody.
    pub(crate) source: Option<Source>,
}

/// A party of the war.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// The Government of Ukraine.
    Government,
    /// Those who fight it.
    Rebels,
}

/// Who says it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Under a name: "Ukraine", "Kiev".
    Named(String),
    /// "officials", "ministry".
    Unnamed(String),
}

/// What may stand between the number and the party.
const BETWEEN: &[&str] = &["ukrainian", "ukraine", "government", "pro-russia", "pro-russian"];

/// What follows the party.
const FATE: &[&str] = &["killed", "dead", "die", "died"];

/// Every number of killed that a headline names.
pub(crate) fn killed(headline: &str) -> Vec<Killed> {
    let Ok(english) = "en".parse() else { return Vec::new() };
    let characters: Vec<char> = headline.chars().collect();
    let part = |start: usize, end: usize| characters.get(start..end).into_iter().flatten().collect::<String>();
    let mut found = Vec::new();
    for figure in words::find(headline, &english).unwrap_or_default() {
        let (start, end) = (figure.start as usize, figure.end as usize);
        let behind = part(end, characters.len()).to_lowercase();
        let mut words = behind.split_whitespace().skip_while(|word| BETWEEN.contains(word));
        let party = match words.next() {
            Some("troops" | "soldiers" | "servicemen") => Party::Government,
            Some("separatists" | "rebels" | "insurgents" | "militants") => Party::Rebels,
            _ => continue,
        };
        // "Russian soldiers" are not the government's: only the words above stand in between.
        if words.next().is_some_and(|word| FATE.contains(&word)) {
            found.push(Killed { words: part(start, end), party, source: source(headline, &part(0, start)) });
        }
    }
    found
}

/// "Ukraine says …", or "…: officials".
fn source(headline: &str, before: &str) -> Option<Source> {
    let says = before.trim_end().strip_suffix(" says").filter(|name| !name.is_empty());
    // "New battles as Ukraine says …": the last of what stands before.
    let last =
        |name: &'_ str| name.rsplit([':', '-']).next().and_then(|name| name.rsplit(" as ").next()).map(str::to_owned);
    let named = says.and_then(last);
    let behind = || headline.rsplit_once(": ").map(|(_, name)| name.to_owned()).filter(|name| name.len() < 40);
    let name = named.or_else(behind)?.trim().to_owned();
    let is_name = name.chars().next().is_some_and(char::is_uppercase);
    Some(if is_name { Source::Named(name) } else { Source::Unnamed(name) })
}

//! Claims as they come from news, at any number: a few sources, entities and metrics that are met all the time and many
//! that are hardly ever met, chains of one to four hops behind an implied publisher, articles that several claims share,
//! figures in words and in numbers, times of every precision. The same seed gives the same claims.

mod claim;
mod figures;
pub(crate) mod random;
mod times;
pub(crate) mod words;

use claimdb::proto::claimdb::v1::{Article, RecordRequest, Source, SourceKind, SourceRef};

use self::random::{Random, Zipf, mix};
use self::words::Sentences;

/// How many there are to choose from.
pub(crate) const PEOPLE: u64 = 60_000;
const OUTLETS: usize = 3_000;
const ENTITIES: usize = 100_000;
const METRICS: usize = 2_000;

/// A language, and a label that no claim in it has: a filter for both looks at much and finds nothing.
pub(crate) const LANGUAGE_WITHOUT_PRINT: &str = "de";
pub(crate) const PRINT: (&str, &str) = ("edition", "print");

/// Streams of random numbers.
const OF_ITEM: u64 = 1;
const OF_ARTICLE: u64 = 2;

/// Who chooses the ids of claims and articles.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    Server,
    /// The caller, in an order that has nothing to do with the recording's.
    Caller,
}

pub(crate) struct Generator {
    seed: u64,
    ids: Ids,
    people: Zipf,
    outlets: Zipf,
    entities: Zipf,
    metrics: Zipf,
    sentences: Sentences,
}

impl Generator {
    pub(crate) fn new(seed: u64, ids: Ids) -> Self {
        Self {
            seed,
            ids,
            people: Zipf::new(PEOPLE as usize),
            outlets: Zipf::new(OUTLETS),
            entities: Zipf::new(ENTITIES),
            metrics: Zipf::new(METRICS),
            sentences: Sentences::new(),
        }
    }

    /// Items with so many claims in all.
    pub(crate) fn items(&self, claims: u64) -> impl Iterator<Item = RecordRequest> {
        let mut left = claims;
        (0..).map_while(move |number| {
            let mut item = (left > 0).then(|| self.item(number))?;
            item.claims.truncate(left as usize);
            left -= item.claims.len() as u64;
            Some(item)
        })
    }

    /// An article with the claims found in it.
    pub(crate) fn item(&self, number: u64) -> RecordRequest {
        let mut random = Random::at(self.seed, OF_ITEM, number);
        // Now and then claims are found in an article that was there before.
        let back = if random.percent(8) { 1 + random.below(5_000) } else { 0 };
        let count = 1 + random.weighted(&[22, 24, 20, 16, 11, 7]) as u64;
        let unnamed = random.percent(15);
        RecordRequest {
            articles: vec![self.article(number.saturating_sub(back))],
            sources: unnamed.then(|| unnamed_source(&mut random)).into_iter().collect(),
            claims: (0..count).map(|place| self.claim(number, place, unnamed, &mut random)).collect(),
            ..RecordRequest::default()
        }
    }

    /// The name of an item's first claim, if its ids are of the caller's choice.
    #[allow(dead_code, reason = "not every bench asks")]
    pub(crate) fn claim_name(&self, item: u64) -> String {
        self.name("claims", item, 0)
    }

    fn article(&self, number: u64) -> Article {
        let mut random = Random::at(self.seed, OF_ARTICLE, number);
        let outlet = self.outlets.rank(&mut random);
        let publisher = SourceRef {
            display_name: words::outlet(outlet),
            kind: SourceKind::NewsOutlet.into(),
            ..SourceRef::default()
        };
        Article {
            key: "a".to_owned(),
            name: self.name("articles", number, u64::MAX),
            urls: vec![format!("https://outlet{outlet}.example/2025/{:02}/story-{number}", 1 + random.below(12))],
            publisher: Some(publisher),
            title: self.sentences.title(&mut random),
            language: random.one_of(&["en", "en", "en", "uk", "de", "pt-BR"]).to_owned(),
            publish_time: Some(times::published(&mut random)),
            ..Article::default()
        }
    }

    fn name(&self, collection: &str, number: u64, place: u64) -> String {
        match self.ids {
            Ids::Server => String::new(),
            Ids::Caller => {
                let id = mix(mix(self.seed ^ number).wrapping_add(place));
                format!("{collection}/{id:016x}")
            }
        }
    }
}

/// The source of a rank, as a filter or a claim refers to it.
pub(crate) fn person(rank: u64) -> SourceRef {
    const KINDS: [SourceKind; 4] =
        [SourceKind::Person, SourceKind::GovernmentBody, SourceKind::Organization, SourceKind::NewsAgency];
    SourceRef {
        display_name: words::proper_name(rank),
        kind: KINDS[(rank % 4) as usize].into(),
        ..SourceRef::default()
    }
}

fn unnamed_source(random: &mut Random) -> Source {
    Source {
        key: "unnamed".to_owned(),
        kind: SourceKind::UnnamedGroup.into(),
        display_name: random.one_of(&["officials", "analysts", "residents", "two people"]).to_owned(),
        scope_article: "#a".to_owned(),
        ..Source::default()
    }
}

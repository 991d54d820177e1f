//! What the server has told: every version of every record, as Watch gives it, and what of it holds as of a revision.

use std::collections::BTreeMap;

use claimdb::proto::claimdb::v1;
use v1::version::Record;

use crate::ask::AsOf;
use crate::times::{Instant, instant};

/// A version, as it was served.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) revision: u64,
    pub(crate) time: Instant,
    pub(crate) record: Record,
}

/// All versions, in the order in which they were recorded.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Log(pub(crate) Vec<Told>);

/// What holds as of a revision: the newest version of each record, by name. The places in the log are its order of
/// recording.
pub(crate) struct State<'l> {
    log: &'l Log,
    places: BTreeMap<&'l str, usize>,
}

pub(crate) fn name(record: &Record) -> &str {
    match record {
        Record::Article(article) => &article.name,
        Record::Source(source) => &source.name,
        Record::Claim(claim) => &claim.name,
        Record::Relation(relation) => &relation.name,
        Record::Assessment(assessment) => &assessment.name,
    }
}

pub(crate) fn metadata(record: &Record) -> &v1::RecordMetadata {
    let metadata = match record {
        Record::Article(article) => &article.metadata,
        Record::Source(source) => &source.metadata,
        Record::Claim(claim) => &claim.metadata,
        Record::Relation(relation) => &relation.metadata,
        Record::Assessment(assessment) => &assessment.metadata,
    };
    metadata.as_ref().unwrap()
}

pub(crate) fn is_active(record: &Record) -> bool {
    metadata(record).status() == v1::RecordStatus::Active
}

impl Log {
    /// Takes in one message of Watch.
    pub(crate) fn take(&mut self, message: v1::WatchResponse) {
        for change in message.changes {
            let record = change.version.unwrap().record.unwrap();
            let (revision, time) = (message.commit_revision, instant(message.commit_time.as_ref().unwrap()));
            let told = metadata(&record);
            assert_eq!((told.revision, instant(told.update_time.as_ref().unwrap())), (revision, time));
            self.0.push(Told { revision, time, record });
        }
    }

    /// What held once the version at this place was made.
    pub(crate) fn state_at(&self, place: usize) -> State<'_> {
        let made = self.0.iter().enumerate().take(place + 1);
        State { log: self, places: made.map(|(place, told)| (name(&told.record), place)).collect() }
    }

    pub(crate) fn state(&self, revision: u64) -> State<'_> {
        let made = self.0.iter().enumerate().take_while(|(_, told)| told.revision <= revision);
        State { log: self, places: made.map(|(place, told)| (name(&told.record), place)).collect() }
    }

    /// The newest revision that changed something.
    pub(crate) fn head(&self) -> u64 {
        self.0.last().unwrap().revision
    }

    /// Which of them a question is about.
    pub(crate) fn asked(&self, as_of: AsOf) -> u64 {
        match as_of {
            AsOf::Now => self.head(),
            AsOf::Revision(revision) => revision,
            AsOf::Time(time) => self.as_of(instant(&time)),
        }
    }

    /// Asserts that an answer was given as of a revision, or a later one that changed nothing, which is not told of.
    pub(crate) fn assert_answered(&self, asked: u64, answered: u64) {
        let none_between = self.0.iter().all(|told| told.revision <= asked || told.revision > answered);
        assert!(answered >= asked && none_between, "answered as of {answered}, not {asked}");
    }

    /// The newest commit at or before a time, of those that changed something.
    pub(crate) fn as_of(&self, time: Instant) -> u64 {
        self.0.iter().filter(|told| told.time <= time).map(|told| told.revision).max().unwrap_or(0)
    }
}

impl<'l> State<'l> {
    /// Everything that holds, with its place in the order of recording.
    pub(crate) fn all(&self) -> impl Iterator<Item = (usize, &'l Told)> + '_ {
        self.places.values().map(|place| (*place, &self.log.0[*place]))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'l Record> {
        self.places.get(name).map(|place| &self.log.0[*place].record)
    }

    pub(crate) fn article(&self, name: &str) -> Option<&'l v1::Article> {
        match self.get(name)? {
            Record::Article(article) => Some(article),
            Record::Source(_) | Record::Claim(_) | Record::Relation(_) | Record::Assessment(_) => None,
        }
    }

    pub(crate) fn sources(&self) -> impl Iterator<Item = &'l v1::Source> + '_ {
        self.all().filter_map(|(_, told)| match &told.record {
            Record::Source(source) => Some(source),
            Record::Article(_) | Record::Claim(_) | Record::Relation(_) | Record::Assessment(_) => None,
        })
    }

    /// The relations that stand.
    pub(crate) fn relations(&self) -> impl Iterator<Item = &'l v1::Relation> + '_ {
        self.all().filter(|(_, told)| is_active(&told.record)).filter_map(|(_, told)| match &told.record {
            Record::Relation(relation) => Some(relation),
            Record::Article(_) | Record::Source(_) | Record::Claim(_) | Record::Assessment(_) => None,
        })
    }

    /// The publisher of the article that a claim occurs in.
    pub(crate) fn publisher(&self, claim: &v1::Claim) -> Option<&'l str> {
        self.article(&claim.article)?.publisher.as_ref().map(|publisher| publisher.name.as_str())
    }

    /// When the article that a claim occurs in was published.
    pub(crate) fn published(&self, claim: &v1::Claim) -> Option<&'l v1::ApproximateTime> {
        self.article(&claim.article)?.publish_time.as_ref()
    }

    /// Whether the record stands that a name leads to: a figure's is its claim.
    pub(crate) fn status(&self, name: &str) -> v1::RecordStatus {
        let record = name.split_once("/figures/").map_or(name, |(claim, _)| claim);
        metadata(self.get(record).unwrap()).status()
    }

    /// A record as it is read, with what is known of those that it refers to.
    pub(crate) fn read(&self, record: &Record) -> Record {
        self.read_of(self, record)
    }

    /// A version of an earlier state: what it refers to is that of its time, and whether it stands is told of now.
    pub(crate) fn read_of(&self, then: &Self, record: &Record) -> Record {
        let mut record = record.clone();
        match &mut record {
            Record::Claim(claim) => claim.retracted_references = self.retracted(claim, then.publisher(claim)),
            Record::Relation(relation) => {
                relation.from_status = self.status(&relation.from).into();
                relation.to_status = self.status(&relation.to).into();
            }
            Record::Assessment(assessment) => assessment.target_status = self.status(&assessment.target).into(),
            Record::Article(_) | Record::Source(_) => {}
        }
        record
    }

    /// What a claim refers to that is retracted.
    fn retracted(&self, claim: &v1::Claim, publisher: Option<&str>) -> Vec<String> {
        let hops =
            claim.attributions.iter().flat_map(|hop| hop.source.iter().chain(&hop.channel).chain(&hop.addressees));
        let mut names: Vec<&str> = hops.map(|source| source.name.as_str()).collect();
        names.extend(publisher);
        names.push(&claim.article);
        names.retain(|name| self.get(name).is_some_and(|record| !is_active(record)));
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(str::to_owned).collect()
    }
}

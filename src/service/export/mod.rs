//! Export: every record as of one revision, in an order in which each refers only to what came before it.
//!
//! Kinds follow each other in stages, and within a stage records are in the order of their numbers. What a record refers
//! to that comes later (an article published by one of its own unnamed sources, say) is taken along in its item.

mod along;
mod behind;
mod count;
mod cut;
mod pages;
mod references;
mod texts;

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::sync::Arc;

use quick_cache::unsync::Cache;

use self::along::Early;
use self::behind::skip;
use self::count::Count;
use self::cut::Cutting;
use self::pages::Ahead;
use super::filter::FilterAsked;
use super::{Error, Service};
use crate::domain::filter::Filter;
use crate::domain::model::{Record, SourceLink, Version};
use crate::domain::name::{Name, RecordKind};
use crate::domain::term::Term;
use crate::storage::Head;

/// Records that are read at once. Two such pages are held.
const PAGE: usize = 100;

/// Records that were exported and are remembered as such, so that what many refer to, like a publisher, is not looked up for
/// each of them.
const PASSED_MAX: usize = 10_000;

/// How many bytes of an item a record takes, with its text: as messages, which are known where they are made.
pub type ItemBytes = fn(&Version, Option<&str>) -> usize;

/// What to export.
#[derive(Clone, Debug, Default)]
pub struct Export {
    /// The kinds of records; empty: all.
    pub kinds: BTreeSet<RecordKind>,
    /// What belongs to this article.
    pub article: Option<Name>,
    /// What belongs to this source.
    pub source: Option<SourceLink>,
    /// What records of a kind meet.
    pub filters: Vec<(RecordKind, FilterAsked)>,
}

/// The stages, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Sources,
    Articles,
    /// They refer to their articles.
    ScopedSources,
    Claims,
    Relations,
    Assessments,
}

impl Stage {
    const ALL: [Self; 6] =
        [Self::Sources, Self::Articles, Self::ScopedSources, Self::Claims, Self::Relations, Self::Assessments];

    fn kind(self) -> RecordKind {
        match self {
            Self::Sources | Self::ScopedSources => RecordKind::Source,
            Self::Articles => RecordKind::Article,
            Self::Claims => RecordKind::Claim,
            Self::Relations => RecordKind::Relation,
            Self::Assessments => RecordKind::Assessment,
        }
    }

    fn of(record: &Record) -> Self {
        match record {
            Record::Source(source) if source.scope_article.is_some() => Self::ScopedSources,
            Record::Source(_) => Self::Sources,
            Record::Article(_) => Self::Articles,
            Record::Claim(_) => Self::Claims,
            Record::Relation(_) => Self::Relations,
            Record::Assessment(_) => Self::Assessments,
        }
    }
}

/// Where a record comes in an export.
type Place = (Stage, u64);

fn place(version: &Version) -> Place {
    (Stage::of(&version.record), version.number)
}

/// When a record comes in an export: its stage, from 0, and its number.
type Turn = (u8, u64);

/// Where an export goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportCursor {
    /// The stage, from 0.
    pub stage: u8,
    /// The number of the last record of it that was exported; 0: none.
    pub after: u64,
    /// How many items of the record behind it were given. Records that are taken along are not counted: they need not be
    /// the same again.
    pub given: u32,
    /// The stage and number of the first record that took an article with earlier texts along whose turn is still to come.
    pub early_since: Option<Turn>,
}

/// Records that are exported together.
#[derive(Clone, Debug)]
pub enum ExportItem {
    /// A text of an article, which spans may be bound to, before the article itself.
    EarlierText {
        /// The article as of now; what is known of it comes later.
        article: Arc<Version>,
        /// The text.
        text: Arc<str>,
        /// Whether this item makes the article.
        is_first: bool,
    },
    /// Records, an article with its text. The first is the one whose turn it is; where one item does not hold it with all
    /// that is taken along, others of what is taken along come before it.
    Records {
        /// The records.
        records: Vec<(Arc<Version>, Option<Arc<str>>)>,
        /// The articles that earlier items made, among these records or not.
        made: Arc<HashSet<Name>>,
    },
    /// The retraction of an article that was made by an earlier item.
    Retraction(Arc<Version>),
}

/// An export on its way.
#[derive(Debug)]
pub struct Exporting {
    /// What each stage lists; none where it lists nothing.
    stages: Vec<Option<Filter>>,
    head: Head,
    item_bytes: ItemBytes,
    cursor: ExportCursor,
    /// Before the record that was given last.
    before: ExportCursor,
    /// Read, and not exported yet. Without texts: those are read when their turn comes.
    waiting: VecDeque<Arc<Version>>,
    /// Where it goes on once nothing waits.
    next: ExportCursor,
    /// The page there, which is read while the one before it is made into messages and sent: a client that stops reading
    /// holds these two.
    ahead: Option<Ahead>,
    early: Early,
    /// What has been exported stays so: places only grow.
    passed: Cache<Name, ()>,
    count: Count,
}

impl Export {
    /// What each stage lists; none where it lists nothing.
    fn terms(&self, source: Option<&Name>) -> Vec<Option<Vec<Term>>> {
        let stages = Stage::ALL.iter().map(|stage| {
            if !self.kinds.is_empty() && !self.kinds.contains(&stage.kind()) {
                return None;
            }
            let mut terms = Vec::new();
            if let Some(article) = self.article.clone() {
                terms.push(match stage {
                    Stage::Articles => Term::Name(article),
                    Stage::ScopedSources => Term::Scope(article),
                    Stage::Claims => Term::Article(article),
                    Stage::Sources | Stage::Relations | Stage::Assessments => return None,
                });
            }
            if let Some(source) = source.cloned() {
                terms.push(match stage {
                    Stage::Sources | Stage::ScopedSources => Term::Name(source),
                    Stage::Articles => Term::Publisher(source),
                    Stage::Claims => Term::Source(source),
                    Stage::Assessments => Term::Assessor(source),
                    Stage::Relations => return None,
                });
            }
            Some(terms)
        });
        stages.collect()
    }
}

impl Exporting {
    /// The revision that is exported.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// Where it goes on behind what was given so far.
    #[must_use]
    pub fn cursor(&self) -> ExportCursor {
        ExportCursor { early_since: self.early.began(), ..self.cursor }
    }

    fn new(stages: Vec<Option<Filter>>, head: Head, item_bytes: ItemBytes, cursor: ExportCursor) -> Self {
        let early = Early::since(cursor.early_since);
        let (before, cursor) = (cursor, ExportCursor { early_since: None, ..cursor });
        let (waiting, passed) = (VecDeque::new(), Cache::new(PASSED_MAX));
        let (next, ahead, count) = (cursor, None, Count::default());
        Self { stages, head, item_bytes, cursor, before, waiting, next, ahead, early, passed, count }
    }

    /// The turn of the record that was given last.
    fn turn(&self) -> Turn {
        (self.cursor.stage, self.cursor.after)
    }
}

impl Service {
    /// Begins an export, or goes on with one. Items are cut by what `item_bytes` says of their records.
    ///
    /// # Errors
    /// `SourceAmbiguous`; or when the store fails.
    pub async fn export(
        &self,
        export: &Export,
        head: Head,
        cursor: ExportCursor,
        item_bytes: ItemBytes,
    ) -> Result<Exporting, Error> {
        let source = match &export.source {
            Some(source) => Some(self.find_source("filter.source", source, head.revision).await?),
            None => None,
        };
        // A source that nobody has recorded has no records.
        let terms = match source {
            Some(None) => vec![None; Stage::ALL.len()],
            Some(Some(source)) => export.terms(Some(&source)),
            None => export.terms(None),
        };
        let mut stages: Vec<Option<Filter>> = terms.into_iter().map(|terms| terms.map(Filter::carrying)).collect();
        for (kind, asked) in &export.filters {
            let filter = self.resolve(asked, head).await?;
            for (_, listed) in Stage::ALL.iter().zip(&mut stages).filter(|(stage, _)| stage.kind() == *kind) {
                *listed = listed.take().map(|listed| Filter::All(vec![listed, filter.clone()]));
            }
        }
        let mut exporting = Exporting::new(stages, head, item_bytes, cursor);
        self.take_up(&mut exporting).await?;
        Ok(exporting)
    }

    /// The next record; none at the end. The cursor is behind it then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn export_next(&self, exporting: &mut Exporting) -> Result<Option<Vec<ExportItem>>, Error> {
        while let Some(version) = self.next_version(exporting).await? {
            if exporting.early.had(&version.name) {
                continue;
            }
            let mut items = self.export_record(exporting, &version).await?;
            skip(&mut items, version.number, exporting.before.given);
            return Ok(Some(items));
        }
        Ok(None)
    }

    /// The next record whose turn it is, exported early or not. The cursor is behind it then.
    async fn next_version(&self, exporting: &mut Exporting) -> Result<Option<Arc<Version>>, Error> {
        loop {
            if let Some(version) = exporting.waiting.pop_front() {
                exporting.before = exporting.cursor();
                exporting.cursor = ExportCursor { after: version.number, given: 0, ..exporting.cursor };
                return Ok(Some(version));
            }
            exporting.cursor = exporting.next;
            let index = exporting.cursor.stage;
            let Some(stage) = Stage::ALL.get(usize::from(index)).copied() else { return Ok(None) };
            exporting.next = ExportCursor { stage: index + 1, ..ExportCursor::default() };
            let Some(page) = self.export_page(exporting).await? else { continue };
            let of_stage = page.versions.into_iter().filter(|version| Stage::of(&version.record) == stage);
            exporting.waiting = of_stage.collect();
            if let Some(after) = page.next {
                // What was given of a record counts until that record is met.
                let given = if exporting.waiting.is_empty() { exporting.cursor.given } else { 0 };
                exporting.next = ExportCursor { stage: index, after: after.number, given, early_since: None };
            }
            exporting.ahead = self.read_ahead(exporting);
        }
    }

    /// One record, with what it refers to that would come later.
    async fn export_record(&self, exporting: &mut Exporting, version: &Arc<Version>) -> Result<Vec<ExportItem>, Error> {
        let later = self.later_references(exporting, version).await?;
        let together: Vec<&Arc<Version>> = std::iter::once(version).chain(&later).collect();
        let (mut items, made) = self.texts_before(&together, exporting.head).await?;
        // What an item changes it cannot retract as well.
        let is_changed = |version: &&&Arc<Version>| made.contains(&version.name) && version.retraction.is_some();
        let retractions: Vec<_> =
            together.iter().filter(is_changed).map(|version| ExportItem::Retraction(Arc::clone(version))).collect();
        let turn = exporting.turn();
        for early in &later {
            exporting.early.take(&early.name, made.contains(&early.name), turn);
        }
        let own = (Arc::clone(version), self.text(version).await?);
        if later.is_empty() {
            // However large it is, and as most records are: how large need not be known.
            items.push(ExportItem::Records { records: vec![own], made });
            items.extend(retractions);
            return Ok(items);
        }
        let mut cutting = Cutting::new(own, made, exporting.item_bytes, &mut items);
        for early in later {
            let text = self.text(&early).await?;
            cutting.add((early, text));
        }
        cutting.finish();
        items.extend(retractions);
        Ok(items)
    }
}

impl Exporting {
    fn exports(&self, version: &Version) -> bool {
        let filter = self.stages.get(Stage::of(&version.record) as usize).and_then(Option::as_ref);
        filter.is_some_and(|filter| filter.matches(version))
    }

    fn lists(&self, stage: Stage) -> bool {
        self.stages.get(stage as usize).is_some_and(Option::is_some)
    }
}

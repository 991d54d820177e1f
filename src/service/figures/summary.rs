//! Summaries: reads the claims of a metric and what their figures are parts of, within limits, and has them put side by
//! side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::of_metric;
use crate::domain::figure::Question;
use crate::domain::figure::compare::Incomparable;
use crate::domain::figure::summary::{Cut, Listed, Rule, Statement, Summary, Wholes, summarize};
use crate::domain::limits;
use crate::domain::model::{Record, Version};
use crate::domain::name::Name;
use crate::service::list::List;
use crate::service::{Error, Service};
use crate::storage::{Head, PageRequest, StoreError};

/// What is to be summarized.
#[derive(Clone, Debug)]
pub struct SummaryAsked {
    /// The claims that are asked, in the order of recording.
    pub claims: List,
    /// Which of their figures.
    pub question: Question,
    /// How they are put together.
    pub rule: Rule,
}

/// What is said, and how far it was read.
#[derive(Clone, Debug)]
pub struct Summarized {
    /// What is said.
    pub summary: Summary,
    /// Claims considered.
    pub claims: u64,
    /// Statements in series.
    pub statements: u64,
    /// Statements in none.
    pub incomparable: BTreeMap<Incomparable, u64>,
    /// Why not all claims were considered, and the last one that was.
    pub cut: Option<(Cut, Option<Name>)>,
    /// The names for readers of the sources in the chains.
    pub sources: BTreeMap<Name, String>,
}

impl Listed {
    /// What one answer lists, at most.
    #[must_use]
    pub fn by_default() -> Self {
        Self { series: limits::SUMMARY_SERIES, findings: limits::SUMMARY_FINDINGS, members: limits::SUMMARY_MEMBERS }
    }
}

/// What was read of the claims.
#[derive(Debug, Default)]
struct Considered {
    statements: Vec<Statement>,
    claims: usize,
    incomparable: BTreeMap<Incomparable, u64>,
    wholes: Wholes,
    last: Option<Name>,
}

impl Service {
    /// What is said of a metric, side by side.
    ///
    /// # Errors
    /// As `list`.
    pub async fn summary(&self, asked: &SummaryAsked, head: Head) -> Result<Summarized, Error> {
        let (mut considered, cut) = self.considered(asked, head).await?;
        let cut = cut.map(|cut| (cut, considered.last.take()));
        self.find_wholes(&mut considered, head).await?;
        let sources = self.source_names(&considered.statements, head).await?;
        let Considered { statements, claims, incomparable, wholes, .. } = considered;
        let (count, rule) = (statements.len() as u64, asked.rule.clone());
        // Comparing every two takes a while, and nothing waits for anything meanwhile.
        let summary = match self.computing.begin(move || summarize(statements, &wholes, &rule)).await.await {
            Ok(summary) => summary,
            Err(error) => match error.try_into_panic() {
                // A defect of ours shows where all of them do.
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return Err(StoreError::Unavailable { why: "the server is ending".to_owned() }.into()),
            },
        };
        Ok(Summarized { summary, claims: claims as u64, statements: count, incomparable, cut, sources })
    }

    /// Reads claims until there are no more of them, or too many.
    async fn considered(&self, asked: &SummaryAsked, head: Head) -> Result<(Considered, Option<Cut>), Error> {
        let query = of_metric(self.query(&asked.claims, head).await?, &asked.question.metric);
        let (mut considered, mut steps, mut after) = (Considered::default(), 0, None);
        loop {
            let left = limits::SUMMARY_CLAIMS.saturating_sub(considered.claims);
            // One more shows whether there is more.
            let request = PageRequest { after, limit: (left + 1).min(limits::PAGE_SIZE_MAX) };
            let page = self.store.query(&query, head.revision, request).await?;
            steps += page.scanned;
            for version in &page.versions {
                if considered.claims == limits::SUMMARY_CLAIMS {
                    return Ok((considered, Some(Cut::Claims)));
                }
                if !considered.take(version, asked) {
                    return Ok((considered, Some(Cut::StatementsConsidered)));
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok((considered, None));
            }
            if steps >= self.figure_steps {
                return Ok((considered, Some(Cut::Scan)));
            }
        }
    }

    /// Finds the figures that others are a part of, where they stand in claims that were not read for it. A whole need not
    /// meet the filter, nor stand: it shows its status.
    async fn find_wholes(&self, considered: &mut Considered, head: Head) -> Result<(), Error> {
        let missing = |whole: &(Name, _)| !considered.wholes.contains_key(whole);
        let names: BTreeSet<Name> =
            considered.statements.iter().flat_map(Statement::wholes).filter(missing).map(|(claim, _)| claim).collect();
        let names: Vec<Name> = names.into_iter().collect();
        self.each_holding(&names, head.revision, |version| note_figures(&mut considered.wholes, &version)).await
    }

    /// The names for readers of all sources in the chains.
    async fn source_names(&self, statements: &[Statement], head: Head) -> Result<BTreeMap<Name, String>, Error> {
        let names: BTreeSet<&Name> = statements.iter().flat_map(|statement| &statement.chain).collect();
        let names: Vec<Name> = names.into_iter().cloned().collect();
        let mut sources = BTreeMap::new();
        let note = |version: Arc<Version>| {
            if let Record::Source(source) = &version.record {
                sources.insert(version.name.clone(), source.display_name.clone());
            }
        };
        self.each_holding(&names, head.revision, note).await?;
        Ok(sources)
    }
}

impl Considered {
    /// Takes in a claim, whole or not at all: false when its statements would be too many.
    fn take(&mut self, version: &Version, asked: &SummaryAsked) -> bool {
        let Record::Claim(claim) = &version.record else { return true };
        let candidates = asked.question.candidates(&claim.figures);
        if self.statements.len() + candidates.len() > limits::SUMMARY_STATEMENTS {
            return false;
        }
        for candidate in candidates {
            match Statement::of(version, claim, candidate, asked.question.unit.as_ref()) {
                Ok(statement) => self.statements.push(statement),
                Err(reason) => *self.incomparable.entry(reason).or_default() += 1,
            }
        }
        // Wholes mostly stand beside their parts.
        if claim.figures.iter().any(|figure| figure.whole.is_some()) {
            note_figures(&mut self.wholes, version);
        }
        self.claims += 1;
        self.last = Some(version.name.clone());
        true
    }
}

fn note_figures(wholes: &mut Wholes, version: &Version) {
    let Record::Claim(claim) = &version.record else { return };
    for figure in &claim.figures {
        if let Some(id) = &figure.id {
            wholes.insert((version.name.clone(), id.clone()), (figure.clone(), version.status()));
        }
    }
}

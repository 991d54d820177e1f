//! Histories as they are sent: records made, revised, withdrawn and reinstated, one by one and many in one commit.

use claimdb::proto::claimdb::v1;
use prost_types::FieldMask;
use v1::RelationType as R;
use v1::revise::Record as Revised;

use crate::chance::Chance;
use crate::records::{ARTICLES, SOURCES, article, by_name, claim, scoped, source};

/// What was sent so far, as far as the next write needs it.
#[derive(Default)]
pub(crate) struct History {
    claims: u64,
    relations: u64,
    assessments: u64,
}

/// A write.
#[derive(Debug)]
pub(crate) enum Write {
    /// A commit of its own, by the call that its content asks for.
    Alone(Box<v1::RecordRequest>),
    /// Items of an import, which are one commit: it may make several versions of a record.
    Together(Vec<v1::RecordRequest>),
}

/// What stands at the beginning.
pub(crate) fn first(chance: &mut Chance) -> v1::RecordRequest {
    let source = |number| v1::Source {
        // A namesake would be taken for the other one.
        on_conflict: v1::ConflictPolicy::Distinct.into(),
        // Two with one account would be one.
        platform: String::new(),
        handle: String::new(),
        ..source(chance, number)
    };
    let sources = (0..SOURCES.len()).map(source).chain(scoped()).collect();
    v1::RecordRequest { sources, articles: (0..ARTICLES).map(|at| article(chance, at)).collect(), ..Default::default() }
}

impl History {
    /// How many claims may have been made.
    pub(crate) fn claims(&self) -> u64 {
        self.claims
    }

    pub(crate) fn write(&mut self, chance: &mut Chance) -> Write {
        if chance.happens(12) {
            return Write::Together((0..2 + chance.below(7)).map(|_| self.request(chance)).collect());
        }
        Write::Alone(Box::new(self.request(chance)))
    }

    fn request(&mut self, chance: &mut Chance) -> v1::RecordRequest {
        let none = v1::RecordRequest::default;
        match chance.below(100) {
            _ if self.claims < 2 => self.some_claims(chance),
            0..45 => self.some_claims(chance),
            45..53 => v1::RecordRequest { relations: vec![self.relation(chance)], ..none() },
            53..61 => v1::RecordRequest { assessments: vec![self.assessment(chance)], ..none() },
            61..74 => v1::RecordRequest { revise: vec![self.revise(chance)], ..none() },
            74..89 => v1::RecordRequest { retract: vec![self.retract(chance)], ..none() },
            _ => {
                let reinstate = v1::Reinstate {
                    name: self.any_name(chance),
                    reason: "it stands after all".into(),
                    ..Default::default()
                };
                v1::RecordRequest { reinstate: vec![reinstate], ..none() }
            }
        }
    }

    fn some_claims(&mut self, chance: &mut Chance) -> v1::RecordRequest {
        let mut claims = Vec::new();
        for _ in 0..=chance.below(3) {
            claims.push(claim(chance, self.claims));
            self.claims += 1;
        }
        v1::RecordRequest { claims, ..Default::default() }
    }

    fn relation(&mut self, chance: &mut Chance) -> v1::Relation {
        let claims = [chance.below(self.claims), chance.below(self.claims)].map(|at| format!("claims/c{at}"));
        let sources = [0; 2].map(|_| format!("sources/s{}", chance.index(SOURCES.len())));
        let articles = [0; 2].map(|_| format!("articles/a{}", chance.below(ARTICLES)));
        let ([from, to], kind) = match chance.below(10) {
            0..4 => (sources, if chance.happens(75) { R::SameAs } else { R::PartOf }),
            4 => (articles, R::RevisionOf),
            5 => {
                let [claim, _] = claims;
                let [source, _] = sources;
                ([claim, source], R::BasedOn)
            }
            _ => {
                let kinds = [R::Repeats, R::Supports, R::Contradicts];
                (claims, kinds[chance.index(3)])
            }
        };
        self.relations += 1;
        let name = format!("relations/r{}", self.relations - 1);
        v1::Relation { name, from, to, r#type: kind.into(), ..Default::default() }
    }

    /// A verdict on a record of any kind, or on a figure.
    fn assessment(&mut self, chance: &mut Chance) -> v1::Assessment {
        let target = self.any_target(chance);
        self.assessments += 1;
        v1::Assessment {
            name: format!("assessments/v{}", self.assessments - 1),
            target,
            assessor: Some(by_name(format!("sources/s{}", chance.index(SOURCES.len())))),
            verdict: chance.word(v1::Verdict::Other.into()),
            ..Default::default()
        }
    }

    /// Another shape for some of a record's fields; what the new shape does not have is taken away.
    fn revise(&self, chance: &mut Chance) -> v1::Revise {
        let claim_fields = [
            "event_time",
            "language",
            "kinds",
            "presentation",
            "labels",
            "hedges",
            "entities",
            "figures",
            "external_ids",
        ];
        let article_fields = ["publisher", "publish_time", "language", "labels", "external_ids"];
        let source_fields = ["kind", "aliases", "labels", "external_ids"];
        let (record, mut fields) = match chance.below(10) {
            0..5 => {
                let number = chance.below(self.claims);
                (Revised::Claim(claim(chance, number)), chance.few(&claim_fields, 4))
            }
            5..8 => {
                let number = chance.below(ARTICLES);
                (Revised::Article(article(chance, number)), chance.few(&article_fields, 3))
            }
            8 if self.assessments > 0 => {
                let name = format!("assessments/v{}", chance.below(self.assessments));
                let verdict = 1 + chance.word(v1::Verdict::Other as i32 - 1);
                (Revised::Assessment(v1::Assessment { name, verdict, ..Default::default() }), vec!["verdict"])
            }
            _ => {
                let number = chance.index(SOURCES.len());
                (Revised::Source(source(chance, number)), chance.few(&source_fields, 3))
            }
        };
        match &record {
            // Words go with the article they were found in, and its own sources do, too.
            Revised::Claim(_) if fields.is_empty() => fields = vec!["article", "spans", "attributions"],
            Revised::Source(_) if fields.is_empty() => fields = vec!["platform", "handle"],
            Revised::Article(_) if fields.is_empty() => fields = vec!["publisher"],
            Revised::Claim(_)
            | Revised::Article(_)
            | Revised::Source(_)
            | Revised::Relation(_)
            | Revised::Assessment(_) => {}
        }
        let update_mask = Some(FieldMask { paths: fields.into_iter().map(str::to_owned).collect() });
        v1::Revise { record: Some(record), update_mask, reason: "read wrongly".into(), ..Default::default() }
    }

    fn retract(&self, chance: &mut Chance) -> v1::Retract {
        let name = self.any_name(chance);
        v1::Retract {
            include_claims: name.starts_with("articles/") && chance.happens(30),
            name,
            retracted_by: v1::RetractedBy::Recorder.into(),
            reason: "recorded twice".into(),
            ..Default::default()
        }
    }

    /// Something that a relation may start or end at.
    pub(crate) fn any_end(&self, chance: &mut Chance) -> String {
        match chance.below(4) {
            0 => format!("articles/a{}", chance.below(ARTICLES + 1)),
            1 => format!("claims/c{}", chance.below(self.claims + 1)),
            _ => format!("sources/s{}", chance.index(SOURCES.len())),
        }
    }

    /// A type of the relations that were sent, or another.
    pub(crate) fn any_type(&self, chance: &mut Chance) -> R {
        [R::Repeats, R::Supports, R::Contradicts, R::BasedOn, R::SameAs, R::PartOf, R::RevisionOf, R::Corrects]
            [chance.index(8)]
    }

    /// Something that an assessment may be of.
    pub(crate) fn any_target(&self, chance: &mut Chance) -> String {
        match chance.below(6) {
            0 => format!("claims/c{}/figures/f1", chance.below(self.claims)),
            1..3 if self.assessments > 0 => format!("assessments/v{}", chance.below(self.assessments)),
            _ => self.any_name(chance),
        }
    }

    /// The name of a record that was sent.
    pub(crate) fn any_name(&self, chance: &mut Chance) -> String {
        match chance.below(12) {
            0 => format!("articles/a{}", chance.below(ARTICLES)),
            1..3 => format!("sources/s{}", chance.index(SOURCES.len())),
            3..5 if self.relations > 0 => format!("relations/r{}", chance.below(self.relations)),
            10..12 if self.assessments > 0 => format!("assessments/v{}", chance.below(self.assessments)),
            _ => format!("claims/c{}", chance.below(self.claims)),
        }
    }
}

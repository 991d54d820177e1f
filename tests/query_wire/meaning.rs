//! What the filters of the schema mean, by its comments alone, read on the messages that are served. It shares nothing
//! with the code that answers queries.

use std::collections::{BTreeMap, BTreeSet};

use claimdb::proto::claimdb::v1;
use v1::AttributionRole;

use crate::log::State;
use crate::records::canonical;
use crate::sources::meant;
use crate::times::{instant, overlap, range, written};

/// The filters, read as of a revision.
pub(crate) struct Meaning<'s, 'l>(pub(crate) &'s State<'l>);

/// Of a repeated field one value is enough; one that is not given is met by everything.
fn any<T>(values: &[T], meets: impl Fn(&T) -> bool) -> bool {
    values.is_empty() || values.iter().any(meets)
}

impl Meaning<'_, '_> {
    pub(crate) fn claim(&self, f: &v1::ClaimFilter, c: &v1::Claim) -> bool {
        let publisher = self.0.publisher(c);
        let is_one = |source: &v1::SourceRef, name: Option<&str>| {
            name.is_some_and(|name| meant(self.0, source, f.follow_same_as).contains(name))
        };
        let chain: Vec<(&str, AttributionRole)> = c
            .attributions
            .iter()
            .map(|hop| (hop.source.as_ref().unwrap().name.as_str(), hop.role()))
            .chain(publisher.map(|publisher| (publisher, AttributionRole::Publisher)))
            .collect();
        let origin = c.attributions.last().unwrap();
        let metrics: Vec<&str> =
            c.figures.iter().filter_map(|figure| Some(figure.metric.as_ref()?.key.as_str())).collect();
        any(&f.articles, |article| *article == c.article)
            && any(&f.publishers, |source| is_one(source, publisher))
            && any(&f.sources, |source| chain.iter().any(|(name, _)| is_one(source, Some(name))))
            && any(&f.origins, |source| is_one(source, Some(&origin.source.as_ref().unwrap().name)))
            && any(&f.speakers, |speaker| {
                let mut hops = chain.iter().filter(|(_, role)| *role == speaker.role());
                hops.any(|(name, _)| is_one(speaker.source.as_ref().unwrap(), Some(name)))
            })
            && any(&f.entities, |entity| c.entities.iter().any(|about| is_about(entity, about)))
            && any(&f.metrics, |key| metrics.contains(&key.as_str()))
            && any(&f.metric_prefixes, |prefix| metrics.iter().any(|key| is_within(key, prefix)))
            && any(&f.kinds, |kind| c.kinds.contains(kind))
            && any(&f.presentations, |presentation| c.presentation == *presentation)
            && any(&f.origin_certainties, |certainty| origin.certainty == *certainty)
            && any(&f.hedges, |kind| c.hedges.iter().any(|hedge| hedge.kind == *kind))
            && any(&f.languages, |language| is_in(&c.language, language))
            && has_all(&c.labels, &f.labels)
            && is_at(f.event_time.as_ref(), c.event_time.as_ref())
            && is_at(f.publish_time.as_ref(), self.0.published(c))
            && is_recorded(f.recorded.as_ref(), c.metadata.as_ref())
            && any(&f.related_to, |related| self.is_related(related, &c.name))
            && any(&f.external_ids, |id| c.external_ids.contains(id))
            && any(&f.any_of, |group| self.claim(group, c))
            && !f.none_of.iter().any(|group| self.claim(group, c))
    }

    pub(crate) fn source(&self, f: &v1::SourceFilter, s: &v1::Source) -> bool {
        any(&f.name_prefixes, |prefix| {
            let mut names = s.aliases.iter().chain([&s.display_name]);
            s.scope_article.is_empty() && names.any(|name| name.to_lowercase().starts_with(&prefix.to_lowercase()))
        }) && any(&f.kinds, |kind| s.kind == *kind)
            && any(&f.platforms, |platform| s.platform.to_lowercase() == platform.to_lowercase())
            && any(&f.handles, |handle| s.handle.to_lowercase() == handle.to_lowercase())
            && any(&f.external_ids, |id| s.external_ids.contains(id))
            && any(&f.scope_articles, |article| s.scope_article == *article)
            && has_all(&s.labels, &f.labels)
            && is_recorded(f.recorded.as_ref(), s.metadata.as_ref())
            && any(&f.related_to, |related| self.is_related(related, &s.name))
            && any(&f.any_of, |group| self.source(group, s))
            && !f.none_of.iter().any(|group| self.source(group, s))
    }

    pub(crate) fn article(&self, f: &v1::ArticleFilter, a: &v1::Article) -> bool {
        any(&f.urls, |url| a.urls.iter().any(|own| canonical(own) == canonical(url)))
            && any(&f.publishers, |source| {
                let publisher = a.publisher.as_ref();
                publisher.is_some_and(|publisher| meant(self.0, source, f.follow_same_as).contains(&publisher.name))
            })
            && is_at(f.publish_time.as_ref(), a.publish_time.as_ref())
            && is_recorded(f.recorded.as_ref(), a.metadata.as_ref())
            && any(&f.languages, |language| is_in(&a.language, language))
            && any(&f.external_ids, |id| a.external_ids.contains(id))
            && has_all(&a.labels, &f.labels)
            && any(&f.related_to, |related| self.is_related(related, &a.name))
            && any(&f.any_of, |group| self.article(group, a))
            && !f.none_of.iter().any(|group| self.article(group, a))
    }

    fn is_related(&self, f: &v1::RelatedFilter, name: &str) -> bool {
        let mut relations = self.0.relations().filter(|relation| any(&f.types, |kind| relation.r#type == *kind));
        relations.any(|relation| {
            let begins = relation.from == name && relation.to == f.record;
            let ends = relation.from == f.record && relation.to == name;
            match f.end() {
                v1::RelatedEnd::Unspecified => begins || ends,
                v1::RelatedEnd::From => begins,
                v1::RelatedEnd::To => ends,
            }
        })
    }

    /// What a claim is counted under, and whether it has a time that spans several months.
    pub(crate) fn groups(&self, by: v1::ClaimGrouping, c: &v1::Claim) -> (BTreeSet<String>, bool) {
        let publisher = self.0.publisher(c).map(str::to_owned);
        let months = |time: Option<&v1::ApproximateTime>| {
            let month = range(time).map(crate::times::month);
            (month.clone().flatten().into_iter().collect(), month == Some(None))
        };
        match by {
            v1::ClaimGrouping::Unspecified => (BTreeSet::new(), false),
            v1::ClaimGrouping::Source => {
                let hops = c.attributions.iter().map(|hop| hop.source.as_ref().unwrap().name.clone());
                (hops.chain(publisher).collect(), false)
            }
            v1::ClaimGrouping::Publisher => (publisher.into_iter().collect(), false),
            v1::ClaimGrouping::Metric => {
                let metrics = c.figures.iter().filter_map(|figure| Some(figure.metric.as_ref()?.key.clone()));
                (metrics.collect(), false)
            }
            v1::ClaimGrouping::EventMonth => months(c.event_time.as_ref()),
            v1::ClaimGrouping::PublishMonth => months(self.0.published(c)),
        }
    }
}

fn is_about(f: &v1::EntityFilter, entity: &v1::EntityRef) -> bool {
    match &f.external_id {
        Some(id) => entity.external_ids.contains(id),
        None => entity.label.to_lowercase() == f.label.to_lowercase(),
    }
}

pub(crate) fn is_within(key: &str, prefix: &str) -> bool {
    let prefix = prefix.strip_suffix('.').unwrap_or(prefix);
    key.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_in(language: &str, wanted: &str) -> bool {
    let (language, wanted) = (language.to_lowercase(), wanted.to_lowercase());
    language.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn has_all(own: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(key, value)| own.get(key) == Some(value))
}

fn is_at(f: Option<&v1::TimeFilter>, time: Option<&v1::ApproximateTime>) -> bool {
    let Some(f) = f else { return true };
    match range(time) {
        Some(time) => written(&f.overlaps).is_some_and(|wanted| overlap(wanted, time)),
        None => f.include_unknown,
    }
}

fn is_recorded(f: Option<&v1::RecordedFilter>, metadata: Option<&v1::RecordMetadata>) -> bool {
    let Some(f) = f else { return true };
    let time = instant(metadata.unwrap().update_time.as_ref().unwrap());
    f.start_time.as_ref().is_none_or(|start| instant(start) <= time)
        && f.end_time.as_ref().is_none_or(|end| time < instant(end))
}

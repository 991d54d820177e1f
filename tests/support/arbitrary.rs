//! Arbitrary stored versions, every field of every record among them.

use std::sync::Arc;

use claimdb::domain::decimal::Decimal;
use claimdb::domain::figure::{Bounds, FigureKind, Lower, Qualifier, Upper};
use claimdb::domain::model::*;
use claimdb::domain::name::{FigureId, Name, RecordKind};
use claimdb::domain::text::Sha256;
use claimdb::domain::time::Timestamp;
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// A value of a vocabulary.
pub(super) fn word<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> + Clone {
    select(all)
}

/// Words, the empty ones too.
pub(super) fn words() -> impl Strategy<Value = String> + Clone {
    prop_oneof![3 => Just(String::new()), 2 => "[a-z]{1,8}", 1 => "\\PC{1,12}"].boxed()
}

fn name_of(kind: RecordKind) -> impl Strategy<Value = Name> + Clone {
    "[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?".prop_map(move |id| Name::new(kind, id.parse().unwrap())).boxed()
}

pub(super) fn any_name() -> impl Strategy<Value = Name> + Clone {
    word(&RecordKind::ALL).prop_flat_map(name_of).boxed()
}

fn source_link() -> impl Strategy<Value = SourceLink> + Clone {
    name_of(RecordKind::Source).prop_map(SourceLink::from)
}

pub(super) fn sha256() -> impl Strategy<Value = Sha256> + Clone {
    any::<[u8; 32]>().prop_map(Sha256::from)
}

fn instant() -> impl Strategy<Value = Timestamp> + Clone {
    let micros = prop_oneof![
        Just(Timestamp::MIN.micros()),
        Just(0),
        Just(Timestamp::MAX.micros()),
        Timestamp::MIN.micros()..=Timestamp::MAX.micros(),
    ];
    micros.prop_map(|micros| Timestamp::from_micros(micros).unwrap()).boxed()
}

fn decimal() -> impl Strategy<Value = Decimal> + Clone {
    prop_oneof!["[1-9][0-9]{0,20}", "-?[1-9][0-9]{0,9}\\.[0-9]{1,9}", Just("0".to_owned()), "0\\.0{0,5}[1-9]0{0,3}"]
        .prop_map(|text| text.parse().unwrap())
        .boxed()
}

fn figure_id() -> impl Strategy<Value = FigureId> + Clone {
    "[a-z][a-z0-9]{0,4}".prop_map(|id| id.parse().unwrap()).boxed()
}

fn time() -> impl Strategy<Value = TimeGiven> + Clone {
    let edtf =
        select(&["2017", "2025-09-03", "2025-09-03/..", "2025-09-03T12:00:00+03:00", "201X", "2017-21?", "XXXX"][..]);
    (of(edtf.prop_map(|text| text.parse().unwrap())), words(), of(word(Basis::ALL)))
        .prop_map(|(time, verbatim, basis)| TimeGiven { time, verbatim, basis })
        .boxed()
}

fn external_ids() -> impl Strategy<Value = Vec<ExternalId>> + Clone {
    vec(("[a-z]{1,6}", "[A-Z0-9]{1,6}").prop_map(|(scheme, id)| ExternalId { scheme, id }), 0..3).boxed()
}

fn labels() -> impl Strategy<Value = Labels> + Clone {
    btree_map("[a-z]{1,6}", words(), 0..3).boxed()
}

fn place() -> impl Strategy<Value = Place> + Clone {
    (words(), external_ids(), of((decimal(), decimal())), of(word(PlacePrecision::ALL)), of(word(Basis::ALL)))
        .prop_map(|(verbatim, external_ids, coordinates, precision, basis)| Place {
            verbatim,
            external_ids,
            coordinates,
            precision,
            basis,
        })
        .boxed()
}

fn span() -> impl Strategy<Value = Span> + Clone {
    let place = (of(any::<u32>()), of(any::<u32>()), of(name_of(RecordKind::Article)), of(sha256()));
    (place, words(), words(), words(), of(word(SpanStatus::ALL)))
        .prop_map(|((start, end, article, text_sha256), exact, prefix, suffix, status)| Span {
            start,
            end,
            exact,
            prefix,
            suffix,
            article: article.map(Link::Name),
            text_sha256,
            status,
        })
        .boxed()
}

fn target() -> impl Strategy<Value = LinkTarget> + Clone {
    (of(any_name().prop_map(Link::Name)), of(figure_id()))
        .prop_map(|(record, figure)| LinkTarget { record, figure })
        .boxed()
}

fn article() -> impl Strategy<Value = Article> {
    let url = "(HTTP|https)://[a-zA-Z]{1,6}\\.example(:80)?/[a-z]{0,4}(#[a-z]{1,3})?"
        .prop_map(|given: String| Url { canonical: given.parse().unwrap(), given });
    let text = (sha256(), any::<u32>()).prop_map(|(sha256, code_points)| Text { sha256, code_points, body: None });
    let language = select(&["en", "pt-BR", "ZH-Hant"][..]).prop_map(|tag| tag.parse().unwrap());
    let section = (word(SectionKind::ALL), any::<u32>(), any::<u32>()).prop_map(|(kind, start, end)| Section {
        kind,
        start,
        end,
    });
    let by = (of(source_link()), of(word(Basis::ALL)), vec(source_link(), 0..3));
    let times = (of(time()), of(instant()));
    (vec(url, 0..3), external_ids(), by, words(), of(language), of(text), times, vec(section, 0..3), labels()).prop_map(
        |(urls, external_ids, by, title, language, text, times, sections, labels)| Article {
            urls,
            external_ids,
            publisher: by.0,
            publisher_basis: by.1,
            bylines: by.2,
            title,
            language,
            text,
            publish_time: times.0,
            retrieve_time: times.1,
            sections,
            labels,
        },
    )
}

fn source() -> impl Strategy<Value = Source> {
    let account = (words(), of(word(Basis::ALL)), words(), of(word(Basis::ALL)));
    let scope = (of(name_of(RecordKind::Article)), words());
    let names = (words(), vec("[a-z]{1,4}", 0..3), words());
    (of(word(SourceKind::ALL)), names, account, vec(words(), 0..3), scope, vec(span(), 0..3), external_ids(), labels())
        .prop_map(|(kind, names, account, urls, scope, mentions, external_ids, labels)| Source {
            kind,
            display_name: names.0,
            aliases: names.1,
            description: names.2,
            platform: account.0,
            platform_basis: account.1,
            handle: account.2,
            handle_basis: account.3,
            urls,
            scope_article: scope.0.map(Link::Name),
            anonymity_reason: scope.1,
            mentions,
            external_ids,
            labels,
        })
}

fn hop() -> impl Strategy<Value = Attribution> {
    let who = (source_link(), of(word(AttributionRole::ALL)), of(source_link()), vec(source_link(), 0..3));
    let said = (of(word(AttributionMode::ALL)), of(span()), of(span()), of(time()));
    let firm = (of(word(Stance::ALL)), of(word(Certainty::ALL)), of(word(EvidenceBasis::ALL)));
    (who, said, firm, of(word(Basis::ALL)), any::<bool>()).prop_map(|(who, said, firm, basis, continued)| Attribution {
        source: who.0,
        role: who.1,
        channel: who.2,
        addressees: who.3,
        mode: said.0,
        cue: said.1.map(Box::new),
        source_span: said.2.map(Box::new),
        said_time: said.3.map(Box::new),
        stance: firm.0,
        certainty: firm.1,
        evidence_basis: firm.2,
        basis,
        continued,
    })
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let lower = prop_oneof![decimal().prop_map(Lower::AtLeast), decimal().prop_map(Lower::MoreThan)];
    let upper = prop_oneof![decimal().prop_map(Upper::AtMost), decimal().prop_map(Upper::LessThan)];
    (of(lower), of(upper)).prop_map(|(lower, upper)| Bounds { lower, upper })
}

fn figure() -> impl Strategy<Value = Figure> {
    let unit = (of(word(UnitSystem::ALL)), words(), words()).prop_map(|(system, code, verbatim)| Unit {
        system,
        code,
        verbatim,
    });
    let metric = (words(), words(), words()).prop_map(|(key, label, definition)| Metric { key, label, definition });
    let said = (of(figure_id()), words(), of(span()), words());
    let number = (of(word(FigureKind::ALL)), of(decimal()), of(word(Qualifier::ALL)), bounds(), any::<u32>());
    let about = (of(unit), of(metric), of(word(Aggregation::ALL)), of(time()), of(time()), of(place()));
    let part = (of(target()), of(word(WholeRelation::ALL)), of(word(EstimateRole::ALL)));
    (said, number, about, part).prop_map(|(said, number, about, part)| Figure {
        id: said.0,
        verbatim: said.1,
        span: said.2.map(Box::new),
        scale_word: said.3,
        kind: number.0,
        value: number.1,
        qualifier: number.2,
        bounds: number.3,
        significant_digits: number.4,
        unit: about.0,
        metric: about.1,
        aggregation: about.2,
        as_of: about.3.map(Box::new),
        period: about.4.map(Box::new),
        place: about.5.map(Box::new),
        whole: part.0,
        whole_relation: part.1,
        role: part.2,
    })
}

fn claim() -> impl Strategy<Value = Claim> {
    let hedge = (word(HedgeKind::ALL), of(span()), words(), of(any::<u32>())).prop_map(
        |(kind, span, verbatim, attribution_index)| Hedge {
            kind,
            span: span.map(Box::new),
            verbatim,
            attribution_index,
        },
    );
    let entity = (words(), of(word(EntityKind::ALL)), external_ids(), vec(span(), 0..3), words()).prop_map(
        |(label, kind, external_ids, mentions, role)| EntityRef { label, kind, external_ids, mentions, role },
    );
    let imprint = (of(name_of(RecordKind::Source)), of(time().prop_map(|given| given.time)))
        .prop_map(|(publisher, publish_time)| Imprint { publisher, publish_time: publish_time.flatten() });
    let place_of = (of(name_of(RecordKind::Article)), vec(span(), 0..3), imprint);
    let kinds = (vec(word(ClaimKind::ALL), 0..4), of(word(Presentation::ALL)), of(word(Polarity::ALL)));
    let said = (words(), of(select(&["en", "de-CH"][..]).prop_map(|tag| tag.parse().unwrap())), vec(hop(), 1..4));
    let scope = (any::<bool>(), words(), vec(hedge, 0..3));
    let about = (vec(entity, 0..3), of(time()), of(place()), vec(figure(), 0..3));
    (place_of, kinds, said, scope, about, external_ids(), labels()).prop_map(
        |(place_of, kinds, said, scope, about, external_ids, labels)| Claim {
            article: place_of.0.map(Link::Name),
            spans: place_of.1,
            imprint: place_of.2,
            kinds: kinds.0,
            presentation: kinds.1,
            polarity: kinds.2,
            statement: said.0,
            language: said.1,
            attributions: said.2,
            scope_uncertain: scope.0,
            scope_note: scope.1,
            hedges: scope.2,
            entities: about.0,
            event_time: about.1.map(Box::new),
            place: about.2.map(Box::new),
            figures: about.3,
            external_ids,
            labels,
        },
    )
}

fn relation() -> impl Strategy<Value = Relation> {
    let link = || any_name().prop_map(Link::Name);
    let why = (of(word(Basis::ALL)), vec(word(Alteration::ALL), 0..3), vec(span(), 0..3), of(source_link()), words());
    (link(), word(RelationType::ALL), link(), why, external_ids(), labels()).prop_map(
        |(from, r#type, to, why, external_ids, labels)| Relation {
            from,
            r#type,
            to,
            basis: why.0,
            alterations: why.1,
            evidence: why.2,
            asserted_by: why.3,
            note: why.4,
            external_ids,
            labels,
        },
    )
}

fn assessment() -> impl Strategy<Value = Assessment> {
    let rating = (of(decimal()), of(decimal()), of(decimal()));
    let verdict = (of(word(Verdict::ALL)), of(word(Reliability::ALL)), of(word(Credibility::ALL)));
    let texts = (words(), words(), words(), words());
    (target(), source_link(), texts, rating, verdict, of(time()), external_ids(), labels()).prop_map(
        |(target, assessor, texts, rating, verdict, assessed_time, external_ids, labels)| Assessment {
            target,
            assessor,
            scheme: texts.0,
            original_label: texts.1,
            explanation: texts.2,
            url: texts.3,
            rating_value: rating.0,
            best_rating: rating.1,
            worst_rating: rating.2,
            verdict: verdict.0,
            reliability: verdict.1,
            credibility: verdict.2,
            assessed_time,
            external_ids,
            labels,
        },
    )
}

/// A stored record of any kind.
pub fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        article().prop_map(Record::Article),
        source().prop_map(Record::Source),
        claim().prop_map(Record::Claim),
        relation().prop_map(Record::Relation),
        assessment().prop_map(Record::Assessment),
    ]
}

pub(super) fn recorder() -> impl Strategy<Value = Option<Arc<Recorder>>> + Clone {
    let recorder = (words(), words(), of(word(AgentType::ALL)), of(decimal())).prop_map(
        |(tool, tool_version, agent_type, extraction_confidence)| {
            Arc::new(Recorder { tool, tool_version, agent_type, extraction_confidence })
        },
    );
    of(recorder).boxed()
}

/// A retraction by the version's own commit, or, where there is one, by an earlier one.
fn retraction(version: Version) -> impl Strategy<Value = Version> {
    let why = (word(RetractedBy::ALL), words(), of(name_of(RecordKind::Source)));
    let earlier = of((any::<u64>(), instant(), words().prop_map(Arc::from), recorder()));
    of((why, earlier)).prop_map(move |retraction| {
        let mut version = version.clone();
        version.retraction = retraction.map(|((retracted_by, reason, source), earlier)| {
            let own = (version.revision, version.time, version.principal.clone(), version.recorder.clone());
            let (revision, time, principal, recorder) = earlier.unwrap_or(own);
            Box::new(Retraction { retracted_by, reason, source, revision, time, principal, recorder })
        });
        version
    })
}

fn provenance(version: Version) -> impl Strategy<Value = Version> {
    let commits = (any::<u64>(), instant(), any::<u64>(), instant());
    of((words(), commits, words(), recorder())).prop_map(move |from| {
        let mut version = version.clone();
        version.provenance = from.map(|(store_id, commits, principal, recorder)| {
            let (create_revision, create_time, revision, time) = commits;
            let recorder = recorder.map(|recorder| Recorder::clone(&recorder));
            Arc::new(Provenance { store_id, create_revision, create_time, revision, time, principal, recorder })
        });
        version
    })
}

/// A stored version of any kind of record.
pub fn version() -> impl Strategy<Value = Version> {
    let made = (1..=u64::MAX, any::<u64>(), instant(), of((any::<u64>(), instant())), of(1..=u64::MAX));
    let by = (word(Action::ALL), words().prop_map(Arc::from), recorder(), words(), of(sha256()));
    let id = "[a-z0-9]{1,63}".prop_map(|id| id.parse().unwrap());
    (made, by, id, record())
        .prop_map(|((number, revision, time, created, replaces), by, id, record)| Version {
            number,
            name: Name::new(record.kind(), id),
            create_revision: created.map_or(revision, |created| created.0),
            create_time: created.map_or(time, |created| created.1),
            revision,
            time,
            action: by.0,
            principal: by.1,
            recorder: by.2,
            reason: by.3,
            retraction: None,
            replaces,
            content: by.4,
            provenance: None,
            record,
        })
        .prop_flat_map(retraction)
        .prop_flat_map(provenance)
}

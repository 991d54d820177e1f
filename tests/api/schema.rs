//! The schema and the domain say the same, and every field says how it behaves.

use std::collections::{BTreeMap, BTreeSet};

use claimdb::domain::figure::compare::{Finding, Incomparable};
use claimdb::domain::figure::estimate::Anomaly;
use claimdb::domain::figure::subset::Fit;
use claimdb::domain::figure::summary::{Convention, Cut, TimeBasis};
use claimdb::domain::figure::{BareReading, FigureKind, Grade, Qualifier, VagueReading};
use claimdb::domain::model::vocabularies;
use claimdb::domain::name::RecordKind;
use claimdb::proto::DESCRIPTORS;
use prost_reflect::{DescriptorPool, Kind, MessageDescriptor};

fn pool() -> DescriptorPool {
    DescriptorPool::decode(DESCRIPTORS).unwrap()
}

fn walk(message: &MessageDescriptor, seen: &mut BTreeMap<String, MessageDescriptor>) {
    let served = message.full_name().starts_with("claimdb.v1.");
    if !served || message.is_map_entry() || seen.insert(message.full_name().to_owned(), message.clone()).is_some() {
        return;
    }
    for field in message.fields() {
        if let Kind::Message(inner) = field.kind() {
            walk(&inner, seen);
        }
    }
}

#[test]
fn every_field_of_a_request_or_response_says_how_it_behaves() {
    let pool = pool();
    let behavior = pool.get_extension_by_name("google.api.field_behavior").unwrap();
    let mut seen = BTreeMap::new();
    for service in pool.services().filter(|service| service.package_name() == "claimdb.v1") {
        for method in service.methods() {
            walk(&method.input(), &mut seen);
            walk(&method.output(), &mut seen);
        }
    }
    assert!(seen.len() > 60, "{}", seen.len());
    let silent: Vec<String> = seen
        .values()
        .flat_map(MessageDescriptor::fields)
        .filter(|field| !field.options().has_extension(&behavior))
        .map(|field| field.full_name().to_owned())
        .collect();
    assert_eq!(silent, Vec::<String>::new());
    let stored = pool.all_messages().filter(|message| message.package_name() == "claimdb.v1").count();
    let maps = pool.all_messages().filter(|m| m.package_name() == "claimdb.v1" && m.is_map_entry()).count();
    assert_eq!(seen.len(), stored - maps, "a message is not reachable");
}

/// Enums of requests alone: nothing of them is stored, and each value means a call of its own.
const OF_REQUESTS: [&str; 8] = [
    "ListOrder",
    "ArticleOrder",
    "ClaimOrder",
    "ClaimGrouping",
    "RelatedEnd",
    "FigureOrder",
    "FigureClaimView",
    "SummaryPeriod",
];

#[test]
fn every_method_that_changes_nothing_says_so() {
    let pool = pool();
    let services = pool.services().filter(|service| service.package_name() == "claimdb.v1");
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    let silent = methods.filter(|method| {
        let options = method.method_descriptor_proto().options.clone().unwrap_or_default();
        options.idempotency_level() != prost_types::method_options::IdempotencyLevel::NoSideEffects
    });
    let silent: Vec<_> = silent.map(|method| method.name().to_owned()).collect();
    assert_eq!(silent, ["Record", "Revise", "Retract", "Reinstate", "Import"]);
}

#[test]
fn the_vocabularies_of_the_domain_are_the_enums_of_the_schema() {
    let pool = pool();
    let mut ours: BTreeMap<String, BTreeSet<(i32, String)>> = vocabularies()
        .into_iter()
        .map(|(name, values)| {
            (name.to_owned(), values.into_iter().map(|(number, word)| (number, word.to_owned())).collect())
        })
        .collect();
    macro_rules! words {
        ($($name:ident $prefix:literal),*) => {
            $(ours.insert(stringify!($name).to_owned(), {
                $name::ALL.iter().map(|value| (value.number(), format!("{}_{}", $prefix, value.word()))).collect()
            });)*
        };
    }
    type EstimateAnomaly = Anomaly;
    type PartFit = Fit;
    type SummaryConvention = Convention;
    type SummaryCut = Cut;
    words!(
        FigureKind "FIGURE_KIND", Qualifier "QUALIFIER", Grade "GRADE", Incomparable "INCOMPARABLE",
        BareReading "BARE_READING", VagueReading "VAGUE_READING", EstimateAnomaly "ESTIMATE_ANOMALY",
        Finding "FINDING", PartFit "PART_FIT", TimeBasis "TIME_BASIS", SummaryConvention "SUMMARY_CONVENTION",
        SummaryCut "SUMMARY_CUT"
    );
    let kinds =
        RecordKind::ALL.iter().map(|kind| (kind.number(), format!("RECORD_KIND_{}", kind.word().to_uppercase())));
    ours.insert("RecordKind".to_owned(), kinds.collect());
    let theirs: BTreeMap<String, BTreeSet<(i32, String)>> = pool
        .all_enums()
        .filter(|found| found.package_name() == "claimdb.v1" && !OF_REQUESTS.contains(&found.name()))
        .map(|found| {
            let values = found.values().filter(|value| value.number() != 0);
            (found.name().to_owned(), values.map(|value| (value.number(), value.name().to_owned())).collect())
        })
        .collect();
    assert_eq!(ours, theirs);
}

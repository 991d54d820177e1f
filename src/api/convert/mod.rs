//! Between messages and the domain. Into the domain, conversion is validation: it gives a value that is right, or
//! everything that is wrong with the request. Out of it, nothing can fail. One file for each kind of record.
//!
//! Fields that only answers have are ignored in requests.

mod answers;
mod article;
mod assessment;
mod claim;
mod corrections;
mod estimate;
mod export;
mod figure;
mod figures_asked;
mod filters;
mod grading;
mod import;
mod mask;
mod metadata;
mod metrics;
mod parts;
mod reader;
mod reads;
mod record;
mod references;
mod relation;
mod source;
mod summary;
mod summary_room;
mod trace;
mod values;
mod versions;
mod watch;
mod words;

#[cfg(test)]
mod figure_tests;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;

pub(crate) use answers::{Served, version, version_info};
pub(crate) use corrections::{reinstate, retract, revise};
pub(crate) use export::{ExportAsked, export, export_item, item_bytes};
pub(crate) use figures_asked::{figure_hit, query_figures, query_figures_response};
pub(crate) use import::{ImportItems, ImportOpening, import_counts, import_item_error, import_items, import_open};
pub(crate) use metadata::read_metadata;
pub(crate) use metrics::{list_metrics, listed_metric};
pub(crate) use reader::Violations;
pub(crate) use reads::{
    AsOfGiven, PageAsked, batch, count_claims, get, history, list_articles, list_assessments, list_claims,
    list_relations, list_sources, query_articles, query_claims, query_sources,
};
pub(crate) use record::{Unreadable, commit_info, record, results, warnings};
pub(crate) use summary::{summarize_figures, summary_response};
pub(crate) use trace::trace;
pub(crate) use values::timestamp;
pub(crate) use versions::diff_versions;
pub(crate) use watch::{WatchAsked, watch};
pub(crate) use words::{read_figures, sentence};

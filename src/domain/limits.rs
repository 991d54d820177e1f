//! Every limit on what a request may hold, with its reason. `GetServerInfo` lists them.

/// One limit.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: u64,
    /// Why there is one.
    pub reason: &'static str,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $constant:ident $name:literal = $value:expr, $reason:literal;)*) => {
        $(
            $(#[doc = $doc])+
            pub const $constant: usize = $value;
        )*
        /// All of them.
        pub const ALL: &[Limit] = &[$(Limit { name: $name, value: $constant as u64, reason: $reason }),*];
    };
}

limits! {
    /// Bytes that a request may take in memory once it is decoded, about; more where messages above 4 MiB are allowed.
    REQUEST_MEMORY "request_memory_bytes" = 128 * 1024 * 1024, "two bytes can be an empty claim, and 4 MB of those take gigabytes";
    /// Records, revisions, retractions and reinstatements in one request.
    REQUEST_RECORDS "request_records" = 1_000, "one commit is applied at once, and readers wait while it is";
    /// Spans in one request, figures to be found in a text included.
    REQUEST_SPANS "request_spans" = 10_000, "each is looked for in a text of up to 2 MiB while other writes wait";
    /// Sources that one request gives inline.
    REQUEST_INLINE_SOURCES "request_inline_sources" = 10_000, "each has a result, with its path and name, and the answer to what was committed must be one message";
    /// Bytes of one batch of an import.
    IMPORT_BATCH_BYTES "import_batch_bytes" = 4 * 1024 * 1024, "a batch is one message";
    /// Batches of one import that wait for their acknowledgement.
    IMPORT_BATCHES "import_batches_in_flight" = 8, "each is in memory; enough that the writer never waits for the next";
    /// Imports at one time.
    IMPORTS "imports" = 8, "each has its batches in memory, and there is one writer";
    /// Bytes of what an import calls its data, and of its position there.
    IMPORT_NOTE_BYTES "import_note_bytes" = 512, "they are kept with every commit";
    /// Records that one batch of an import changes, those that follow from retractions and publishers among them.
    IMPORT_VERSIONS "import_versions" = 50_000, "they are one commit";
    /// Preconditions in one request.
    REQUEST_PRECONDITIONS "request_preconditions" = 100, "each is looked up by the one writer";
    /// Characters of a request id.
    REQUEST_ID "request_id_characters" = 64, "kept as long as its commit; room for a UUID and a prefix";
    /// Names in a batch read.
    BATCH_NAMES "batch_names" = 1_000, "an answer is one message";
    /// Records on a page, at most.
    PAGE_SIZE_MAX "page_size_max" = 1_000, "a page is one message";
    /// Records on a page when none is asked for.
    PAGE_SIZE_DEFAULT "page_size_default" = 100, "a page is a screenful, not a download";
    /// Bytes of records on a page.
    PAGE_BYTES "page_bytes" = 3 * 1024 * 1024, "most clients refuse messages over 4 MiB";
    /// Bytes of an article's text.
    TEXT_BYTES "text_bytes" = 2 * 1024 * 1024, "a text and its records fit into one message of 4 MiB";
    /// Bytes of a title.
    TITLE_BYTES "title_bytes" = 2 * 1024, "a title is a line, not a text";
    /// Bytes of a statement.
    STATEMENT_BYTES "statement_bytes" = 16 * 1024, "a claim is one proposition";
    /// Bytes of a span's words.
    SPAN_BYTES "span_bytes" = 16 * 1024, "words stand in the record beside their position";
    /// Bytes of a span's prefix or suffix.
    SPAN_CONTEXT_BYTES "span_context_bytes" = 1024, "context only has to tell two places apart";
    /// Bytes of a note, reason, definition or scheme text.
    NOTE_BYTES "note_bytes" = 4 * 1024, "a reason is a paragraph";
    /// Bytes of an explanation.
    EXPLANATION_BYTES "explanation_bytes" = 16 * 1024, "an assessment's grounds, not its article";
    /// Bytes of a name, label, phrase or other short string.
    SHORT_BYTES "short_bytes" = 512, "names and phrases";
    /// Bytes of a description or scope note.
    DESCRIPTION_BYTES "description_bytes" = 1024, "a sentence or two";
    /// Bytes of a tool name, platform, handle, role or unit.
    WORD_BYTES "word_bytes" = 128, "a word or two";
    /// Bytes of a tool's version.
    TOOL_VERSION_BYTES "tool_version_bytes" = 64, "a version, not a build log";
    /// Bytes of a unit's code.
    UNIT_CODE_BYTES "unit_code_bytes" = 64, "a code, not a sentence";
    /// Bytes of a hedge's words.
    HEDGE_BYTES "hedge_bytes" = 256, "a few words";
    /// Bytes of a URL.
    URL_BYTES "url_bytes" = 2_048, "browsers and proxies stop there";
    /// URLs of one record.
    URLS "urls" = 16, "each is an exact key";
    /// External ids of one record.
    EXTERNAL_IDS "external_ids" = 32, "each is an exact key";
    /// Bytes of an external id's scheme or a label's key.
    SCHEME_BYTES "scheme_bytes" = 63, "a scheme is a word";
    /// Bylines of one article.
    BYLINES "bylines" = 32, "each is a reference";
    /// Sections of one article.
    SECTIONS "sections" = 1_000, "an article's parts, not its sentences";
    /// Aliases of one source.
    ALIASES "aliases" = 64, "names a source goes by";
    /// Spans of one claim, relation or source.
    SPANS "spans" = 32, "a quote is interrupted a few times";
    /// Spans that show one relation.
    EVIDENCE "evidence" = 16, "a link is shown in a few places";
    /// Hops of one chain.
    ATTRIBUTIONS "attributions" = 16, "no text names longer chains";
    /// Addressees of one hop.
    ADDRESSEES "addressees" = 16, "each is a reference";
    /// Hedges of one claim.
    HEDGES "hedges" = 32, "words of one proposition";
    /// Entities of one claim.
    ENTITIES "entities" = 64, "things of one proposition";
    /// Mentions of one entity.
    MENTIONS "mentions" = 32, "places in one claim";
    /// Figures of one claim.
    FIGURES "figures" = 64, "numbers of one proposition";
    /// Labels of one record.
    LABELS "labels" = 64, "each is an index term";
    /// Bytes of a label's value.
    LABEL_VALUE_BYTES "label_value_bytes" = 256, "labels are for filters, not for content";
    /// Bytes of a metric's key.
    METRIC_KEY_BYTES "metric_key_bytes" = 255, "a key, not a sentence";
    /// Claims that one request retracts together with their articles, or that follow changes of their articles.
    RETRACT_CLAIMS "retract_claims" = 10_000, "they are one commit, and those that are retracted each have a result in its answer";
    /// Sentences in one request to read figures.
    READ_SENTENCES "read_sentences" = 1_000, "an answer is one message";
    /// Bytes of one sentence to read figures in.
    READ_SENTENCE_BYTES "read_sentence_bytes" = 16 * 1024, "a sentence, or a paragraph";
    /// Bytes of all sentences in one request to read figures.
    READ_BYTES "read_bytes" = 64 * 1024, "figures take more room than their words, and the answer is one message";
    /// Metrics under one prefix whose figures are ordered by value together.
    METRICS_ORDERED "metrics_ordered" = 64, "the values of each are read along";
    /// Claims whose figures are ordered by value without a metric to walk.
    FIGURES_SORTED "figures_sorted" = 1_000, "each is read for every page";
    /// Labels, definitions and units listed of one metric.
    METRIC_USES "metric_uses" = 100, "each is counted; a metric that is used in more ways is several";
    /// Claims considered for one summary.
    SUMMARY_CLAIMS "summary_claims" = 10_000, "each is read; some tenths of a second";
    /// Statements considered for one summary.
    SUMMARY_STATEMENTS "summary_statements" = 5_000, "every two of them are compared";
    /// Series listed in one summary.
    SUMMARY_SERIES "summary_series" = 100, "an answer is one message";
    /// Pairs, groups and shares listed for each series of a summary.
    SUMMARY_FINDINGS "summary_findings" = 1_000, "an answer is one message; what is beyond is counted";
    /// Members listed of one group that agrees.
    SUMMARY_MEMBERS "summary_members" = 100, "an answer is one message; what is beyond is counted";
    /// Relations in each direction that Trace follows.
    TRACE_LINKS "trace_links" = 100, "an answer is one message";
    /// Violations named in one refusal.
    VIOLATIONS "violations" = 32, "status details travel in trailers, which clients bound at 8 KiB";
    /// Bytes of a refusal's details.
    DETAILS_BYTES "details_bytes" = 4 * 1024, "status details travel in trailers, which clients bound at 8 KiB";
    /// Warnings named in one answer.
    WARNINGS "warnings" = 100, "the rest is counted";
    /// Values of one field of a filter, or conditions of one group.
    FILTER_VALUES "filter_values" = 100, "each is a posting list that is read along";
    /// Groups within groups of a filter.
    FILTER_DEPTH "filter_depth" = 4, "deeper ones can be written flat";
    /// Conditions of a filter in all.
    FILTER_CONDITIONS "filter_conditions" = 1_000, "each is a posting list that is read along";
    /// Records that a filter by relation leads to.
    RELATED "related" = 1_000, "each is a posting list that is read along";
    /// Relations that are looked at for one filter.
    RELATIONS_READ "relations_read" = 10_000, "each is read for every page; some tenths of a second";
    /// Sources of one display name that are looked at when one is meant.
    NAMESAKES "namesakes" = 1_000, "each is read; beyond, refer to a source by name, handle or external id";
    /// Watchers at one time.
    WATCHERS "watchers" = 100, "each holds a few commits of the log and a message, and calls must find a place beside them";
    /// Values in one field of a watcher's filter.
    WATCH_FILTER_VALUES "watch_filter_values" = 100, "each is compared with every change";
    /// Differences named in one answer.
    DIFFERENCES "differences" = 1_000, "an answer is one message";
    /// Bytes of one value of a difference.
    DIFFERENCE_VALUE_BYTES "difference_value_bytes" = 4 * 1024, "shows what differs; the versions have it all";
    /// Bytes of one record as it is stored, an article's text aside.
    RECORD_BYTES "record_bytes" = 1024 * 1024, "a record, and a page with it, fits into a message";
    /// Candidates named for an ambiguous source.
    CANDIDATES "candidates" = 16, "status details travel in trailers, which clients bound at 8 KiB";
}

//! The vocabularies of the model. Names and numbers are those of the enums of the same name in `claimdb.v1`, where each
//! value is described; a test holds the two together. The number 0, "unspecified", is an absent value here.

macro_rules! vocabulary {
    ($($name:ident: $prefix:literal { $($variant:ident = $number:literal $word:literal),* $(,)? })*) => {
        $(
            #[doc = concat!("The values of `claimdb.v1.", stringify!($name), "`.")]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[allow(missing_docs, reason = "each value is described in the proto")]
            pub enum $name { $($variant = $number),* }

            impl $name {
                /// Every value, in the order of their numbers.
                pub const ALL: &[Self] = &[$(Self::$variant),*];

                /// The value with this number; none for 0 and for numbers not known.
                #[must_use]
                pub fn from_number(number: i32) -> Option<Self> {
                    match number { $($number => Some(Self::$variant),)* _ => None }
                }

                /// The value's number, never 0.
                #[must_use]
                pub fn number(self) -> i32 {
                    self as i32
                }

                /// The value's name in the proto.
                #[must_use]
                pub fn word(self) -> &'static str {
                    match self { $(Self::$variant => concat!($prefix, "_", $word),)* }
                }
            }
        )*

        /// Name, and numbers with names, of every vocabulary: for the test against the proto.
        #[must_use]
        pub fn vocabularies() -> Vec<(&'static str, Vec<(i32, &'static str)>)> {
            vec![$((stringify!($name), $name::ALL.iter().map(|value| (value.number(), value.word())).collect())),*]
        }
    };
}

vocabulary! {
    Basis: "BASIS" { Stated = 1 "STATED", Inferred = 2 "INFERRED", Judged = 3 "JUDGED" }
    PlacePrecision: "PLACE_PRECISION" {
        Exact = 1 "EXACT", Near = 2 "NEAR", District = 3 "DISTRICT", Region = 4 "REGION", Country = 5 "COUNTRY",
        Elsewhere = 6 "ELSEWHERE",
    }
    EntityKind: "ENTITY_KIND" {
        Person = 1 "PERSON", Group = 2 "GROUP", Organization = 3 "ORGANIZATION", State = 4 "STATE", Place = 5 "PLACE",
        Event = 6 "EVENT", Thing = 7 "THING",
    }
    SpanStatus: "SPAN_STATUS" { Verified = 1 "VERIFIED", Unverified = 2 "UNVERIFIED" }
    ConflictPolicy: "CONFLICT_POLICY" { Reuse = 1 "REUSE", Update = 2 "UPDATE", Fail = 3 "FAIL", Distinct = 4 "DISTINCT" }
    AgentType: "AGENT_TYPE" { Human = 1 "HUMAN", Rule = 2 "RULE", Model = 3 "MODEL", HumanValidated = 4 "HUMAN_VALIDATED" }
    RecordStatus: "RECORD_STATUS" { Active = 1 "ACTIVE", Retracted = 2 "RETRACTED", Erased = 3 "ERASED" }
    RetractedBy: "RETRACTED_BY" { Source = 1 "SOURCE", Recorder = 2 "RECORDER" }
    SectionKind: "SECTION_KIND" {
        Headline = 1 "HEADLINE", Highlight = 2 "HIGHLIGHT", Body = 3 "BODY", EmbeddedPost = 4 "EMBEDDED_POST",
        Caption = 5 "CAPTION", Boilerplate = 6 "BOILERPLATE", CorrectionNote = 7 "CORRECTION_NOTE",
    }
    SourceKind: "SOURCE_KIND" {
        Person = 1 "PERSON", Organization = 2 "ORGANIZATION", GovernmentBody = 3 "GOVERNMENT_BODY",
        NewsOutlet = 4 "NEWS_OUTLET", NewsAgency = 5 "NEWS_AGENCY", SocialAccount = 6 "SOCIAL_ACCOUNT",
        Channel = 7 "CHANNEL", Document = 8 "DOCUMENT", MediaItem = 9 "MEDIA_ITEM", Dataset = 10 "DATASET",
        AutomatedSystem = 11 "AUTOMATED_SYSTEM", UnnamedPerson = 12 "UNNAMED_PERSON", UnnamedGroup = 13 "UNNAMED_GROUP",
        UnnamedDocuments = 14 "UNNAMED_DOCUMENTS", UnspecifiedSource = 15 "UNSPECIFIED_SOURCE",
    }
    ClaimKind: "CLAIM_KIND" {
        EventOrProperty = 1 "EVENT_OR_PROPERTY", Numerical = 2 "NUMERICAL", Quote = 3 "QUOTE", Causal = 4 "CAUSAL",
        Position = 5 "POSITION", Prediction = 6 "PREDICTION", Commitment = 7 "COMMITMENT", Opinion = 8 "OPINION",
        Epistemic = 9 "EPISTEMIC", Normative = 10 "NORMATIVE",
    }
    Presentation: "PRESENTATION" {
        Asserted = 1 "ASSERTED", Quoted = 2 "QUOTED", Presupposed = 3 "PRESUPPOSED", Implied = 4 "IMPLIED",
        Summarized = 5 "SUMMARIZED",
    }
    Polarity: "POLARITY" { Positive = 1 "POSITIVE", Negative = 2 "NEGATIVE", Unknown = 3 "UNKNOWN" }
    AttributionRole: "ATTRIBUTION_ROLE" {
        Publisher = 1 "PUBLISHER", Author = 2 "AUTHOR", Speaker = 3 "SPEAKER", Relayer = 4 "RELAYER",
        Evidence = 5 "EVIDENCE", QuotedAuthority = 6 "QUOTED_AUTHORITY",
    }
    AttributionMode: "ATTRIBUTION_MODE" {
        DirectQuote = 1 "DIRECT_QUOTE", PartialQuote = 2 "PARTIAL_QUOTE", Indirect = 3 "INDIRECT",
        EmbeddedPost = 4 "EMBEDDED_POST", FreeIndirect = 5 "FREE_INDIRECT",
        NarratedSpeechAct = 6 "NARRATED_SPEECH_ACT", None = 7 "NONE",
    }
    Stance: "STANCE" { Neutral = 1 "NEUTRAL", Endorsing = 2 "ENDORSING", Distancing = 3 "DISTANCING" }
    Certainty: "CERTAINTY" {
        Certain = 1 "CERTAIN", Probable = 2 "PROBABLE", Possible = 3 "POSSIBLE", Underspecified = 4 "UNDERSPECIFIED",
        CertainOrProbable = 5 "CERTAIN_OR_PROBABLE", ProbableOrPossible = 6 "PROBABLE_OR_POSSIBLE",
    }
    EvidenceBasis: "EVIDENCE_BASIS" {
        Witnessed = 1 "WITNESSED", Told = 2 "TOLD", Document = 3 "DOCUMENT", VisualMedia = 4 "VISUAL_MEDIA",
        Measured = 5 "MEASURED", Induced = 6 "INDUCED", Deduced = 7 "DEDUCED", NotStated = 8 "NOT_STATED",
    }
    HedgeKind: "HEDGE_KIND" {
        Reportive = 1 "REPORTIVE", Allegation = 2 "ALLEGATION", EpistemicModal = 3 "EPISTEMIC_MODAL",
        WeakReport = 4 "WEAK_REPORT", Evidential = 5 "EVIDENTIAL", Conditional = 6 "CONDITIONAL",
        Ignorance = 7 "IGNORANCE",
    }
    UnitSystem: "UNIT_SYSTEM" { Ucum = 1 "UCUM", Iso4217 = 2 "ISO4217", Other = 3 "OTHER" }
    Aggregation: "AGGREGATION" {
        PointInTime = 1 "POINT_IN_TIME", Cumulative = 2 "CUMULATIVE", PerPeriod = 3 "PER_PERIOD", Change = 4 "CHANGE",
    }
    WholeRelation: "WHOLE_RELATION" { SubsetOf = 1 "SUBSET_OF", PartOfSum = 2 "PART_OF_SUM", RatioOf = 3 "RATIO_OF" }
    EstimateRole: "ESTIMATE_ROLE" { Single = 1 "SINGLE", Low = 2 "LOW", Best = 3 "BEST", High = 4 "HIGH" }
    RelationType: "RELATION_TYPE" {
        Repeats = 1 "REPEATS", Supports = 2 "SUPPORTS", Contradicts = 3 "CONTRADICTS", Qualifies = 4 "QUALIFIES",
        Refines = 5 "REFINES", Supersedes = 6 "SUPERSEDES", Corrects = 7 "CORRECTS",
        AlternativeTo = 8 "ALTERNATIVE_TO", Presupposes = 9 "PRESUPPOSES", Explains = 10 "EXPLAINS",
        ContrastsWith = 11 "CONTRASTS_WITH", RespondsTo = 12 "RESPONDS_TO", SameOriginAs = 13 "SAME_ORIGIN_AS",
        InstanceOf = 14 "INSTANCE_OF", BasedOn = 15 "BASED_ON", SameAs = 16 "SAME_AS", Operates = 17 "OPERATES",
        WritesFor = 18 "WRITES_FOR", PartOf = 19 "PART_OF", OwnedBy = 20 "OWNED_BY", RevisionOf = 21 "REVISION_OF",
        SyndicationOf = 22 "SYNDICATION_OF", TranslationOf = 23 "TRANSLATION_OF", ExcerptOf = 24 "EXCERPT_OF",
    }
    Alteration: "ALTERATION" {
        AttributionLost = 1 "ATTRIBUTION_LOST", HedgeLost = 2 "HEDGE_LOST", FigureChanged = 3 "FIGURE_CHANGED",
    }
    Verdict: "VERDICT" {
        Supported = 1 "SUPPORTED", Refuted = 2 "REFUTED", ConflictingOrCherrypicked = 3 "CONFLICTING_OR_CHERRYPICKED",
        NotEnoughEvidence = 4 "NOT_ENOUGH_EVIDENCE", MissingContext = 5 "MISSING_CONTEXT", Outdated = 6 "OUTDATED",
        Satire = 7 "SATIRE", NotCheckable = 8 "NOT_CHECKABLE", Other = 9 "OTHER",
    }
    Reliability: "RELIABILITY" { A = 1 "A", B = 2 "B", C = 3 "C", D = 4 "D", E = 5 "E", F = 6 "F" }
    Credibility: "CREDIBILITY" {
        Confirmed = 1 "1", ProbablyTrue = 2 "2", PossiblyTrue = 3 "3", Doubtful = 4 "4", Improbable = 5 "5",
        CannotBeJudged = 6 "6",
    }
    Action: "ACTION" {
        Created = 1 "CREATED", Updated = 2 "UPDATED", Revised = 3 "REVISED", Retracted = 4 "RETRACTED",
        Reinstated = 5 "REINSTATED",
    }
    Outcome: "OUTCOME" {
        Created = 1 "CREATED", Existing = 2 "EXISTING", Updated = 3 "UPDATED", Retracted = 4 "RETRACTED",
        Reinstated = 5 "REINSTATED",
    }
    MatchRule: "MATCH_RULE" {
        Name = 1 "NAME", ExternalId = 2 "EXTERNAL_ID", Url = 3 "URL", Handle = 4 "HANDLE",
        DisplayName = 5 "DISPLAY_NAME", Content = 6 "CONTENT",
    }
    WarningReason: "WARNING_REASON" {
        FigureNotRead = 1 "FIGURE_NOT_READ", ExistingDiffers = 2 "EXISTING_DIFFERS",
        ReferenceRetracted = 3 "REFERENCE_RETRACTED", SpanUnverified = 4 "SPAN_UNVERIFIED",
        EstimateOutOfRange = 5 "ESTIMATE_OUT_OF_RANGE", FigureNotLocated = 6 "FIGURE_NOT_LOCATED",
        FigureReadsDifferently = 7 "FIGURE_READS_DIFFERENTLY",
    }
    ErrorReason: "ERROR_REASON" {
        FieldInvalid = 1 "FIELD_INVALID", LimitExceeded = 2 "LIMIT_EXCEEDED", QuoteNotFound = 3 "QUOTE_NOT_FOUND",
        QuoteAmbiguous = 4 "QUOTE_AMBIGUOUS", TokenMalformed = 5 "TOKEN_MALFORMED",
        PageTokenMismatch = 6 "PAGE_TOKEN_MISMATCH", RequestIdReused = 7 "REQUEST_ID_REUSED",
        HeaderInvalid = 8 "HEADER_INVALID", SourceAmbiguous = 9 "SOURCE_AMBIGUOUS",
        IdentityConflict = 10 "IDENTITY_CONFLICT", ArticleTextDiffers = 11 "ARTICLE_TEXT_DIFFERS",
        ReferenceNotFound = 12 "REFERENCE_NOT_FOUND", PreconditionFailed = 13 "PRECONDITION_FAILED",
        StateTransitionInvalid = 14 "STATE_TRANSITION_INVALID", ResourceNotFound = 15 "RESOURCE_NOT_FOUND",
        ResourceAlreadyExists = 16 "RESOURCE_ALREADY_EXISTS", EtagMismatch = 17 "ETAG_MISMATCH",
        RevisionInFuture = 18 "REVISION_IN_FUTURE", MessageTooLarge = 19 "MESSAGE_TOO_LARGE",
        StoreFull = 20 "STORE_FULL", Overloaded = 21 "OVERLOADED", StoreOpening = 22 "STORE_OPENING",
        ShuttingDown = 23 "SHUTTING_DOWN", StoreReopening = 24 "STORE_REOPENING", OutcomeUnknown = 25 "OUTCOME_UNKNOWN",
        DeadlineExceeded = 26 "DEADLINE_EXCEEDED", StoreCorrupted = 27 "STORE_CORRUPTED",
        CapabilityNotSupported = 28 "CAPABILITY_NOT_SUPPORTED", Internal = 29 "INTERNAL", MethodUnknown = 30 "METHOD_UNKNOWN",
        MessageMalformed = 31 "MESSAGE_MALFORMED", LanguageNotSupported = 32 "LANGUAGE_NOT_SUPPORTED",
        ImportBatchGap = 40 "IMPORT_BATCH_GAP", ImportBatchRejected = 41 "IMPORT_BATCH_REJECTED",
        ImportSessionTaken = 42 "IMPORT_SESSION_TAKEN", ImportInputChanged = 43 "IMPORT_INPUT_CHANGED",
        ImportSessionBegun = 44 "IMPORT_SESSION_BEGUN",
    }
    ItemErrorPolicy: "ITEM_ERROR_POLICY" {
        RejectBatch = 1 "REJECT_BATCH", SkipItem = 2 "SKIP_ITEM",
    }
}

impl ErrorReason {
    /// The value as the `reason` of an `ErrorInfo`: its name without what all of them begin with.
    #[must_use]
    pub fn reason(self) -> &'static str {
        self.word().trim_start_matches("ERROR_REASON_")
    }
}

impl SourceKind {
    /// Whether sources of this kind have no name of their own: they exist in one article alone, are never found by name
    /// and never merged.
    #[must_use]
    pub fn is_unnamed(self) -> bool {
        self >= Self::UnnamedPerson
    }
}

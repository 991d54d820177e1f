//! Names, keys and references. A reference by key must be to a record of the same request, and of the right kind.

use super::reader::Reader;
use super::values::number;
use crate::domain::excerpt::excerpt;
use crate::domain::limits;
use crate::domain::model::{ErrorReason, ExternalId, InlineSource, Key, Link, LinkTarget, SourceKind, SourceLink};
use crate::domain::name::{FigureId, Name, NameError, RecordKind};
use crate::proto::claimdb::v1;

/// What a reference by key refers to when the record is not of this request: a filter, a name to read.
const NO_KEYS: &str = "only records of the same request have keys; give a name here";

impl Reader {
    /// The name of a record of one kind.
    pub(crate) fn name_of(&mut self, field: &str, text: &str, kind: RecordKind) -> Option<Name> {
        if text.is_empty() {
            return None;
        }
        self.field(field, |r| r.name_here(text, kind))
    }

    /// As `name_of`, where the conversion stands, and where a name must be given.
    pub(super) fn name_here(&mut self, text: &str, kind: RecordKind) -> Option<Name> {
        let name = self.name_like(text, &[kind])?;
        if name.kind != kind {
            self.violation(ErrorReason::FieldInvalid, format!("{name} is not one of {}", kind.collection()));
            return None;
        }
        Some(name)
    }

    /// A name of any kind. What is none is told what one of these kinds looks like; of any, when none are named.
    fn name_like(&mut self, text: &str, kinds: &[RecordKind]) -> Option<Name> {
        match text.parse() {
            Ok(name) => Some(name),
            Err(NameError::NotARecordName { .. } | NameError::UnknownCollection { .. }) => {
                let kinds = if kinds.is_empty() { &RecordKind::ALL } else { kinds };
                let forms: Vec<_> = kinds.iter().map(|kind| format!("{}/{{id}}", kind.collection())).collect();
                let message = format!("{:?} is not a name like {}", excerpt(text), forms.join(" or "));
                self.violation(ErrorReason::FieldInvalid, message);
                None
            }
            Err(error) => {
                self.violation(ErrorReason::FieldInvalid, error.to_string());
                None
            }
        }
    }

    /// The name of a record of any kind.
    pub(super) fn name_of_any(&mut self, field: &str, text: &str) -> Option<Name> {
        if text.is_empty() {
            return None;
        }
        self.field(field, |r| r.name_like(text, &[]))
    }

    /// The name of a record that must be given.
    pub(crate) fn required_name(&mut self, field: &str, text: &str, kind: Option<RecordKind>) -> Option<Name> {
        if text.is_empty() {
            self.invalid(field, "is required");
        }
        match kind {
            Some(kind) => self.name_of(field, text, kind),
            None => self.name_of_any(field, text),
        }
    }

    /// The key of a record of this request.
    pub(super) fn key(&mut self, field: &str, text: &str) -> Option<Key> {
        if text.is_empty() {
            return None;
        }
        let key = Key::parse(text);
        if key.is_none() {
            self.invalid(field, "a key has letters, digits, '-', '_' and '.', at most 63 of them");
        }
        key
    }

    /// A reference by name or key to a record of one of these kinds; of any, when none are named.
    pub(super) fn link(&mut self, field: &str, text: &str, kinds: &[RecordKind]) -> Option<Link> {
        if text.is_empty() {
            return None;
        }
        let (link, kind) = match text.strip_prefix('#') {
            Some("") => {
                self.invalid(field, "a key is missing behind '#'");
                return None;
            }
            Some(key) => {
                let key = self.key(field, key)?;
                let Some(kind) = self.keys.get(&key).copied() else {
                    self.invalid(field, format!("no record of this request has the key \"{key}\""));
                    return None;
                };
                (Link::Key(key), kind)
            }
            None => {
                let name = self.field(field, |r| r.name_like(text, kinds))?;
                let kind = name.kind;
                (Link::Name(name), kind)
            }
        };
        if !kinds.is_empty() && !kinds.contains(&kind) {
            let allowed: Vec<_> = kinds.iter().map(|kind| kind.collection()).collect();
            self.invalid(field, format!("{link} is one of {}, not of {}", kind.collection(), allowed.join(" or ")));
            return None;
        }
        Some(link)
    }

    /// What kind of record a reference leads to.
    pub(super) fn kind_of(&self, link: &Link) -> Option<RecordKind> {
        match link {
            Link::Name(name) => Some(name.kind),
            Link::Key(key) => self.keys.get(key).copied(),
        }
    }

    /// A reference to a record, or to a figure as `claims/{id}/figures/{id}` or `#key/figures/{id}`.
    pub(super) fn target(&mut self, field: &str, text: &str) -> Option<LinkTarget> {
        let Some((record, figure)) = text.split_once("/figures/") else {
            return self.link(field, text, &[]).map(|record| LinkTarget { record: Some(record), figure: None });
        };
        let figure: Option<FigureId> = self.parsed(field, figure);
        if figure.is_none() && text.ends_with("/figures/") {
            self.invalid(field, "the figure's id is missing");
        }
        if record.is_empty() {
            self.invalid(field, "the claim is missing in front of /figures/");
        }
        let record = self.link(field, record, &[RecordKind::Claim])?;
        Some(LinkTarget { record: Some(record), figure: Some(figure?) })
    }

    /// A reference to a source. `article` says whether the record it stands in belongs to an article, to which an
    /// unnamed source could be scoped.
    pub(super) fn source(&mut self, field: &str, message: Option<v1::SourceRef>, article: bool) -> Option<SourceLink> {
        let message = message?;
        self.field(field, |r| {
            let link = r.source_ref(message)?;
            if let SourceLink::Inline(_) = &link {
                r.count_inline();
            }
            if let SourceLink::Inline(inline) = &link
                && inline.kind.is_some_and(SourceKind::is_unnamed)
                && !article
            {
                r.invalid("kind", "an unnamed source exists in one article alone, and there is none here");
            }
            Some(link)
        })
    }

    /// Refuses the first source given inline that is too many, where the conversion stands.
    fn count_inline(&mut self) {
        self.inline_sources += 1;
        let max = limits::REQUEST_INLINE_SOURCES;
        if self.inline_sources == max + 1 {
            let message = format!(
                "at most {max} sources may be given inline in a request; record those that come again beside, and refer to \
                 them by key"
            );
            self.violation(ErrorReason::LimitExceeded, message);
        }
    }

    /// A source by which a list is narrowed: there are no keys, and unnamed sources are found by name alone.
    pub(super) fn source_filter(&mut self, field: &str, message: Option<v1::SourceRef>) -> Option<SourceLink> {
        let message = message?;
        self.field(field, |r| r.source_filter_here(message))
    }

    /// As `source_filter`, where the conversion stands.
    pub(super) fn source_filter_here(&mut self, message: v1::SourceRef) -> Option<SourceLink> {
        if message.name.starts_with('#') {
            self.invalid("name", NO_KEYS);
            return None;
        }
        let link = self.source_ref(message)?;
        if let SourceLink::Inline(inline) = &link {
            if inline.kind.is_some_and(SourceKind::is_unnamed) {
                self.invalid("kind", "an unnamed source is found by its resource name alone");
            } else if !inline.description.is_empty() {
                self.invalid("description", "a description does not identify a source");
            }
        }
        Some(link)
    }

    fn source_ref(&mut self, message: v1::SourceRef) -> Option<SourceLink> {
        let v1::SourceRef { name, display_name, kind, platform, handle, external_ids, description } = message;
        if !name.is_empty() {
            let inline = [&display_name, &platform, &handle, &description].iter().any(|text| !text.is_empty());
            if inline || kind != 0 || !external_ids.is_empty() {
                self.invalid("name", "when the name is given, nothing else may be");
            }
            return self.link("name", &name, &[RecordKind::Source]).map(SourceLink::Link);
        }
        let inline = InlineSource {
            kind: self.word("kind", kind, SourceKind::from_number),
            display_name: self.text("display_name", display_name, limits::SHORT_BYTES),
            platform: self.text("platform", platform, limits::WORD_BYTES),
            handle: self.handle("handle", handle),
            external_ids: self.external_ids("external_ids", external_ids),
            description: self.text("description", description, limits::DESCRIPTION_BYTES),
        };
        let unnamed = inline.kind.is_some_and(SourceKind::is_unnamed);
        let known = !inline.display_name.trim().is_empty()
            || !inline.external_ids.is_empty()
            || (!inline.platform.is_empty() && !inline.handle.is_empty());
        if !unnamed && !known {
            let message = "a source is given by name, display name, platform and handle, or external id";
            self.violation(ErrorReason::FieldInvalid, message);
        }
        Some(SourceLink::Inline(Box::new(inline)))
    }

    /// A handle, which is written without the '@' that some platforms show in front of it.
    pub(super) fn handle(&mut self, field: &str, handle: String) -> String {
        self.field(field, |r| r.without_at(&handle));
        self.text(field, handle, limits::WORD_BYTES)
    }

    /// Refuses the '@' in front of a handle, where the conversion stands.
    pub(super) fn without_at(&mut self, handle: &str) {
        if handle.starts_with('@') {
            self.violation(ErrorReason::FieldInvalid, "a handle is written without a leading '@'");
        }
    }

    /// A record's ids elsewhere.
    pub(super) fn external_ids(&mut self, field: &str, messages: Vec<v1::ExternalId>) -> Vec<ExternalId> {
        self.items(field, limits::EXTERNAL_IDS, messages, Self::external_id)
    }

    /// A record's id elsewhere.
    pub(super) fn external_id(&mut self, v1::ExternalId { scheme, id }: v1::ExternalId) -> ExternalId {
        let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '.' | '_');
        if scheme.is_empty() {
            self.invalid("scheme", "is required");
        } else if let Some(character) = scheme.chars().find(|c| !allowed(*c)) {
            let message = format!("a scheme has only a-z, 0-9, '-', '.' and '_', this one has {character:?}");
            self.invalid("scheme", message);
        }
        if id.is_empty() {
            self.invalid("id", "is required");
        }
        ExternalId {
            scheme: self.text("scheme", scheme, limits::SCHEME_BYTES),
            id: self.text("id", id, limits::SHORT_BYTES),
        }
    }
}

/// A reference as an answer has it.
pub(super) fn link(link: Option<&Link>) -> String {
    link.map(Link::written).unwrap_or_default()
}

/// A reference to a source as an answer has it: the name, and the name alone.
pub(super) fn source_ref(link: &SourceLink) -> v1::SourceRef {
    match link {
        SourceLink::Link(link) => v1::SourceRef { name: link.written(), ..v1::SourceRef::default() },
        // Only what is given has one; an answer shows what is stored.
        SourceLink::Inline(inline) => v1::SourceRef {
            name: String::new(),
            display_name: inline.display_name.clone(),
            kind: number(inline.kind, SourceKind::number),
            platform: inline.platform.clone(),
            handle: inline.handle.clone(),
            external_ids: external_ids(&inline.external_ids),
            description: inline.description.clone(),
        },
    }
}

/// Ids elsewhere as an answer has them.
pub(super) fn external_ids(ids: &[ExternalId]) -> Vec<v1::ExternalId> {
    ids.iter().map(|ExternalId { scheme, id }| v1::ExternalId { scheme: scheme.clone(), id: id.clone() }).collect()
}

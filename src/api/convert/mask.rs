//! Which fields a revision replaces.

use super::reader::Reader;
use crate::domain::limits;
use crate::domain::model::{Article, Assessment, Claim, ErrorReason, Relation, Source};
use crate::domain::name::{FigureId, RecordKind};

/// Fields that hold several values. A path into one of them reaches all of it, but for single figures.
const REPEATED: &[&str] = &[
    "urls",
    "external_ids",
    "bylines",
    "sections",
    "labels",
    "aliases",
    "mentions",
    "spans",
    "kinds",
    "attributions",
    "hedges",
    "entities",
    "figures",
    "alterations",
    "evidence",
];

/// The fields of a kind of record that can be revised, by proto name.
fn fields(kind: RecordKind) -> impl Iterator<Item = &'static str> {
    let fields = match kind {
        RecordKind::Article => Article::FIELDS,
        RecordKind::Source => Source::FIELDS,
        RecordKind::Claim => Claim::FIELDS,
        RecordKind::Relation => Relation::FIELDS,
        RecordKind::Assessment => Assessment::FIELDS,
    };
    fields.iter().map(|field| field.trim_start_matches("r#"))
}

/// The fields to replace; none when the mask does not say.
pub(super) fn read(r: &mut Reader, mask: Option<prost_types::FieldMask>, kind: RecordKind) -> Option<Vec<String>> {
    let paths = mask?.paths;
    if paths.is_empty() {
        return None;
    }
    let max = limits::FIGURES + Claim::FIELDS.len();
    if paths.len() > max {
        let message = format!("at most {max} paths are allowed, these are {}", paths.len());
        r.violation_at("update_mask", ErrorReason::LimitExceeded, message);
        return None;
    }
    let mut mask: Vec<String> = Vec::new();
    for path in &paths {
        if path == "*" {
            return Some(fields(kind).map(str::to_owned).collect());
        }
        match field(path, kind) {
            Ok(field) if mask.contains(&field) => {}
            Ok(field) => mask.push(field),
            Err(message) => r.invalid("update_mask", message),
        }
    }
    if mask.iter().any(|field| field == "figures") && mask.iter().any(|field| field.starts_with("figures.")) {
        r.invalid("update_mask", "names all figures and single ones too");
    }
    Some(mask)
}

/// The field that a path reaches.
fn field(path: &str, kind: RecordKind) -> Result<String, String> {
    let (field, rest) = path.split_once('.').map_or((path, None), |(field, rest)| (field, Some(rest)));
    let shown: String = path.chars().take(60).collect();
    if kind == RecordKind::Article && field == "text_sha256" {
        return Err("text_sha256 follows the text: name text".to_owned());
    }
    if !fields(kind).any(|candidate| candidate == field) {
        return Err(format!("{shown:?} is not a field of a {} that can be revised", kind.word()));
    }
    match rest {
        None => Ok(field.to_owned()),
        Some(id) if field == "figures" => match id.parse::<FigureId>() {
            Ok(id) => Ok(format!("figures.{id}")),
            Err(error) if id.contains('.') => Err(format!("{shown:?}: {error}; give the figure as a whole")),
            Err(error) => Err(format!("{shown:?}: {error}")),
        },
        Some(_) if REPEATED.contains(&field) => Ok(field.to_owned()),
        Some(_) => Err(format!("{shown:?} reaches into {field}; give {field} as a whole")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(paths: &[&str], kind: RecordKind) -> Result<Option<Vec<String>>, Vec<String>> {
        let mut r = Reader::default();
        let paths = paths.iter().map(|&path| path.to_owned()).collect();
        let mask = read(&mut r, Some(prost_types::FieldMask { paths }), kind);
        r.finish(Some(mask)).map_err(|violations| violations.listed.into_iter().map(|v| v.message).collect())
    }

    #[test]
    fn a_path_reaches_a_field_a_figure_or_everything() {
        let of = |paths: &[&str]| masked(paths, RecordKind::Claim).unwrap().unwrap();
        assert_eq!(of(&["statement", "event_time", "statement"]), ["statement", "event_time"]);
        assert_eq!(of(&["attributions.cue.exact", "labels.desk"]), ["attributions", "labels"]);
        assert_eq!(of(&["figures.f1", "figures.f2"]), ["figures.f1", "figures.f2"]);
        assert_eq!(of(&["*"]).len(), Claim::FIELDS.len());
        assert!(masked(&["*"], RecordKind::Relation).unwrap().unwrap().contains(&"type".to_owned()));
        assert_eq!(masked(&[], RecordKind::Claim), Ok(None));
    }

    #[test]
    fn what_cannot_be_revised_is_refused() {
        for path in [
            "name",
            "key",
            "on_conflict",
            "metadata",
            "retracted_references",
            "publisher",
            "nothing",
            "",
            "figures.F1",
            "figures.f1.value",
            "event_time.edtf",
            "place.verbatim",
        ] {
            assert_eq!(masked(&[path], RecordKind::Claim).unwrap_err().len(), 1, "{path}");
        }
        assert!(masked(&["event_time.edtf"], RecordKind::Claim).unwrap_err()[0].contains("as a whole"));
        assert!(masked(&["text_sha256"], RecordKind::Article).unwrap_err()[0].contains("name text"));
        assert_eq!(masked(&["figures", "figures.f1"], RecordKind::Claim).unwrap_err().len(), 1);
    }
}

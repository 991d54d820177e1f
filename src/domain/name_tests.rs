//! Tests of names and ids.

use proptest::prelude::*;

use super::*;

fn id(text: &str) -> Result<RecordId, IdError> {
    text.parse()
}

#[test]
fn ids_follow_the_pattern_and_errors_say_what_is_wrong() {
    for text in ["a", "7", "a-b", "a--b", &"x".repeat(63)] {
        assert_eq!(id(text).expect(text).to_string(), text);
    }
    assert_eq!(id(""), Err(IdError::Empty));
    assert_eq!(id("-a"), Err(IdError::HyphenAtEdge));
    assert_eq!(id("a-"), Err(IdError::HyphenAtEdge));
    assert_eq!(id("-"), Err(IdError::HyphenAtEdge));
    assert_eq!(id(&"x".repeat(64)), Err(IdError::TooLong { length: 64 }));
    assert_eq!(id("aé_"), Err(IdError::Character { character: 'é', position: 1 }));
    assert_eq!(id("aB").expect_err("upper case").to_string(), "an id has only a-z, 0-9 and -, this one has 'B' at 1");
}

#[test]
fn names_are_parsed_and_printed() {
    for kind in RecordKind::ALL {
        let text = format!("{kind}/x1");
        let name: Name = text.parse().expect("a name");
        assert_eq!((name.kind, name.to_string(), name.written()), (kind, text.clone(), text));
    }
    let error = "claim/x".parse::<Name>().expect_err("no collection");
    assert_eq!(error, NameError::UnknownCollection { found: "claim".to_owned() });
    for text in ["claims", "claims/a/b", ""] {
        let error = text.parse::<Name>().expect_err(text);
        assert_eq!(error, NameError::NotARecordName { found: text.to_owned() });
    }
    let error = "claims/A".parse::<Name>().expect_err("an id in upper case");
    assert_eq!(error.to_string(), "in \"A\": an id has only a-z, 0-9 and -, this one has 'A' at 0");
}

#[test]
fn targets_are_records_or_figures() {
    let target: Target = "claims/c/figures/f1".parse().expect("a figure's name");
    assert_eq!(target.to_string(), "claims/c/figures/f1");
    assert_eq!(target.record().to_string(), "claims/c");
    let target: Target = "sources/s".parse().expect("a record's name");
    assert_eq!(target.to_string(), "sources/s");
    for text in ["sources/c/figures/f1", "claims/c/figures", "claims/c/figures/f1/x"] {
        let error = text.parse::<Target>().expect_err(text);
        assert_eq!(error, NameError::NotAFigureName { found: text.to_owned() });
    }
    assert_eq!(FigureId::numbered(12).to_string(), "f12");
}

#[test]
fn an_error_does_not_grow_with_what_was_sent() {
    let error = format!("{}/x", "y".repeat(100_000)).parse::<Target>().expect_err("too long");
    assert!(error.to_string().len() < 250);
}

#[test]
fn made_ids_are_ids_and_sort_by_their_making() {
    let ids: Vec<RecordId> = (0..5_000).map(|_| TimeOrderedIds.next()).collect();
    assert!(ids.is_sorted_by(|earlier, later| earlier < later));
    assert!(ids.iter().all(|made| made.as_str().parse::<RecordId>().as_ref() == Ok(made)));
}

proptest! {
    #[test]
    fn parsing_agrees_with_the_pattern(text in "[a-z0-9A_-]{0,4}|[a-z0-9-]{60,66}") {
        let bytes = text.as_bytes();
        let word = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let expected = matches!(bytes.len(), 1..=63)
            && bytes.iter().all(|b| word(b) || *b == b'-')
            && bytes.first().is_some_and(word)
            && bytes.last().is_some_and(word);
        prop_assert_eq!(id(&text).is_ok(), expected);
    }

    #[test]
    fn every_target_survives_printing(text in "(articles|sources|claims)/[a-z0-9]{1,9}(/figures/[a-z0-9]{1,4})?") {
        if let Ok(target) = text.parse::<Target>() {
            prop_assert_eq!(target.to_string(), text);
        } else {
            prop_assert!(text.contains("/figures/") && !text.starts_with("claims/"));
        }
    }
}

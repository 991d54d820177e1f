//! Tests of the mapping from errors to statuses.

use tonic_types::StatusExt as _;

use super::*;

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn violation(index: usize) -> Violation {
    let path = format!("claims[{index}].statement");
    Violation { path, reason: ErrorReason::FieldInvalid, message: "é".repeat(1000) }
}

#[test]
fn details_stay_within_their_bounds_and_say_how_many_there_are() {
    for total in [1, 2, 31, 33, 1000] {
        let status = Status::from(Violations::of((0..total).map(violation).collect()));
        assert!(status.details().len() <= limits::DETAILS_BYTES, "{}", status.details().len());
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("FIELD_INVALID", "claimdb"));
        assert_eq!(info.metadata["violations"], total.to_string());
        assert!(!details.bad_request().unwrap().field_violations.is_empty());
        assert!(status.message().len() <= DESCRIPTION_BYTES);
    }
    let missing = (0..500).map(|index| (format!("claims[{index}].article"), format!("articles/{index}"))).collect();
    let status = Status::from(Refusal::ReferenceNotFound(missing));
    assert!(status.details().len() <= limits::DETAILS_BYTES);
    assert_eq!(status.get_error_details().precondition_failure().unwrap().violations.len(), limits::VIOLATIONS);
    let names: Vec<Name> = (0..16).map(|index| name(&format!("sources/{}{index}", "a".repeat(60)))).collect();
    let status = ambiguous("claims[0].attributions[0].source", &names);
    assert!(status.details().len() <= limits::DETAILS_BYTES);
    assert!(status.get_error_details().error_info().unwrap().metadata["candidates"].starts_with("sources/a"));
}

#[test]
fn the_error_info_comes_first() {
    let status = not_found("", &name("claims/a"));
    let details = status.get_error_details_vec();
    assert!(matches!(details.first(), Some(ErrorDetail::ErrorInfo(_))));
    assert!(matches!(details.get(1), Some(ErrorDetail::ResourceInfo(info)) if info.resource_name == "claims/a"));
}

#[test]
fn every_failure_of_a_store_has_its_code_and_reason_and_hides_its_cause() {
    let store = |error| of_commit(CommitError::Store(error));
    let unavailable = StoreError::Unavailable { why: "secret".to_owned() };
    let cases = [
        (store(StoreError::RevisionInFuture { asked: 9, head: 3 }), Code::OutOfRange, "REVISION_IN_FUTURE"),
        (store(StoreError::Corrupted { what: "log".to_owned() }), Code::DataLoss, "STORE_CORRUPTED"),
        (store(unavailable), Code::Unavailable, "STORE_REOPENING"),
        (of_commit(CommitError::Full { free: 1, needed: 2 }), Code::ResourceExhausted, "STORE_FULL"),
        (of_commit(CommitError::OutcomeUnknown), Code::Unknown, "OUTCOME_UNKNOWN"),
        (
            of_commit(CommitError::RequestReused { id: "r".to_owned(), revision: 3 }),
            Code::InvalidArgument,
            "REQUEST_ID_REUSED",
        ),
    ];
    for (status, code, reason) in cases {
        assert_eq!(status.code(), code);
        assert_eq!(status.get_error_details().error_info().unwrap().reason, reason);
        assert!(!format!("{status:?}").contains("secret"), "{status:?}");
    }
    let status = store(StoreError::RevisionInFuture { asked: 9, head: 3 });
    let metadata = &status.get_error_details().error_info().unwrap().metadata.clone();
    assert_eq!((metadata["asked"].as_str(), metadata["head"].as_str()), ("9", "3"));
}

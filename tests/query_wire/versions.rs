//! The versions of one record, as ListHistory gives them.

use claimdb::proto::claimdb::v1;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use v1::version::Record;
use v1::{Action, RecordStatus};

use crate::ask::{AsOf, as_of};
use crate::chance::Chance;
use crate::filters::Filters;
use crate::history::History;
use crate::lists::add_text;
use crate::log::{Told, metadata, name};
use crate::pages::{Part, all, assert_small};
use crate::served::Served;

#[derive(Debug)]
struct Question {
    name: String,
    include_text: bool,
    as_of: AsOf,
    page_size: i32,
}

impl Question {
    async fn page(&self, served: &mut Served, page_token: String) -> Result<Part<v1::Version>, Status> {
        let request = v1::ListHistoryRequest {
            name: self.name.clone(),
            page_size: self.page_size,
            page_token,
            include_text: self.include_text,
            as_of: as_of!(self.as_of, list_history_request),
        };
        let page = served.records.list_history(request).await?.into_inner();
        assert_small(page.versions.len(), self.page_size);
        Ok(Part { found: page.versions, next: page.next_page_token, revision: page.read.unwrap().revision })
    }
}

/// Asks for the versions of a record, and holds them against all that were told of.
pub(crate) async fn ask(chance: &mut Chance, served: &mut Served, history: &mut History) -> usize {
    let mut filters = Filters::new(chance, served, history);
    let question = Question {
        name: history.any_name(filters.chance),
        include_text: filters.chance.happens(50),
        as_of: filters.as_of(served.log.head()),
        page_size: filters.page_size(),
    };
    let expected_revision = served.log.asked(question.as_of);
    let state = served.log.state(expected_revision);
    let told = served.log.0.iter().enumerate().filter(|(_, told)| told.revision <= expected_revision);
    let own = told.filter(|(_, told)| name(&told.record) == question.name);
    let read = |(place, told): (usize, &Told)| state.read_of(&served.log.state_at(place), &told.record);
    let mut expected: Vec<Record> = own.map(read).collect();
    if question.include_text {
        expected.iter_mut().for_each(add_text);
    }
    let ask = async |served: &mut Served, page_token| question.page(served, page_token).await;
    let (found, revision) = match all(chance, served, history, expected.len(), ask).await {
        Ok(answer) => answer,
        Err(status) if expected.is_empty() => {
            assert_eq!(status.code(), Code::NotFound, "{status:?}");
            assert_eq!(status.get_details_error_info().unwrap().reason, "RESOURCE_NOT_FOUND", "{status:?}");
            return 0;
        }
        Err(status) => panic!("{status:?}: {question:?}"),
    };
    let actions: Vec<Action> = found.iter().map(v1::Version::action).collect();
    let found: Vec<Record> = found.into_iter().map(|version| version.record.unwrap()).collect();
    assert_eq!(found, expected, "as of {expected_revision}: {question:?}");
    assert_actions(&actions, &found);
    served.log.assert_answered(expected_revision, revision);
    found.len()
}

/// What made each version shows in its status and in that of the version before.
fn assert_actions(actions: &[Action], versions: &[Record]) {
    let mut before = None;
    for (action, version) in actions.iter().zip(versions) {
        let status = metadata(version).status();
        let (was, is) = (before.replace(status), status);
        let expected = match (was, is) {
            (None, _) => *action == Action::Created,
            (Some(RecordStatus::Active), RecordStatus::Retracted) => *action == Action::Retracted,
            (Some(RecordStatus::Retracted), RecordStatus::Active) => *action == Action::Reinstated,
            (Some(_), _) => [Action::Updated, Action::Revised].contains(action),
        };
        assert!(expected, "{action:?} of {was:?} to {is:?}");
    }
}

//! The queries of this benchmark as SQL.

use claimdb::domain::time::{ApproximateTime, Timestamp};
use claimdb::proto::claimdb::v1::{Claim, ClaimFilter, ClaimOrder, QueryClaimsRequest};
use prost::Message as _;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::rows::{Rows, key, label_key};
use crate::plan::Plan;

pub(super) type Parameter = Box<dyn ToSql + Sync + Send>;

/// Where a page ended: the next begins behind it.
#[derive(Clone)]
pub(crate) struct Position {
    number: i64,
    earliest: Option<i64>,
    latest: Option<i64>,
}

/// A query with its parameters.
pub(super) struct Asked {
    pub(super) text: String,
    parameters: Vec<Parameter>,
}

impl Asked {
    pub(super) fn of(request: &QueryClaimsRequest, behind: Option<&Position>, plan: Plan, rows: &Rows) -> Self {
        let mut asked = Self { text: String::new(), parameters: Vec::new() };
        asked.filter(request.filter.as_ref().expect("each has one"), plan, rows);
        let order = match request.order() {
            ClaimOrder::EventAsc => asked.by_event(">", " ASC", behind),
            ClaimOrder::EventDesc => asked.by_event("<", " DESC", behind),
            ClaimOrder::RecordedDesc => {
                if let Some(behind) = behind {
                    asked.and("number < $", behind.number);
                }
                "number DESC".to_owned()
            }
            other @ (ClaimOrder::Unspecified
            | ClaimOrder::RecordedAsc
            | ClaimOrder::PublishedAsc
            | ClaimOrder::PublishedDesc
            | ClaimOrder::PositionAsc
            | ClaimOrder::PositionDesc) => panic!("no query here asks in the order {other:?}"),
        };
        let order = order.replacen(' ', &format!("{} ", plan.order()), 1);
        asked.text = format!(
            "SELECT number, event_earliest, event_latest, payload FROM records WHERE type = 3{} ORDER BY {order} LIMIT {}",
            asked.text, request.page_size
        );
        asked
    }

    pub(super) async fn answer(&self, client: &Client, statement: &Statement) -> (usize, Option<Position>) {
        let found = client.query(statement, &borrowed(&self.parameters)).await.expect("an answer");
        for row in &found {
            // What a caller is given is a message there too.
            std::hint::black_box(Claim::decode(row.get::<_, &[u8]>("payload")).expect("a claim"));
        }
        (found.len(), found.last().map(Position::of))
    }

    fn filter(&mut self, filter: &ClaimFilter, plan: Plan, rows: &Rows) {
        for source in &filter.sources {
            self.and("sources @> ARRAY[$::bigint]", rows.number_of(source));
        }
        for entity in &filter.entities {
            self.and("entities @> ARRAY[$::bigint]", key(&entity.label));
        }
        for metric in &filter.metrics {
            self.and("metrics @> ARRAY[$::bigint]", key(metric));
        }
        for (name, value) in &filter.labels {
            self.and("labels @> ARRAY[$::bigint]", label_key(name, value));
        }
        for language in &filter.languages {
            self.and("language = $", language.clone());
        }
        if let Some(time) = &filter.event_time {
            let range: ApproximateTime = time.overlaps.parse().expect("the queries ask in EDTF");
            let micros = |side: Option<Timestamp>| side.expect("both ends are known").micros();
            let ends = [range.earliest(), range.latest()].map(|end| self.place(micros(end)));
            let asked = format!("int8range({}::bigint, {})", ends[0], ends[1]);
            self.text.push_str(" AND ");
            self.text.push_str(&plan.condition(&format!("int8range(event_earliest, event_latest) && {asked}")));
        }
    }

    /// One condition more; `$` stands for its value.
    fn and(&mut self, condition: &str, value: impl ToSql + Sync + Send + 'static) {
        let place = self.place(value);
        self.text.push_str(" AND ");
        self.text.push_str(&condition.replace('$', &place));
    }

    fn place(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.parameters.push(Box::new(value));
        format!("${}", self.parameters.len())
    }

    /// Those without a time come last in an answer of claimdb; no page here gets so far.
    fn by_event(&mut self, side: &str, direction: &str, behind: Option<&Position>) -> String {
        self.text.push_str(" AND event_earliest IS NOT NULL");
        if let Some(behind) = behind {
            let places = [behind.earliest.expect("known"), behind.latest.expect("known"), behind.number]
                .map(|value| self.place(value));
            let condition = format!(" AND (event_earliest, event_latest, number) {side} ({})", places.join(", "));
            self.text.push_str(&condition);
        }
        format!("event_earliest{direction}, event_latest{direction}, number{direction}")
    }
}

pub(super) fn borrowed(parameters: &[Parameter]) -> Vec<&(dyn ToSql + Sync)> {
    parameters.iter().map(|parameter| parameter.as_ref() as _).collect()
}

impl Position {
    fn of(row: &Row) -> Self {
        Self { number: row.get("number"), earliest: row.get("event_earliest"), latest: row.get("event_latest") }
    }
}

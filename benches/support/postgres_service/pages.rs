//! Pages: claims by source, entity and metric, figures by metric and range, the newest first. What is not measured is
//! refused.

use claimdb::proto::claimdb::v1::query_figures_request::MetricAsked;
use claimdb::proto::claimdb::v1::*;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use tonic::Status;

use super::rows::{ends, identity, key};
use super::store::{Store, claim};
use crate::plan::Plan;

type Parameter = Box<dyn ToSql + Sync + Send>;

/// Records on a page unless it says otherwise, and at most.
const PAGE: i32 = 100;
const PAGE_MAX: i32 = 1_000;

impl Store {
    pub(crate) async fn claims(&self, request: QueryClaimsRequest, plan: Plan) -> Result<QueryClaimsResponse, Status> {
        if request.order() != ClaimOrder::RecordedDesc {
            return Err(Status::unimplemented("only the newest first is measured"));
        }
        let mut asked = Asked::new("type = 3");
        asked.claims(request.filter.unwrap_or_default(), plan)?;
        asked.behind("number", &request.page_token)?;
        let size = size(request.page_size);
        let text = format!(
            "SELECT number, payload FROM records WHERE {} ORDER BY number{} DESC LIMIT {size}",
            asked.conditions.join(" AND "),
            plan.order(),
        );
        let found = self.page(&text, &asked).await?;
        let next_page_token = next(&found, size);
        let claims = found.iter().map(|row| claim(row.get(1))).collect::<Result<_, _>>()?;
        Ok(QueryClaimsResponse { claims, next_page_token, ..QueryClaimsResponse::default() })
    }

    pub(crate) async fn figures(
        &self,
        request: QueryFiguresRequest,
        plan: Plan,
    ) -> Result<QueryFiguresResponse, Status> {
        let Some(MetricAsked::Metric(metric)) = &request.metric_asked else {
            return Err(Status::unimplemented("only one metric is measured"));
        };
        if request.order() != FigureOrder::RecordedDesc || request.filter.is_some() {
            return Err(Status::unimplemented("only the newest first, without a filter, is measured"));
        }
        let mut asked = Asked::new("true");
        asked.and("metric = $", Type::INT8, key(metric));
        if let Some(range) = &request.range {
            asked.range(range, request.minimum_grade(), plan)?;
        }
        // All figures of a claim are on one page or on none.
        asked.behind("claim", &request.page_token)?;
        let size = size(request.page_size);
        // The page is found before the claims are fetched.
        let text = format!(
            "SELECT hit.claim, records.payload, hit.place FROM (SELECT claim, place FROM figures WHERE {} \
             ORDER BY claim{} DESC FETCH FIRST {size} ROWS WITH TIES) hit JOIN records ON records.number = hit.claim \
             ORDER BY hit.claim DESC, hit.place",
            asked.conditions.join(" AND "),
            plan.order(),
        );
        let found = self.page(&text, &asked).await?;
        let next_page_token = next(&found, size);
        let hits = found.iter().map(hit).collect::<Result<_, _>>()?;
        Ok(QueryFiguresResponse { hits, next_page_token, ..QueryFiguresResponse::default() })
    }

    async fn page(&self, text: &str, asked: &Asked) -> Result<Vec<Row>, Status> {
        let parameters: Vec<_> = asked.parameters.iter().map(|value| value.as_ref() as &(dyn ToSql + Sync)).collect();
        self.pages.next().query(text, &asked.types, &parameters).await
    }
}

/// Conditions, with their values.
struct Asked {
    conditions: Vec<String>,
    types: Vec<Type>,
    parameters: Vec<Parameter>,
}

impl Asked {
    fn new(condition: &str) -> Self {
        Self { conditions: vec![condition.to_owned()], types: Vec::new(), parameters: Vec::new() }
    }

    /// One condition more; `$` stands for its value.
    fn and(&mut self, condition: &str, of: Type, value: impl ToSql + Sync + Send + 'static) {
        let place = self.place(of, value);
        self.conditions.push(condition.replace('$', &place));
    }

    fn place(&mut self, of: Type, value: impl ToSql + Sync + Send + 'static) -> String {
        self.types.push(of);
        self.parameters.push(Box::new(value));
        format!("${}", self.types.len())
    }

    fn claims(&mut self, filter: ClaimFilter, plan: Plan) -> Result<(), Status> {
        let ClaimFilter { sources, entities, metrics, .. } = filter.clone();
        let measured = ClaimFilter { sources, entities, metrics, ..ClaimFilter::default() };
        if measured != filter {
            return Err(Status::unimplemented("only sources, entities and metrics are measured"));
        }
        let any = |keys: Vec<i64>| (!keys.is_empty()).then_some(keys);
        let columns = [
            ("sources && $", any(measured.sources.iter().map(|source| key(&identity(source))).collect())),
            ("entities && $", any(measured.entities.iter().map(|entity| key(&entity.label)).collect())),
            ("metrics && $", any(measured.metrics.iter().map(|metric| key(metric)).collect())),
        ];
        for (condition, keys) in columns {
            if let Some(keys) = keys {
                self.and(&plan.condition(condition), Type::INT8_ARRAY, keys);
            }
        }
        Ok(())
    }

    /// Figures whose bounds meet a range, or lie in it.
    fn range(&mut self, range: &Interval, grade: Grade, plan: Plan) -> Result<(), Status> {
        let meets = match grade {
            Grade::Remote => "&&",
            Grade::Certain => "<@",
            // Those take a policy of tolerance, of which the table knows nothing.
            Grade::Unspecified | Grade::Excluded | Grade::Possible | Grade::Likely => {
                return Err(Status::unimplemented("only certain and remote are measured"));
            }
        };
        let low = range.lower.as_ref().map(|lower| match lower {
            interval::Lower::AtLeast(text) => (text.clone(), true),
            interval::Lower::MoreThan(text) => (text.clone(), false),
        });
        let high = range.upper.as_ref().map(|upper| match upper {
            interval::Upper::AtMost(text) => (text.clone(), true),
            interval::Upper::LessThan(text) => (text.clone(), false),
        });
        let ends = ends(low.as_ref().map(|low| low.1), high.as_ref().map(|high| high.1));
        let low = self.place(Type::TEXT, low.map(|(text, _)| text));
        let high = self.place(Type::TEXT, high.map(|(text, _)| text));
        let meets = format!("bounds {meets} numrange({low}::numeric, {high}::numeric, '{ends}')");
        self.conditions.push(plan.condition(&meets));
        Ok(())
    }

    /// Behind the page whose token is given: the number that it ended at.
    fn behind(&mut self, column: &str, token: &str) -> Result<(), Status> {
        if token.is_empty() {
            return Ok(());
        }
        let number: i64 = token.parse().map_err(|_| Status::invalid_argument("not a token of a page"))?;
        self.and(&format!("{column} < $"), Type::INT8, number);
        Ok(())
    }
}

fn hit(row: &Row) -> Result<FigureHit, Status> {
    let (claim, place) = (claim(row.get(1))?, row.get::<_, i16>(2));
    let figures = claim.figures.get(usize::from(place.cast_unsigned())).cloned().into_iter().collect();
    Ok(FigureHit { claim: Some(claim), figures, ..FigureHit::default() })
}

fn size(asked: i32) -> i32 {
    if asked == 0 { PAGE } else { asked.min(PAGE_MAX) }
}

fn next(found: &[Row], size: i32) -> String {
    let is_full = usize::try_from(size).is_ok_and(|size| found.len() >= size);
    found.last().filter(|_| is_full).map_or_else(String::new, |row| row.get::<_, i64>(0).to_string())
}

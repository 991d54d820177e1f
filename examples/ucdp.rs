//! Maps UCDP GED events (one JSON object a line) to what `claimdb import` reads: one `RecordRequest` a line.
//!
//! `cargo run --example ucdp < events.jsonl | claimdb import -`, or `cargo run --example ucdp -- --reports` for the numbers
//! in the headlines as well.
//!
//! An event becomes one item: the news articles it is based on, a claim by UCDP with its figures, and a relation to each
//! article. Articles have no URL in the data, so office, date and headline identify them, and events share them. Who
//! reported first (`source_original`) stays in the words of the data. Low, best and high are one estimate, whatever their
//! order: an error of the data is recorded as it is, and shows. With `--reports` a headline that says how many of a party were
//! killed ("Ukraine says more than 30 separatists killed in Slaviansk fighting") is a claim of its own, about the same event:
//! then a summary of it shows the reports beside the number that was coded.

#[path = "datasets/mod.rs"]
mod datasets;
#[path = "datasets/headline.rs"]
mod headline;

use datasets::{run, text};
use headline::{Party, Source};
use serde_json::{Map, Value, json};

fn main() -> std::io::Result<()> {
    if std::env::args().any(|argument| argument == "--reports") { run(request_with_reports) } else { run(request) }
}

/// The request that records one event, and what the headlines of its articles say of it.
pub fn request_with_reports(event: &Value) -> Value {
    let mut request = request(event);
    let (mut reports, mut sources) = (Vec::new(), Vec::new());
    for article in request["articles"].as_array().into_iter().flatten() {
        for killed in headline::killed(&text(article, "title")) {
            let key = text(article, "key");
            // Who is named without a name of its own exists in this article alone.
            let by = match &killed.source {
                Some(Source::Named(name)) => json!({"displayName": name}),
                Some(Source::Unnamed(words)) => {
                    let source = format!("s{}", sources.len());
                    sources.push(json!({
                        "key": source,
                        "displayName": words,
                        "kind": "SOURCE_KIND_UNNAMED_GROUP",
                        "scopeArticle": format!("#{key}"),
                    }));
                    json!({"name": format!("#{source}")})
                }
                None => match text(&article["publisher"], "displayName") {
                    office if office.is_empty() => continue,
                    office => json!({"displayName": office}),
                },
            };
            let party = match killed.party {
                Party::Government => "a",
                Party::Rebels => "b",
            };
            reports.push(json!({
                "article": format!("#{key}"),
                "statement": text(article, "title"),
                "language": "en",
                "kinds": ["CLAIM_KIND_NUMERICAL"],
                "attributions": [{"source": by}],
                "eventTime": request["claims"][0]["eventTime"],
                "place": request["claims"][0]["place"],
                "entities": [named_event(event)],
                "figures": [{
                    "verbatim": killed.words,
                    "kind": "FIGURE_KIND_COUNT",
                    "metric": {"key": format!("deaths.{party}")},
                }],
            }));
        }
    }
    if let Some(claims) = request["claims"].as_array_mut() {
        claims.extend(reports);
    }
    request["sources"] = json!(sources);
    request
}

/// The event as something that claims are about.
fn named_event(event: &Value) -> Value {
    let id = text(event, "event_id");
    json!({
        "label": format!("UCDP event {id}"),
        "kind": "ENTITY_KIND_EVENT",
        "externalIds": [{"scheme": "ucdp-ged", "id": id}],
    })
}

/// The request that records one event.
pub fn request(event: &Value) -> Value {
    let articles = articles(event);
    let relations: Vec<Value> = articles
        .iter()
        .map(|article| json!({"from": "#event", "type": "RELATION_TYPE_BASED_ON", "to": format!("#{}", text(article, "key"))}))
        .collect();
    json!({
        "articles": articles,
        "claims": [claim(event)],
        "relations": relations,
        "recorder": {"tool": "ucdp-example", "agentType": "AGENT_TYPE_RULE"},
    })
}

/// The articles of an event, each once. A headline with a semicolon is cut in two in the data; the second part has no
/// office and no date.
fn articles(event: &Value) -> Vec<Value> {
    let mut cited: Vec<[String; 3]> = Vec::new();
    for article in event["source_articles"].as_array().into_iter().flatten() {
        match (article.get("raw").and_then(Value::as_str), cited.last_mut()) {
            (Some(rest), Some([_, _, headline])) => *headline = format!("{headline}; {rest}"),
            (Some(rest), None) => cited.push([String::new(), String::new(), rest.to_owned()]),
            (None, _) => cited.push(["office", "date", "headline"].map(|field| text(article, field).trim().to_owned())),
        }
    }
    let mut articles: Vec<Value> = Vec::new();
    for [office, date, headline] in cited {
        let id = format!("{office}|{date}|{headline}");
        if articles.iter().any(|article| article["externalIds"][0]["id"] == id) {
            continue;
        }
        let mut article = json!({
            "key": format!("a{}", articles.len()),
            "externalIds": [{"scheme": "ucdp-article", "id": id}],
            "title": headline,
        });
        if !office.is_empty() {
            article["publisher"] = json!({"displayName": office});
        }
        if !date.is_empty() {
            article["publishTime"] = json!({"edtf": date});
        }
        articles.push(article);
    }
    articles
}

fn claim(event: &Value) -> Value {
    let (start, end) = (text(event, "date_start"), text(event, "date_end"));
    let mut chain = vec![json!({"source": {"displayName": "UCDP GED", "kind": "SOURCE_KIND_DATASET"}})];
    let original = text(event, "source_original");
    if !original.trim().is_empty() {
        chain.push(json!({"source": {"displayName": original.trim()}}));
    }
    let mut labels = Map::new();
    for field in ["date_prec", "event_clarity", "where_prec", "number_of_sources", "type_of_violence", "conflict_name"]
    {
        labels.insert(field.replace('_', "-"), json!(text(event, field)));
    }
    json!({
        "key": "event",
        "name": format!("claims/ucdp-{}", text(event, "event_id")),
        "externalIds": [{"scheme": "ucdp-ged", "id": text(event, "event_id")}],
        "statement": format!("People were killed in {} ({})", text(event, "where"), text(event, "dyad_name")),
        "language": "en",
        "kinds": ["CLAIM_KIND_EVENT_OR_PROPERTY", "CLAIM_KIND_NUMERICAL"],
        "attributions": chain,
        "eventTime": {"edtf": if start == end { start } else { format!("{start}/{end}") }},
        "place": place(event),
        "entities": [
            {"label": text(event, "side_a"), "role": "side-a"},
            {"label": text(event, "side_b"), "role": "side-b"},
            named_event(event),
        ],
        "figures": figures(event),
        "labels": labels,
    })
}

fn place(event: &Value) -> Value {
    // UCDP's precisions: 1 exact, 2 within 25 km, 3 and 4 districts and provinces, 5 a line or field, 6 the country, 7 abroad.
    let precision = match text(event, "where_prec").as_str() {
        "1" => "EXACT",
        "2" => "NEAR",
        "3" => "DISTRICT",
        "4" | "5" => "REGION",
        "6" => "COUNTRY",
        _ => "ELSEWHERE",
    };
    json!({
        "verbatim": text(event, "where"),
        "latitude": text(event, "latitude"),
        "longitude": text(event, "longitude"),
        "precision": format!("PLACE_PRECISION_{precision}"),
    })
}

/// Low, best and high of one estimate, and the parts that the best one is made of.
fn figures(event: &Value) -> Vec<Value> {
    let figure = |id: &str, field: &str, metric: &str| {
        json!({
            "id": id,
            "kind": "FIGURE_KIND_COUNT",
            "value": text(event, field),
            "metric": {"key": metric},
        })
    };
    let mut figures = Vec::new();
    for (field, role) in [("low", "LOW"), ("best", "BEST"), ("high", "HIGH")] {
        let mut estimate = figure(field, field, "deaths");
        estimate["role"] = json!(format!("ESTIMATE_ROLE_{role}"));
        figures.push(estimate);
    }
    for party in ["a", "b", "civilians", "unknown"] {
        let mut part = figure(party, &format!("deaths_{party}"), &format!("deaths.{party}"));
        part["whole"] = json!("#event/figures/best");
        part["wholeRelation"] = json!("WHOLE_RELATION_PART_OF_SUM");
        figures.push(part);
    }
    figures
}

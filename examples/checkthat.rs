//! Maps the verified claims of CheckThat! 2022 task 2b (PolitiFact; one JSON object a line) to what `claimdb import` reads:
//! one `RecordRequest` a line.
//!
//! `cargo run --example checkthat < corpus.jsonl | claimdb import -`
//!
//! Each becomes a claim by its speaker, through the venue where one is given, and PolitiFact's assessment of it with the
//! label as published. The claim is in no article: what the fact checkers wrote is about it, and is where the assessment's
//! URL leads. Its event time is the day on which it was stated, which is what the data calls its date.

#[path = "datasets/mod.rs"]
mod datasets;

use datasets::{run, text};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    run(request)
}

/// The request that records one verified claim.
pub fn request(row: &Value) -> Value {
    let id = text(row, "vclaim_id");
    let stated = json!({"edtf": text(row, "stated_date"), "basis": "BASIS_STATED"});
    let mut hop = json!({
        "source": {"displayName": text(row, "speaker").trim()},
        "role": "ATTRIBUTION_ROLE_SPEAKER",
        "saidTime": stated,
    });
    let venue = text(row, "venue");
    if !venue.trim().is_empty() {
        hop["channel"] = json!({"displayName": venue.trim(), "kind": "SOURCE_KIND_CHANNEL"});
    }
    json!({
        "claims": [{
            "key": "claim",
            "name": format!("claims/{id}"),
            "externalIds": [{"scheme": "checkthat-2b", "id": id}],
            "statement": text(row, "vclaim"),
            "language": "en",
            "presentation": "PRESENTATION_QUOTED",
            "attributions": [hop],
            "eventTime": stated,
        }],
        "assessments": [{
            "target": "#claim",
            "assessor": {"displayName": text(row, "publisher"), "kind": "SOURCE_KIND_ORGANIZATION"},
            "originalLabel": text(row, "truth_label"),
            "explanation": text(row, "title"),
            "url": format!("https://www.politifact.com{}", text(row, "url")),
            "assessedTime": {"edtf": text(row, "checked_date")},
        }],
        "recorder": {"tool": "checkthat-example", "agentType": "AGENT_TYPE_RULE"},
    })
}

//! Histories that are hard to export: everything refers to everything.

use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use serde_json::Value;

use crate::export::record;
use crate::support::{Dice, Server};

/// The seed article, and a history around it in which everything refers to everything.
pub(crate) async fn fill(server: &Server, dice: &mut Dice) -> usize {
    let mut client = RecordServiceClient::new(server.channel().await);
    let seed = std::fs::read_to_string("examples/seed/record.json").unwrap();
    assert!(record(&mut client, &serde_json::from_str(&seed).unwrap()).await);
    for request in hard() {
        assert!(record(&mut client, &request).await, "{request}");
    }
    let mut taken = 0;
    for turn in 0..400 {
        taken += usize::from(record(&mut client, &random(dice, turn)).await);
    }
    taken
}

/// What makes an export hard, whatever the dice throw beside it: a span bound to an earlier text, a circle of an article
/// and its own source, a part of what was recorded later, and a retraction.
fn hard() -> Vec<Value> {
    let article = |text: String| serde_json::json!({ "articles": [{ "name": "articles/hard", "onConflict": "CONFLICT_POLICY_UPDATE", "text": text }] });
    let claim = |name: &str| {
        serde_json::json!({ "name": name, "article": "articles/hard", "statement": "Nearly 2,000 soldiers were killed.",
            "attributions": [{ "source": { "displayName": "Outlet 0" } }],
            "spans": [{ "exact": "Nearly 2,000 soldiers were killed" }], "figures": [{ "verbatim": "Nearly 2,000" }] })
    };
    vec![
        article(TEXT.to_owned()),
        serde_json::json!({ "claims": [claim("claims/hard"), claim("claims/later")] }),
        article(format!("Corrected. {TEXT}")),
        serde_json::json!({ "revise": [{ "claim": { "name": "claims/hard", "figures": [{ "verbatim": "Nearly 2,000",
            "whole": "claims/later/figures/f1" }] }, "updateMask": "figures", "reason": "a part" }] }),
        circle("articles/x-hard", "sources/u-hard"),
        serde_json::json!({ "retract": [{ "name": "claims/later", "retractedBy": "RETRACTED_BY_RECORDER", "reason": "hard" }] }),
        // A figure that goes while others refer to it.
        serde_json::json!({ "claims": [{ "name": "claims/whole", "statement": "All.", "attributions": [{ "source": { "displayName": "Outlet 0" } }],
            "figures": [{ "id": "all", "verbatim": "Nearly 2,000" }] },
            { "name": "claims/part", "statement": "Some.", "attributions": [{ "source": { "displayName": "Outlet 0" } }],
            "figures": [{ "verbatim": "about 300", "whole": "claims/whole/figures/all" }] }],
            "assessments": [{ "name": "assessments/whole", "target": "claims/whole/figures/all", "assessor": { "displayName": "A checker" },
            "verdict": "VERDICT_SUPPORTED" }] }),
        serde_json::json!({ "revise": [{ "claim": { "name": "claims/whole", "figures": [{ "id": "total", "verbatim": "Nearly 2,000" }] },
            "updateMask": "figures", "reason": "renamed" }] }),
        // What refers to it can be revised nevertheless.
        serde_json::json!({ "revise": [{ "claim": { "name": "claims/part", "statement": "Some of them." }, "reason": "clearer" },
            { "assessment": { "name": "assessments/whole", "explanation": "as of then" }, "reason": "explained" }] }),
        // Words that nobody could read when they were recorded, and could now.
        serde_json::json!({ "articles": [{ "name": "articles/unread", "text": "13,000 left, two came." }],
            "claims": [{ "name": "claims/unread", "article": "articles/unread", "statement": "Many left.",
            "attributions": [{ "source": { "displayName": "Outlet 0" } }], "figures": [{ "verbatim": "13,000" }] },
            { "name": "claims/unread-too", "statement": "Many left.",
            "attributions": [{ "source": { "displayName": "Outlet 0" } }], "figures": [{ "verbatim": "13,000", "value": "13000" }, { "verbatim": "13,000" }] }] }),
        serde_json::json!({ "revise": [{ "article": { "name": "articles/unread", "language": "en" } },
            { "claim": { "name": "claims/unread-too", "language": "en" }, "reason": "known by now" }] }),
    ]
}

/// An unnamed source, which is the publisher of its own article: neither can come first.
fn circle(article: &str, source: &str) -> Value {
    serde_json::json!({ "articles": [{ "name": article, "key": "x", "text": TEXT, "bylines": [{ "name": source }],
            "publisher": { "name": source } }],
        "sources": [{ "name": source, "kind": "SOURCE_KIND_UNNAMED_PERSON", "displayName": "a blogger",
            "scopeArticle": "#x", "mentions": [{ "exact": "analysts" }] }] })
}

const TEXT: &str =
    "Nearly 2,000 soldiers were killed, analysts said. About 300 of them were officers. Nobody knows more.";

fn random(dice: &mut Dice, turn: u64) -> Value {
    let [a, b, c] = [(); 3].map(|()| dice.below(6));
    let recorder = serde_json::json!({ "tool": format!("tool-{}", dice.below(3)), "toolVersion": "1" });
    let mut request = match dice.below(16) {
        0 => {
            serde_json::json!({ "sources": [{ "name": format!("sources/s{a}"), "displayName": format!("Source {}", a % 3),
            "onConflict": "CONFLICT_POLICY_DISTINCT", "kind": "SOURCE_KIND_ORGANIZATION", "aliases": [format!("S{a}")] }] })
        }
        // An article, its text among three or none, so that spans come to be bound to earlier texts.
        1 | 2 => {
            let text = ["", TEXT, &format!("Corrected. {TEXT}"), &format!("{TEXT} Corrected.")][dice.below(4) as usize]
                .to_owned();
            serde_json::json!({ "articles": [{ "name": format!("articles/a{a}"), "urls": [format!("https://news.example/{a}")],
                "onConflict": "CONFLICT_POLICY_UPDATE", "title": format!("Title {b}"), "language": "en", "text": text,
                "publisher": { "displayName": format!("Outlet {}", c % 3) }, "labels": { "turn": turn.to_string() } }] })
        }
        3 => circle(&format!("articles/x{a}"), &format!("sources/u{a}")),
        4..=6 => {
            serde_json::json!({ "claims": [{ "name": if c < 3 { format!("claims/c{a}") } else { format!("claims/d{turn}") }, "article": format!("articles/a{b}"),
            "statement": "Nearly 2,000 soldiers were killed.", "spans": [{ "exact": "Nearly 2,000 soldiers were killed" }],
            "attributions": [{ "source": { "displayName": "analysts", "kind": "SOURCE_KIND_UNNAMED_GROUP" },
                "certainty": "CERTAINTY_PROBABLE", "cue": { "exact": "said" } }],
            "figures": [{ "verbatim": "Nearly 2,000", "metric": { "key": "soldiers.killed" } }],
            "eventTime": { "edtf": "2025-09" } }] })
        }
        // A part of a figure of another claim, which may have been recorded later.
        7 => serde_json::json!({ "claims": [{ "name": format!("claims/p{a}"), "statement": "About 300 were officers.",
            "attributions": [{ "source": { "displayName": format!("Outlet {}", b % 3) } }],
            "figures": [{ "verbatim": "About 300", "whole": format!("claims/c{b}/figures/f1"), "wholeRelation": "WHOLE_RELATION_SUBSET_OF" }] }] }),
        8 => {
            serde_json::json!({ "revise": [{ "claim": { "name": format!("claims/c{a}"), "figures": [{ "verbatim": "Nearly 2,000",
            "whole": format!("claims/c{b}/figures/f1") }] }, "updateMask": "figures", "reason": "a part" }] })
        }
        9 => serde_json::json!({ "relations": [{ "name": format!("relations/r{a}"), "from": format!("claims/c{b}"),
            "to": format!("claims/p{c}"), "type": "RELATION_TYPE_CONTRADICTS", "assertedBy": { "displayName": "A desk" } }] }),
        10 => {
            serde_json::json!({ "assessments": [{ "name": format!("assessments/v{a}"), "assessor": { "displayName": "A checker" },
            "target": if b % 2 == 0 { format!("claims/c{c}") } else { format!("assessments/v{c}") },
            "scheme": "https://check.example/scale", "originalLabel": "mostly so", "verdict": "VERDICT_SUPPORTED" }] })
        }
        11 => {
            serde_json::json!({ "revise": [{ "source": { "name": format!("sources/s{a}"), "description": format!("as of {turn}") },
            "reason": "more is known" }] })
        }
        12 => {
            serde_json::json!({ "revise": [{ "article": { "name": format!("articles/a{a}"), "title": format!("Revised {turn}") } }] })
        }
        13 | 14 => {
            let name = [
                format!("claims/c{a}"),
                format!("articles/a{a}"),
                format!("sources/s{a}"),
                format!("relations/r{a}"),
                format!("assessments/v{a}"),
                format!("articles/x{a}"),
            ][b as usize]
                .clone();
            serde_json::json!({ "retract": [{ "name": name, "retractedBy": "RETRACTED_BY_SOURCE", "reason": format!("turn {turn}"),
                "source": { "displayName": "Outlet 1" }, "includeClaims": b == 1 && c < 3 }] })
        }
        _ => serde_json::json!({ "reinstate": [{ "name": format!("claims/c{a}"), "reason": "it stands after all" }] }),
    };
    request["recorder"] = recorder;
    request
}

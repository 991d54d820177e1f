//! `claimdb figures` as its users meet it: the real program beside a real server, what it prints, what it draws, how it ends.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so best by panicking where it stands")]

#[path = "support/process.rs"]
mod process;

use std::process::{Command, Output};

use claimdb::proto::claimdb::v1;
use claimdb::proto::claimdb::v1::record_service_client::RecordServiceClient;
use process::Process;

fn claim(id: &str, by: &str, day: &str, verbatim: &str) -> v1::Claim {
    let hop = |name: &str| v1::Attribution {
        source: Some(v1::SourceRef { display_name: name.into(), ..Default::default() }),
        ..Default::default()
    };
    v1::Claim {
        name: format!("claims/{id}"),
        statement: format!("{by} said so."),
        language: "en".into(),
        attributions: by.split('/').map(hop).collect(),
        event_time: Some(v1::ApproximateTime { edtf: day.into(), ..Default::default() }),
        place: Some(v1::Place { verbatim: "Kursk".into(), ..Default::default() }),
        figures: vec![v1::Figure {
            verbatim: verbatim.into(),
            kind: v1::FigureKind::Count.into(),
            metric: Some(v1::Metric {
                key: "war.killed".into(),
                label: "<Killed> & wounded".into(),
                ..Default::default()
            }),
            ..Default::default()
        }],
        ..Default::default()
    }
}

/// A server on which sources disagree.
async fn served() -> (tempfile::TempDir, Process) {
    let data = tempfile::tempdir().unwrap();
    let server = Process::start(&data.path().join("store"), &[]);
    let out_of_order = |role: v1::EstimateRole, id: &str, value: &str| v1::Figure {
        id: id.into(),
        value: value.into(),
        verbatim: String::new(),
        role: role.into(),
        ..claim("x", "X", "2025", "1").figures.remove(0)
    };
    let estimate = v1::Claim {
        figures: vec![
            out_of_order(v1::EstimateRole::Low, "low", "20"),
            out_of_order(v1::EstimateRole::Best, "best", "12"),
        ],
        ..claim("coded", "Dataset", "2025-10-01/2025-11-02", "1")
    };
    let claims = vec![
        claim("army", "Army", "2025-09-03", "nearly 10"),
        // Whoever names a source could try to steer a terminal.
        claim("minister", "The \u{1b}[31mAgency/Minister", "2025-09-03", "more than 30"),
        claim("witness", "Witness", "2025-09", "9"),
        estimate,
    ];
    let mut records = RecordServiceClient::new(server.channel().await);
    records.record(v1::RecordRequest { claims, ..Default::default() }).await.unwrap();
    (data, server)
}

fn figures(server: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claimdb"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CLAIMDB_")) {
        command.env_remove(name);
    }
    command.args(["figures", "--server", server.trim_start_matches("http://")]).args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_what_is_printed_and_how_far_it_spreads_is_drawn() {
    let (_data, server) = served().await;
    let text = printed(&figures(&server.address, &["war.killed", "--width", "60"]));
    let expected = "\
war.killed: <Killed> & wounded (count)
4 statements from 4 sources
spread: at least 0; taken for at least 9; named: 9 to 31

TIME                         SAYS                        MEANS                      WHO       THROUGH         CLAIM
2025-09 event                9                           9                          Witness   -               claims/witness
2025-09-03 event             nearly 10                   0 to 9; taken for 9        Army      -               claims/army
2025-09-03 event             more than 30                at least 31                Minister  The [31mAgency  claims/minister
2025-10-01/2025-11-02 event  low 20, best 12 (below low!)  at least 12; taken for 12 to 20  Dataset  -  claims/coded
";
    let squeezed = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(squeezed(&text)[..squeezed(expected).len()], squeezed(expected), "{text}");
    for expected in [
        "pairs: 2 agree, 2 contradict, 2 differ",
        "  9 (Witness) contradicts more than 30 (Minister)",
        "  nearly 10 (Army) contradicts more than 30 (Minister)",
        "  2025-09: 2 statements from 2 sources: 9",
        "1 estimate out of order, shown as recorded",
        "4 statements in 4 claims as of revision 1",
    ] {
        assert!(text.lines().any(|line| line == expected), "{expected}\n{text}");
    }
    let chart: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("PERIOD")).take(3).collect();
    assert!(chart[1].starts_with("2025-09      3") && chart[1].ends_with('>'), "{text}");
    assert!(chart[2].starts_with("longer       1") && chart[2].contains("=="), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread")]
async fn conventions_filters_and_the_past_are_asked_for() {
    let (_data, server) = served().await;
    let ask = |arguments: &[&str]| printed(&figures(&server.address, &[&["war", "--within"], arguments].concat()));
    let text = ask(&["--convention", "ucdp-low-best-high", "--period", "year"]);
    assert!(text.contains("ucdp low best high: low 9, best 9 to 12, high 9\n"), "{text}");
    assert!(text.contains("2025    low 9, best 9 to 12, high 9"), "{text}");
    let text = ask(&["--convention", "acled-conservative"]);
    assert!(text.contains("acled conservative: conservative 9\n"), "{text}");
    let text = ask(&["--filter", r#"{"origins": [{"displayName": "Minister"}]}"#]);
    assert!(text.ends_with("1 statement in 1 claim as of revision 1\n"), "{text}");
    let text = ask(&["--as-of-revision", "0"]);
    assert_eq!(text, "0 statements in 0 claims as of revision 0\n");
    let text = ask(&["--as-of-time", "2020-01-01T00:00:00+01:00"]);
    assert_eq!(text, "0 statements in 0 claims as of revision 0\n");
    let text = ask(&["--as-of-time", &prost_types::Timestamp::from(std::time::SystemTime::now()).to_string()]);
    assert!(text.ends_with("4 statements in 4 claims as of revision 1\n"), "{text}");
    let text = ask(&["--unit", "km"]);
    assert!(text.contains("4 statements left out: unit\n"), "{text}");
    let text = ask(&["--rows", "1"]);
    assert!(text.contains("  ... and 3 statements more\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_drawing_is_well_formed() {
    let (data, server) = served().await;
    let path = data.path().join("spread.svg");
    printed(&figures(&server.address, &["war.killed", "--svg", path.to_str().unwrap()]));
    let drawing = std::fs::read_to_string(&path).unwrap();
    assert!(drawing.contains("war.killed: &lt;Killed&gt; &amp; wounded (count)"), "{drawing}");
    for expected in ["more than 30 (Minister)", "out of order", "As of revision 1", ">Witness</text>"] {
        assert!(drawing.contains(expected), "{expected}\n{drawing}");
    }
    // Each statement has two boxes, and each number named a dot.
    assert_eq!((drawing.matches("fill-opacity").count(), drawing.matches("r=\"2.5\"").count()), (8, 5));
    let mut open = Vec::new();
    for tag in drawing.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap();
        assert!(!text.contains('>') && !tag.contains("NaN") && !tag.contains("inf"), "{tag}");
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split_whitespace().next().unwrap()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_said_and_counted_by_the_exit_code() {
    let (data, server) = served().await;
    let refused = |arguments: &[&str], code: i32, says: &str| {
        let output = figures(&server.address, arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{error}");
        assert!(error.contains(says), "{says}\n{error}");
        assert!(output.stdout.is_empty());
    };
    refused(&["War.Killed"], 1, "FIELD_INVALID");
    refused(&["war.killed", "--as-of-revision", "99"], 1, "REVISION_IN_FUTURE");
    refused(&[], 2, "METRIC");
    refused(&["war.killed", "--filter", "{\"sauces\": []}"], 2, "sauces");
    refused(&["war.killed", "--period", "week"], 2, "day, month or year");
    refused(&["war.killed", "--as-of-time", "yesterday"], 2, "2025-11-25T12:00:00Z");
    refused(&["war.killed", "--as-of-time", "9000-01-01T00:00:00Z"], 1, "REVISION_IN_FUTURE");
    let both = ["war.killed", "--as-of-time", "2025-11-25T12:00:00Z", "--as-of-revision", "1"];
    refused(&both, 2, "cannot be used with");
    refused(&["war.killed", "--convention", "mean"], 2, "acled-conservative");
    let nowhere = data.path().join("no/such/folder.svg");
    refused(&["war.killed", "--svg", nowhere.to_str().unwrap()], 1, "folder.svg");
    drop(server);
    let output = figures("127.0.0.1:1", &["war.killed", "--timeout", "5s"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

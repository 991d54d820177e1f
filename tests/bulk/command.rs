//! `claimdb import` as its users meet it: files, exit codes, what it says.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::support::{
    Server, assert_imported, assert_rejects, claim_line, claimdb, head, import, input, output, printed, run,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_import_tells_what_became_of_every_line() {
    for engine in ["memory", "sled"] {
        let (server, input) = (Server::start(&["--engine", engine]), input(300));
        let rejects = input.directory.path().join("rejects.jsonl");
        let arguments = ["--rejects", rejects.to_str().unwrap(), "--batch-records", "64"];
        let text = printed(&run(import(&server, &input.path, &arguments)), 5);
        let expected =
            "imported 300 items, rejected 18: 313 records created, 0 existing, 0 updated, 0 retracted, 0 reinstated\n";
        assert_eq!(text, expected);
        assert_imported(&server, &input).await;
        assert_rejects(&rejects, &input);
        // Once more it is refused, unless it is resumed, when there is nothing left to do.
        let again = run(import(&server, &input.path, &[]));
        assert!(String::from_utf8_lossy(&again.stderr).contains("is complete (5 batches)"), "{again:?}");
        assert_eq!(again.status.code(), Some(1));
        let resumed = [&arguments[..], &["--resume"]].concat();
        assert_eq!(printed(&run(import(&server, &input.path, &resumed)), 5), expected);
        assert_rejects(&rejects, &input);
        // Under another name every claim is found again.
        let text = printed(&run(import(&server, &input.path, &["--session", "again"])), 5);
        assert!(text.contains("0 records created, 300 existing"), "{text}");
    }
}

#[test]
fn a_file_of_rejects_outlasts_an_import_that_is_refused() {
    let (server, input) = (Server::start(&["--engine", "memory"]), input(60));
    let rejects = input.directory.path().join("rejects.jsonl");
    let arguments = ["--rejects", rejects.to_str().unwrap()];
    printed(&run(import(&server, &input.path, &arguments)), 5);
    let again = run(import(&server, &input.path, &arguments));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is complete"), "{again:?}");
    assert_rejects(&rejects, &input);
    // Under another name it is another import, and the file is begun anew.
    std::fs::write(&rejects, "what was there\n").unwrap();
    printed(&run(import(&server, &input.path, &[&arguments[..], &["--session", "again"]].concat())), 5);
    assert_rejects(&rejects, &input);
}

#[test]
fn a_file_that_changed_is_not_gone_on_with() {
    let (server, input) = (Server::start(&[]), input(40));
    printed(&run(import(&server, &input.path, &["--quiet"])), 5);
    let mut changed = std::fs::OpenOptions::new().append(true).open(&input.path).unwrap();
    writeln!(changed, "{}", claim_line(40)).unwrap();
    let refused = run(import(&server, &input.path, &["--resume"]));
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("IMPORT_INPUT_CHANGED"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_files_and_standard_input_are_read() {
    let server = Server::start(&["--engine", "memory"]);
    let mut input = input(90);
    let text = std::fs::read_to_string(&input.path).unwrap();
    let third = text.lines().count() / 3;
    let part = |index: usize| -> String {
        let lines = text.lines().skip(index * third).take(if index == 2 { usize::MAX } else { third });
        lines.flat_map(|line| [line, "\n"]).collect()
    };
    let path = |name: &str| input.directory.path().join(name);
    let gzip = std::fs::File::create(path("a.jsonl.gz")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(gzip, flate2::Compression::default());
    gzip.write_all(part(0).as_bytes()).unwrap();
    gzip.finish().unwrap();
    std::fs::write(path("b.jsonl.zst"), zstd::encode_all(part(1).as_bytes(), 1).unwrap()).unwrap();
    let mut command = import(&server, &path("a.jsonl.gz"), &["--quiet"]);
    command.arg(path("b.jsonl.zst"));
    assert_eq!(printed(&run(command), 5), "");
    let mut command = import(&server, Path::new("-"), &[]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut importing = command.spawn().unwrap();
    importing.stdin.take().unwrap().write_all(part(2).as_bytes()).unwrap();
    printed(&output(importing), 5);
    input.statements.sort();
    assert_imported(&server, &input).await;
    let both = run(import(&server, Path::new("-"), &["--resume"]));
    assert_eq!(both.status.code(), Some(2), "standard input cannot be resumed");
}

#[test]
fn what_cannot_be_gone_on_with_is_not_told_to_resume() {
    let server = Server::start(&["--engine", "memory"]);
    let again = || {
        let mut command = import(&server, Path::new("-"), &["--session", "qq"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut importing = command.spawn().unwrap();
        // It may have ended by now.
        let _ = writeln!(importing.stdin.take().unwrap(), "{}", claim_line(1));
        output(importing)
    };
    printed(&again(), 0);
    let refused = again();
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{errors}");
    assert!(
        errors.contains("import qq has begun already (1 batches), and standard input cannot be gone on with"),
        "{errors}"
    );
    assert!(errors.contains("another --session") && !errors.contains("--resume"), "{errors}");
}

/// A shell's `<(…)` is a path like that of standard input, whatever stands behind it.
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_that_is_given_by_its_path_is_refused() {
    let server = Server::start(&["--engine", "memory"]);
    let directory = tempfile::tempdir().unwrap();
    let named = directory.path().join("claims.jsonl");
    mknodat(CWD, &named, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    for path in [Path::new("/dev/stdin"), &named] {
        let mut command = import(&server, path, &["--session", "s"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut importing = command.spawn().unwrap();
        // It may have ended by now.
        let _ = writeln!(importing.stdin.take().unwrap(), "{}", claim_line(1));
        let output = output(importing);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        let expected = format!("{} can be read only once: give - to read standard input", path.display());
        assert!(errors.contains(&expected), "{errors}");
    }
    assert_eq!(head(&server.channel().await).await, 0);
}

/// The file of rejects is emptied when an import begins, and the file to import is read after that.
#[tokio::test(flavor = "multi_thread")]
async fn rejects_do_not_go_to_a_file_that_is_imported() {
    let server = Server::start(&["--engine", "memory"]);
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let (first, second) = (path("first.jsonl"), path("second.jsonl"));
    std::fs::write(&first, claim_line(1)).unwrap();
    std::fs::write(&second, claim_line(2)).unwrap();
    std::fs::hard_link(&second, path("hard")).unwrap();
    std::os::unix::fs::symlink(&second, path("soft")).unwrap();
    std::fs::create_dir(path("inner")).unwrap();
    let refused = |command: Command, rejects: &Path, input: &Path| {
        let output = run(command);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        let expected = format!("rejects cannot go to {}: it is {}", rejects.display(), input.display());
        assert!(errors.contains(&expected), "{errors}");
        assert_eq!(std::fs::read_to_string(&second).unwrap(), claim_line(2));
    };
    for rejects in [second.clone(), path("hard"), path("soft"), path("inner/../second.jsonl")] {
        for further in [&[][..], &["--resume"]] {
            let mut command = import(&server, &first, further);
            command.arg(&second).arg("--rejects").arg(&rejects);
            refused(command, &rejects, &second);
        }
    }
    // A shell may have opened it.
    let file = std::fs::File::open(&second).unwrap();
    let mut command = import(&server, Path::new("-"), &["--rejects", second.to_str().unwrap()]);
    let child = command.stdin(file).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let output = output(child);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains(&format!("rejects cannot go to {}: it is standard input", second.display())), "{errors}");
    assert_eq!(std::fs::read_to_string(&second).unwrap(), claim_line(2));
    assert_eq!(head(&server.channel().await).await, 0);
    // Where nothing is lost, one place may be both.
    let mut command = import(&server, Path::new("-"), &["--rejects", "/dev/null", "--quiet"]);
    command.stdin(std::fs::File::open("/dev/null").unwrap()).stdout(Stdio::piped()).stderr(Stdio::piped());
    printed(&crate::support::output(command.spawn().unwrap()), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_at_the_first_refused_item_where_that_is_asked_for() {
    for (wrong, reason) in [("{\"claims\": [{}]}", "FIELD_INVALID"), ("{\"claimz\": []}", "MESSAGE_MALFORMED")] {
        let server = Server::start(&["--engine", "memory"]);
        let file = tempfile::NamedTempFile::new().unwrap();
        let lines: Vec<String> = (0..30).map(claim_line).collect();
        std::fs::write(file.path(), format!("{}\n{wrong}\n{}\n", lines[..25].join("\n"), lines[25..].join("\n")))
            .unwrap();
        let output = run(import(&server, file.path(), &["--on-error", "stop", "--batch-records", "10"]));
        let text = printed(&output, 5);
        assert!(text.starts_with("stopped") && text.contains("--resume --on-error skip"), "{text}");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.contains(&format!(":26: {reason}")), "{errors}");
        // The batches before that of the wrong line, and nothing of its own.
        let found = crate::support::statements(&server.channel().await).await;
        assert_eq!(found.len(), 20);
        let again = run(import(&server, file.path(), &[]));
        assert!(String::from_utf8_lossy(&again.stderr).contains("has begun already (2 batches)"), "{again:?}");
        let text = printed(&run(import(&server, file.path(), &["--resume", "--on-error", "skip"])), 5);
        assert!(text.starts_with("imported 30 items, rejected 1:"), "{text}");
    }
}

/// However it is cut into batches: no batch can take such a line.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_with_more_records_than_a_batch_is_a_reject_like_others() {
    let server = Server::start(&["--engine", "memory"]);
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let (file, rejects) = (path("claims.jsonl"), path("rejects.jsonl"));
    let mut lines: Vec<String> = (0..20).map(claim_line).collect();
    let claim = serde_json::from_str::<serde_json::Value>(&claim_line(20)).unwrap()["claims"][0].clone();
    // Behind an item without a record that begins a batch, and leaves it as empty as it was.
    lines.insert(10, format!("{{}}\n{}", serde_json::json!({ "claims": vec![claim; 1_001] })));
    std::fs::write(&file, lines.join("\n")).unwrap();
    let told = || -> serde_json::Value {
        let text = std::fs::read_to_string(&rejects).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        let mut reject: serde_json::Value = serde_json::from_str(&text).unwrap();
        serde_json::json!([reject["line"].take(), reject["reason"].take(), reject["violations"][0]["field"].take()])
    };
    let arguments = ["--rejects", rejects.to_str().unwrap(), "--batch-records", "10"];
    let stopping = [&arguments[..], &["--on-error", "stop"]].concat();
    let text = printed(&run(import(&server, &file, &stopping)), 5);
    assert!(text.starts_with("stopped at an item"), "{text}");
    assert_eq!(told(), serde_json::json!([12, "LIMIT_EXCEEDED", "claims"]));
    assert_eq!(crate::support::statements(&server.channel().await).await.len(), 10);
    let goes_on = [&arguments[..], &["--resume"]].concat();
    let text = printed(&run(import(&server, &file, &goes_on)), 5);
    assert!(text.starts_with("imported 21 items, rejected 1: "), "{text}");
    assert_eq!(told(), serde_json::json!([12, "LIMIT_EXCEEDED", "claims"]));
    let text = printed(&run(import(&server, &file, &[&arguments[..], &["--session", "again"]].concat())), 5);
    assert!(text.starts_with("imported 21 items, rejected 1: "), "{text}");
    assert_eq!(told(), serde_json::json!([12, "LIMIT_EXCEEDED", "claims"]));
}

#[test]
fn all_in_is_exit_code_0_and_a_server_that_is_not_there_is_1() {
    let server = Server::start(&["--engine", "memory"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), claim_line(1)).unwrap();
    let text = printed(&run(import(&server, file.path(), &["--tool", "bulk-test"])), 0);
    assert!(text.starts_with("imported 1 items, rejected 0: 2 records created"), "{text}");
    let mut command = claimdb();
    command.arg("import").arg(file.path()).args(["--server", "127.0.0.1:1", "--retry-for", "300ms"]);
    let output = run(command);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("; go on with: "), "{output:?}");
    let mut command = claimdb();
    command.args(["import", "/does/not/exist"]);
    assert_eq!(run(command).status.code(), Some(1));
}

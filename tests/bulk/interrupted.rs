//! What the program says when it ends before it is done: how far it came, and how it goes on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};
use rustix::process::{Pid, Signal, kill_process};

use crate::export::{export, lines};
use crate::support::{
    Dice, Server, assert_imported, assert_rejects, claim_line, claimdb, head, import, input, output, printed, run,
    within,
};

/// What the last line says of a program that ended with exit code 1.
fn told(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    errors.lines().last().unwrap().to_owned()
}

/// Runs the command that goes on, as a shell takes it from what was told.
fn go_on(told: &str) -> Output {
    let (_, command) = told.split_once("go on with: ").unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    run(shell)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_a_signal_ends_says_how_to_go_on() {
    for signal in [Signal::INT, Signal::TERM] {
        let (server, input) = (Server::start(&[]), input(2_000));
        let rejects = input.directory.path().join("the rejects.jsonl");
        let mut command = import(&server, &input.path, &["--batch-records", "5", "--in-flight", "1", "--rejects"]);
        command.arg(&rejects).stdout(Stdio::piped()).stderr(Stdio::piped());
        let importing = command.spawn().unwrap();
        let channel = server.channel().await;
        within("some batches", async || head(&channel).await >= 3).await;
        kill_process(Pid::from_child(&importing), signal).unwrap();
        let told = told(&output(importing));
        assert!(told.starts_with("claimdb: interrupted: "), "{told}");
        assert!(told.contains(&format!("batches are imported, up to {}:", input.path.display())), "{told}");
        let text = printed(&go_on(&told), 5);
        assert!(text.starts_with("imported 2000 items"), "{text}");
        assert_imported(&server, &input).await;
        assert_rejects(&rejects, &input);
    }
}

/// The way to where an import stopped may be long. A file is as long as one likes when it is a pipe: nothing is behind its
/// beginning until somebody writes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_is_heard_on_the_way_to_where_an_import_stopped() {
    let (mut server, input) = (Server::start(&[]), input(300));
    printed(&run(import(&server, &input.path, &["--quiet", "--batch-records", "10"])), 5);
    let lines = std::fs::read_to_string(&input.path).unwrap().lines().count();
    let aside = input.directory.path().join("aside");
    for (further, signal) in [(&["--resume"][..], Signal::INT), (&["--resume"], Signal::TERM), (&[], Signal::INT)] {
        server.kill();
        let mut importing = import(&server, &input.path, further).stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = BufReader::new(importing.stderr.take().unwrap());
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        assert!(line.ends_with("; trying again\n"), "{line}");
        // By now it knows the content of the file, and has nothing of it open.
        std::fs::rename(&input.path, &aside).unwrap();
        mknodat(CWD, &input.path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        server.restart();
        let mut pipe = None;
        within("somebody who reads the file", async || {
            // It opens once somebody reads.
            pipe = open(&input.path, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty()).ok();
            pipe.is_some()
        })
        .await;
        kill_process(Pid::from_child(&importing), signal).unwrap();
        let status = output(importing).status;
        let mut rest = String::new();
        errors.read_to_string(&mut rest).unwrap();
        assert_eq!(status.code(), Some(1), "{status}: {rest}");
        let told = rest.lines().last().unwrap();
        let expected = format!("batches are imported, up to {}:{lines}; go on with: ", input.path.display());
        assert!(told.starts_with("claimdb: interrupted: ") && told.contains(&expected), "{told}");
        std::fs::rename(&aside, &input.path).unwrap();
        let text = printed(&go_on(told), 5);
        assert!(text.starts_with("imported 300 items"), "{text}");
    }
    assert_imported(&server, &input).await;
}

#[test]
fn an_export_to_a_file_that_a_signal_ends_says_how_to_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("all.jsonl");
    let mut command = claimdb();
    command.args(["export", "--server", "127.0.0.1:1", "--output"]).arg(&path);
    let mut exporting = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(exporting.stderr.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert!(line.ends_with("; trying again\n"), "{line}");
    kill_process(Pid::from_child(&exporting), Signal::TERM).unwrap();
    line.clear();
    lines.read_line(&mut line).unwrap();
    assert_eq!(output(exporting).status.code(), Some(1));
    let expected = format!(
        "claimdb: interrupted: 0 items are exported; go on with: {} export --server 127.0.0.1:1 --output {} --resume\n",
        env!("CARGO_BIN_EXE_claimdb"),
        path.display()
    );
    assert_eq!(line, expected);
}

/// Stopped somewhere in the middle, what it goes on to is what an export that nobody stopped is.
#[test]
fn an_export_that_a_signal_ends_goes_on_where_it_stopped() {
    const CLAIMS: usize = 4_000;
    /// When it is stopped is chance: before anything is there, or when all is, it is tried again.
    const TRIES: u64 = 100;
    let (server, input) = (Server::start(&[]), input(CLAIMS));
    printed(&run(import(&server, &input.path, &["--quiet"])), 5);
    let mut dice = Dice::new();
    for name in ["all.jsonl", "all.jsonl.gz"] {
        let whole = input.directory.path().join(format!("whole-{name}"));
        let begin = Instant::now();
        printed(&run(export(&server, &whole, &[])), 0);
        let time = begin.elapsed();
        let path = input.directory.path().join(name);
        let is_resumed = (0..TRIES).any(|_| {
            let exporting = export(&server, &path, &[]).stderr(Stdio::piped()).spawn().unwrap();
            std::thread::sleep(time.mul_f64(dice.below(100) as f64 / 100.0));
            kill_process(Pid::from_child(&exporting), Signal::INT).unwrap();
            let ended = output(exporting);
            if path.exists() {
                std::fs::remove_file(&path).unwrap();
                return false;
            }
            // The signal may come before anybody listens for it.
            let errors = String::from_utf8_lossy(&ended.stderr);
            if !errors.contains("interrupted: ") || errors.contains(" 0 items are exported") {
                return false;
            }
            printed(&go_on(&told(&ended)), 0);
            true
        });
        assert!(is_resumed, "{TRIES} signals, and none in the middle");
        assert!(lines(&path) == lines(&whole), "{name} is not what the export is");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_standard_input_it_says_that_it_cannot_be_gone_on_with() {
    let mut server = Server::start(&["--engine", "memory"]);
    let mut command = import(&server, Path::new("-"), &["--batch-records", "10", "--retry-for", "300ms"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut importing = command.spawn().unwrap();
    let mut stdin = importing.stdin.take().unwrap();
    // What is no item is told of once its batch is acknowledged.
    writeln!(stdin, "no item").unwrap();
    for number in 1..=11 {
        writeln!(stdin, "{}", claim_line(number)).unwrap();
    }
    stdin.flush().unwrap();
    let mut errors = BufReader::new(importing.stderr.take().unwrap());
    let mut line = String::new();
    errors.read_line(&mut line).unwrap();
    assert!(line.starts_with("-:1: "), "{line}");
    server.kill();
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert_eq!(output(importing).status.code(), Some(1), "{rest}");
    drop(stdin);
    let text = rest.lines().last().unwrap();
    let expected = "given up for now: 1 batch is imported, up to -:11; standard input cannot be read again";
    assert!(text.contains(expected), "{text}");
    let text = told(&run(import(&server, Path::new("-"), &["--retry-for", "300ms"])));
    assert!(text.contains("nothing is known to be imported; standard input cannot be read again"), "{text}");
    assert!(!text.contains("--resume"), "{text}");
}

//! Either side killed at random moments: nothing is lost, nothing is there twice, every reject is told of once, and whoever
//! watches meanwhile sees every revision once and in order.

use std::process::Stdio;
use std::time::Duration;

use crate::support::{
    Dice, SEAL_OFTEN, Server, assert_imported, assert_rejects, claimdb, head, import, input, output, printed, run,
    within,
};
use crate::watching::Watching;

/// Small batches, so that many of them are on their way when something is killed.
const SMALL: [&str; 4] = ["--batch-records", "20", "--retry-for", "60s"];

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_killed_again_and_again() {
    let (mut dice, input) = (Dice::new(), input(4_000));
    let mut server = Server::start(&SEAL_OFTEN);
    let rejects = input.directory.path().join("rejects.jsonl");
    let watching = Watching::start(&server, &mut dice);
    let mut command = import(&server, &input.path, &["--rejects", rejects.to_str().unwrap()]);
    command.args(SMALL).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut importing = command.spawn().unwrap();
    let mut kills = 0;
    while importing.try_wait().unwrap().is_none() && kills < 8 {
        std::thread::sleep(Duration::from_millis(30 + dice.below(250)));
        server.kill();
        kills += 1;
        std::thread::sleep(Duration::from_millis(dice.below(100)));
        server.restart();
    }
    let output = output(importing);
    let text = printed(&output, 5);
    println!("{kills} kills; {text}");
    assert!(kills >= 2, "the import was over before anything happened");
    let expected = format!("imported 4000 items, rejected {}: 4013 records created, 0 existing", input.refused.len());
    assert!(text.starts_with(&expected), "{text}");
    assert_imported(&server, &input).await;
    watching.assert_seen(&server, &input).await;
    assert_rejects(&rejects, &input);
    server.assert_merged();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_import_is_killed_again_and_again_and_resumed() {
    let (mut dice, input) = (Dice::new(), input(4_000));
    let server = Server::start(&SEAL_OFTEN);
    let rejects = input.directory.path().join("rejects.jsonl");
    let watching = Watching::start(&server, &mut dice);
    let rejects_argument = ["--rejects", rejects.to_str().unwrap()];
    let (mut kills, mut resume) = (0, false);
    let text = loop {
        let mut command = import(&server, &input.path, &rejects_argument);
        command.args(SMALL).args(resume.then_some("--resume")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut importing = command.spawn().unwrap();
        resume = true;
        std::thread::sleep(Duration::from_millis(20 + dice.below(250)));
        if kills < 12 && importing.try_wait().unwrap().is_none() {
            importing.kill().unwrap();
            importing.wait().unwrap();
            kills += 1;
            continue;
        }
        break printed(&output(importing), 5);
    };
    println!("{kills} kills; {text}");
    assert!(kills >= 2, "the import was over before anything happened");
    let expected = format!("imported 4000 items, rejected {}: 4013 records created, 0 existing", input.refused.len());
    assert!(text.starts_with(&expected), "{text}");
    assert_imported(&server, &input).await;
    watching.assert_seen(&server, &input).await;
    assert_rejects(&rejects, &input);
    server.assert_merged();
}

#[tokio::test(flavor = "multi_thread")]
async fn both_are_killed_with_batches_of_other_sizes_each_time() {
    let (mut dice, input) = (Dice::new(), input(3_000));
    let mut server = Server::start(&SEAL_OFTEN);
    let rejects = input.directory.path().join("rejects.jsonl");
    let watching = Watching::start(&server, &mut dice);
    let (mut resume, mut kept) = (false, 0);
    for _ in 0..6 {
        let records = (1 + dice.below(30)).to_string();
        let arguments = ["--rejects", rejects.to_str().unwrap(), "--batch-records", &records];
        let mut command = import(&server, &input.path, &arguments);
        command.args(resume.then_some("--resume")).stdout(Stdio::null()).stderr(Stdio::null());
        let mut importing = command.spawn().unwrap();
        resume = true;
        // In the middle of it, however long a start takes; rarely at the same place among seals and merges.
        let passed = kept + dice.below(12);
        within("batches are kept", async || {
            importing.try_wait().unwrap().is_some() || head(&server.channel().await).await > passed
        })
        .await;
        std::thread::sleep(Duration::from_millis(dice.below(100)));
        if dice.below(2) == 0 {
            server.kill();
            std::thread::sleep(Duration::from_millis(dice.below(200)));
        }
        importing.kill().unwrap();
        importing.wait().unwrap();
        server.kill();
        server.restart();
        kept = head(&server.channel().await).await;
    }
    let arguments = ["--resume", "--rejects", rejects.to_str().unwrap(), "--batch-records", "20"];
    let text = printed(&run(import(&server, &input.path, &arguments)), 5);
    let expected = format!("imported 3000 items, rejected {}: 3013 records created, 0 existing", input.refused.len());
    assert!(text.starts_with(&expected), "{text}");
    assert_imported(&server, &input).await;
    watching.assert_seen(&server, &input).await;
    assert_rejects(&rejects, &input);
    server.assert_merged();
    server.kill();
    let mut verify = claimdb();
    verify.args(["verify", "--data-dir"]).arg(server.data.path());
    printed(&run(verify), 0);
}

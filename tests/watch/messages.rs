//! In which messages changes come: commits cut to size, heartbeats, versions as they are served.

use std::time::{Duration, Instant};

use claimdb::proto::claimdb::v1;
use prost::Message as _;
use v1::watch_request::Start;

use crate::support::{Watcher, claim, claims, from, names, oldest, start};

const SECOND: prost_types::Duration = prost_types::Duration { seconds: 1, nanos: 0 };

/// A thousand claims of one source.
fn thousand() -> v1::RecordRequest {
    claims((0..1_000).map(|number| v1::Claim {
        statement: format!("{number} {}", "x".repeat(1_000)),
        ..claim(&format!("claims/c{number}"), "Ann")
    }))
}

/// All messages of the next commit.
async fn whole_commit(watcher: &mut Watcher) -> Vec<v1::WatchResponse> {
    let mut messages = vec![watcher.changes().await];
    while messages[messages.len() - 1].more_in_commit {
        messages.push(watcher.message().await);
    }
    messages
}

#[tokio::test]
async fn a_large_commit_comes_in_messages_of_the_size_asked_for() {
    let running = start().await;
    running.claim("claims/before", "Bob").await;
    assert_eq!(running.record(thousand()).await, 2);
    running.claim("claims/after", "Bob").await;
    let mut all = Vec::new();
    // 3 MiB is the most there is.
    for (asked, bytes_max, messages_min) in
        [(0, 3 << 20, 1), (u32::MAX, 3 << 20, 1), (100_000, 100_000, 11), (1, 1, 1_001)]
    {
        let (mut watcher, _) = running.watch(v1::WatchRequest { max_message_bytes: asked, ..oldest() }).await;
        assert_eq!(whole_commit(&mut watcher).await.last().unwrap().revision, 1);
        let messages = whole_commit(&mut watcher).await;
        assert!(messages.len() >= messages_min, "{} of {asked}", messages.len());
        for (index, message) in messages.iter().enumerate() {
            let last = index + 1 == messages.len();
            assert!(message.encoded_len() <= bytes_max || message.changes.len() == 1, "{}", message.encoded_len());
            assert_eq!((message.commit_revision, message.more_in_commit), (2, !last));
            assert_eq!(message.revision, if last { 2 } else { 1 }, "only the last one moves it");
        }
        let found: Vec<String> = messages.iter().flat_map(names).collect();
        assert_eq!(found.len(), 1_001);
        all.push(found);
        assert_eq!(names(&watcher.changes().await), ["claims/after"]);
    }
    assert!(all.iter().all(|found| *found == all[0]));
}

#[tokio::test]
async fn who_stops_within_a_commit_is_given_all_of_it_again() {
    let running = start().await;
    running.record(thousand()).await;
    let request = v1::WatchRequest { max_message_bytes: 200_000, ..oldest() };
    let (mut watcher, _) = running.watch(request.clone()).await;
    let first = watcher.changes().await;
    watcher.changes().await;
    let revision = watcher.revision;
    assert_eq!(revision, 0);
    drop(watcher);
    let again = v1::WatchRequest { start: Some(Start::AfterRevision(revision)), ..request };
    let (mut watcher, _) = running.watch(again).await;
    let messages = whole_commit(&mut watcher).await;
    assert_eq!(messages[0], first);
    assert_eq!(messages.iter().map(|message| message.changes.len()).sum::<usize>(), 1_001);
}

#[tokio::test]
async fn silence_is_broken_and_says_up_to_where_nothing_is_to_come() {
    let running = start().await;
    running.claim("claims/a", "Ann").await;
    let filter = Some(v1::WatchFilter { metrics: vec!["none".into()], ..Default::default() });
    let request = v1::WatchRequest { filter, heartbeat_interval: Some(SECOND), ..Default::default() };
    let (mut watcher, started) = running.watch(request).await;
    assert_eq!(started, 1);
    let since = Instant::now();
    assert_eq!(running.claim("claims/b", "Ann").await, 2);
    let heartbeat = watcher.message().await;
    // What the filter holds back is passed over, and does not break the silence by itself.
    assert!(since.elapsed() > Duration::from_millis(900), "{:?}", since.elapsed());
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    assert!(heartbeat.heartbeat && heartbeat.commit_time.is_some());
    assert_eq!((heartbeat.revision, heartbeat.commit_revision), (2, 0));
    assert!(watcher.message().await.heartbeat);
    // A watcher of an empty store has no time to tell.
    let empty = start().await;
    let first = Watcher::try_start(empty.channel.clone(), oldest()).await.unwrap().message().await;
    assert_eq!((first.revision, first.commit_time), (0, None));
}

#[tokio::test]
async fn a_message_that_is_given_puts_the_heartbeat_off() {
    let running = start().await;
    let request = v1::WatchRequest { heartbeat_interval: Some(SECOND), ..Default::default() };
    let (mut watcher, _) = running.watch(request).await;
    for turn in 0..6 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        running.claim(&format!("claims/c{turn}"), "Ann").await;
        assert!(!watcher.message().await.heartbeat);
    }
}

#[tokio::test]
async fn articles_come_without_their_text_and_everything_else_as_it_is_served() {
    let running = start().await;
    let text = "Nearly 2,000 soldiers were killed.";
    let article = v1::Article {
        name: "articles/a".into(),
        urls: vec!["https://news.example/a".into()],
        language: "en".into(),
        text: text.into(),
        ..Default::default()
    };
    running.record(v1::RecordRequest { articles: vec![article], ..Default::default() }).await;
    let (mut watcher, _) = running.watch(from(Start::AfterRevision(0))).await;
    let message = watcher.changes().await;
    let Some(v1::version::Record::Article(watched)) = &message.changes[0].version.as_ref().unwrap().record else {
        panic!("{message:?}")
    };
    let mut client = v1::article_service_client::ArticleServiceClient::new(running.channel.clone());
    let request = v1::GetArticleRequest { name: "articles/a".into(), as_of: None };
    let served = client.get_article(request).await.unwrap().into_inner().article.unwrap();
    assert_eq!(served.text, text);
    assert_eq!(*watched, v1::Article { text: String::new(), ..served });
}

//! Requests made at random from the schema, for every method, against the real server: never a panic, never INTERNAL,
//! never a change of state on an error. `CLAIMDB_MALFORMED_REQUESTS` says how many a method gets, `CLAIMDB_SEED` where
//! the dice begin.
#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "tests panic where something is not as expected"
)]

mod generate;
#[path = "../support/process.rs"]
mod process;
mod raw;

use claimdb::domain::model::ErrorReason;
use claimdb::proto::DESCRIPTORS;
use claimdb::proto::claimdb::v1::GetServerInfoRequest;
use claimdb::proto::claimdb::v1::server_info_service_client::ServerInfoServiceClient;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use tonic::Code;
use tonic::transport::Channel;
use tonic_types::StatusExt as _;

use generate::Dice;
use process::Process;
use raw::Answers;

fn count(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

async fn head(channel: &Channel) -> u64 {
    let info = ServerInfoServiceClient::new(channel.clone()).get_server_info(GetServerInfoRequest {}).await.unwrap();
    info.into_inner().head.unwrap_or_default().revision
}

/// What is wrong with an answer, if anything.
fn fault(answer: &Result<(), tonic::Status>) -> Option<String> {
    let Err(status) = answer else { return None };
    if matches!(status.code(), Code::Internal | Code::Unknown | Code::DataLoss | Code::Cancelled | Code::Unavailable) {
        return Some(format!("{status:?}"));
    }
    let Some(info) = status.get_details_error_info() else { return Some(format!("no ErrorInfo: {status:?}")) };
    let known = ErrorReason::ALL.iter().any(|reason| reason.word() == format!("ERROR_REASON_{}", info.reason));
    if info.domain != "claimdb" || !known {
        return Some(format!("an unknown reason: {info:?}"));
    }
    // Trailers are bounded by clients.
    (status.details().len() > 4096).then(|| format!("{} bytes of details", status.details().len()))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_makes_the_server_fail_or_changes_anything_when_it_is_refused() {
    let seed = count("CLAIMDB_SEED", 1);
    let requests = count("CLAIMDB_MALFORMED_REQUESTS", 300);
    println!("CLAIMDB_SEED={seed} CLAIMDB_MALFORMED_REQUESTS={requests}");
    let data = tempfile::TempDir::new().unwrap();
    let server = Process::start(data.path(), &["--log-filter", "info"]);
    let channel = server.channel().await;
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    let mut dice = Dice::new(seed);
    let (mut taken, mut refused) = (0, 0);
    for service in pool.services().filter(|service| service.package_name() == "claimdb.v1") {
        for method in service.methods() {
            let path = format!("/{}/{}", service.full_name(), method.name());
            let answers = if method.is_server_streaming() { Answers::Many } else { Answers::One };
            for _ in 0..requests {
                let request: DynamicMessage = dice.message(&method.input());
                let before = head(&channel).await;
                let answer = raw::call(&channel, &path, answers, request.encode_to_vec()).await;
                let after = head(&channel).await;
                assert_eq!(fault(&answer), None, "{path} {request:?}");
                match answer {
                    Ok(()) => taken += 1,
                    Err(status) => {
                        refused += 1;
                        assert_eq!(before, after, "{path} was refused ({status:?}) and changed something: {request:?}");
                    }
                }
                assert!(after <= before + 1, "{path} made several commits");
            }
        }
    }
    println!("{taken} requests were taken, {refused} refused");
    // Dice that only ever make nonsense would test the outermost check alone.
    assert!(taken * 20 > refused, "{taken} taken, {refused} refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_are_the_callers_fault() {
    let data = tempfile::TempDir::new().unwrap();
    let server = Process::start(data.path(), &[]);
    let channel = server.channel().await;
    let mut dice = Dice::new(count("CLAIMDB_SEED", 1));
    let mut refused = 0;
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..dice.below(200)).map(|_| dice.byte()).collect();
        let answer = raw::call(&channel, "/claimdb.v1.RecordService/Record", Answers::One, bytes).await;
        assert_eq!(fault(&answer), None);
        if let Err(status) = answer {
            assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
            refused += 1;
        }
    }
    assert!(refused > 100);
    assert_eq!(head(&channel).await, 0);
}

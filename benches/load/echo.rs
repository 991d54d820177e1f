//! A tonic server that gives the answers claimdb gave, and does nothing for them: the limit of the transport.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use claimdb::proto::claimdb::v1::*;
use prost::Message;

use crate::unary::{answer, service};

/// What claimdb answered to a Record, and to GetClaim for claims all over the store.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) record: RecordResponse,
    pub(crate) claims: Vec<GetClaimResponse>,
}

impl Answers {
    pub(crate) fn write(&self, path: &Path) {
        let mut bytes = self.record.encode_length_delimited_to_vec();
        for claim in &self.claims {
            bytes.extend(claim.encode_length_delimited_to_vec());
        }
        std::fs::write(path, bytes).expect("a file");
    }

    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).expect("a file");
        let mut rest = bytes.as_slice();
        let record = RecordResponse::decode_length_delimited(&mut rest).expect("an answer");
        let mut claims = Vec::new();
        while !rest.is_empty() {
            claims.push(GetClaimResponse::decode_length_delimited(&mut rest).expect("an answer"));
        }
        Self { record, claims }
    }

    /// Mean sizes in bytes: of the answer to Record, and of one to GetClaim.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        let sum: usize = self.claims.iter().map(Message::encoded_len).sum();
        (self.record.encoded_len(), sum / self.claims.len().max(1))
    }
}

pub(crate) fn serve(port: u16, answers: &Path) {
    let answers = Arc::new(Answers::read(answers));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], port));
        tonic::transport::Server::builder()
            .tcp_nodelay(true)
            .add_service(Records(Arc::clone(&answers)))
            .add_service(Claims { answers, turn: Arc::default() })
            .add_service(ServerInfo)
            .serve(address)
            .await
            .expect("a server");
    });
}

#[derive(Clone)]
struct Records(Arc<Answers>);

service!(Records, "claimdb.v1.RecordService", |self, request| {
    let answers = Arc::clone(&self.0);
    answer(request, |_: RecordRequest| async move { Ok(answers.record.clone()) })
});

#[derive(Clone)]
struct Claims {
    answers: Arc<Answers>,
    turn: Arc<AtomicUsize>,
}

service!(Claims, "claimdb.v1.ClaimService", |self, request| {
    let turn = self.turn.fetch_add(1, Ordering::Relaxed);
    let answers = Arc::clone(&self.answers);
    answer(request, move |_: GetClaimRequest| async move { Ok(answers.claims[turn % answers.claims.len()].clone()) })
});

#[derive(Clone)]
struct ServerInfo;

service!(ServerInfo, "claimdb.v1.ServerInfoService", |self, request| {
    answer(request, |_: GetServerInfoRequest| async { Ok(GetServerInfoResponse::default()) })
});

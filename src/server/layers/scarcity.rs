//! While memory is short, calls are made one at a time, without large messages, and no stream begins: the server goes on
//! answering, and takes no more.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::BodyExt as _;
use tokio::sync::Semaphore;
use tonic::Status;
use tonic::body::Body;

use super::{Around, Frames, PollFrame, Reply, answer, is_infrastructure, layered_body, next_frame};
use crate::call::memory::{LARGE, Memory};
use crate::server::methods::Methods;

/// Looks at what the process takes before a call begins, while its request arrives, and when it is answered.
#[derive(Clone, Debug)]
pub(in crate::server) struct Scarcity {
    methods: Arc<Methods>,
    memory: &'static Memory,
    /// The place of the one call.
    one: Arc<Semaphore>,
}

impl Scarcity {
    pub(in crate::server) fn new(methods: Arc<Methods>, memory: &'static Memory) -> Self {
        Self { methods, memory, one: Arc::new(Semaphore::new(1)) }
    }
}

impl Around for Scarcity {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let path = request.uri().path();
        let memory = self.memory;
        if memory.max() == 0 || is_infrastructure(path) {
            return next(request);
        }
        let (streams, reads) = (self.methods.is_streaming(path), self.methods.is_read(path));
        let waits = self.methods.takes_stream(path);
        let pass = |request: Request<Body>| {
            let arriving = Arriving { memory, waits, bytes: 0 };
            let reply = next(request.map(|body| layered_body(arriving, body)));
            if streams { reply } else { Box::pin(async move { Ok(encoded(memory, reads, reply.await?).await) }) }
        };
        if !memory.is_short() {
            return pass(request);
        }
        match Arc::clone(&self.one).try_acquire_owned() {
            // Until it is answered, and not until the answer is taken: that may be never.
            Ok(place) if !streams => {
                let reply = pass(request);
                Box::pin(async move {
                    let answered = reply.await;
                    drop(place);
                    answered
                })
            }
            _ => answer(memory.refusal()),
        }
    }
}

/// A request on its way.
struct Arriving {
    memory: &'static Memory,
    /// Whoever reads a stream of requests waits for room between two of them.
    waits: bool,
    bytes: usize,
}

impl Frames for Arriving {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
        let frame = next_frame(body, cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.bytes += data.len();
            if !self.memory.has_room_for(data.len()) && self.bytes >= LARGE && !self.waits {
                return Poll::Ready(Some(Err(self.memory.refusal())));
            }
        }
        frame
    }
}

/// Has an answer encoded at once, and lets go of it where it is large and there is no room for it, if it can be asked for again.
/// Otherwise it would be encoded when the client takes it, and a message takes several times its bytes until then.
async fn encoded(memory: &Memory, reads: bool, response: Response<Body>) -> Response<Body> {
    let (head, mut body) = response.into_parts();
    if http_body::Body::is_end_stream(&body) {
        return Response::from_parts(head, body);
    }
    let first = body.frame().await;
    let bytes = first.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref().map(Bytes::len)).unwrap_or_default();
    if !memory.has_room_for(bytes) && reads && bytes >= LARGE {
        return memory.refusal().into_http();
    }
    Response::from_parts(head, layered_body(First(first), body))
}

/// What was taken of a body before it is asked for.
struct First(Option<Result<Frame<Bytes>, Status>>);

impl Frames for First {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
        match self.0.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => next_frame(body, cx),
        }
    }

    fn has_more(&self) -> bool {
        self.0.is_some()
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;
    use crate::proto::DESCRIPTORS;

    static SHORT: Memory = Memory::of(|| Some(2));

    fn scarcity() -> Scarcity {
        SHORT.bound(1, 0);
        SHORT.look();
        Scarcity::new(Arc::new(Methods::read(&[DESCRIPTORS]).unwrap()), &SHORT)
    }

    fn request(method: &str, bytes: usize) -> Request<Body> {
        let body = Body::new(http_body_util::Full::new(Bytes::from(vec![0; bytes])).map_err(|never| match never {}));
        Request::builder().uri(format!("/claimdb.v1.{method}")).body(body).unwrap()
    }

    /// The status of a call that takes its request and is answered with so many bytes; OK where the answer is whole.
    async fn called(scarcity: &Scarcity, request: Request<Body>, bytes: usize) -> Code {
        let next = move |request: Request<Body>| -> Reply {
            Box::pin(async move {
                Ok(match request.into_body().collect().await {
                    Ok(_) => Response::new(Body::new(
                        http_body_util::Full::new(Bytes::from(vec![0; bytes])).map_err(|never| match never {}),
                    )),
                    Err(status) => status.into_http(),
                })
            })
        };
        let response = scarcity.around(request, next).await.unwrap();
        if let Some(status) = Status::from_header_map(response.headers()) {
            return status.code();
        }
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), bytes);
        Code::Ok
    }

    #[tokio::test]
    async fn what_is_small_or_was_written_is_answered_while_memory_is_short() {
        let scarcity = scarcity();
        assert_eq!(called(&scarcity, request("ClaimService/GetClaim", 10), 10).await, Code::Ok);
        assert_eq!(called(&scarcity, request("ClaimService/QueryClaims", 10), LARGE).await, Code::Unavailable);
        assert_eq!(called(&scarcity, request("RecordService/Record", 10), LARGE).await, Code::Ok, "it is written");
        assert_eq!(called(&scarcity, request("RecordService/Record", LARGE), 10).await, Code::Unavailable);
        assert_eq!(called(&scarcity, request("RecordService/Export", 10), 10).await, Code::Unavailable, "a stream");
    }

    #[tokio::test]
    async fn one_is_made_at_a_time_and_waits_for_nobody_who_takes_its_answer() {
        let scarcity = scarcity();
        let get = || request("ClaimService/GetClaim", 10);
        let never = scarcity.around(get(), |_| Box::pin(std::future::pending()));
        assert_eq!(called(&scarcity, get(), 10).await, Code::Unavailable);
        drop(never);
        let answer = |_| -> Reply { Box::pin(async { Ok(Response::new(Body::empty())) }) };
        let not_taken = scarcity.around(get(), answer).await;
        assert_eq!(called(&scarcity, get(), 10).await, Code::Ok);
        drop(not_taken);
    }
}

//! Holds calls to their deadline: the caller's for streams, the sooner of the caller's and the server's for unary
//! calls.
//!
//! tonic answers an expired call CANCELLED, and forgets the deadline of a stream once its head is out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use http::{HeaderMap, Request};
use tokio::time::{Instant, Sleep};
use tonic::body::Body;
use tonic::{Code, Status};

use super::{Around, Frames, PollFrame, Reply, answer, end_with, layered_body, next_frame};
use crate::call::{Deadline, reason, status_with};
use crate::server::methods::Methods;

const GRPC_TIMEOUT: &str = "grpc-timeout";

/// gRPC over HTTP/2: at most eight digits and a unit.
const TIMEOUT_DIGITS_MAX: usize = 8;

/// Ends calls at their deadline.
#[derive(Clone, Debug)]
pub(in crate::server) struct Deadlines {
    pub(in crate::server) methods: Arc<Methods>,
    /// The server's own limit, for unary calls.
    pub(in crate::server) unary_max: Duration,
}

impl Around for Deadlines {
    fn around(&self, mut request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let Ok(asked) = timeout(request.headers()) else {
            return answer(status_with(
                Code::InvalidArgument,
                reason::HEADER_INVALID,
                "grpc-timeout is not at most eight digits and one of H, M, S, m, u, n",
                [("header", GRPC_TIMEOUT.to_owned())],
            ));
        };
        let streams = self.methods.is_streaming(request.uri().path());
        let limit = match asked {
            Some(asked) if streams || asked <= self.unary_max => Limit { after: asked, by: "caller" },
            None if streams => return next(request),
            Some(_) | None => Limit { after: self.unary_max, by: "server" },
        };
        // A deadline beyond the clock's range is none.
        let Some(at) = Instant::now().checked_add(limit.after) else {
            return next(request);
        };
        if limit.after.is_zero() {
            return answer(limit.exceeded("queue"));
        }
        request.extensions_mut().insert(Deadline(at));
        let mut sleep = Box::pin(tokio::time::sleep_until(at));
        let reply = next(request);
        Box::pin(async move {
            tokio::select! {
                biased;
                response = reply => {
                    Ok(response?.map(|body| layered_body(Expires { sleep, limit }, body)))
                }
                () = &mut sleep => Ok(limit.exceeded("handler").into_http()),
            }
        })
    }
}

struct Limit {
    after: Duration,
    /// Whose limit it is: a caller may ask for more than the server's, and should learn that this is what ended it.
    by: &'static str,
}

impl Limit {
    fn exceeded(&self, phase: &str) -> Status {
        let millis = self.after.as_millis().to_string();
        status_with(
            Code::DeadlineExceeded,
            reason::DEADLINE_EXCEEDED,
            format!("the deadline set by the {} ({millis} ms) passed", self.by),
            [("phase", phase.to_owned()), ("set_by", self.by.to_owned()), ("timeout_ms", millis)],
        )
    }
}

struct Expires {
    sleep: Pin<Box<Sleep>>,
    limit: Limit,
}

impl Frames for Expires {
    fn poll_frame(&mut self, body: &mut Body, cx: &mut Context<'_>) -> PollFrame {
        // The deadline first: a stream that always has a next message must end too. Not once the body has said
        // all: its status is on its way, and there is nothing left to end.
        if !http_body::Body::is_end_stream(body) && self.sleep.as_mut().poll(cx).is_ready() {
            return end_with(&self.limit.exceeded("stream"), body);
        }
        next_frame(body, cx)
    }
}

/// What the caller asked for. tonic ignores a header it cannot read, which turns a misspelt deadline into none.
fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, ()> {
    let Some(header) = headers.get(GRPC_TIMEOUT) else {
        return Ok(None);
    };
    let text = header.to_str().map_err(drop)?;
    let split = text.len().checked_sub(1).ok_or(())?;
    let (digits, unit) = text.split_at(split);
    let valid = (1..=TIMEOUT_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    let number: u64 = if valid {
        digits.parse().map_err(drop)?
    } else {
        return Err(());
    };
    Ok(Some(match unit {
        "H" => Duration::from_secs(number * 3600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return Err(()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Duration>, ()> {
        let mut headers = HeaderMap::new();
        headers.insert(GRPC_TIMEOUT, text.parse().unwrap());
        timeout(&headers)
    }

    #[test]
    fn timeouts_are_read_as_the_protocol_writes_them() {
        assert_eq!(timeout(&HeaderMap::new()), Ok(None));
        assert_eq!(read("200m"), Ok(Some(Duration::from_millis(200))));
        assert_eq!(read("0n"), Ok(Some(Duration::ZERO)));
        assert_eq!(read("99999999H"), Ok(Some(Duration::from_secs(99_999_999 * 3600))));
        for text in ["", "m", "5", "123456789S", "-1S", "+1S", "1.5S", "1 S", "1s", "1ms"] {
            assert_eq!(read(text), Err(()), "{text}");
        }
    }
}

//! Turns away what is not gRPC, in words a person with curl understands.

use http::{HeaderValue, Method, Request, Response, StatusCode, Version, header};
use tonic::body::Body;

use super::{Around, Reply};

const HINT: &str = "this is a gRPC server (HTTP/2, content-type application/grpc); try grpcurl\n";

/// Lets only gRPC requests through.
#[derive(Clone, Debug)]
pub(in crate::server) struct GrpcOnly;

impl Around for GrpcOnly {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let status = if request.version() != Version::HTTP_2 {
            StatusCode::HTTP_VERSION_NOT_SUPPORTED
        } else if request.method() != Method::POST {
            StatusCode::METHOD_NOT_ALLOWED
        } else if !is_grpc(request.headers().get(header::CONTENT_TYPE)) {
            // The gRPC specification asks for 415 here.
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        } else {
            return next(request);
        };
        Box::pin(std::future::ready(Ok(refusal(status))))
    }
}

fn refusal(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::new(http_body_util::Full::from(HINT)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

fn is_grpc(content_type: Option<&HeaderValue>) -> bool {
    let Some(text) = content_type.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    matches!(essence, "application/grpc" | "application/grpc+proto")
}

//! The HTTP side of a connection: requests to the world and its answers back.

use std::sync::Arc;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::agents::{Answer, Stream};
use super::shared::Shared;
use crate::world::AGENT_STREAM;
use crate::{Answered, Request};

/// The largest body of a request.
const BODY_BYTES: usize = 16 * 1024 * 1024;

/// A fault wants the connection to break: hyper ends it when the service fails.
#[derive(Debug, thiserror::Error)]
#[error("broken on demand")]
struct Broken;

/// Serves requests until the client leaves.
pub(super) async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, shared: Arc<Shared>) {
    let service = service_fn(move |request| answer(Arc::clone(&shared), request));
    let mut server = http1::Builder::new();
    // The world's clock is the one that counts.
    server.auto_date_header(false);
    // What breaks here is the client's connection, and its concern.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(shared: Arc<Shared>, request: hyper::Request<Incoming>) -> Result<hyper::Response<Answer>, Broken> {
    let (parts, mut body) = request.into_parts();
    if parts.method == Method::PUT && shared.with(|world, _| world.take_broken_put()) {
        // in the middle of it, unless it is short
        drop(body.frame().await);
        return Err(Broken);
    }
    let Ok(body) = Limited::new(body, BODY_BYTES).collect().await else {
        return Ok(empty(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    if parts.method == Method::GET && parts.uri.path() == AGENT_STREAM {
        return Ok(stream(shared, &path));
    }
    let request =
        Request { method: parts.method.to_string(), path, headers: headers(&parts.headers), body: body.to_bytes() };
    let (answer, delay) = match shared.with(|world, now| world.exchange(now, &request)) {
        Answered::Response { response, after } => (Ok(response), after),
        Answered::Broken { after } => (Err(Broken), after),
        Answered::Never => std::future::pending().await,
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let answer = answer?;
    let mut response = hyper::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    // A fault may ask for a status that does not exist.
    Ok(response.body(Answer::Whole(answer.body.into())).unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR)))
}

fn stream(shared: Arc<Shared>, target: &str) -> hyper::Response<Answer> {
    match Stream::open(shared, target) {
        Ok(stream) => {
            let mut response = hyper::Response::new(Answer::Stream(stream));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
            response
        }
        Err(status) => empty(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
    }
}

/// Those that are no text are left out.
fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    text.collect()
}

fn empty(status: StatusCode) -> hyper::Response<Answer> {
    let mut response = hyper::Response::new(Answer::Whole(Full::default()));
    *response.status_mut() = status;
    response
}

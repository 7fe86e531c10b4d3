//! The little HTTP that the examples need: a server that answers by JSON, and a client to ask it.

use std::future::Future;
use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Request, Response, client, server};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::stage::AnyError;

/// The largest body that is read.
const MAX_BODY: usize = 64 * 1024;

/// What is answered: a status and a body.
pub type Answer = (u16, Value);

/// A request that has come in whole.
pub struct Asked {
    pub method: String,
    pub path: String,
    /// The token of the `Authorization` header; empty if there is none.
    pub bearer: String,
    pub body: Bytes,
}

/// Answers requests for as long as it is polled; dropped, it drops every connection.
pub async fn serve<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(Asked) -> F + Clone + Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            Ok((stream, _)) = listener.accept() => stream,
            Some(_) = connections.join_next() => continue,
        };
        let answer = answer.clone();
        let service = service_fn(move |request| one(request, answer.clone()));
        connections.spawn(server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn one<A, F>(request: Request<Incoming>, answer: A) -> Result<Response<Full<Bytes>>, hyper::http::Error>
where
    A: Fn(Asked) -> F,
    F: Future<Output = Answer>,
{
    let (head, body) = request.into_parts();
    let token = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let (status, json) = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => {
            let bearer = token.unwrap_or_default().to_owned();
            let (method, path, body) = (head.method.to_string(), head.uri.path().to_owned(), body.to_bytes());
            answer(Asked { method, path, bearer, body }).await
        }
        Err(_) => (413, json!({ "error": "the body is too large" })),
    };
    let response = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    response.body(Full::from(json.to_string()))
}

/// Asks such a server; without a body it is a GET.
pub async fn ask(server: SocketAddr, path: &str, bearer: &str, body: Option<Value>) -> Result<Answer, AnyError> {
    let (mut sender, connection) =
        client::conn::http1::handshake(TokioIo::new(TcpStream::connect(server).await?)).await?;
    let request = Request::builder().uri(path).method(if body.is_some() { "POST" } else { "GET" });
    let request = request.header("host", "localhost").header(CONNECTION, "close");
    let request = request.header(AUTHORIZATION, format!("Bearer {bearer}"));
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request.body(Full::<Bytes>::from(body))?).await?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    connection.await??;
    Ok((status, serde_json::from_slice(&body)?))
}

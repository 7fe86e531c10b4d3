//! HTTP exchanges, each on a connection of its own. They are few: a login, two lists, later what does not go over the
//! socket. The protocol is `ureq-proto`'s, which does no I/O; here are its bytes moved.

use std::sync::Arc;

use futures_lite::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use futures_rustls::TlsConnector;
use mezon_protocol::exchange::{HttpFailure, HttpRequest, HttpResponse, Method};
use rustls::pki_types::ServerName;
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvResponseResult, SendRequestResult};
use ureq_proto::http::header::{CONNECTION, CONTENT_LENGTH, HOST};
use ureq_proto::http::{HeaderMap, HeaderValue, Request, Uri};

use crate::net::Net;

/// What is read at a time.
const READ: usize = 16 * 1024;

/// The most that a server may send without it making sense: the head of a response, the length of a chunk.
const MAX_SENSELESS: usize = 32 * 1024;

/// Performs an exchange. Redirects are not followed, and no time limit is applied: that is the Machine's.
pub(crate) async fn perform(net: &Net, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
    let uri: Uri = request.url.parse().map_err(|_| unreachable("the URL is not valid"))?;
    let host = uri.host().ok_or_else(|| unreachable("the URL has no host"))?.trim_matches(['[', ']']);
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let outgoing = Outgoing::new(&uri, &request)?;

    let stream = net.connect(host, port).await.map_err(unreachable)?;
    if !is_tls {
        return exchange(stream, outgoing, &request).await;
    }
    let tls = net.tls.as_ref().ok_or_else(|| unreachable("TLS is not configured"))?;
    let name = ServerName::try_from(host.to_owned()).map_err(unreachable)?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(unreachable)?;
    exchange(stream, outgoing, &request).await
}

/// The head of a request, and how to go on when it and the body are written.
struct Outgoing {
    head: Vec<u8>,
    call: Call<RecvResponse>,
}

impl Outgoing {
    fn new(uri: &Uri, request: &HttpRequest) -> Result<Self, HttpFailure> {
        let mut call = Call::new(head(uri, request)?).map_err(unreachable)?.proceed();
        let lines: usize = request.headers.iter().map(|(name, value)| name.len() + value.expose().len() + 4).sum();
        // the lines that we add are short, but for the host, which is in the URL
        let mut head = vec![0; lines + 2 * request.url.len() + 256];
        let length = call.write(&mut head).map_err(unreachable)?;
        head.truncate(length);
        let call = match call.proceed().map_err(unreachable)? {
            Some(SendRequestResult::SendBody(mut call)) => {
                call.consume_direct_write(request.body.len()).map_err(unreachable)?;
                call.proceed()
            }
            Some(SendRequestResult::RecvResponse(call)) => Some(call),
            Some(SendRequestResult::Await100(_)) | None => None,
        };
        Ok(Self { head, call: call.ok_or_else(|| unreachable("the request cannot be written"))? })
    }
}

fn head(uri: &Uri, request: &HttpRequest) -> Result<Request<()>, HttpFailure> {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let mut head = Request::builder()
        .method(request.method.as_str())
        .uri(uri)
        .header(HOST, authority)
        .header(CONNECTION, "close")
        .body(())
        .map_err(unreachable)?;
    if request.method != Method::Get {
        head.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(request.body.len()));
    }
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_str(value.expose()).map_err(unreachable)?;
        value.set_sensitive(true);
        head.headers_mut().append(*name, value);
    }
    Ok(head)
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    outgoing: Outgoing,
    request: &HttpRequest,
) -> Result<HttpResponse, HttpFailure> {
    let Outgoing { head, mut call } = outgoing;
    stream.write_all(&head).await.map_err(broken)?;
    stream.write_all(&request.body).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;

    let mut input = Input { stream, bytes: Vec::new() };
    let response = loop {
        let (used, response) = call.try_response(&input.bytes, false).map_err(broken)?;
        input.bytes.drain(..used);
        if let Some(response) = response {
            break response;
        }
        // a response that is not the last, such as 103, was used up
        if used == 0 && !input.read().await? {
            return Err(broken("the server closed the connection"));
        }
    };
    let body = match call.proceed() {
        Some(RecvResponseResult::RecvBody(call)) => body(call, input, request.max_response).await?,
        Some(RecvResponseResult::Redirect(_) | RecvResponseResult::Cleanup(_)) => Vec::new(),
        None => return Err(broken("the response cannot be read")),
    };
    Ok(HttpResponse { status: response.status().as_u16(), headers: headers(response.headers()), body: body.into() })
}

async fn body(
    mut call: Call<RecvBody>,
    mut input: Input<impl AsyncRead + Unpin>,
    max: usize,
) -> Result<Vec<u8>, HttpFailure> {
    let ends_with_stream = call.body_mode() == BodyMode::CloseDelimited;
    let (mut body, mut part) = (Vec::new(), vec![0; READ]);
    loop {
        let (used, given) = call.read(&input.bytes, &mut part).map_err(broken)?;
        input.bytes.drain(..used);
        if body.len() + given > max {
            return Err(HttpFailure::TooLarge);
        }
        body.extend_from_slice(&part[..given]);
        if !ends_with_stream && call.can_proceed() {
            return Ok(body);
        }
        if used == 0 && given == 0 && !input.read().await? {
            return if ends_with_stream { Ok(body) } else { Err(broken("the server closed the connection")) };
        }
    }
}

/// What has been received and not yet understood.
struct Input<S> {
    stream: S,
    bytes: Vec<u8>,
}

impl<S: AsyncRead + Unpin> Input<S> {
    /// False at the end of the stream.
    async fn read(&mut self) -> Result<bool, HttpFailure> {
        let length = self.bytes.len();
        if length > MAX_SENSELESS {
            return Err(HttpFailure::TooLarge);
        }
        self.bytes.resize(length + READ, 0);
        let count = self.stream.read(&mut self.bytes[length..]).await.map_err(broken)?;
        self.bytes.truncate(length + count);
        Ok(count > 0)
    }
}

/// Those that are no text are left out.
fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    text.collect()
}

fn unreachable(error: impl ToString) -> HttpFailure {
    HttpFailure::Connect(error.to_string())
}

fn broken(error: impl ToString) -> HttpFailure {
    HttpFailure::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use bytes::Bytes;
    use futures_lite::future::block_on;

    use super::*;

    /// Takes whatever is written, and answers byte by byte, or in large pieces if there is much to say.
    struct Server<'a> {
        written: &'a mut Vec<u8>,
        answer: &'a [u8],
    }

    impl AsyncRead for Server<'_> {
        fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, out: &mut [u8]) -> Poll<io::Result<usize>> {
            let most = if self.answer.len() < 1000 { 1 } else { out.len() };
            let (first, rest) = self.answer.split_at(most.min(self.answer.len()));
            out[..first.len()].copy_from_slice(first);
            self.answer = rest;
            Poll::Ready(Ok(first.len()))
        }
    }

    impl AsyncWrite for Server<'_> {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.written.extend_from_slice(bytes);
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn request(method: Method, body: &'static str) -> HttpRequest {
        HttpRequest {
            method,
            url: "https://mezon.example.com:8443/v2/list?limit=5".into(),
            headers: vec![("authorization", "Basic a-key".to_owned().into())],
            body: Bytes::from_static(body.as_bytes()),
            max_response: 10,
        }
    }

    fn perform(request: &HttpRequest, answer: &str) -> (String, Result<HttpResponse, HttpFailure>) {
        let outgoing = Outgoing::new(&request.url.parse().unwrap(), request).unwrap();
        let mut written = Vec::new();
        let server = Server { written: &mut written, answer: answer.as_bytes() };
        let result = block_on(exchange(server, outgoing, request));
        (String::from_utf8(written).unwrap(), result)
    }

    fn answered(answer: &str) -> Result<String, HttpFailure> {
        let response = perform(&request(Method::Post, ""), answer).1?;
        Ok(String::from_utf8(response.body.to_vec()).unwrap())
    }

    #[test]
    fn a_request_has_its_path_host_length_and_headers() {
        let answer = "HTTP/1.1 200 OK\r\nX-Name: a value\r\ncontent-length: 2\r\n\r\nok and what does not belong to it";
        let (written, response) = perform(&request(Method::Post, "{}"), answer);
        let (head, body) = written.split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<_> = head.split("\r\n").collect();
        lines[1..].sort_unstable();
        let expected = [
            "POST /v2/list?limit=5 HTTP/1.1",
            "authorization: Basic a-key",
            "connection: close",
            "content-length: 2",
            "host: mezon.example.com:8443",
        ];
        assert_eq!((lines.as_slice(), body), (expected.as_slice(), "{}"));
        let response = response.unwrap();
        assert_eq!(
            (response.status, response.header("x-name"), &response.body[..]),
            (200, Some("a value"), &b"ok"[..])
        );
    }

    #[test]
    fn a_request_without_a_body_says_nothing_of_it_unless_it_could_have_one() {
        let answer = "HTTP/1.1 204 No Content\r\n\r\n";
        let (written, response) = perform(&request(Method::Get, ""), answer);
        assert!(written.starts_with("GET ") && written.ends_with("\r\n\r\n") && !written.contains("content-length"));
        assert_eq!(response.unwrap().status, 204);
        let (written, _) = perform(&request(Method::Post, ""), answer);
        assert!(written.contains("content-length: 0\r\n") && written.ends_with("\r\n\r\n"), "{written}");
    }

    #[test]
    fn a_body_ends_by_its_length_by_its_last_chunk_or_with_the_connection() {
        assert_eq!(answered("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").unwrap(), "hello");
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhell\r\n1\r\no\r\n0\r\n\r\n";
        assert_eq!(answered(chunked).unwrap(), "hello");
        assert_eq!(answered("HTTP/1.1 200 OK\r\n\r\nhello").unwrap(), "hello");
        assert_eq!(answered("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap(), "");
    }

    #[test]
    fn what_is_said_before_the_response_is_passed_over_and_redirects_are_not_followed() {
        let early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        assert_eq!(answered(early).unwrap(), "ok");
        let redirect = "HTTP/1.1 302 Found\r\nlocation: http://elsewhere.example.com/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(perform(&request(Method::Post, ""), redirect).1.unwrap().status, 302);
    }

    #[test]
    fn a_response_that_is_too_large_is_refused() {
        for head in ["content-length: 11\r\n\r\n", "\r\n", "transfer-encoding: chunked\r\n\r\nb\r\n"] {
            let answer = format!("HTTP/1.1 200 OK\r\n{head}hello world");
            assert_eq!(answered(&answer), Err(HttpFailure::TooLarge), "{head}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\nx: {}", "x".repeat(2 * MAX_SENSELESS));
        assert_eq!(answered(&endless), Err(HttpFailure::TooLarge));
    }

    #[test]
    fn a_response_that_breaks_off_or_is_none_is_broken() {
        let broken = [
            "",
            "HTTP/1.1 200 OK\r\ncontent-le",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhe",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nmany\r\nhello",
            "220 ready for mail\r\n\r\n",
        ];
        for answer in broken {
            assert!(matches!(answered(answer), Err(HttpFailure::Broken(_))), "{answer}");
        }
    }
}

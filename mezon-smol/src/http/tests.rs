//! Exchanges with servers that answer byte by byte.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_lite::future::block_on;
use mezon_client::Whole;
use mezon_protocol::exchange::HttpResponse;

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
        body: Bytes::from_static(body.as_bytes()).into(),
        max_response: 10,
        timeout: None,
    }
}

fn perform(request: &HttpRequest, answer: &str) -> (String, Result<HttpResponse, HttpFailure>) {
    let outgoing = Outgoing::new(&request.url.parse().unwrap(), request).unwrap();
    let mut written = Vec::new();
    let server = Server { written: &mut written, answer: answer.as_bytes() };
    let result = block_on(exchange(server, outgoing, &request.body, Whole::new(request.max_response)));
    (String::from_utf8(written).unwrap(), result.map(HttpResponse::from))
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
    assert_eq!((response.status, response.header("x-name"), &response.body[..]), (200, Some("a value"), &b"ok"[..]));
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

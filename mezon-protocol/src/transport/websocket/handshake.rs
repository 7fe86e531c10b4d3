//! The opening handshake of a WebSocket: one HTTP request and one answer, read and written in memory.
//!
//! The head that is being read is bounded, and refused as soon as it cannot be HTTP. Texts of errors hold nothing of
//! what was sent or received, as the path of the request holds a token.

use tungstenite::handshake::client::{Response, generate_key};
use tungstenite::handshake::derive_accept_key;
use tungstenite::handshake::machine::TryParse;
use tungstenite::handshake::server::{Request, create_response, write_response};
use tungstenite::http::{HeaderMap, StatusCode};

use crate::secret::Secret;
use crate::transport::Closed;

/// What a client asks for.
#[derive(Clone, Debug)]
pub struct ClientRequest {
    host: String,
    target: Secret,
}

/// The host or the target cannot stand in an HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host or the path of the request is empty or has characters that must be encoded")]
pub struct InvalidRequest;

impl ClientRequest {
    /// A request for `target`, which is the path and the query, at `host`, which has the port unless it is the usual one.
    ///
    /// The query may hold a token; nothing here prints it.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`] when `target` does not begin with a slash, or one of the two holds anything but visible ASCII
    /// characters.
    pub fn new(host: impl Into<String>, target: Secret) -> Result<Self, InvalidRequest> {
        let host = host.into();
        let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let valid = !host.is_empty() && target.expose().starts_with('/') && visible(&host) && visible(target.expose());
        if valid { Ok(Self { host, target }) } else { Err(InvalidRequest) }
    }
}

/// Why a server does not take a client: the answer to its handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status, in `300..=599`; any other is sent as 500.
    pub status: u16,
    /// `Retry-After` in seconds, if the answer shall have one.
    pub retry_after: Option<u64>,
}

impl From<u16> for Refusal {
    fn from(status: u16) -> Self {
        Self { status, retry_after: None }
    }
}

/// Decides about the path and query of a client's request.
pub(super) type Decide = Box<dyn FnOnce(&str) -> Result<(), Refusal> + Send>;

/// One side of the handshake.
pub(super) enum Handshake {
    Client { accept: String, head: Head },
    Server { decide: Decide, head: Head },
}

/// What bytes have led to.
pub(super) enum Progress {
    More(Handshake),
    /// Done; the bytes are those that came after the handshake.
    Open(Vec<u8>),
    Closed(Closed),
}

impl Handshake {
    /// Begins as the client: the request goes to `out`.
    pub(super) fn client(request: &ClientRequest, limit: usize, out: &mut Vec<u8>) -> Self {
        let key = generate_key();
        let (target, host) = (request.target.expose(), &request.host);
        for part in ["GET ", target, " HTTP/1.1\r\nHost: ", host] {
            out.extend_from_slice(part.as_bytes());
        }
        out.extend_from_slice(b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
        out.extend_from_slice(b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ");
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b"\r\n\r\n");
        Self::Client { accept: derive_accept_key(key.as_bytes()), head: Head::new(limit, b"HTTP/1.") }
    }

    /// Begins as the server, which waits for a request.
    pub(super) fn server(decide: Decide, limit: usize) -> Self {
        Self::Server { decide, head: Head::new(limit, b"GET ") }
    }

    /// Takes bytes from the network; the answer of a server goes to `out`.
    pub(super) fn receive(self, bytes: &[u8], out: &mut Vec<u8>) -> Progress {
        match self {
            Self::Client { accept, mut head } => match head.push(bytes) {
                Ok(None) => Progress::More(Self::Client { accept, head }),
                Ok(Some(end)) => match check_answer(&mut head.bytes[..end], &accept) {
                    Ok(()) => Progress::Open(head.after(end)),
                    Err(closed) => Progress::Closed(closed),
                },
                Err(fault) => Progress::Closed(fault.closed()),
            },
            Self::Server { decide, mut head } => match head.push(bytes) {
                Ok(None) => Progress::More(Self::Server { decide, head }),
                Ok(Some(end)) => match answer(&head.bytes[..end], decide, out) {
                    Ok(()) => Progress::Open(head.after(end)),
                    Err(closed) => Progress::Closed(closed),
                },
                Err(fault) => {
                    refuse(fault.status().into(), out);
                    Progress::Closed(fault.closed())
                }
            },
        }
    }
}

/// Looks at the answer of a server, up to and with its empty line.
fn check_answer(head: &mut [u8], accept: &str) -> Result<(), Closed> {
    let Some(answer) = read_answer(head) else {
        return Err(Fault::NotHttp.closed());
    };
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(status_of(&answer));
    }
    let headers = answer.headers();
    let fault = if !has_token(headers, "upgrade", "websocket") || !has_token(headers, "connection", "upgrade") {
        "the answer upgrades to something else than a WebSocket"
    } else if headers.get("sec-websocket-accept").is_none_or(|value| value != accept) {
        "the answer belongs to another handshake"
    } else if headers.contains_key("sec-websocket-protocol") || headers.contains_key("sec-websocket-extensions") {
        "the answer has a sub-protocol or an extension that was not asked for"
    } else {
        return Ok(());
    };
    Err(Closed::Protocol(fault.to_owned()))
}

/// How a transport ends whose handshake was answered by this head, up to and with its empty line; `None` when it is
/// none of HTTP.
pub(in crate::transport) fn read_status(head: &mut [u8]) -> Option<Closed> {
    read_answer(head).map(|answer| status_of(&answer))
}

fn read_answer(head: &mut [u8]) -> Option<Response> {
    // The parser refuses HTTP/1.0, but it is what some proxies answer with when the server is away.
    if let Some(minor) = head.get_mut(b"HTTP/1.".len()).filter(|minor| **minor == b'0') {
        *minor = b'1';
    }
    Response::try_parse(head).ok().flatten().map(|(_, answer)| answer)
}

fn status_of(answer: &Response) -> Closed {
    Closed::Status { status: answer.status().as_u16(), retry_after: retry_after(answer.headers()) }
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()
}

fn has_token(headers: &HeaderMap, name: &str, token: &str) -> bool {
    let lists = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

/// Answers the request of a client, given up to and with its empty line.
fn answer(head: &[u8], decide: Decide, out: &mut Vec<u8>) -> Result<(), Closed> {
    let Ok(Some((_, request))) = Request::try_parse(head) else {
        refuse(Fault::NotHttp.status().into(), out);
        return Err(Fault::NotHttp.closed());
    };
    let mut accepted = Vec::new();
    if create_response(&request).and_then(|response| write_response(&mut accepted, &response)).is_err() {
        refuse(Fault::NoUpgrade.status().into(), out);
        return Err(Fault::NoUpgrade.closed());
    }
    if let Err(refusal) = decide(request.uri().path_and_query().map_or("/", |target| target.as_str())) {
        let status = refuse(refusal, out);
        return Err(Closed::Status { status, retry_after: refusal.retry_after });
    }
    out.extend_from_slice(&accepted);
    Ok(())
}

/// Writes the answer that ends a handshake; returns the status that was written.
pub(in crate::transport) fn refuse(refusal: Refusal, out: &mut Vec<u8>) -> u16 {
    let status = StatusCode::from_u16(refusal.status).ok().filter(|status| (300..600).contains(&status.as_u16()));
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    out.extend_from_slice(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n").as_bytes());
    if let Some(seconds) = refusal.retry_after {
        out.extend_from_slice(format!("Retry-After: {seconds}\r\n").as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    status.as_u16()
}

/// Why a handshake came to nothing without an answer to it.
#[derive(Clone, Copy)]
enum Fault {
    NotHttp,
    TooLarge,
    NoUpgrade,
}

impl Fault {
    fn closed(self) -> Closed {
        let text = match self {
            Self::NotHttp => "the peer does not speak HTTP",
            Self::TooLarge => "the head of the handshake is too large",
            Self::NoUpgrade => "the request does not ask for a WebSocket",
        };
        Closed::Protocol(text.to_owned())
    }

    fn status(self) -> u16 {
        match self {
            Self::NotHttp => 400,
            Self::TooLarge => 431,
            Self::NoUpgrade => 426,
        }
    }
}

/// An HTTP head as far as it has come.
pub(super) struct Head {
    bytes: Vec<u8>,
    limit: usize,
    /// What it has to begin with.
    beginning: &'static [u8],
}

impl Head {
    fn new(limit: usize, beginning: &'static [u8]) -> Self {
        Self { bytes: Vec::new(), limit, beginning }
    }

    /// Takes bytes, and gives the length of the head once its empty line has come.
    fn push(&mut self, bytes: &[u8]) -> Result<Option<usize>, Fault> {
        // The empty line may have begun in the bytes before.
        let from = self.bytes.len().saturating_sub(3);
        self.bytes.extend_from_slice(bytes);
        let common = self.bytes.len().min(self.beginning.len());
        if self.bytes[..common] != self.beginning[..common] {
            return Err(Fault::NotHttp);
        }
        let end = end_of_head(&self.bytes[from..]).map(|end| from + end);
        if end.unwrap_or(self.bytes.len()) > self.limit { Err(Fault::TooLarge) } else { Ok(end) }
    }

    fn after(mut self, end: usize) -> Vec<u8> {
        self.bytes.split_off(end)
    }
}

/// Where the first empty line ends. Line ends without a carriage return count, as they do for the parser.
pub(in crate::transport) fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let after = |index: usize| {
        let rest = &bytes[index + 1..];
        if rest.starts_with(b"\n") { Some(index + 2) } else { rest.starts_with(b"\r\n").then_some(index + 3) }
    };
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').find_map(|(index, _)| after(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1024;

    fn client() -> (Handshake, String) {
        let request = ClientRequest::new("chat.example:8443", Secret::from("/ws?lang=en&token=abc")).unwrap();
        let mut out = Vec::new();
        let handshake = Handshake::client(&request, LIMIT, &mut out);
        (handshake, String::from_utf8(out).unwrap())
    }

    fn accepting() -> Handshake {
        Handshake::server(Box::new(|_| Ok(())), LIMIT)
    }

    fn ended(progress: Progress) -> Closed {
        match progress {
            Progress::Closed(closed) => closed,
            Progress::More(_) | Progress::Open(_) => panic!("not closed"),
        }
    }

    fn answered(answer: &str) -> Closed {
        ended(client().0.receive(answer.as_bytes(), &mut Vec::new()))
    }

    #[test]
    fn the_request_has_the_headers_of_a_handshake_and_no_other() {
        let (_, request) = client();
        let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap().trim();
        assert_eq!(key.len(), 24);
        assert_eq!(
            request.replace(key, "KEY"),
            "GET /ws?lang=en&token=abc HTTP/1.1\r\nHost: chat.example:8443\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: KEY\r\n\r\n"
        );
    }

    #[test]
    fn a_request_cannot_smuggle_lines_into_the_head() {
        let table = [
            ("", "/ws"),
            ("host", ""),
            ("host", "ws"),
            ("host", "/a b"),
            ("host", "/\r\nX: y"),
            ("ho\nst", "/"),
            ("hö", "/"),
        ];
        for (host, target) in table {
            assert!(ClientRequest::new(host, Secret::from(target)).is_err(), "{host} {target}");
        }
    }

    #[test]
    fn the_token_is_not_printed() {
        let request = ClientRequest::new("host", Secret::from("/ws?token=abc")).unwrap();
        assert!(!format!("{request:?}").contains("abc"));
    }

    #[test]
    fn the_two_sides_agree_and_keep_what_follows() {
        let (client, request) = client();
        let mut answer = Vec::new();
        let Progress::Open(rest) = accepting().receive(format!("{request}early").as_bytes(), &mut answer) else {
            panic!("refused")
        };
        assert_eq!(rest, b"early");
        answer.extend_from_slice(b"frames");
        let Progress::Open(rest) = client.receive(&answer, &mut Vec::new()) else { panic!("refused") };
        assert_eq!(rest, b"frames");
    }

    #[test]
    fn the_handshake_may_come_byte_by_byte() {
        let (mut client, request) = client();
        let (mut server, mut answer) = (accepting(), Vec::new());
        let (last, bytes) = request.as_bytes().split_last().unwrap();
        for byte in bytes {
            let Progress::More(next) = server.receive(&[*byte], &mut answer) else { panic!("too early") };
            server = next;
        }
        assert!(matches!(server.receive(&[*last], &mut answer), Progress::Open(rest) if rest.is_empty()));
        let (last, bytes) = answer.split_last().unwrap();
        for byte in bytes {
            let Progress::More(next) = client.receive(&[*byte], &mut Vec::new()) else { panic!("too early") };
            client = next;
        }
        assert!(matches!(client.receive(&[*last], &mut Vec::new()), Progress::Open(rest) if rest.is_empty()));
    }

    #[test]
    fn another_status_than_101_is_told_with_the_time_to_wait() {
        let table = [
            ("HTTP/1.1 401 Unauthorized\r\n\r\n", 401, None),
            ("HTTP/1.1 403\r\nContent-Length: 5\r\n\r\nnever", 403, None),
            ("HTTP/1.1 429 Too Many\r\nRetry-After: 30\r\n\r\n", 429, Some(30)),
            ("HTTP/1.1 503 Away\r\nretry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n\r\n", 503, None),
            ("HTTP/1.0 502 Bad Gateway\r\n\r\n<html>", 502, None),
            ("HTTP/1.1 200 OK\n\n", 200, None),
        ];
        for (answer, status, retry_after) in table {
            assert_eq!(answered(answer), Closed::Status { status, retry_after }, "{answer}");
        }
    }

    #[test]
    fn what_is_not_http_is_noticed_at_its_first_bytes() {
        for answer in ["SSH-2.0-x", "\x15\x03\x01", "HTTP/2", "HTTPS", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1\r\n\r\n"] {
            assert_eq!(answered(answer), Fault::NotHttp.closed(), "{answer}");
        }
    }

    #[test]
    fn an_answer_that_does_not_fit_is_refused() {
        let accept = |client: &Handshake| match client {
            Handshake::Client { accept, .. } => accept.clone(),
            Handshake::Server { .. } => unreachable!(),
        };
        let table = [
            ("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: KEY\r\n", true),
            ("connection: keep-alive, upgrade\r\nupgrade: WebSocket\r\nsec-websocket-accept: KEY\r\n", true),
            ("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: other\r\n", false),
            ("Connection: Upgrade\r\nUpgrade: websocket\r\n", false),
            ("Upgrade: websocket\r\nSec-WebSocket-Accept: KEY\r\n", false),
            ("Connection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Accept: KEY\r\n", false),
            (
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: KEY\r\nSec-WebSocket-Protocol: x\r\n",
                false,
            ),
            (
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: KEY\r\nSec-WebSocket-Extensions: x\r\n",
                false,
            ),
        ];
        for (headers, good) in table {
            let (client, _) = client();
            let answer = format!("HTTP/1.1 101 X\r\n{headers}\r\n").replace("KEY", &accept(&client));
            let progress = client.receive(answer.as_bytes(), &mut Vec::new());
            assert_eq!(matches!(progress, Progress::Open(_)), good, "{headers}");
        }
    }

    #[test]
    fn a_head_without_an_end_is_refused() {
        let (mut client, _) = client();
        let mut taken = b"HTTP/1.1 200 OK\r\n".to_vec();
        for _ in 0..2 * LIMIT {
            match client.receive(&taken, &mut Vec::new()) {
                Progress::More(next) => client = next,
                Progress::Closed(closed) => return assert_eq!(closed, Fault::TooLarge.closed()),
                Progress::Open(_) => panic!("open"),
            }
            taken = b"x".to_vec();
        }
        panic!("no bound");
    }

    #[test]
    fn what_follows_the_head_does_not_count_as_head() {
        let (_, request) = client();
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(&[0; 2 * LIMIT]);
        let Progress::Open(rest) = accepting().receive(&bytes, &mut Vec::new()) else { panic!("refused") };
        assert_eq!(rest.len(), 2 * LIMIT);
    }

    #[test]
    fn a_server_decides_by_the_path_and_query() {
        let (_, request) = client();
        let refusing = Handshake::server(
            Box::new(|target| {
                assert_eq!(target, "/ws?lang=en&token=abc");
                Err(Refusal { status: 429, retry_after: Some(7) })
            }),
            LIMIT,
        );
        let mut out = Vec::new();
        let closed = ended(refusing.receive(request.as_bytes(), &mut out));
        assert_eq!(closed, Closed::Status { status: 429, retry_after: Some(7) });
        let expected =
            "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: 7\r\n\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_refusal_is_never_a_success() {
        for (status, sent) in
            [(401, 401), (101, 500), (200, 500), (0, 500), (299, 500), (300, 300), (599, 599), (9999, 500)]
        {
            assert_eq!(refuse(status.into(), &mut Vec::new()), sent);
        }
    }

    #[test]
    fn a_server_answers_what_is_no_handshake_with_an_error() {
        let table = [
            ("POST /ws HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "),
            ("GET /ws HTTP/1.0\r\n\r\n", "HTTP/1.1 400 "),
            ("GET \r\n\r\n", "HTTP/1.1 400 "),
            ("\x16\x03\x01\x02", "HTTP/1.1 400 "),
            ("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 426 "),
        ];
        for (request, answer) in table {
            let mut out = Vec::new();
            let closed = ended(accepting().receive(request.as_bytes(), &mut out));
            assert!(matches!(closed, Closed::Protocol(_)), "{request}");
            assert!(String::from_utf8(out).unwrap().starts_with(answer), "{request}");
        }
    }
}

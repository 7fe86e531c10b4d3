//! HTTP exchanges, each on a connection of its own. They are few: a login, two lists, later what does not go over the
//! socket. The protocol is `ureq-proto`'s, which does no I/O; here are its bytes moved.

use futures_lite::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use futures_rustls::TlsConnector;
use mezon_client::{Net, Outgoing as Pieces, Receive, handshake_failure, request_headers, response_headers};
use mezon_protocol::exchange::{Body, HttpFailure, HttpRequest, Method};
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse};
use ureq_proto::client::{Call, RecvResponseResult, SendRequestResult};
use ureq_proto::http::header::{CONNECTION, CONTENT_LENGTH, HOST};
use ureq_proto::http::{HeaderValue, Request, Uri};

use crate::net;

/// What is read at a time.
const READ: usize = 16 * 1024;

/// The most that a server may send without it making sense: the head of a response, the length of a chunk.
const MAX_SENSELESS: usize = 32 * 1024;

/// Performs an exchange. Redirects are not followed, and no time limit is applied: that is the Machine's.
pub(crate) async fn perform<X: Receive>(net: &Net, request: HttpRequest, receive: X) -> Result<X, HttpFailure> {
    let uri: Uri = request.url.parse().map_err(|_| HttpFailure::connect("the URL is not valid"))?;
    let host = uri.host().ok_or_else(|| HttpFailure::connect("the URL has no host"))?.trim_matches(['[', ']']);
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let outgoing = Outgoing::new(&uri, &request)?;

    let stream = net::connect(net, host, port).await.map_err(HttpFailure::connect)?;
    if !is_tls {
        return exchange(stream, outgoing, &request.body, receive).await;
    }
    let (tls, name) = net.tls_for(host)?;
    let stream = TlsConnector::from(tls).connect(name, stream).await;
    let stream = stream.map_err(|error| handshake_failure(&error))?;
    exchange(stream, outgoing, &request.body, receive).await
}

/// The head of a request, and how to go on when it and the body are written.
struct Outgoing {
    head: Vec<u8>,
    call: Call<RecvResponse>,
}

impl Outgoing {
    fn new(uri: &Uri, request: &HttpRequest) -> Result<Self, HttpFailure> {
        let mut call = Call::new(head(uri, request)?).map_err(HttpFailure::connect)?.proceed();
        let lines: usize = request.headers.iter().map(|(name, value)| name.len() + value.expose().len() + 4).sum();
        // the lines that we add are short, but for the host, which is in the URL
        let mut head = vec![0; lines + 2 * request.url.len() + 256];
        let length = call.write(&mut head).map_err(HttpFailure::connect)?;
        head.truncate(length);
        let call = match call.proceed().map_err(HttpFailure::connect)? {
            Some(SendRequestResult::SendBody(mut call)) => {
                let length = usize::try_from(request.body.len()).map_err(HttpFailure::connect)?;
                call.consume_direct_write(length).map_err(HttpFailure::connect)?;
                call.proceed()
            }
            Some(SendRequestResult::RecvResponse(call)) => Some(call),
            Some(SendRequestResult::Await100(_)) | None => None,
        };
        Ok(Self { head, call: call.ok_or_else(|| HttpFailure::connect("the request cannot be written"))? })
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
        .map_err(HttpFailure::connect)?;
    if request.method != Method::Get {
        head.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(request.body.len()));
    }
    head.headers_mut().extend(request_headers(&request.headers)?);
    Ok(head)
}

async fn exchange<X: Receive>(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    outgoing: Outgoing,
    content: &Body,
    mut receive: X,
) -> Result<X, HttpFailure> {
    let Outgoing { head, mut call } = outgoing;
    stream.write_all(&head).await.map_err(HttpFailure::broken)?;
    let mut pieces = Pieces::new(content);
    while let Some(piece) = pieces.piece().await? {
        stream.write_all(&piece).await.map_err(HttpFailure::broken)?;
    }
    stream.flush().await.map_err(HttpFailure::broken)?;

    let mut input = Input { stream, bytes: Vec::new() };
    let response = loop {
        let (used, response) = call.try_response(&input.bytes, false).map_err(HttpFailure::broken)?;
        input.bytes.drain(..used);
        if let Some(response) = response {
            break response;
        }
        // a response that is not the last, such as 103, was used up
        if used == 0 && !input.read().await? {
            return Err(HttpFailure::broken("the server closed the connection"));
        }
    };
    receive.head(response.status().as_u16(), response_headers(response.headers()));
    match call.proceed() {
        Some(RecvResponseResult::RecvBody(call)) => body(call, input, &mut receive).await?,
        Some(RecvResponseResult::Redirect(_) | RecvResponseResult::Cleanup(_)) => {}
        None => return Err(HttpFailure::broken("the response cannot be read")),
    }
    Ok(receive)
}

async fn body(
    mut call: Call<RecvBody>,
    mut input: Input<impl AsyncRead + Unpin>,
    receive: &mut impl Receive,
) -> Result<(), HttpFailure> {
    let ends_with_stream = call.body_mode() == BodyMode::CloseDelimited;
    let mut part = vec![0; READ];
    loop {
        let (used, given) = call.read(&input.bytes, &mut part).map_err(HttpFailure::broken)?;
        input.bytes.drain(..used);
        if given > 0 {
            receive.body(&part[..given]).await?;
        }
        if !ends_with_stream && call.can_proceed() {
            return Ok(());
        }
        if used == 0 && given == 0 && !input.read().await? {
            return if ends_with_stream {
                Ok(())
            } else {
                Err(HttpFailure::broken("the server closed the connection"))
            };
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
        let count = self.stream.read(&mut self.bytes[length..]).await.map_err(HttpFailure::broken)?;
        self.bytes.truncate(length + count);
        Ok(count > 0)
    }
}

#[cfg(test)]
mod tests;

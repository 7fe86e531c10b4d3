//! HTTP exchanges, each on a connection of its own. They are few: a login, two lists, later what does not go over the
//! socket.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use mezon_client::{Net, Outgoing, Receive, handshake_failure, request_headers, response_headers};
use mezon_protocol::exchange::{HttpFailure, HttpRequest};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::net;

/// Performs an exchange. Redirects are not followed, and no time limit is applied: that is the Machine's.
pub(crate) async fn perform<X: Receive>(net: &Net, request: HttpRequest, receive: X) -> Result<X, HttpFailure> {
    let uri: Uri = request.url.parse().map_err(|_| HttpFailure::connect("the URL is not valid"))?;
    let host = uri.host().ok_or_else(|| HttpFailure::connect("the URL has no host"))?.trim_matches(['[', ']']);
    let is_tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
    let outgoing = outgoing(&uri, request)?;

    let stream = net::connect(net, host, port).await.map_err(HttpFailure::connect)?;
    if !is_tls {
        return exchange(stream, outgoing, receive).await;
    }
    let (tls, name) = net.tls_for(host)?;
    let stream = TlsConnector::from(tls).connect(name, stream).await;
    let stream = stream.map_err(|error| handshake_failure(&error))?;
    exchange(stream, outgoing, receive).await
}

/// The request as hyper wants it: the path in its line, the host in a header.
fn outgoing(uri: &Uri, request: HttpRequest) -> Result<Request<Pieces>, HttpFailure> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let mut outgoing = Request::builder()
        .method(request.method.as_str())
        .uri(path)
        .header(HOST, authority)
        .header(CONNECTION, "close")
        .body(Pieces(Outgoing::new(&request.body)))
        .map_err(HttpFailure::connect)?;
    outgoing.headers_mut().extend(request_headers(&request.headers)?);
    Ok(outgoing)
}

async fn exchange<X: Receive>(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Pieces>,
    mut receive: X,
) -> Result<X, HttpFailure> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(HttpFailure::broken)?;
    let exchange = async move {
        let response = sender.send_request(request).await.map_err(|error| HttpFailure::of(&error))?;
        let (parts, mut body) = Response::into_parts(response);
        receive.head(parts.status.as_u16(), response_headers(&parts.headers));
        while let Some(frame) = body.frame().await {
            // what is no data are trailers
            if let Ok(piece) = frame.map_err(HttpFailure::broken)?.into_data() {
                receive.body(&piece).await?;
            }
        }
        Ok(receive)
    };
    alongside(exchange, connection).await
}

/// What is sent, as hyper wants it.
struct Pieces(Outgoing);

impl Body for Pieces {
    type Data = Bytes;
    type Error = HttpFailure;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, HttpFailure>>> {
        self.get_mut().0.poll_piece(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)).transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.0.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.left())
    }
}

/// Runs a future while another does the work in the background.
async fn alongside<T>(main: impl Future<Output = T>, background: impl Future) -> T {
    let (mut main, mut background) = (pin!(main), pin!(background));
    let mut is_running = true;
    poll_fn(|cx| {
        if is_running && background.as_mut().poll(cx).is_ready() {
            is_running = false;
        }
        main.as_mut().poll(cx)
    })
    .await
}

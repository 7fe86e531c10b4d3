//! Accepting connections, and finding out what each one wants: the socket or the HTTP API.

use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::time::Duration;

use mezon_protocol::TransportKind;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use super::replay::Replay;
use super::shared::Shared;
use super::{api, socket};

/// A head that is longer goes to the HTTP side, which refuses it.
const HEAD_BYTES: usize = 16 * 1024;

/// What a client of abridged TCP begins with.
const GREETING: u8 = 0xef;

/// A pause when the system gives no more connections.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Serves until it is told to stop.
pub(super) async fn run(
    listener: StdListener,
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
    stopped: oneshot::Receiver<()>,
) {
    let listener = TcpListener::from_std(listener).expect("the listener does not block, and the runtime has I/O");
    tokio::select! {
        () = accept(listener, Arc::clone(&shared), tls) => {}
        () = shared.keep_time() => {}
        // Told, or the sandbox is gone.
        _ = stopped => {}
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(welcome(stream, Arc::clone(&shared), tls.clone()));
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn welcome(stream: TcpStream, shared: Arc<Shared>, tls: Option<TlsAcceptor>) {
    // Without it small frames wait for the acknowledgement of earlier ones.
    let _ = stream.set_nodelay(true);
    match tls {
        None => route(stream, shared).await,
        Some(tls) => {
            // A client that does not like our certificate goes away by itself.
            if let Ok(stream) = tls.accept(stream).await {
                route(stream, shared).await;
            }
        }
    }
}

async fn route(mut stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, shared: Arc<Shared>) {
    let head = read_head(&mut stream).await;
    if let Some(kind) = socket_kind(&head) {
        socket::serve(stream, kind, head, shared).await;
    } else if !head.is_empty() {
        api::serve(Replay::new(head, stream), shared).await;
    }
}

/// Reads until the head of a request is complete, and what came with it; less when the stream ends, or shows with its
/// first byte that it has no such head.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut head = Vec::new();
    while head.len() < HEAD_BYTES && head.first() != Some(&GREETING) && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut head).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    head
}

fn socket_kind(head: &[u8]) -> Option<TransportKind> {
    if head.first() == Some(&GREETING) {
        return Some(TransportKind::Tcp);
    }
    matches!(head.strip_prefix(b"GET /ws"), Some([b'?' | b' ', ..])).then_some(TransportKind::WebSocket)
}

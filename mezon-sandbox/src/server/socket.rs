//! The socket side of a connection: bytes to frames for the world, its actions to bytes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mezon_protocol::TransportKind;
use mezon_protocol::transport::{Abridged, AbridgedLimits, Incoming, Refusal, Transport, WebSocket, WebSocketLimits};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf};

use super::shared::{Actions, Shared};
use crate::{Action, ConnId};

/// While more than this waits to be written, nothing new is encoded.
const OUTPUT_BYTES: usize = 256 * 1024;

/// A server's answers may be larger than what a client sends.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// How long a client may take to close its side after us.
const GOODBYE: Duration = Duration::from_secs(2);

/// The head of a close frame from a server: the final one of its kind, with two bytes of payload.
const CLOSE_HEAD: [u8; 2] = [0x88, 2];

/// What the decision about a client has led to.
type Admitted = Arc<Mutex<Option<(ConnId, Actions)>>>;

/// Serves the client that has sent this much, until one of the two leaves.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    kind: TransportKind,
    head: Vec<u8>,
    shared: Arc<Shared>,
) {
    let admitted = Admitted::default();
    let codec = codec(kind, Arc::clone(&shared), Arc::clone(&admitted));
    let (reader, writer) = tokio::io::split(stream);
    let mut socket = Socket { codec, kind, reader, writer, output: Vec::new(), written: 0, unflushed: false };

    socket.shake_hands(&head).await;
    let Some((conn, mut actions)) = admitted.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return socket.say_goodbye().await;
    };
    let end = socket.run(conn, &mut actions, &shared).await;
    shared.disconnected(conn);
    match end {
        End::Closed => socket.say_goodbye().await,
        End::Broken => {}
    }
}

/// How a connection ends.
enum End {
    /// In good order: what is to be written still is.
    Closed,
    /// At once.
    Broken,
}

struct Socket<S> {
    codec: Box<dyn Transport>,
    kind: TransportKind,
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    output: Vec<u8>,
    /// How much of the output has left.
    written: usize,
    /// TLS may have kept some of what was written.
    unflushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// Reads until the client is taken or refused; less when the stream ends.
    async fn shake_hands(&mut self, head: &[u8]) {
        self.codec.receive(head);
        let mut buffer = [0; 1024];
        while self.codec.poll_incoming().is_none() {
            match self.reader.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(count) => self.codec.receive(buffer.get(..count).unwrap_or_default()),
            }
        }
    }

    async fn run(&mut self, conn: ConnId, actions: &mut Actions, shared: &Shared) -> End {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            if self.take_frames(conn, shared) {
                return End::Closed;
            }
            self.codec.output(&mut self.output);
            let waiting = self.output.len() - self.written;
            let to_write = waiting > 0 || self.unflushed;
            tokio::select! {
                read = self.reader.read(&mut buffer) => match read {
                    Ok(0) | Err(_) => return End::Broken,
                    // Of a half-open connection even what the codec would answer by itself must not get out.
                    Ok(count) if shared.with(|world, _| world.is_listening(conn)) => {
                        self.codec.receive(buffer.get(..count).unwrap_or_default());
                    }
                    Ok(_) => {}
                },
                wrote = write(&mut self.writer, &self.output[self.written..]), if to_write => match wrote {
                    Ok(count) => self.on_written(count),
                    Err(_) => return End::Broken,
                },
                action = actions.next(), if waiting < OUTPUT_BYTES => match action {
                    // What is too large for a message, and what comes after the client's close, is lost.
                    Some(Action::Frame(frame)) => drop(self.codec.send(frame)),
                    Some(Action::Close { code }) => {
                        self.codec.output(&mut self.output);
                        // Over abridged TCP the end of the stream says it, and nothing else does.
                        if self.kind == TransportKind::WebSocket {
                            self.output.extend(CLOSE_HEAD);
                            self.output.extend(code.to_be_bytes());
                        }
                        return End::Closed;
                    }
                    // That is for streams of agents' events.
                    Some(Action::Piece(_)) => {}
                    Some(Action::Abort) | None => return End::Broken,
                },
            }
        }
    }

    /// Gives frames to the world; true when the client has closed.
    fn take_frames(&mut self, conn: ConnId, shared: &Shared) -> bool {
        while let Some(incoming) = self.codec.poll_incoming() {
            match incoming {
                Incoming::Open => {}
                Incoming::Frame(frame) => shared.with(|world, now| world.handle_frame(now, conn, frame)),
                Incoming::Closed(_) => return true,
            }
        }
        false
    }

    fn on_written(&mut self, count: usize) {
        self.unflushed = count > 0;
        self.written += count;
        if self.written == self.output.len() {
            self.output.clear();
            self.written = 0;
        }
    }

    /// Writes what is left, closes our side, and lets the client close its own: who closes with bytes unread makes the
    /// system throw away what the other has not read yet.
    async fn say_goodbye(mut self) {
        self.codec.output(&mut self.output);
        let goodbye = async {
            self.writer.write_all(&self.output[self.written..]).await?;
            self.writer.shutdown().await?;
            let mut rest = [0; 4096];
            while self.reader.read(&mut rest).await? > 0 {}
            std::io::Result::Ok(())
        };
        // Whatever goes wrong now, it is over.
        let _ = tokio::time::timeout(GOODBYE, goodbye).await;
    }
}

/// Writes some bytes and gives their number; without any, flushes. May be dropped at any time.
async fn write(writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> std::io::Result<usize> {
    if bytes.is_empty() {
        return writer.flush().await.map(|()| 0);
    }
    writer.write(bytes).await
}

/// The server's side of a transport, which asks the world about the client.
fn codec(kind: TransportKind, shared: Arc<Shared>, admitted: Admitted) -> Box<dyn Transport> {
    let admit = move |connection: Result<_, u16>| -> Result<(), Refusal> {
        *admitted.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection?);
        Ok(())
    };
    match kind {
        TransportKind::WebSocket => {
            let limits = WebSocketLimits { outgoing: LARGEST_MESSAGE, ..WebSocketLimits::default() };
            let decide = move |target: &str| admit(shared.admit(|world, now| world.connect(now, target)));
            Box::new(WebSocket::server(limits, decide))
        }
        TransportKind::Tcp => {
            let default = AbridgedLimits::default();
            // The platform takes no larger frames than this from a client.
            let limits = AbridgedLimits { envelope: default.outgoing, outgoing: LARGEST_MESSAGE, ..default };
            let decide = move |token: &str| admit(shared.admit(|world, now| world.connect_with_token(now, token)));
            Box::new(Abridged::server(limits, decide))
        }
    }
}

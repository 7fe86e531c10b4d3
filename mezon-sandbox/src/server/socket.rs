//! The socket side of a connection: bytes to frames for the world, its actions to bytes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mezon_protocol::transport::{Incoming, Refusal, Transport as _, WebSocket, WebSocketLimits};
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
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(stream: S, head: Vec<u8>, shared: Arc<Shared>) {
    let admitted = Admitted::default();
    let mut codec = WebSocket::server(limits(), decide(Arc::clone(&shared), Arc::clone(&admitted)));
    codec.receive(&head);
    let (reader, writer) = tokio::io::split(stream);
    let mut socket = Socket { codec, reader, writer, output: Vec::new(), written: 0, unflushed: false };

    let Some((conn, mut actions)) = admitted.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return socket.say_goodbye().await;
    };
    let end = socket.run(conn, &mut actions, &shared).await;
    shared.with(|world, now| world.disconnected(now, conn));
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
    codec: WebSocket,
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    output: Vec<u8>,
    /// How much of the output has left.
    written: usize,
    /// TLS may have kept some of what was written.
    unflushed: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
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
                        self.output.extend(CLOSE_HEAD);
                        self.output.extend(code.to_be_bytes());
                        return End::Closed;
                    }
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

fn limits() -> WebSocketLimits {
    WebSocketLimits { outgoing: LARGEST_MESSAGE, ..WebSocketLimits::default() }
}

fn decide(shared: Arc<Shared>, admitted: Admitted) -> impl FnOnce(&str) -> Result<(), Refusal> + Send + 'static {
    move |target| {
        let connection = shared.admit(target)?;
        *admitted.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        Ok(())
    }
}

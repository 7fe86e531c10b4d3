//! The open socket: one buffer for reading, held only while there is something to read, and one for writing.

use std::future::Future;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use mezon_protocol::machine::SocketEnd;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

/// What is read at a time, at most.
const READ_BUFFER: usize = 64 * 1024;

/// A write buffer that has grown beyond this is let go when all is written.
const KEPT_WRITE_BUFFER: usize = 16 * 1024;

/// How long the last words of a connection may take.
const GOODBYE: Duration = Duration::from_secs(1);

pub(crate) struct Socket {
    stream: TcpStream,
    buffer: Option<Box<[MaybeUninit<u8>]>>,
    out: Vec<u8>,
    /// How much of `out` has left.
    written: usize,
}

impl Socket {
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: None, out: Vec::new(), written: 0 }
    }

    /// Reads once. Says whether the buffer was filled, so that there may be more.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        handle: impl FnOnce(&[u8]),
    ) -> Poll<Result<bool, SocketEnd>> {
        if self.stream.poll_read_ready(cx).is_pending() {
            self.buffer = None;
            return Poll::Pending;
        }
        let buffer = self.buffer.get_or_insert_with(|| Box::new_uninit_slice(READ_BUFFER));
        let mut read = ReadBuf::uninit(buffer);
        if let Err(error) = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read)) {
            return Poll::Ready(Err(SocketEnd::Failed(error.to_string())));
        }
        if read.filled().is_empty() {
            return Poll::Ready(Err(SocketEnd::Eof));
        }
        handle(read.filled());
        Poll::Ready(Ok(read.remaining() == 0))
    }

    /// Writes what `fill` appends, and asks it for more only when all is written. Says whether anything was.
    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        mut fill: impl FnMut(&mut Vec<u8>),
    ) -> Result<bool, SocketEnd> {
        let mut progress = false;
        loop {
            if self.written == self.out.len() {
                self.out.clear();
                self.written = 0;
                fill(&mut self.out);
            }
            if self.out.is_empty() {
                if self.out.capacity() > KEPT_WRITE_BUFFER {
                    self.out = Vec::new();
                }
                return Ok(progress);
            }
            match Pin::new(&mut self.stream).poll_write(cx, &self.out[self.written..]) {
                Poll::Pending => return Ok(progress),
                Poll::Ready(Ok(count)) => self.written += count,
                Poll::Ready(Err(error)) => return Err(SocketEnd::Failed(error.to_string())),
            }
            progress = true;
        }
    }

    /// The stream, and what is still to be written to it, `last_words` at the end. Nothing, without last words.
    pub(crate) fn into_last_words(mut self, last_words: &[u8]) -> (TcpStream, Vec<u8>) {
        if last_words.is_empty() {
            return (self.stream, Vec::new());
        }
        self.out.drain(..self.written);
        self.out.extend_from_slice(last_words);
        (self.stream, self.out)
    }
}

/// Writes the last words, and lets the server close its side: who closes with bytes unread makes the system throw away
/// what the other has not read yet. Takes a second at most.
pub(crate) fn say_goodbye(mut stream: TcpStream, words: Vec<u8>) -> impl Future<Output = ()> + Send {
    let goodbye = async move {
        stream.write_all(&words).await?;
        stream.shutdown().await?;
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    async move {
        // whatever goes wrong now, it is over
        let _ = tokio::time::timeout(GOODBYE, goodbye).await;
    }
}

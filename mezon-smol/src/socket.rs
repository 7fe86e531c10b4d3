//! The open socket: one buffer for reading, held only while there is something to read, and one for writing.

use std::future::Future;
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_io::Timer;
use futures_lite::{AsyncReadExt as _, AsyncWrite as _, AsyncWriteExt as _, future};
use mezon_protocol::machine::SocketEnd;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use crate::net::Stream;

/// What is read at a time, at most.
const READ_BUFFER: usize = 64 * 1024;

/// A write buffer that has grown beyond this is let go when all is written.
const KEPT_WRITE_BUFFER: usize = 16 * 1024;

/// How long the last words of a connection may take.
const GOODBYE: Duration = Duration::from_secs(1);

pub(crate) struct Socket {
    stream: Stream,
    buffer: Vec<u8>,
    /// All that there was has been read, so that one has to wait for more.
    drained: bool,
    out: Vec<u8>,
    /// How much of `out` has left.
    written: usize,
}

impl Socket {
    pub(crate) const fn new(stream: Stream) -> Self {
        Self { stream, buffer: Vec::new(), drained: true, out: Vec::new(), written: 0 }
    }

    /// Reads once. Says whether the buffer was filled, so that there may be more.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        handle: impl FnOnce(&[u8]),
    ) -> Poll<Result<bool, SocketEnd>> {
        loop {
            if self.drained {
                let readable = self.stream.poll_readable(cx);
                if readable.is_pending() {
                    self.buffer = Vec::new();
                }
                ready!(readable).map_err(failed)?;
                self.drained = false;
            }
            self.buffer.clear();
            self.buffer.reserve_exact(READ_BUFFER);
            match recv(&self.stream, spare_capacity(&mut self.buffer), RecvFlags::empty()) {
                Ok((0, _)) => return Poll::Ready(Err(SocketEnd::Eof)),
                Ok((count, _)) => {
                    self.drained = count < READ_BUFFER;
                    handle(&self.buffer);
                    return Poll::Ready(Ok(!self.drained));
                }
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => self.drained = true,
                Err(error) => return Poll::Ready(Err(failed(error))),
            }
        }
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
                Poll::Ready(Err(error)) => return Err(failed(error)),
            }
            progress = true;
        }
    }

    /// The stream, and what is still to be written to it, `last_words` at the end. Nothing, without last words.
    pub(crate) fn into_last_words(mut self, last_words: &[u8]) -> (Stream, Vec<u8>) {
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
pub(crate) fn say_goodbye(mut stream: Stream, words: Vec<u8>) -> impl Future<Output = ()> + Send {
    let goodbye = async move {
        stream.write_all(&words).await?;
        stream.get_ref().shutdown(Shutdown::Write)?;
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await? > 0 {}
        std::io::Result::Ok(())
    };
    let too_late = async {
        Timer::after(GOODBYE).await;
        Ok(())
    };
    async move {
        // whatever goes wrong now, it is over
        let _ = future::or(goodbye, too_late).await;
    }
}

fn failed(error: impl ToString) -> SocketEnd {
    SocketEnd::Failed(error.to_string())
}

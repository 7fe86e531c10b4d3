//! The open connection: a stream, and what is to be written to it.

use std::future::{Future, poll_fn};
use std::io;
use std::task::{Context, Poll, ready};

use mezon_protocol::machine::SocketEnd;

use crate::runtime::{Read, Stream};

/// A write buffer that has grown beyond this is let go when all is written.
const KEPT_WRITE_BUFFER: usize = 16 * 1024;

pub(crate) struct Pipe<S> {
    stream: S,
    out: Vec<u8>,
    /// How much of `out` has left.
    written: usize,
}

impl<S: Stream> Pipe<S> {
    pub(crate) const fn new(stream: S) -> Self {
        Self { stream, out: Vec::new(), written: 0 }
    }

    /// Reads once. Says whether there may be more at once.
    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        handle: impl FnOnce(&[u8]),
    ) -> Poll<Result<bool, SocketEnd>> {
        Poll::Ready(match ready!(self.stream.poll_read(cx, handle)) {
            Ok(Read::More) => Ok(true),
            Ok(Read::All) => Ok(false),
            Ok(Read::End) => Err(SocketEnd::Eof),
            Err(error) => Err(SocketEnd::Failed(error.to_string())),
        })
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
            match self.stream.poll_write(cx, &self.out[self.written..]) {
                Poll::Pending => return Ok(progress),
                Poll::Ready(Ok(count)) => self.written += count,
                Poll::Ready(Err(error)) => return Err(SocketEnd::Failed(error.to_string())),
            }
            progress = true;
        }
    }

    /// Writes what is left and the last words, and lets the server close its side: who closes with bytes unread makes
    /// the system throw away what the other has not read yet. Nothing to do without last words.
    pub(crate) fn say_goodbye(mut self, last_words: &[u8]) -> Option<impl Future<Output = ()> + Send + use<S>> {
        if last_words.is_empty() {
            return None;
        }
        self.out.drain(..self.written);
        self.out.extend_from_slice(last_words);
        Some(async move {
            // whatever goes wrong now, it is over
            let _ = goodbye(self.stream, self.out).await;
        })
    }
}

async fn goodbye(mut stream: impl Stream, words: Vec<u8>) -> io::Result<()> {
    let mut written = 0;
    while written < words.len() {
        written += poll_fn(|cx| stream.poll_write(cx, &words[written..])).await?;
    }
    poll_fn(|cx| stream.poll_shutdown(cx)).await?;
    while poll_fn(|cx| stream.poll_read(cx, |_| {})).await? != Read::End {}
    Ok(())
}

#[cfg(test)]
mod tests;

//! A TCP connection: non-blocking, with a buffer for reading while there is something to read.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::sync::Arc;
use std::task::{Context, Poll};

use mezon_client::{Read, Stream};
use mio::net::TcpStream;

use crate::reactor::Reactor;

/// What is read at a time, at first.
const SMALL_BUFFER: usize = 8 * 1024;

/// What is read at a time, at most.
const LARGE_BUFFER: usize = 64 * 1024;

/// A TCP connection that the driver's poller watches.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    reactor: Arc<Reactor>,
    buffer: Vec<u8>,
    readable: Readiness,
    writable: Readiness,
}

impl Connection {
    pub(crate) fn new(stream: std::net::TcpStream, reactor: Arc<Reactor>) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        reactor.register(&mut stream)?;
        let (readable, writable) = (Readiness::default(), Readiness::default());
        Ok(Self { stream, reactor, buffer: Vec::new(), readable, writable })
    }
}

impl Stream for Connection {
    fn poll_read(&mut self, cx: &mut Context<'_>, handle: impl FnOnce(&[u8])) -> Poll<io::Result<Read>> {
        let Self { stream, reactor, buffer, readable, .. } = self;
        if readable.is_over(reactor) {
            return reactor.poll_again(cx);
        }
        if buffer.is_empty() {
            *buffer = vec![0; SMALL_BUFFER];
        }
        match readable.attempt(reactor, || stream.read(buffer)) {
            Some(Ok(0)) => Poll::Ready(Ok(Read::End)),
            Some(Ok(count)) => {
                handle(&buffer[..count]);
                let filled = count == buffer.len();
                if filled && count < LARGE_BUFFER {
                    *buffer = vec![0; LARGE_BUFFER];
                }
                Poll::Ready(Ok(if filled { Read::More } else { Read::All }))
            }
            Some(Err(error)) => Poll::Ready(Err(error)),
            None => {
                *buffer = Vec::new();
                reactor.poll_again(cx)
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Self { stream, reactor, writable, .. } = self;
        if writable.is_over(reactor) {
            return reactor.poll_again(cx);
        }
        writable.attempt(reactor, || stream.write(bytes)).map_or_else(|| reactor.poll_again(cx), Poll::Ready)
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.shutdown(Shutdown::Write))
    }
}

/// At which news of the poller there was nothing to be done; new ones are worth an attempt.
#[derive(Debug, Default)]
struct Readiness(Option<usize>);

impl Readiness {
    fn is_over(&self, reactor: &Reactor) -> bool {
        self.0 == Some(reactor.news())
    }

    /// Nothing if it would have to wait.
    fn attempt(&mut self, reactor: &Reactor, mut act: impl FnMut() -> io::Result<usize>) -> Option<io::Result<usize>> {
        loop {
            match act() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.0 = Some(reactor.news());
                    return None;
                }
                result => return Some(result),
            }
        }
    }
}

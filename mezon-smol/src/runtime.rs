//! The runtime: the sockets and timers of `async-io`, on any executor.

use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use futures_lite::AsyncWrite as _;
use mezon_client::{Answer, Awaits, Events, Net, Pending, Read, Receive, Run, Runtime, Source, Stream, Timer};
use mezon_protocol::Error;
use mezon_protocol::exchange::{HttpFailure, HttpRequest};
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use crate::{http, net};

/// What is read at a time, at most.
const READ_BUFFER: usize = 64 * 1024;

/// `async-io`, as [`mezon_client`] sees it. It starts no driver by itself: that is for the user's executor to do.
#[derive(Debug, Default)]
pub struct SmolRuntime(());

impl Runtime for SmolRuntime {
    const NAME: &'static str = "Smol";

    type Stream = Connection;
    type Timer = Alarm;
    type Outcome<T: Send + 'static> = Pending<T, Self>;
    type Answered<T: Send + 'static> = Answer<T>;
    type Ran = Run<Self>;
    type Events<S: Source> = Events<S>;

    async fn connect(self: Arc<Self>, net: Arc<Net>, host: String, port: u16) -> io::Result<Connection> {
        let stream = net::connect(&net, &host, port).await?;
        Ok(Connection { stream, buffer: Vec::new(), drained: true })
    }

    async fn exchange<X: Receive>(
        self: Arc<Self>,
        net: Arc<Net>,
        request: HttpRequest,
        receive: X,
    ) -> Result<X, HttpFailure> {
        http::perform(&net, request, receive).await
    }

    fn timer(&self) -> Alarm {
        Alarm(async_io::Timer::never())
    }

    fn outcome<T: Send + 'static>(pending: Pending<T, Self>) -> Pending<T, Self> {
        pending
    }

    fn ended<T: Send + 'static>(outcome: Pending<T, Self>) -> impl Future<Output = Result<T, Error>> + Send + 'static {
        outcome
    }

    fn answered<T: Send + 'static>(&self, answer: Answer<T>) -> Answer<T> {
        answer
    }

    fn ran(run: Run<Self>) -> Run<Self> {
        run
    }
}

impl Awaits for SmolRuntime {}

/// A TCP connection, and a buffer while there is something to read.
#[derive(Debug)]
pub struct Connection {
    stream: net::TcpStream,
    buffer: Vec<u8>,
    /// All that there was has been read, so that one has to wait for more.
    drained: bool,
}

impl Stream for Connection {
    fn poll_read(&mut self, cx: &mut Context<'_>, handle: impl FnOnce(&[u8])) -> Poll<io::Result<Read>> {
        loop {
            if self.drained {
                let readable = self.stream.poll_readable(cx);
                if readable.is_pending() {
                    self.buffer = Vec::new();
                }
                ready!(readable)?;
                self.drained = false;
            }
            self.buffer.clear();
            self.buffer.reserve_exact(READ_BUFFER);
            match recv(&self.stream, spare_capacity(&mut self.buffer), RecvFlags::empty()) {
                Ok((0, _)) => return Poll::Ready(Ok(Read::End)),
                Ok((count, _)) => {
                    self.drained = count < READ_BUFFER;
                    handle(&self.buffer);
                    return Poll::Ready(Ok(if self.drained { Read::All } else { Read::More }));
                }
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => self.drained = true,
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.get_ref().shutdown(Shutdown::Write))
    }
}

/// A timer of `async-io`.
#[derive(Debug)]
pub struct Alarm(async_io::Timer);

impl Timer for Alarm {
    fn set(&mut self, at: Instant) {
        self.0.set_at(at);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

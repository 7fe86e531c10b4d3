//! The runtime: tokio's sockets, timer and tasks.

use std::future::Future;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use mezon_client::{
    Answer, Awaits, Events, Net, Pending, Read, Receive, Run, Runtime, Source, Spawns, Starter, Stream, Timer,
};
use mezon_protocol::exchange::{HttpFailure, HttpRequest};
use mezon_protocol::{Error, ErrorKind};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::Sleep;

use crate::{http, net};

/// What is read at a time, at most.
const READ_BUFFER: usize = 64 * 1024;

/// tokio, as [`mezon_client`] sees it.
#[derive(Debug, Default)]
pub struct TokioRuntime(());

impl Runtime for TokioRuntime {
    const NAME: &'static str = "Tokio";

    type Stream = Connection;
    type Timer = Alarm;
    type Outcome<T: Send + 'static> = Pending<T, Self>;
    type Answered<T: Send + 'static> = Answer<T>;
    type Ran = Run<Self>;
    type Events<S: Source> = Events<S>;

    async fn connect(self: Arc<Self>, net: Arc<Net>, host: String, port: u16) -> io::Result<Connection> {
        Ok(Connection { stream: net::connect(&net, &host, port).await?, buffer: None })
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
        Alarm(None)
    }

    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn starter(self: Arc<Self>) -> Result<Starter<Self>, Error> {
        let runtime = Handle::try_current();
        let runtime = runtime.map_err(|error| Error::unsent(ErrorKind::Unsupported(error.to_string())))?;
        Ok(Box::new(move |driver| drop(runtime.spawn(driver))))
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

impl Spawns for TokioRuntime {}
impl Awaits for TokioRuntime {}

/// A TCP connection, and a buffer while there is something to read.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Option<Box<[MaybeUninit<u8>]>>,
}

impl Stream for Connection {
    fn poll_read(&mut self, cx: &mut Context<'_>, handle: impl FnOnce(&[u8])) -> Poll<io::Result<Read>> {
        if self.stream.poll_read_ready(cx).is_pending() {
            self.buffer = None;
            return Poll::Pending;
        }
        let buffer = self.buffer.get_or_insert_with(|| Box::new_uninit_slice(READ_BUFFER));
        let mut read = ReadBuf::uninit(buffer);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut read))?;
        if read.filled().is_empty() {
            return Poll::Ready(Ok(Read::End));
        }
        handle(read.filled());
        Poll::Ready(Ok(if read.remaining() == 0 { Read::More } else { Read::All }))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A timer of tokio's, made when it is first set.
#[derive(Debug)]
pub struct Alarm(Option<Pin<Box<Sleep>>>);

impl Timer for Alarm {
    fn set(&mut self, at: Instant) {
        match &mut self.0 {
            Some(sleep) => sleep.as_mut().reset(at.into()),
            None => self.0 = Some(Box::pin(tokio::time::sleep_until(at.into()))),
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().map_or(Poll::Pending, |sleep| sleep.as_mut().poll(cx))
    }
}

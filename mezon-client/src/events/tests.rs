//! The receiver, without any I/O: on a runtime where nothing can be reached.
#![allow(clippy::unwrap_used)]

use std::future::Future as _;
use std::io;
use std::pin::pin;

use mezon_protocol::Config;
use mezon_protocol::exchange::{HttpFailure, HttpRequest};

use super::*;
use crate::handlers::Run;
use crate::{Answer, Awaits, Client, Net, Pending, Read, Receive, Stream, Timer};

#[derive(Default)]
struct Nowhere(());

impl Runtime for Nowhere {
    const NAME: &'static str = "Nowhere";

    type Stream = Nothing;
    type Timer = Nothing;
    type Outcome<T: Send + 'static> = Pending<T, Self>;
    type Answered<T: Send + 'static> = Answer<T>;
    type Ran = ();
    type Events<S: Source> = S;

    async fn connect(self: Arc<Self>, _: Arc<Net>, _: String, _: u16) -> io::Result<Nothing> {
        Err(io::ErrorKind::HostUnreachable.into())
    }

    async fn exchange<X: Receive>(self: Arc<Self>, _: Arc<Net>, _: HttpRequest, _: X) -> Result<X, HttpFailure> {
        Err(HttpFailure::Connect("nowhere".into()))
    }

    fn timer(&self) -> Nothing {
        Nothing
    }

    async fn ended<T: Send + 'static>(outcome: Self::Outcome<T>) -> Result<T, mezon_protocol::Error> {
        outcome.await
    }

    fn ran(_: Run<Self>) {}

    fn outcome<T: Send + 'static>(pending: Pending<T, Self>) -> Pending<T, Self> {
        pending
    }

    fn answered<T: Send + 'static>(&self, answer: Answer<T>) -> Answer<T> {
        answer
    }
}

impl Awaits for Nowhere {}

struct Nothing;

impl Stream for Nothing {
    fn poll_read(&mut self, _: &mut Context<'_>, _: impl FnOnce(&[u8])) -> Poll<io::Result<Read>> {
        Poll::Ready(Ok(Read::End))
    }

    fn poll_write(&mut self, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Timer for Nothing {
    fn set(&mut self, _: Instant) {}

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

#[test]
fn who_asks_without_waiting_gets_what_there_is_however_many_came_before() {
    let config = Config::bot(17_i64, "a-key").unwrap().use_tls(false);
    let (client, driver, mut events) = Client::<Nowhere>::with_driver(config).unwrap();
    let mut cx = Context::from_waker(std::task::Waker::noop());
    let (mut driver, mut connecting) = (pin!(driver), pin!(client.connect()));
    assert!(connecting.as_mut().poll(&mut cx).is_pending());
    assert!(driver.as_mut().poll(&mut cx).is_pending());

    events.streak = BATCH;
    let next = events.wait_next(Some(Instant::now()));
    assert!(matches!(next, Poll::Ready(Some(Event::Connecting { .. }))), "{next:?}");
}

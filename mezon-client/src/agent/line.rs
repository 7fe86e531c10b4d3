//! The machine of a stream, and those who stand around it: the driver, the exchange under way, and who takes the events.
//! Each does something with it, and wakes the others.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mezon_protocol::Now;
use mezon_protocol::exchange::HttpFailure;
use mezon_protocol::rest::agent::{AgentConfig, AgentState, AgentStream, AgentStreamEvent, AgentTransmit, StreamEnd};

use crate::exchange::Receive;
use crate::handle::Shared;
use crate::runtime::Runtime;

/// What all of them share.
pub(crate) struct Line(Mutex<State>);

struct State {
    stream: AgentStream,
    /// It has been opened or given up: closed is closed from now on.
    has_begun: bool,
    driver: Option<Waker>,
    receiver: Option<Waker>,
    /// The exchange, while there is no room for what it has read.
    exchange: Option<Waker>,
}

impl State {
    fn is_over(&self) -> bool {
        self.has_begun && self.stream.state() == AgentState::Closed
    }
}

/// # For the driver
impl Line {
    pub(super) fn new(config: AgentConfig, seed: u64) -> Self {
        let stream = AgentStream::new(config, seed);
        Self(Mutex::new(State { stream, has_begun: false, driver: None, receiver: None, exchange: None }))
    }

    /// Opens the stream, unless it was closed before.
    pub(crate) fn begin(&self, now: Now) {
        self.change(|state| {
            if !std::mem::replace(&mut state.has_begun, true) {
                state.stream.connect(now);
            }
        });
    }

    /// The next thing to do; `None` after the last. While it is pending the driver will be woken.
    pub(crate) fn poll_work(&self, cx: &Context<'_>, now: Now) -> Poll<Option<AgentTransmit>> {
        if self.poll_timeout().is_some_and(|due| due <= now.elapsed) {
            self.change(|state| state.stream.handle_timeout(now));
        }
        let mut state = self.lock();
        if let Some(work) = state.stream.poll_transmit() {
            return Poll::Ready(Some(work));
        }
        if state.is_over() {
            return Poll::Ready(None);
        }
        state.driver = Some(cx.waker().clone());
        Poll::Pending
    }

    pub(crate) fn on_ended(&self, now: Now, id: u64, end: StreamEnd) {
        self.change(|state| state.stream.handle_ended(now, id, end));
    }

    fn poll_timeout(&self) -> Option<Duration> {
        self.lock().stream.poll_timeout()
    }
}

/// # For the exchange
impl Line {
    fn on_opened(&self, now: Now, id: u64, status: u16) {
        self.change(|state| state.stream.handle_opened(now, id, status));
    }

    /// Pending while too many events wait; fails when the exchange is not wanted any more.
    fn poll_bytes(&self, cx: &Context<'_>, now: Now, id: u64, bytes: &[u8]) -> Poll<Result<(), HttpFailure>> {
        let mut state = self.lock();
        if state.stream.exchange() != Some(id) {
            return Poll::Ready(Err(HttpFailure::Broken("nobody listens any more".into())));
        }
        if !state.stream.wants_read() {
            state.exchange = Some(cx.waker().clone());
            return Poll::Pending;
        }
        drop(state);
        self.change(|state| state.stream.handle_bytes(now, id, bytes));
        Poll::Ready(Ok(()))
    }
}

/// # For who takes the events
impl Line {
    /// The next event; `None` after the last.
    pub(super) fn poll_event(&self, cx: &Context<'_>) -> Poll<Option<AgentStreamEvent>> {
        let mut state = self.lock();
        if let Some(event) = state.stream.poll_event() {
            let exchange = state.exchange.take();
            drop(state);
            // there is room again
            exchange.into_iter().for_each(Waker::wake);
            return Poll::Ready(Some(event));
        }
        if state.is_over() {
            return Poll::Ready(None);
        }
        state.receiver = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Ends the stream for good.
    pub(super) fn close(&self) {
        self.change(|state| {
            state.has_begun = true;
            state.stream.close();
        });
    }

    /// Does something with the machine, and wakes everybody whom it may concern.
    fn change(&self, act: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        act(&mut state);
        let woken = [state.driver.take(), state.receiver.take(), state.exchange.take()];
        drop(state);
        woken.into_iter().flatten().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The driver's end of a line; without it the stream is closed.
pub(crate) struct Listening(Arc<Line>);

impl Listening {
    pub(super) const fn new(line: Arc<Line>) -> Self {
        Self(line)
    }

    pub(crate) const fn line(&self) -> &Arc<Line> {
        &self.0
    }

    /// When the driver is to look at the clock.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        self.0.poll_timeout()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Gives the machine what an exchange brings.
pub(crate) struct Feed<R: Runtime> {
    shared: Arc<Shared<R>>,
    line: Arc<Line>,
    id: u64,
}

impl<R: Runtime> Feed<R> {
    pub(crate) const fn new(shared: Arc<Shared<R>>, line: Arc<Line>, id: u64) -> Self {
        Self { shared, line, id }
    }
}

impl<R: Runtime> Receive for Feed<R> {
    fn head(&mut self, status: u16, _: Vec<(String, String)>) {
        self.line.on_opened(self.shared.now(), self.id, status);
    }

    fn poll_body(&mut self, cx: &mut Context<'_>, piece: &[u8]) -> Poll<Result<(), HttpFailure>> {
        self.line.poll_bytes(cx, self.shared.now(), self.id, piece)
    }
}

#[cfg(test)]
mod tests;

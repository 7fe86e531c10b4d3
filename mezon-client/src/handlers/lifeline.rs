//! The handlers of the life of the connection.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::Context;

use mezon_protocol::Event;

use super::turn::Turn;
use crate::runtime::Runtime;

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the handlers of the life of the connection, in the order of what happens.
///
/// Those of `Ready` may go on for as long as the bot runs. So nothing waits for them but those of the next `Ready`, of which
/// only the latest counts.
pub(crate) struct Lifeline<R: Runtime> {
    waiting: VecDeque<Turn<R>>,
    running: Option<Boxed>,
    ready: Option<Boxed>,
    next_ready: Option<Turn<R>>,
}

impl<R: Runtime> Lifeline<R> {
    pub(crate) fn new() -> Self {
        Self { waiting: VecDeque::new(), running: None, ready: None, next_ready: None }
    }

    pub(crate) fn push(&mut self, turn: Turn<R>) {
        self.waiting.push_back(turn);
    }

    /// Says whether there was something to be done.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, runtime: &R) -> bool {
        let mut progress = has_ended(&mut self.running, cx);
        progress |= has_ended(&mut self.ready, cx);
        if self.ready.is_none() {
            self.ready = self.next_ready.take().map(|turn| begin(turn, runtime));
            progress |= self.ready.is_some();
        }
        if self.running.is_some() {
            return progress;
        }
        let Some(turn) = self.waiting.pop_front() else { return progress };
        if !matches!(turn.event(), Event::Ready { .. }) {
            self.running = Some(begin(turn, runtime));
        } else if self.ready.is_none() {
            self.ready = Some(begin(turn, runtime));
        } else {
            self.next_ready = Some(turn);
        }
        true
    }

    /// Nothing more will come: a handler of `Ready` has no reason to go on.
    pub(crate) fn end_ready(&mut self) {
        self.ready = None;
        self.next_ready = None;
    }

    /// How much waits for its turn.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.running.is_none() && self.ready.is_none()
    }
}

fn begin<R: Runtime>(turn: Turn<R>, runtime: &R) -> Boxed {
    Box::pin(runtime.handle(turn))
}

fn has_ended(running: &mut Option<Boxed>, cx: &mut Context<'_>) -> bool {
    let ended = running.as_mut().is_some_and(|running| running.as_mut().poll(cx).is_ready());
    if ended {
        *running = None;
    }
    ended
}

//! Takes events and runs their handlers.

use std::sync::Arc;
use std::task::{Context, Poll};

use mezon_protocol::event::{Cause, Fatal};
use mezon_protocol::interaction::{LaneLimits, Lanes, NotTaken};
use mezon_protocol::{ChannelId, Event};

use super::clicks::Entrance;
use super::lifeline::Lifeline;
use super::stop::{Next, RunId};
use super::turn::Turn;
use crate::client::Anchor;
use crate::events::{Receiver, Source as _};
use crate::handle::Driven;
use crate::runtime::Runtime;
use crate::tasks::Tasks;

/// How events are handed to handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dispatch {
    /// How many events may be handled at a time, each of another channel, beside the life of the connection. Default: 64;
    /// where handlers are called on threads, 4.
    pub parallel: usize,
    /// How many may wait for their turn before no more are taken. Default: 1,024.
    pub waiting: usize,
}

impl Dispatch {
    pub(crate) fn of<R: Runtime>() -> Self {
        Self { parallel: R::PARALLEL, waiting: 1024 }
    }
}

/// What is handled in order among itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    Channel(ChannelId),
    /// What belongs to no channel.
    Elsewhere,
    /// What is said at once, while the channel is still busy.
    Answers,
}

pub(crate) struct Dispatcher<R: Runtime> {
    anchor: Arc<Anchor<R>>,
    run: RunId,
    receiver: Option<Receiver<R>>,
    limits: LaneLimits,
    lanes: Lanes<Lane, Turn<R>>,
    /// Taken, but there was no room in its lane.
    held: Option<(Lane, Turn<R>)>,
    running: Tasks<Lane, ()>,
    life: Lifeline<R>,
    /// The connection has ended, and no attempt follows.
    ended: Option<End>,
}

/// How a connection has ended.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// It was closed.
    Closed,
    /// It has failed, and connecting says why if it did.
    Failed,
    /// No further attempt will be made.
    Fatal(Fatal),
}

impl<R: Runtime> Dispatcher<R> {
    pub(crate) fn new(receiver: Receiver<R>, anchor: Arc<Anchor<R>>, dispatch: Dispatch) -> Self {
        let Dispatch { parallel, waiting } = dispatch;
        let limits = LaneLimits { running: parallel.max(1), waiting: waiting.max(1), per_key: waiting.max(1) };
        Self {
            run: anchor.stopper.new_run(),
            anchor,
            receiver: Some(receiver),
            limits,
            lanes: Lanes::new(limits),
            held: None,
            running: Tasks::new(),
            life: Lifeline::new(),
            ended: None,
        }
    }

    /// Ready when the client is closed and every handler has ended.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut progress = self.run_turns(cx);
            progress |= self.take_event(cx);
            if progress {
                continue;
            }
            if self.receiver.is_none() {
                self.life.end_ready();
                if self.is_at_rest() {
                    return Poll::Ready(());
                }
            }
            match self.anchor.stopper.rest(self.run, cx, self.is_idle(), &self.anchor.shared) {
                Next::Wait => return Poll::Pending,
                Next::Abandon => self.abandon(),
            }
        }
    }

    /// How the connection has ended, if no further attempt is made.
    pub(crate) const fn ended(&self) -> Option<&End> {
        self.ended.as_ref()
    }

    /// No event is being handled.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.is_idle() && self.life.is_idle()
    }

    /// No event is being handled, but for the life of the connection.
    fn is_idle(&self) -> bool {
        self.lanes.is_idle() && self.held.is_none()
    }

    /// Says whether there was something to be done.
    fn run_turns(&mut self, cx: &mut Context<'_>) -> bool {
        let runtime = &self.anchor.shared.runtime;
        let mut progress = self.life.poll(cx, runtime);
        while let Poll::Ready((lane, ())) = self.running.poll_next(cx) {
            self.lanes.finish(&lane);
            progress = true;
        }
        while let Some((lane, turn)) = self.lanes.start() {
            self.running.insert(lane, runtime.handle(turn));
            progress = true;
        }
        progress
    }

    /// Forgets the events that are being handled: their time is over.
    fn abandon(&mut self) {
        self.running = Tasks::new();
        self.lanes = Lanes::new(self.limits);
        self.held = None;
    }

    /// Says whether there was something to be done.
    fn take_event(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some((lane, turn)) = self.held.take() {
            return self.push(lane, turn);
        }
        let is_full = self.lanes.is_full() || self.life.waiting() >= self.limits.waiting;
        if is_full || !self.anchor.stopper.enter(self.run, cx) {
            return false;
        }
        let Some(receiver) = &mut self.receiver else { return false };
        match receiver.poll_next(cx) {
            Poll::Pending => false,
            Poll::Ready(None) => {
                self.receiver = None;
                true
            }
            Poll::Ready(Some(event)) => self.hand_out(event),
        }
    }

    fn hand_out(&mut self, event: Event<Driven<R>>) -> bool {
        self.note(&event);
        let Anchor { shared, handlers: registry, clicks, .. } = &*self.anchor;
        if event.is_replayed() && !registry.with_replayed() {
            return true;
        }
        let mut handlers = registry.of(event.kind());
        let (mut pass, mut answer) = (None, None);
        if handlers.iter().any(|entry| entry.is_guarded()) {
            match clicks.enter(shared, &event) {
                Entrance::Open(given) => pass = given,
                Entrance::Closed(entry) => {
                    handlers.retain(|entry| !entry.is_guarded());
                    answer = entry.map(|entry| Turn::new(event.clone(), vec![entry], registry.on_failure(), None));
                }
            }
        }
        let lane = lane_of(&event);
        let turn = (!handlers.is_empty()).then(|| Turn::new(event, handlers, registry.on_failure(), pass));
        let took_turn = turn.is_none_or(|turn| self.open(lane, turn));
        took_turn && answer.is_none_or(|turn| self.push(Lane::Answers, turn))
    }

    fn note(&mut self, event: &Event<Driven<R>>) {
        if let Event::Fatal { reason } = event {
            self.ended = Some(End::Fatal(reason.clone()));
        } else if let Event::Disconnected { cause, will_retry_in: None } = event {
            self.ended = Some(if *cause == Cause::Closed { End::Closed } else { End::Failed });
        } else if matches!(event, Event::Connecting { .. }) {
            self.ended = None;
        }
    }

    fn open(&mut self, lane: Option<Lane>, turn: Turn<R>) -> bool {
        if let Some(lane) = lane {
            return self.push(lane, turn);
        }
        self.life.push(turn);
        true
    }

    fn push(&mut self, lane: Lane, turn: Turn<R>) -> bool {
        match self.lanes.push(lane, turn) {
            Ok(()) => true,
            Err(NotTaken::Full(turn) | NotTaken::KeyFull(turn)) => {
                self.held = Some((lane, turn));
                false
            }
        }
    }
}

impl<R: Runtime> Drop for Dispatcher<R> {
    fn drop(&mut self) {
        self.anchor.stopper.leave(self.run, &self.anchor.shared);
    }
}

/// None for the life of the connection.
fn lane_of<R: Runtime>(event: &Event<Driven<R>>) -> Option<Lane> {
    if let Some(channel) = event.channel_id() {
        return Some(Lane::Channel(channel));
    }
    let is_pushed = event.kind().is_some() || matches!(event, Event::Unknown { .. });
    is_pushed.then_some(Lane::Elsewhere)
}

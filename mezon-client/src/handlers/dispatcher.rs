//! Takes events and runs their handlers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use mezon_protocol::call::{Answer, Call, Step};
use mezon_protocol::interaction::{LaneLimits, Lanes, NotTaken};
use mezon_protocol::machine::Shared as CallShared;
use mezon_protocol::{ChannelId, Config, Error, Event, Machine};
use std::time::Duration;

use super::clicks::Entrance;
use super::stop::StopRequest;
use super::turn::Turn;
use crate::client::Anchor;
use crate::events::{Receiver, Source as _};
use crate::handle::{Driven, Shared};
use crate::pending::Pending;
use crate::runtime::Runtime;
use crate::tasks::Tasks;

/// How events are handed to handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dispatch {
    /// How many events may be handled at a time, each of another channel. Default: 64; where handlers are called on threads, 4.
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
    /// The life of the connection: a handler of `Ready` may go on for as long as the bot runs.
    Life,
    /// What is said at once, while the channel is still busy.
    Answers,
}

pub(crate) struct Dispatcher<R: Runtime> {
    anchor: Arc<Anchor<R>>,
    receiver: Option<Receiver<R>>,
    lanes: Lanes<Lane, Turn<R>>,
    /// Taken, but there was no room in its lane.
    held: Option<(Lane, Turn<R>)>,
    running: Tasks<Lane, ()>,
    stop: Option<(StopRequest, Pending<(), R>)>,
}

impl<R: Runtime> Dispatcher<R> {
    pub(crate) fn new(receiver: Receiver<R>, anchor: Arc<Anchor<R>>, dispatch: Dispatch) -> Self {
        let Dispatch { parallel, waiting } = dispatch;
        let limits = LaneLimits { running: parallel.max(1), waiting: waiting.max(1), per_key: waiting.max(1) };
        anchor.stopper.begin();
        Self {
            anchor,
            receiver: Some(receiver),
            lanes: Lanes::new(limits),
            held: None,
            running: Tasks::new(),
            stop: None,
        }
    }

    /// Ready when the client is closed and every handler has ended.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let mut progress = false;
            while let Poll::Ready((lane, ())) = self.running.poll_next(cx) {
                self.lanes.finish(&lane);
                progress = true;
            }
            while let Some((lane, turn)) = self.lanes.start() {
                self.running.insert(lane, self.anchor.shared.runtime.handle(turn));
                progress = true;
            }
            progress |= self.take_event(cx);
            self.poll_stop(cx);
            if progress {
                continue;
            }
            let is_over = self.receiver.is_none() && self.lanes.is_idle() && self.held.is_none();
            return if is_over { Poll::Ready(()) } else { Poll::Pending };
        }
    }

    /// Says whether there was something to be done.
    fn take_event(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some((lane, turn)) = self.held.take() {
            return self.push(lane, turn);
        }
        if self.lanes.is_full() || self.stop.is_some() {
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
        let Anchor { shared, handlers: registry, clicks, .. } = &*self.anchor;
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
        let turn = (!handlers.is_empty()).then(|| Turn::new(event, handlers, registry.on_failure(), pass));
        let took_turn = turn.is_none_or(|turn| self.push(lane_of(turn.event()), turn));
        took_turn && answer.is_none_or(|turn| self.push(Lane::Answers, turn))
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

    /// Lets the client shut down once every handler has ended, or the time for that is over.
    fn poll_stop(&mut self, cx: &mut Context<'_>) {
        if let Some(request) = self.anchor.stopper.poll(cx) {
            let shared = &self.anchor.shared;
            let left = request.until.saturating_sub(shared.now().elapsed);
            let backend = Driven { shared: Arc::clone(shared) };
            self.stop = Some((request, backend.pending(Sleep(left), Shared::submit)));
        }
        let Some((_, sleep)) = &mut self.stop else { return };
        let is_idle = self.lanes.is_idle() && self.held.is_none();
        if !is_idle && Pin::new(sleep).poll(cx).is_pending() {
            return;
        }
        if let Some((request, _)) = self.stop.take() {
            request.shut_down(&self.anchor.shared);
        }
    }
}

impl<R: Runtime> Drop for Dispatcher<R> {
    fn drop(&mut self) {
        self.anchor.stopper.end(&self.anchor.shared);
    }
}

fn lane_of<R: Runtime>(event: &Event<Driven<R>>) -> Lane {
    match event.channel_id() {
        Some(channel) => Lane::Channel(channel),
        None if event.kind().is_some() => Lane::Elsewhere,
        None => Lane::Life,
    }
}

/// Ends after a while.
pub(crate) struct Sleep(pub(crate) Duration);

impl Call for Sleep {
    type Output = ();

    fn resume(&mut self, _: &mut CallShared, answer: Result<Answer, Error>) -> Step<()> {
        match answer {
            Ok(Answer::Start) => Step::Wait(self.0),
            Ok(_) => Step::Done(Ok(())),
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn timeout(&self, _: &Config) -> Duration {
        self.0.saturating_add(Duration::from_secs(1))
    }
}

impl StopRequest {
    /// Closes, and tells who asked when the driver has ended.
    pub(crate) fn shut_down<R: Runtime>(self, shared: &Shared<R>) {
        let until = self.until;
        shared.act(move |machine: &mut Machine, now| machine.shutdown(now, until.saturating_sub(now.elapsed)));
        shared.watch(self.watcher);
    }
}

//! Those who wait for an event.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mezon_protocol::interaction::{Filter, Outcome, Standby, WaitId};
use mezon_protocol::object::{ButtonClick, Message};
use mezon_protocol::{ChannelId, Event, MessageId, UserId};

use crate::alarm::Alarm;
use crate::client::Client;
use crate::handle::Driven;
use crate::pending::Answer;
use crate::runtime::Runtime;

/// How many may wait.
pub(crate) const WAITS: usize = 10_000;

/// Those who wait for an event, by their conditions.
pub(crate) struct Waits<R: Runtime>(Mutex<State<R>>);

struct State<R: Runtime> {
    standby: Standby<Event<Driven<R>>>,
    waiting: HashMap<WaitId, Waiting<R>>,
}

struct Waiting<R: Runtime> {
    slot: Box<dyn Slot<Driven<R>>>,
    /// For when the time is over.
    alarm: Option<Alarm<R>>,
}

/// Where an event is awaited.
trait Slot<B>: Send {
    fn deliver(self: Box<Self>, event: Option<Event<B>>);
    fn is_abandoned(&self) -> bool;
}

struct Typed<T, F> {
    sender: oneshot::Sender<Option<T>>,
    take: F,
}

impl<B, T: Send, F: Fn(Event<B>) -> Option<T> + Send> Slot<B> for Typed<T, F> {
    fn deliver(self: Box<Self>, event: Option<Event<B>>) {
        let Self { sender, take } = *self;
        // who waited may be gone
        drop(sender.send(event.and_then(take)));
    }

    fn is_abandoned(&self) -> bool {
        self.sender.is_closed()
    }
}

impl<R: Runtime> Default for Waits<R> {
    fn default() -> Self {
        Self(Mutex::new(State { standby: Standby::new(WAITS), waiting: HashMap::new() }))
    }
}

impl<R: Runtime> Waits<R> {
    /// An event has come: those who wait for it get it.
    pub(crate) fn feed(&self, event: &Event<Driven<R>>) {
        let mut state = self.lock();
        if state.waiting.is_empty() {
            return;
        }
        let abandoned = state.take_abandoned();
        state.standby.feed(event);
        let matched = state.take_matched();
        drop(state);
        drop(abandoned);
        for (waiting, event) in matched {
            waiting.slot.deliver(Some(event));
        }
    }

    /// Nobody waits any longer.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        let all = std::mem::take(&mut state.waiting);
        all.keys().for_each(|id| state.standby.cancel(*id));
        drop(state);
        for waiting in all.into_values() {
            waiting.slot.deliver(None);
        }
    }

    fn expire(&self, id: WaitId) {
        let mut state = self.lock();
        state.standby.cancel(id);
        let waiting = state.waiting.remove(&id);
        drop(state);
        if let Some(waiting) = waiting {
            waiting.slot.deliver(None);
        }
    }

    /// Nothing if too many wait.
    fn add(
        &self,
        condition: impl Fn(&Event<Driven<R>>) -> bool + Send + 'static,
        slot: Box<dyn Slot<Driven<R>>>,
    ) -> Option<WaitId> {
        let mut state = self.lock();
        let abandoned = state.take_abandoned();
        // time is kept elsewhere
        let id = state.standby.wait(Duration::ZERO, Duration::MAX, condition).ok();
        if let Some(id) = id {
            state.waiting.insert(id, Waiting { slot, alarm: None });
        }
        drop(state);
        drop(abandoned);
        id
    }

    /// Keeps the alarm of a wait, unless that is over.
    fn keep(&self, id: WaitId, alarm: Alarm<R>) {
        let mut state = self.lock();
        let Some(waiting) = state.waiting.get_mut(&id) else {
            drop(state);
            return drop(alarm);
        };
        waiting.alarm = Some(alarm);
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        let mut state = self.lock();
        let abandoned = state.take_abandoned();
        let len = state.waiting.len();
        drop(state);
        drop(abandoned);
        len
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is taken out is dropped outside of the lock: an alarm then goes off, and asks for it.
impl<R: Runtime> State<R> {
    #[must_use]
    fn take_abandoned(&mut self) -> Vec<Waiting<R>> {
        let gone: Vec<_> = self.waiting.iter().filter(|(_, it)| it.slot.is_abandoned()).map(|(id, _)| *id).collect();
        gone.iter().for_each(|id| self.standby.cancel(*id));
        gone.iter().filter_map(|id| self.waiting.remove(id)).collect()
    }

    fn take_matched(&mut self) -> Vec<(Waiting<R>, Event<Driven<R>>)> {
        let mut matched = Vec::new();
        while let Some((id, outcome)) = self.standby.poll() {
            let Outcome::Matched(event) = outcome else { continue };
            matched.extend(self.waiting.remove(&id).map(|waiting| (waiting, event)));
        }
        matched
    }
}

/// # Waiting for an event
///
/// What comes is seen by handlers and other receivers all the same. It is noticed when the event is taken, so somebody
/// must take events: [`run`](Self::run), or a loop over [`events`](Self::events). `None` comes when the time is over, when
/// the client is closed, is being shut down or was never started, or when ten thousand wait already. Dropping the answer
/// ends the wait; nothing is left of it.
impl<R: Runtime> Client<R> {
    /// The next event that satisfies a condition, if it comes within this time. The condition is asked wherever events are
    /// taken, so it should not take long, and cannot wait for events itself.
    pub fn wait_for(
        &self,
        condition: impl Fn(&Event<Driven<R>>) -> bool + Send + 'static,
        within: Duration,
    ) -> R::Answered<Option<Event<Driven<R>>>> {
        self.wait_typed(condition, Some, within)
    }

    /// The next click on a message, by a user if one is named, if it comes within this time.
    pub fn next_click(
        &self,
        message: impl Into<MessageId>,
        user: Option<UserId>,
        within: Duration,
    ) -> R::Answered<Option<ButtonClick<Driven<R>>>> {
        let filter = by(Filter::clicks_on(message.into()), user);
        let click = |event| if let Event::ButtonClicked(click) = event { Some(click) } else { None };
        self.wait_typed(move |event| filter.matches(event), click, within)
    }

    /// The next message in a channel, by a user if one is named, if it comes within this time. The bot's own do not count.
    pub fn next_message(
        &self,
        channel: impl Into<ChannelId>,
        user: Option<UserId>,
        within: Duration,
    ) -> R::Answered<Option<Message<Driven<R>>>> {
        let filter = by(Filter::messages_in(channel.into()), user);
        let message = |event| if let Event::Message(message) = event { Some(message) } else { None };
        self.wait_typed(move |event| filter.matches(event), message, within)
    }

    /// How many wait for an event.
    pub fn waiting(&self) -> usize {
        self.anchor().waits.len()
    }

    fn wait_typed<T: Send + 'static>(
        &self,
        condition: impl Fn(&Event<Driven<R>>) -> bool + Send + 'static,
        take: impl Fn(Event<Driven<R>>) -> Option<T> + Send + 'static,
        within: Duration,
    ) -> R::Answered<Option<T>> {
        let (sender, receiver) = oneshot::channel();
        let anchor = self.anchor();
        // without room the slot is dropped with its sender, and the answer is "none" all the same
        let id = anchor.waits.add(shielded(condition), Box::new(Typed { sender, take }));
        if let Some(id) = id {
            anchor.waits.keep(id, anchor.alarm(within, move |anchor, _| anchor.waits.expire(id)));
        }
        if anchor.stopper.is_stopping() {
            anchor.waits.end();
        }
        anchor.shared.runtime.answered(Answer::or_default(receiver))
    }
}

/// A condition that panics is not met.
fn shielded<T>(condition: impl Fn(&T) -> bool) -> impl Fn(&T) -> bool {
    move |event| {
        catch_unwind(AssertUnwindSafe(|| condition(event))).unwrap_or_else(|_| {
            tracing::error!("the condition of a wait panicked");
            false
        })
    }
}

const fn by(filter: Filter, user: Option<UserId>) -> Filter {
    match user {
        Some(user) => filter.by(user),
        None => filter,
    }
}

//! Those who wait for an event.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use mezon_protocol::call::{Answer as CallAnswer, Call, Step};
use mezon_protocol::interaction::{Filter, Outcome, Standby, WaitId};
use mezon_protocol::machine::Shared as CallShared;
use mezon_protocol::object::{ButtonClick, Message};
use mezon_protocol::{ChannelId, Config, Error, Event, MessageId, UserId};

use crate::client::{Anchor, Client};
use crate::handle::Driven;
use crate::pending::Answer;
use crate::runtime::Runtime;

/// How many may wait.
const LIMIT: usize = 10_000;

/// Those who wait for an event, by their conditions.
pub(crate) struct Waits<B>(Mutex<State<B>>);

struct State<B> {
    standby: Standby<Event<B>>,
    slots: HashMap<WaitId, Box<dyn Slot<B>>>,
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

impl<B> Default for Waits<B>
where
    Event<B>: Clone,
{
    fn default() -> Self {
        Self(Mutex::new(State { standby: Standby::new(LIMIT), slots: HashMap::new() }))
    }
}

impl<B> Waits<B>
where
    Event<B>: Clone,
{
    /// An event has come: those who wait for it get it.
    pub(crate) fn feed(&self, event: &Event<B>) {
        let mut state = self.lock();
        if state.slots.is_empty() {
            return;
        }
        state.forget_abandoned();
        state.standby.feed(event);
        deliver(state);
    }

    fn expire(&self, id: WaitId) {
        let mut state = self.lock();
        state.standby.cancel(id);
        let slot = state.slots.remove(&id);
        drop(state);
        if let Some(slot) = slot {
            slot.deliver(None);
        }
    }

    /// Nothing if too many wait.
    fn add(&self, condition: impl Fn(&Event<B>) -> bool + Send + 'static, slot: Box<dyn Slot<B>>) -> Option<WaitId> {
        let mut state = self.lock();
        state.forget_abandoned();
        // time is kept elsewhere
        let id = state.standby.wait(Duration::ZERO, Duration::MAX, condition).ok()?;
        state.slots.insert(id, slot);
        Some(id)
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        let mut state = self.lock();
        state.forget_abandoned();
        state.slots.len()
    }

    fn lock(&self) -> MutexGuard<'_, State<B>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B> State<B>
where
    Event<B>: Clone,
{
    fn forget_abandoned(&mut self) {
        let abandoned: Vec<_> = self.slots.iter().filter(|(_, slot)| slot.is_abandoned()).map(|(id, _)| *id).collect();
        for id in abandoned {
            self.standby.cancel(id);
            self.slots.remove(&id);
        }
    }
}

/// Hands out what has come, after the lock is released.
fn deliver<B>(mut state: MutexGuard<'_, State<B>>)
where
    Event<B>: Clone,
{
    let mut ready = Vec::new();
    while let Some((id, outcome)) = state.standby.poll() {
        let event = match outcome {
            Outcome::Matched(event) => Some(event),
            Outcome::TimedOut => None,
        };
        ready.extend(state.slots.remove(&id).map(|slot| (slot, event)));
    }
    drop(state);
    for (slot, event) in ready {
        slot.deliver(event);
    }
}

/// # Waiting for an event
///
/// What comes is seen by handlers and other receivers all the same. It is noticed when the event is taken, so somebody
/// must take events: [`run`](Self::run), or a loop over [`events`](Self::events). `None` comes when the time is over, when
/// the client is closed, or when ten thousand wait already. Dropping the answer ends the wait; nothing is left of it.
impl<R: Runtime> Client<R> {
    /// The next event that satisfies a condition, if it comes within this time.
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
        if let Some(id) = anchor.waits.add(condition, Box::new(Typed { sender, take })) {
            self.backend().detach(Expire { anchor: Arc::downgrade(&anchor), id, within });
        }
        anchor.shared.runtime.answered(Answer::or_default(receiver))
    }
}

const fn by(filter: Filter, user: Option<UserId>) -> Filter {
    match user {
        Some(user) => filter.by(user),
        None => filter,
    }
}

/// Ends a wait when its time is over, or when the driver ends.
struct Expire<R: Runtime> {
    anchor: Weak<Anchor<R>>,
    id: WaitId,
    within: Duration,
}

impl<R: Runtime> Call for Expire<R> {
    type Output = ();

    fn resume(&mut self, _: &mut CallShared, answer: Result<CallAnswer, Error>) -> Step<()> {
        match answer {
            Ok(CallAnswer::Start) => Step::Wait(self.within),
            Ok(_) | Err(_) => Step::Done(Ok(())),
        }
    }

    fn timeout(&self, _: &Config) -> Duration {
        self.within.saturating_add(Duration::from_secs(1))
    }
}

impl<R: Runtime> Drop for Expire<R> {
    fn drop(&mut self) {
        if let Some(anchor) = self.anchor.upgrade() {
            anchor.waits.expire(self.id);
        }
    }
}

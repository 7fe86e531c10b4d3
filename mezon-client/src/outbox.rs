//! Messages that are sent once: kept in the store before they leave, until it is stored what has become of them.
//!
//! ```text
//!   queue_once ──put──► store ──submission──► driver ──outcome──► store ──► whoever waits
//!   start      ──what is left there──────────►
//! ```
//!
//! The thread that has the store makes the submissions, so that they keep the order of the store. Nothing here depends on
//! whoever waits.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mezon_protocol::call::{Answer as CallAnswer, Call, OutboxPolicy, SendOnce, Sent, Step};
use mezon_protocol::machine::Shared as MachineShared;
use mezon_protocol::object::{Once, SentMessage};
use mezon_protocol::store::{Entry, MessageStore, Outbox as StoredOutbox, OutboxItem, Settled, StoreError, Unsettled};
use mezon_protocol::{Config, Error, ErrorKind, MessageId, UserId};

use crate::client::Client;
use crate::handle::{Driven, Shared};
use crate::pending::{Answer, End, Found, Pending};
use crate::runtime::Runtime;

type Outcome<R> = Result<SentMessage<Driven<R>>, Error>;
/// Gets an [`Outcome`].
type Waiter = oneshot::Sender<Found>;
/// Whose message it is, and its key.
type Id = (UserId, String);

/// # The outbox
///
/// It is a part of the store, if one was given to the [builder](crate::Builder::store).
impl<R: Runtime> Client<R> {
    /// The messages that are [sent once](mezon_protocol::object::Channel::queue_once) and wait for that, the one that was
    /// queued first at the front. None without a store, or with one that keeps no outbox. No connection is needed.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn outbox(&self) -> R::Answered<Result<Vec<OutboxItem>, StoreError>> {
        let shared = &self.backend().shared;
        let (account, limit) = (shared.own_id(), shared.outbox.policy.limit);
        let asked = shared.keeper.as_ref().map(|keeper| {
            keeper.ask(move |store| match store.outbox() {
                Some(outbox) => outbox.unsettled(account, limit).map(|unsettled| unsettled.items),
                None => Ok(Vec::new()),
            })
        });
        shared.runtime.answered(match asked {
            Some(asked) => Answer::or(asked, || Err(StoreError::Other("nobody looks after the store".into()))),
            None => Answer::or(oneshot::channel().1, || Ok(Vec::new())),
        })
    }
}

/// What is kept and looked after, and who waits for it.
pub(crate) struct Outbox {
    under_way: Mutex<HashMap<Id, UnderWay>>,
    policy: OutboxPolicy,
    content_limit: usize,
}

#[derive(Default)]
struct UnderWay {
    waiters: Vec<Waiter>,
    /// Its call has been submitted.
    is_submitted: bool,
}

impl Outbox {
    pub(crate) fn new(config: &Config) -> Self {
        Self { under_way: Mutex::default(), policy: config.outbox, content_limit: config.content_limit }
    }

    fn item(&self, account: UserId, once: Once, now: Duration) -> Result<OutboxItem, Error> {
        let within = once.within.unwrap_or(self.policy.kept_timeout);
        OutboxItem::new(account, once.key, once.to, once.content, self.content_limit, now, within)
    }

    /// True if the message is new; otherwise somebody looks after it, and the waiter will hear of it as well.
    fn enter(&self, id: &Id, waiter: Waiter) -> Result<bool, Error> {
        let mut under_way = self.lock();
        if let Some(UnderWay { waiters, .. }) = under_way.get_mut(id) {
            waiters.retain(|waiter| !waiter.is_closed());
            waiters.push(waiter);
            return Ok(false);
        }
        if under_way.len() >= self.policy.limit {
            return Err(Error::unsent(ErrorKind::TooManyInFlight));
        }
        under_way.insert(id.clone(), UnderWay { waiters: vec![waiter], is_submitted: false });
        Ok(true)
    }

    /// True if the message, which is in the store, is to be submitted now, as that has not been done.
    fn begin(&self, id: &Id) -> bool {
        let mut under_way = self.lock();
        let message = under_way.entry(id.clone()).or_default();
        !std::mem::replace(&mut message.is_submitted, true)
    }

    fn leave(&self, id: &Id) -> Vec<Waiter> {
        self.lock().remove(id).unwrap_or_default().waiters
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Id, UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Runtime> Driven<R> {
    /// Puts a message in the store, and sends it when it is there.
    pub(crate) fn queue_once(&self, once: Once) -> Pending<SentMessage<Self>, R> {
        self.put_in_outbox(once).map_or_else(Pending::failed, Pending::begun)
    }

    fn put_in_outbox(&self, once: Once) -> Result<End<SentMessage<Self>>, Error> {
        let shared = &self.shared;
        let keeper = shared.keeper.as_ref().ok_or_else(Once::unsupported)?;
        let item = shared.outbox.item(shared.own_id(), once, shared.now().unix)?;
        let id = (item.account, item.key.clone());
        drop(shared.reserve_driven().map_err(Error::unsent)?);
        let (waiter, end) = End::new();
        let entered = shared.outbox.enter(&id, waiter);
        if !matches!(entered, Ok(true)) {
            shared.pending.fetch_sub(1, Ordering::Relaxed);
            return entered.map(|_| end);
        }
        let delivery = Delivery { backend: self.clone(), id, is_ended: false };
        drop(keeper.ask(move |store| delivery.put(store, item)));
        Ok(end)
    }
}

impl<R: Runtime> Shared<R> {
    /// Sends what is left in the store, before anything that is queued later.
    pub(crate) fn load_outbox(self: &Arc<Self>) {
        let account = self.own_id();
        let Some(keeper) = self.keeper.as_ref().filter(|_| !account.is_none()) else { return };
        let backend = Driven { shared: Arc::clone(self) };
        drop(keeper.ask(move |store| backend.send_stored(store, account)));
    }
}

impl<R: Runtime> Driven<R> {
    fn send_stored(&self, store: &mut dyn MessageStore, account: UserId) {
        let Some(outbox) = store.outbox() else { return };
        let Unsettled { items, taken } = match outbox.unsettled(account, self.shared.outbox.policy.limit) {
            Ok(unsettled) => unsettled,
            Err(error) => return tracing::error!(%error, "what is left in the outbox cannot be read, and is not sent"),
        };
        let taken: Arc<[MessageId]> = taken.into();
        for item in items {
            let id = (item.account, item.key.clone());
            if self.shared.outbox.begin(&id) {
                self.shared.pending.fetch_add(1, Ordering::Relaxed);
                let delivery = Delivery { backend: self.clone(), id, is_ended: false };
                delivery.submit(SendOnce::new(item).again(Arc::clone(&taken)));
            }
        }
    }
}

/// Looks after one message, which is one of the pending calls, until it is known what has become of it. Dropped before
/// that, it leaves the message to the next start.
struct Delivery<R: Runtime> {
    backend: Driven<R>,
    id: Id,
    is_ended: bool,
}

impl<R: Runtime> Delivery<R> {
    /// On the thread that has the store.
    fn put(self, store: &mut dyn MessageStore, item: OutboxItem) {
        let Some(outbox) = store.outbox() else { return self.end(&Err(Once::unsupported())) };
        let call = match outbox.put(&item) {
            Ok(Entry::Settled(settled)) => {
                let sent = settled.outcome(item);
                let sent = sent.map(|sent| SentMessage::new(sent, self.id.0, self.backend.clone()));
                return self.end(&sent);
            }
            // it was among what was left in the store
            Ok(_) if !self.backend.shared.outbox.begin(&self.id) => return self.leave_to_other(),
            Ok(Entry::New) => Ok(SendOnce::new(item)),
            Ok(Entry::Waiting) => again(outbox, item),
            Err(error) => Err(error),
        };
        match call {
            Ok(call) => self.submit(call),
            Err(error) => self.end(&Err(Error::unsent(ErrorKind::Store(error.to_string())))),
        }
    }

    /// Another one looks after the message, and tells those who wait.
    fn leave_to_other(mut self) {
        self.free_place();
    }

    /// It is none of the pending calls any more.
    fn free_place(&mut self) {
        self.is_ended = true;
        self.backend.shared.pending.fetch_sub(1, Ordering::Relaxed);
    }

    /// Gives those who are to be told. They may make the next call at once, for which there must be room then.
    fn leave(&mut self) -> Vec<Waiter> {
        self.free_place();
        self.backend.shared.outbox.leave(&self.id)
    }

    fn submit(self, call: SendOnce) {
        let backend = self.backend.clone();
        backend.detach(Delivering { call, delivery: Some(self) });
    }

    /// In the driver.
    fn settle(self, outcome: Result<Sent, Error>, now: Duration) {
        let settled = Settled::of(&outcome, self.id.0);
        let outcome = outcome.map(|sent| SentMessage::new(sent, self.id.0, self.backend.clone()).noted());
        let shared = Arc::clone(&self.backend.shared);
        let (Some(settled), Some(keeper)) = (settled, &shared.keeper) else { return self.end(&outcome) };
        let at = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        drop(keeper.ask(move |store| {
            let noted = store.outbox().map(|outbox| outbox.settle(self.id.0, &self.id.1, &settled, at));
            if let Some(Err(error)) = noted {
                // the next start finds the message in its channel
                tracing::error!(%error, key = self.id.1, "what has become of a message could not be stored");
            }
            self.end(&outcome);
        }));
    }

    fn end(mut self, outcome: &Outcome<R>) {
        let waiters = self.leave();
        // those who have gone away are not told
        let told = waiters.into_iter().filter_map(|waiter| waiter.send(Box::new(outcome.clone())).ok()).count();
        if let (0, Err(error)) = (told, outcome) {
            tracing::warn!(%error, key = self.id.1, "a message that was queued once was not sent");
        }
    }
}

impl<R: Runtime> Drop for Delivery<R> {
    fn drop(&mut self) {
        if !self.is_ended {
            drop(self.leave());
        }
    }
}

/// A message that waits in the store, as it was put in; if it is damaged there, as it is given now.
fn again(outbox: &mut dyn StoredOutbox, item: OutboxItem) -> Result<SendOnce, StoreError> {
    let Unsettled { items, taken } = outbox.unsettled(item.account, usize::MAX)?;
    let stored = items.into_iter().find(|stored| stored.key == item.key);
    Ok(SendOnce::new(stored.unwrap_or(item)).again(taken.into()))
}

/// A message on its way.
struct Delivering<R: Runtime> {
    call: SendOnce,
    delivery: Option<Delivery<R>>,
}

impl<R: Runtime> Delivering<R> {
    fn end(&mut self, now: Duration, outcome: Result<Sent, Error>) {
        if let Some(delivery) = self.delivery.take() {
            delivery.settle(outcome, now);
        }
    }
}

impl<R: Runtime> Call for Delivering<R> {
    type Output = ();

    fn resume(&mut self, shared: &mut MachineShared, answer: Result<CallAnswer, Error>) -> Step<()> {
        let step = self.call.resume(shared, answer);
        step.and_then(|outcome| {
            self.end(shared.now.unix, outcome);
            Step::Done(Ok(()))
        })
    }

    fn timeout(&self, config: &Config) -> Duration {
        self.call.timeout(config)
    }

    fn hears_timeouts(&self) -> bool {
        self.call.hears_timeouts()
    }

    fn interrupt(&mut self, shared: &mut MachineShared, error: Error) -> Result<(), Error> {
        let outcome = self.call.interrupt(shared, error);
        self.end(shared.now.unix, outcome);
        Ok(())
    }
}

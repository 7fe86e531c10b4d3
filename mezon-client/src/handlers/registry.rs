//! Who wants to hear of what.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mezon_protocol::interaction::{ComponentId, ComponentIdError, Unrouted};
use mezon_protocol::{Event, EventKind};

use super::outcome::Job;
use super::turn::OnFailure;

/// Names a registered handler, to take it out again. Dropping it changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandlerId(u64);

/// What a handler is registered for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Topic {
    /// What is pushed of this kind.
    Kind(EventKind),
    /// Clicks on components of a type.
    Component(ComponentType),
    /// Clicks on components of no registered type.
    StaleComponent,
    /// The life of the connection.
    Life,
    /// Everything, also what this build does not know.
    All,
}

/// A type that reads the ids of components.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ComponentType {
    prefix: &'static str,
    read: fn(&str) -> Result<(), ComponentIdError>,
}

impl ComponentType {
    pub(crate) fn of<C: ComponentId>() -> Self {
        Self { prefix: C::PREFIX, read: |id| C::parse(id).map(drop) }
    }
}

/// Gives nothing for events that are not for it.
type Handler<B> = Box<dyn Fn(&Event<B>) -> Option<Job> + Send + Sync>;

pub(crate) struct Entry<B> {
    id: HandlerId,
    topic: Topic,
    handler: Handler<B>,
    is_out: AtomicBool,
}

impl<B> Entry<B> {
    /// One that is not in the registry.
    pub(crate) fn unlisted(handler: impl Fn(&Event<B>) -> Option<Job> + Send + Sync + 'static) -> Self {
        Self::new(HandlerId(0), Topic::All, handler)
    }

    fn new(id: HandlerId, topic: Topic, handler: impl Fn(&Event<B>) -> Option<Job> + Send + Sync + 'static) -> Self {
        Self { id, topic, handler: Box::new(handler), is_out: AtomicBool::new(false) }
    }

    /// Whether a second click is kept from it.
    pub(crate) const fn is_guarded(&self) -> bool {
        matches!(self.topic, Topic::Component(_) | Topic::StaleComponent)
    }

    /// Begins the handler, if the event is for it and it has not been taken out meanwhile.
    pub(crate) fn start(&self, event: &Event<B>) -> Option<Job> {
        if self.is_out.load(Ordering::Relaxed) { None } else { (self.handler)(event) }
    }

    fn wants(&self, kind: Option<EventKind>) -> bool {
        match (self.topic, kind) {
            (Topic::All, _) => true,
            (Topic::Life, None) => true,
            (Topic::Kind(wanted), Some(kind)) => wanted == kind,
            (Topic::Component(_) | Topic::StaleComponent, Some(kind)) => kind == EventKind::ButtonClicked,
            (Topic::Life, Some(_)) => false,
            (Topic::Kind(_) | Topic::Component(_) | Topic::StaleComponent, None) => false,
        }
    }
}

/// The handlers of a client, in the order in which they were registered.
pub(crate) struct Handlers<B> {
    entries: Mutex<Entries<B>>,
    on_failure: Mutex<OnFailure>,
    with_own: AtomicBool,
    with_replayed: AtomicBool,
}

struct Entries<B> {
    last: u64,
    /// Replaced as a whole by every change, so that an event is seen by those who were there when it came.
    all: Arc<[Arc<Entry<B>>]>,
}

impl<B> Default for Handlers<B> {
    fn default() -> Self {
        let on_failure: OnFailure = Arc::new(|_| {});
        Self {
            entries: Mutex::new(Entries { last: 0, all: Arc::default() }),
            on_failure: Mutex::new(on_failure),
            with_own: AtomicBool::new(false),
            with_replayed: AtomicBool::new(true),
        }
    }
}

impl<B> Handlers<B> {
    pub(crate) fn add(
        &self,
        topic: Topic,
        handler: impl Fn(&Event<B>) -> Option<Job> + Send + Sync + 'static,
    ) -> HandlerId {
        let mut entries = self.lock();
        entries.last += 1;
        let id = HandlerId(entries.last);
        let entry = Arc::new(Entry::new(id, topic, handler));
        entries.all = entries.all.iter().cloned().chain([entry]).collect();
        id
    }

    /// Takes a handler out. False if it was not there.
    pub(crate) fn remove(&self, id: HandlerId) -> bool {
        let mut entries = self.lock();
        let before = Arc::clone(&entries.all);
        let Some(removed) = before.iter().find(|entry| entry.id == id) else { return false };
        removed.is_out.store(true, Ordering::Relaxed);
        entries.all = before.iter().filter(|entry| entry.id != id).cloned().collect();
        // what a handler has captured may take this lock when it is dropped
        drop(entries);
        true
    }

    pub(crate) fn on_failure(&self) -> OnFailure {
        Arc::clone(&self.on_failure.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_on_failure(&self, on_failure: OnFailure) {
        *self.on_failure.lock().unwrap_or_else(PoisonError::into_inner) = on_failure;
    }

    /// Whether handlers hear of what the bot does itself.
    pub(crate) fn with_own(&self) -> bool {
        self.with_own.load(Ordering::Relaxed)
    }

    pub(crate) fn set_with_own(&self, with_own: bool) {
        self.with_own.store(with_own, Ordering::Relaxed);
    }

    /// Whether handlers hear of what was missed and is given afterwards.
    pub(crate) fn with_replayed(&self) -> bool {
        self.with_replayed.load(Ordering::Relaxed)
    }

    pub(crate) fn set_with_replayed(&self, with_replayed: bool) {
        self.with_replayed.store(with_replayed, Ordering::Relaxed);
    }

    pub(crate) fn wants(&self, kind: EventKind) -> bool {
        self.lock().all.iter().any(|entry| entry.wants(Some(kind)))
    }

    /// Those who want an event of this kind, `None` for the life of the connection.
    pub(crate) fn of(&self, kind: Option<EventKind>) -> Vec<Arc<Entry<B>>> {
        let entries = Arc::clone(&self.lock().all);
        entries.iter().filter(|entry| entry.wants(kind)).cloned().collect()
    }

    /// Why no registered type reads the id of a component; `None` if one does.
    pub(crate) fn unrouted(&self, id: &str) -> Option<Unrouted> {
        let entries = Arc::clone(&self.lock().all);
        let types = entries.iter().filter_map(|entry| match entry.topic {
            Topic::Component(component) => Some(component),
            Topic::Kind(_) | Topic::StaleComponent | Topic::Life | Topic::All => None,
        });
        Unrouted::or_first(types.map(|component| (component.prefix, (component.read)(id)))).err()
    }

    fn lock(&self) -> MutexGuard<'_, Entries<B>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B> fmt::Debug for Handlers<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers").field("len", &self.lock().all.len()).finish()
    }
}

//! People click twice: what becomes of the second click.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mezon_protocol::interaction::{Entry as Entered, Guard};
use mezon_protocol::{Content, Event, MessageId, UserId};

use super::outcome::{Job, job_of};
use super::registry::Entry;
use crate::handle::{Driven, Shared};
use crate::runtime::Runtime;

/// What becomes of a click on a button while an earlier one of the same user on the same button is being handled, and for
/// half a second after that. It concerns the handlers of [components](crate::Client::on_component) only, and no choices in
/// selects, of which each counts.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum SecondClick {
    /// Nothing happens. The default.
    #[default]
    Drop,
    /// The user is told, so that nobody else sees it.
    Answer(Content),
    /// It is handled as any other, after the first one.
    Handle,
}

impl SecondClick {
    /// The user is told this, so that nobody else sees it.
    pub fn answer(content: impl Into<Content>) -> Self {
        Self::Answer(content.into())
    }
}

/// Message, user and button.
type Key = (MessageId, UserId, String);

/// Knows the clicks that are being handled.
pub(crate) struct Clicks<R: Runtime> {
    guard: Arc<Mutex<Guard<Key>>>,
    second: Mutex<Second<R>>,
}

enum Second<R: Runtime> {
    Drop,
    /// By this handler.
    Answer(Arc<Entry<Driven<R>>>),
    Handle,
}

/// Whether a click is handled.
pub(crate) enum Entrance<R: Runtime> {
    /// It is, with this pass if others are kept out meanwhile.
    Open(Option<Pass<R>>),
    /// It is not; this handler may say so.
    Closed(Option<Arc<Entry<Driven<R>>>>),
}

impl<R: Runtime> Clicks<R> {
    pub(crate) fn set(&self, second: SecondClick) {
        let second = match second {
            SecondClick::Drop => Second::Drop,
            SecondClick::Answer(content) => Second::Answer(Arc::new(Entry::unlisted(move |event| {
                let Event::ButtonClicked(click) = event else { return None };
                Some(answer::<R>(click.clone(), content.clone()))
            }))),
            SecondClick::Handle => Second::Handle,
        };
        *lock(&self.second) = second;
    }

    pub(crate) fn enter(&self, shared: &Arc<Shared<R>>, event: &Event<Driven<R>>) -> Entrance<R> {
        let Event::ButtonClicked(click) = event else { return Entrance::Open(None) };
        let answer = match &*lock(&self.second) {
            Second::Handle => return Entrance::Open(None),
            Second::Drop => None,
            Second::Answer(entry) => Some(Arc::clone(entry)),
        };
        if click.is_select_change() {
            return Entrance::Open(None);
        }
        let key = click.key();
        match lock(&self.guard).enter(shared.now().elapsed, key.clone()) {
            Entered::Admitted => {
                Entrance::Open(Some(Pass { guard: Arc::clone(&self.guard), shared: Arc::clone(shared), key }))
            }
            Entered::Busy | Entered::Full => Entrance::Closed(answer),
        }
    }
}

impl<R: Runtime> Default for Clicks<R> {
    fn default() -> Self {
        Self { guard: Arc::default(), second: Mutex::new(Second::Drop) }
    }
}

/// Keeps other clicks of its kind out until it is dropped.
pub(crate) struct Pass<R: Runtime> {
    guard: Arc<Mutex<Guard<Key>>>,
    shared: Arc<Shared<R>>,
    key: Key,
}

impl<R: Runtime> Drop for Pass<R> {
    fn drop(&mut self) {
        lock(&self.guard).finish(self.shared.now().elapsed, &self.key);
    }
}

fn answer<R: Runtime>(click: mezon_protocol::object::ButtonClick<Driven<R>>, content: Content) -> Job {
    job_of(async move { R::ended(click.reply_ephemeral(content)).await })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

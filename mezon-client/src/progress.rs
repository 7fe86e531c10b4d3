//! How far events were handled: the store is told, so that a client that is started again goes on from there.
//!
//! ```text
//!   taken ──before it, where the channel is new──► store
//!   handled ──────────────up to it───────────────► store
//! ```
//!
//! What was taken and not handled when a process ends is given again by the next one. So a message is handed to its
//! handlers at least once, and once only if the process does not end in between.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use mezon_protocol::Event;
use mezon_protocol::event::MessageData;
use mezon_protocol::machine::Stream;
use mezon_protocol::store::{Change, Position};

use crate::handle::{Driven, Shared};
use crate::keeper::Keeper;
use crate::runtime::Runtime;

/// How often the store is told up to when everything was given, in seconds.
const INTERVAL: u32 = 60;

/// How far the clocks of server and client may be apart, in seconds.
const MARGIN: u32 = 60;

/// Channels that are known to have a position; beyond it the memory starts anew, as it does no harm to tell it again.
const MAX_KNOWN: usize = 4096;

/// What was taken so far.
#[derive(Default)]
pub(crate) struct Progress(Mutex<State>);

#[derive(Default)]
struct State {
    known: HashSet<Stream>,
    /// When the newest message that was taken was said, in seconds since 1970.
    newest: u32,
    /// Up to when everything was given, as the store was told.
    told: u32,
    /// Nothing is missed that was said before what comes now.
    is_caught_up: bool,
}

impl Progress {
    /// An event is taken. Gives the position that is reached when it has been handled, if it has any.
    fn take<R: Runtime>(&self, event: &Event<Driven<R>>, unix: u32, keeper: &Keeper) -> Option<Position> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Message(message) => return state.take_message(message.data(), keeper),
            Event::Disconnected { .. } => state.is_caught_up = false,
            // the beginning of all: what was said before is not wanted
            Event::Ready { gap: None, .. } => {
                state.newest = state.newest.max(unix.saturating_sub(MARGIN));
                state.catch_up(keeper);
            }
            Event::BackfillDone { .. } => state.catch_up(keeper),
            _ => {}
        }
        None
    }
}

impl State {
    fn take_message(&mut self, data: &MessageData, keeper: &Keeper) -> Option<Position> {
        let position = Position::at(data)?;
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        if self.known.insert(position.stream()) {
            keeper.keep(Change::Handled(position.before()));
        }
        self.newest = self.newest.max(data.create_time_seconds());
        if self.is_caught_up && self.newest >= self.told.saturating_add(INTERVAL) {
            self.tell(keeper);
        }
        Some(position)
    }

    fn catch_up(&mut self, keeper: &Keeper) {
        self.is_caught_up = true;
        if self.newest > self.told {
            self.tell(keeper);
        }
    }

    fn tell(&mut self, keeper: &Keeper) {
        self.told = self.newest;
        keeper.keep(Change::Seen(self.told));
    }
}

/// What is left to be told of an event when it has been handled. Dropped, nothing is: it will be given again.
pub(crate) struct Receipt<R: Runtime> {
    shared: Arc<Shared<R>>,
    position: Position,
}

impl<R: Runtime> Receipt<R> {
    /// An event is taken. None if there is nothing to be told of it, as there is no store, or it is no message.
    pub(crate) fn of(event: &Event<Driven<R>>, shared: &Arc<Shared<R>>) -> Option<Self> {
        let keeper = shared.keeper.as_ref()?;
        let unix = u32::try_from(shared.now().unix.as_secs()).unwrap_or(u32::MAX);
        let position = shared.progress.take(event, unix, keeper)?;
        Some(Self { shared: Arc::clone(shared), position })
    }

    /// It has been handled.
    pub(crate) fn sign(self) {
        if let Some(keeper) = &self.shared.keeper {
            keeper.keep(Change::Handled(self.position));
        }
    }
}

impl<R: Runtime> fmt::Debug for Receipt<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receipt").field(&self.position).finish()
    }
}

//! What a store is told while messages are taken and handled, so that a client that is started again goes on from there.
//!
//! ```text
//!   taken ──before it, where the channel is new──► store
//!   handled ──────────────up to it───────────────► store
//! ```

use std::collections::HashSet;

use super::{Change, Position};
use crate::event::{Event, MessageData};
use crate::id::UserId;
use crate::machine::Stream;
use crate::object::Backend;

/// How often the store is told up to when everything was given, in seconds.
const INTERVAL: u32 = 60;

/// How far the clocks of server and client may be apart, in seconds.
const MARGIN: u32 = 60;

/// Channels that are known to have a position; beyond it the memory starts anew, as it does no harm to tell it again.
const MAX_KNOWN: usize = 4096;

/// Follows the events that are taken, and says what the store is to be told of them.
///
/// What was taken and not handled when a process ends is given again by the next one. So each message is handled at least once,
/// and just once if the process does not end in between. Adapters use it for clients with a store; it is for those who drive
/// the Machine themselves.
///
/// ```
/// use mezon_protocol::object::Backend;
/// use mezon_protocol::store::{Change, MessageStore, StoreError, Tracker};
/// use mezon_protocol::Event;
///
/// # const BOT: mezon_protocol::UserId = mezon_protocol::UserId::new(17);
/// fn take<B: Backend>(event: Event<B>, unix: u32, tracker: &mut Tracker, store: &mut impl MessageStore) -> Result<(), StoreError> {
///     let mut changes = Vec::new();
///     let position = tracker.take(&event, BOT, || unix, |change| changes.push(change));
///     store.apply(&changes)?;
///     // here it is handled, and when that is done:
///     store.apply(&Vec::from_iter(position.map(|position| Change::Handled(BOT, position))))
/// }
/// ```
#[derive(Debug, Default)]
pub struct Tracker {
    account: UserId,
    known: HashSet<Stream>,
    /// When the newest message that was taken was said, in seconds since 1970.
    newest: u32,
    /// Up to when everything was given, as the store was told.
    told: u32,
    /// Nothing is missed that was said before what comes now.
    is_caught_up: bool,
}

impl Tracker {
    /// An account takes an event. `unix` gives the time in seconds since 1970, for which few events ask. Gives the position
    /// that is reached when it has been handled, if it is a message: to be told to the store then, and not before what came
    /// earlier in the same channel.
    pub fn take<B: Backend>(
        &mut self,
        event: &Event<B>,
        account: UserId,
        unix: impl FnOnce() -> u32,
        mut tell: impl FnMut(Change),
    ) -> Option<Position> {
        if self.account != account {
            *self = Self { account, ..Self::default() };
        }
        if let Event::Message(message) = event {
            return self.take_message(message.data(), tell);
        }
        if let Event::Connected = event {
            // before any message
            tell(Change::Begun(account, unix().saturating_sub(MARGIN)));
        } else if let Event::Disconnected { .. } = event {
            self.is_caught_up = false;
        } else if let Event::Ready { gap: None, .. } | Event::BackfillDone { .. } = event {
            self.is_caught_up = true;
            self.see().into_iter().for_each(tell);
        }
        None
    }

    fn take_message(&mut self, data: &MessageData, mut tell: impl FnMut(Change)) -> Option<Position> {
        let position = Position::at(data)?;
        if self.known.len() >= MAX_KNOWN {
            self.known.clear();
        }
        if self.known.insert(position.stream()) {
            tell(Change::Handled(self.account, position.before()));
        }
        self.newest = self.newest.max(data.create_time_seconds());
        if self.is_caught_up && self.newest >= self.told.saturating_add(INTERVAL) {
            self.see().into_iter().for_each(tell);
        }
        Some(position)
    }

    fn see(&mut self) -> Option<Change> {
        let is_news = self.newest > self.told;
        self.told = self.newest;
        is_news.then_some(Change::Seen(self.account, self.told))
    }
}

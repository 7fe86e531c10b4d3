//! How far events were handled, for the store.

use std::fmt;
use std::sync::{Arc, PoisonError};

use mezon_protocol::store::{Change, Position};
use mezon_protocol::{Event, UserId};

use crate::handle::{Driven, Shared};
use crate::runtime::Runtime;

/// What is left to be told of a message when it has been handled. Dropped, nothing is: it will be given again when the client
/// connects anew, or by the next process.
pub(crate) struct Receipt<R: Runtime> {
    shared: Arc<Shared<R>>,
    account: UserId,
    position: Position,
    is_signed: bool,
}

impl<R: Runtime> Receipt<R> {
    /// An event is taken. None if there is nothing to be told of it, as there is no store, or it is no message.
    pub(crate) fn of(event: &Event<Driven<R>>, shared: &Arc<Shared<R>>) -> Option<Self> {
        let keeper = shared.keeper.as_ref()?;
        let account = shared.own_id();
        let unix = || u32::try_from(shared.now().unix.as_secs()).unwrap_or(u32::MAX);
        let mut tracker = shared.tracker.lock().unwrap_or_else(PoisonError::into_inner);
        let position = tracker.take(event, account, unix, |change| keeper.keep(change))?;
        Some(Self { shared: Arc::clone(shared), account, position, is_signed: false })
    }

    /// It has been handled.
    pub(crate) fn sign(mut self) {
        self.is_signed = true;
        if let Some(keeper) = &self.shared.keeper {
            keeper.keep(Change::Handled(self.account, self.position));
        }
    }
}

impl<R: Runtime> Drop for Receipt<R> {
    fn drop(&mut self) {
        if !self.is_signed {
            self.shared.note_abandoned();
        }
    }
}

impl<R: Runtime> fmt::Debug for Receipt<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receipt").field(&self.position).finish()
    }
}

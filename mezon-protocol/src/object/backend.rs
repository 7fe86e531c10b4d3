//! What runs the calls: the seam between the handles and an adapter.

use crate::call::Call;
use crate::event::MessageData;
use crate::id::{ChannelId, MessageId};
use crate::memory::Memory;
use crate::store::Change;

/// The means by which a handle's calls are run; each adapter has one.
///
/// Handles are generic over it, so that `channel.send("hi").await?` and `channel.send("hi")?` are the same method.
pub trait Backend: Clone + Send + Sync + 'static {
    /// What a call returns: a future of a `Result` on the async runtimes, the `Result` itself on the blocking one.
    type Outcome<T: Send + 'static>;

    /// Runs a call.
    fn call<C: Call>(&self, call: C) -> Self::Outcome<C::Output>;

    /// Lends what the client remembers, for a moment: `access` does not block and does not call the backend. By itself
    /// a backend remembers nothing.
    fn memory<T>(&self, access: impl FnOnce(&mut Memory) -> T) -> T {
        access(&mut Memory::off())
    }

    /// Hands on how the [store](crate::store) of messages has to change, and does not wait until it has. By itself a
    /// backend stores nothing, and does not ask what the change is.
    fn keep(&self, change: impl FnOnce() -> Option<Change>) {
        let _ = change;
    }

    /// Runs a call that fetches a message, unless it is stored: then `found` makes the output of what is stored, and the
    /// call is dropped. By itself a backend stores nothing.
    fn recall<C: Call>(
        &self,
        channel: ChannelId,
        message: MessageId,
        found: impl FnOnce(MessageData) -> C::Output + Send + 'static,
        call: C,
    ) -> Self::Outcome<C::Output> {
        let _ = (channel, message, found);
        self.call(call)
    }
}

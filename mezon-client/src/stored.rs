//! What a client has stored.

use std::sync::Arc;

use mezon_protocol::ChannelId;
use mezon_protocol::object::Message;
use mezon_protocol::store::StoreError;

use crate::client::Client;
use crate::handle::Driven;
use crate::keeper::StoreStats;
use crate::pending::Answer;
use crate::runtime::Runtime;

/// Messages, or why they cannot be read.
type Stored<R> = Result<Vec<Message<Driven<R>>>, StoreError>;

/// # The store of messages
///
/// It is there if one was given to the [builder](crate::Builder::store). No connection is needed.
impl<R: Runtime> Client<R> {
    /// Messages of a channel that are stored, the newest first: `limit` of them, after `offset` others. All that was
    /// received before is stored by then. None without a store.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn stored(&self, channel: impl Into<ChannelId>, limit: usize, offset: usize) -> R::Answered<Stored<R>> {
        let (channel, backend) = (channel.into(), self.backend().clone());
        let own_id = backend.shared.own_id();
        let keeper = self.backend().shared.keeper.as_ref();
        let asked = keeper.map(|keeper| {
            keeper.ask(move |store| {
                let page = store.page(channel, limit, offset)?;
                let messages =
                    page.into_iter().map(|data| Message::new(Arc::new(data.with_own_id(own_id)), backend.clone()));
                Ok(messages.collect())
            })
        });
        self.backend().shared.runtime.answered(match asked {
            Some(asked) => Answer::or(asked, || Err(StoreError::Other("nobody looks after the store".into()))),
            None => Answer::or(oneshot::channel().1, || Ok(Vec::new())),
        })
    }

    /// What has become of the messages that were handed to the store; all 0 without one.
    pub fn store_stats(&self) -> StoreStats {
        self.backend().shared.keeper.as_ref().map(|keeper| keeper.stats()).unwrap_or_default()
    }
}

//! Clans.

use super::Backend;
use crate::call::ListChannels;
use crate::id::ClanId;
use crate::proto::api;

/// A clan (elsewhere: server, guild).
#[derive(Clone, Debug)]
pub struct Clan<B> {
    id: ClanId,
    backend: B,
}

impl<B: Backend> Clan<B> {
    pub(crate) const fn new(id: ClanId, backend: B) -> Self {
        Self { id, backend }
    }

    /// Its id; 0 is the space of direct and group messages.
    pub const fn id(&self) -> ClanId {
        self.id
    }

    /// Its channels, of all types that we may see; gives their descriptions, as the wire has them. The routes to them
    /// are remembered.
    #[doc(alias = "ListChannelDescs")]
    #[doc(alias = "load_channels")]
    pub fn list_channels(&self) -> B::Outcome<Vec<api::ChannelDescription>> {
        self.backend.call(ListChannels(self.id))
    }
}

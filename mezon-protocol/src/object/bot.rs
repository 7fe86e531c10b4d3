//! The client's own account: where every handle comes from.

mod account;
mod direct;
mod files;
mod friends;
mod legacy;
#[cfg(feature = "ledger")]
mod tokens;

pub use account::{Presence, ProfileChange};
pub use friends::Who;

use super::{Api, Backend, Channel, Clan, User, View};
use crate::call::{Authenticate, Call, ListClans};
use crate::id::{ChannelId, ClanId, TopicId, UserId};
use crate::proto::api;
use crate::route::Route;
use crate::session::Session;

/// The means to make handles and calls; adapters build their `Client` around it.
#[derive(Clone, Debug)]
pub struct Bot<B> {
    backend: B,
}

impl<B: Backend> Bot<B> {
    /// Calls are run by `backend`.
    pub const fn new(backend: B) -> Self {
        Self { backend }
    }

    /// The clans that we are in.
    pub fn clans(&self) -> View<Clan<B>> {
        View::new(self.backend.clone(), ())
    }

    /// Channels of all kinds, of all clans and of none.
    pub fn channels(&self) -> View<Channel<B>> {
        View::new(self.backend.clone(), None)
    }

    /// Users, of all clans and of none.
    pub fn users(&self) -> View<User<B>> {
        View::new(self.backend.clone(), None)
    }

    /// A channel of which only the id is known. The first call that needs more looks it up, unless the channel was
    /// seen before.
    pub fn channel(&self, channel: impl Into<ChannelId>) -> Channel<B> {
        Channel::by_id(channel.into(), self.backend.clone())
    }

    /// A channel of which everything is known: its calls look nothing up.
    pub fn channel_at(&self, route: Route) -> Channel<B> {
        Channel::by_route(route, TopicId::NONE, self.backend.clone())
    }

    /// A user, to send direct messages to.
    pub fn user(&self, user: impl Into<UserId>) -> User<B> {
        User::new(user.into(), self.backend.clone())
    }

    /// A clan.
    pub fn clan(&self, clan: impl Into<ClanId>) -> Clan<B> {
        Clan::by_id(clan.into(), self.backend.clone())
    }

    /// The clans that we are in; gives their descriptions, as the wire has them.
    #[doc(alias = "ListClanDescs")]
    pub fn list_clans(&self) -> B::Outcome<Vec<api::ClanDesc>> {
        self.backend.call(ListClans)
    }

    /// The API: all of its calls.
    #[doc(alias = "api_client")]
    pub fn api(&self) -> Api<B> {
        Api::new(self.backend.clone())
    }

    /// True if a clan has this name.
    #[doc(alias = "check_duplicate_clan_name")]
    pub fn is_clan_name_taken(&self, name: impl Into<String>) -> B::Outcome<bool> {
        self.api().check_duplicate_clan_name(name)
    }

    /// Logs in afresh; gives a session that is not stored.
    #[doc(alias = "get_session")]
    pub fn authenticate(&self) -> B::Outcome<Session> {
        self.backend.call(Authenticate)
    }

    /// Runs any call; gives its output.
    pub fn call<C: Call>(&self, call: C) -> B::Outcome<C::Output> {
        self.backend.call(call)
    }
}

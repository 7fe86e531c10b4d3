//! Route memory: what must be known of a channel to send into it.
//!
//! A click names its channel and nothing else; a scheduler has only an id. Whatever is seen of a channel (messages,
//! joins, lists) is remembered here, so that a call by id needs no lookup, or one at the most.

use lru::LruCache;

use crate::id::{ChannelId, ClanId};
use crate::machine::ChannelToJoin;
use crate::proto::api;

/// The type of a channel, by the platform's number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChannelKind(pub i32);

impl ChannelKind {
    /// A text channel of a clan.
    pub const TEXT: Self = Self(1);
    /// A group conversation outside of any clan.
    pub const GROUP: Self = Self(2);
    /// Direct messages with one user.
    pub const DIRECT: Self = Self(3);
    /// A streaming channel.
    pub const STREAMING: Self = Self(6);
    /// A thread.
    pub const THREAD: Self = Self(7);
    /// An app.
    pub const APP: Self = Self(8);
    /// A voice room.
    pub const VOICE: Self = Self(10);

    /// The mode by which messages are sent there; [`Mode::UNKNOWN`] where the platform has none.
    pub const fn mode(self) -> Mode {
        match self {
            Self::TEXT | Self::STREAMING | Self::APP | Self::VOICE => Mode::CHANNEL,
            Self::GROUP => Mode::GROUP,
            Self::DIRECT => Mode::DIRECT,
            Self::THREAD => Mode::THREAD,
            Self(_) => Mode::UNKNOWN,
        }
    }

    /// True for group and direct messages, which belong to clan 0 and are never public.
    pub const fn is_private_talk(self) -> bool {
        matches!(self, Self::GROUP | Self::DIRECT)
    }
}

/// The stream mode of a message, by the platform's number. Only it tells direct messages from others: clan 0 is true
/// of groups as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mode(pub i32);

impl Mode {
    /// Not known; never guessed.
    pub const UNKNOWN: Self = Self(0);
    /// A channel of a clan.
    pub const CHANNEL: Self = Self(2);
    /// A group.
    pub const GROUP: Self = Self(3);
    /// Direct messages.
    pub const DIRECT: Self = Self(4);
    /// A whole clan.
    pub const CLAN: Self = Self(5);
    /// A thread.
    pub const THREAD: Self = Self(6);

    /// The channel type that goes with it, when the type itself is not known.
    pub const fn channel_kind(self) -> ChannelKind {
        match self {
            Self::DIRECT => ChannelKind::DIRECT,
            Self::GROUP => ChannelKind::GROUP,
            Self::THREAD => ChannelKind::THREAD,
            Self(_) => ChannelKind::TEXT,
        }
    }
}

/// What must be known of a channel to send into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The channel.
    pub channel: ChannelId,
    /// Its clan, 0 for direct and group messages.
    pub clan: ClanId,
    /// Its type, exact or as the mode implies.
    pub kind: ChannelKind,
    /// The mode of messages in it.
    pub mode: Mode,
    /// The public flag that goes with messages.
    pub is_public: bool,
    /// The channel that a thread belongs to, 0 for none or not known.
    pub parent: ChannelId,
}

impl Route {
    /// The route to a channel of direct messages.
    pub const fn direct(channel: ChannelId) -> Self {
        Self {
            channel,
            clan: ClanId::NONE,
            kind: ChannelKind::DIRECT,
            mode: Mode::DIRECT,
            is_public: false,
            parent: ChannelId::NONE,
        }
    }

    /// The route to a group.
    pub const fn group(channel: ChannelId) -> Self {
        Self { kind: ChannelKind::GROUP, mode: Mode::GROUP, ..Self::direct(channel) }
    }

    /// The route that a message shows: to where it came from.
    pub const fn of_message(channel: ChannelId, clan: ClanId, mode: Mode, is_public: bool) -> Self {
        Self { channel, clan, kind: mode.channel_kind(), mode, is_public, parent: ChannelId::NONE }
    }

    /// The route that the description of a channel gives.
    pub fn of_description(channel: &api::ChannelDescription) -> Self {
        let kind = ChannelKind(channel.r#type);
        Self {
            channel: channel.channel_id.into(),
            clan: if kind.is_private_talk() { ClanId::NONE } else { channel.clan_id.into() },
            kind,
            mode: kind.mode(),
            is_public: channel.channel_private == 0 && !kind.is_private_talk(),
            parent: channel.parent_id.into(),
        }
    }

    /// The join that goes with it. Threads are joined as not public, whatever their flag.
    pub fn to_join(self) -> ChannelToJoin {
        let is_public = self.is_public && self.kind != ChannelKind::THREAD;
        ChannelToJoin { clan: self.clan, channel: self.channel, kind: self.kind.0, is_public }
    }
}

/// Where routes are remembered. The default keeps a bounded number in memory.
pub trait RouteStore: Send + 'static {
    /// The route to a channel, if it was seen.
    fn get(&mut self, channel: ChannelId) -> Option<Route>;

    /// Remembers a route. Called whenever a message comes from another channel than the one before.
    fn put(&mut self, route: Route);

    /// Forgets a channel that is gone.
    fn remove(&mut self, channel: ChannelId);
}

/// The routes of the channels used most recently, in memory.
#[derive(Debug)]
pub struct MemoryRoutes {
    routes: LruCache<ChannelId, Route>,
    capacity: usize,
}

impl MemoryRoutes {
    /// Room for so many routes; 0 counts as 1.
    pub fn new(capacity: usize) -> Self {
        // one that knows its capacity takes the room at once, and most clients need a fraction of it
        Self { routes: LruCache::unbounded(), capacity: capacity.max(1) }
    }
}

impl RouteStore for MemoryRoutes {
    fn get(&mut self, channel: ChannelId) -> Option<Route> {
        self.routes.get(&channel).copied()
    }

    fn put(&mut self, route: Route) {
        let Some(known) = self.routes.get_mut(&route.channel) else {
            if self.routes.len() >= self.capacity {
                self.routes.pop_lru();
            }
            self.routes.put(route.channel, route);
            return;
        };
        // a message tells less than a description: it knows neither the exact type nor the parent
        let mode_only = route.kind == route.mode.channel_kind() && known.mode == route.mode;
        let kind = if mode_only { known.kind } else { route.kind };
        let parent = if route.parent.is_none() { known.parent } else { route.parent };
        *known = Route { kind, parent, ..route };
    }

    fn remove(&mut self, channel: ChannelId) {
        self.routes.pop(&channel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice() -> Route {
        Route::of_description(&api::ChannelDescription {
            channel_id: 5,
            clan_id: 1,
            parent_id: 4,
            r#type: 10,
            ..Default::default()
        })
    }

    #[test]
    fn types_map_to_modes_as_the_platform_has_it() {
        let modes: Vec<_> = (0..=11).map(|kind| ChannelKind(kind).mode().0).collect();
        assert_eq!(modes, [0, 2, 3, 4, 0, 0, 2, 6, 2, 0, 2, 0]);
    }

    #[test]
    fn a_message_does_not_blur_what_a_description_told() {
        let mut routes = MemoryRoutes::new(10);
        routes.put(voice());
        routes.put(Route::of_message(5.into(), 1.into(), Mode::CHANNEL, false));
        assert_eq!(routes.get(5.into()), Some(Route { is_public: false, ..voice() }));
    }

    #[test]
    fn the_number_of_routes_is_bounded_and_the_least_used_goes() {
        let mut routes = MemoryRoutes::new(2);
        for channel in [1, 2] {
            routes.put(Route::direct(channel.into()));
        }
        let _ = routes.get(1.into());
        routes.put(Route::direct(3.into()));
        assert!(routes.get(2.into()).is_none());
        assert!(routes.get(1.into()).is_some());
    }

    #[test]
    fn group_and_direct_channels_belong_to_clan_zero_and_are_never_public() {
        let direct = api::ChannelDescription { channel_id: 5, clan_id: 9, r#type: 3, ..Default::default() };
        assert_eq!(Route::of_description(&direct), Route::direct(5.into()));
    }

    #[test]
    fn threads_are_joined_as_not_public() {
        let route = Route::of_message(5.into(), 1.into(), Mode::THREAD, true);
        assert!(!route.to_join().is_public);
    }
}

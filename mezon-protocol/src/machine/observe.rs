//! The events that the Machine itself acts on, whether or not the user wants them.

use bytes::Bytes;
use prost::Message;

use super::core::Core;
use super::head::Head;
use super::joins::Reason;
use crate::id::ChannelId;
use crate::proto::{api, realtime};
use crate::route::{ChannelKind, Mode, Route};
use crate::wire::Fields;

/// Channels that are remembered as heard; beyond it the memory starts anew.
const MAX_HEARD: usize = 4096;

/// The status of a thread that has become active.
const ACTIVE: i32 = 1;

impl Core {
    /// Learns from an event what must be known to send, to join, and to reconnect. False if it cannot be decoded.
    pub(super) fn observe(&mut self, field: u32, body: &Bytes) -> bool {
        match field {
            31 => self.with(body, Self::on_channel_created),
            32 => self.with(body, |core, event: realtime::ChannelDeletedEvent| {
                core.shared.forget_channel(event.channel_id.into());
            }),
            33 => self.with(body, Self::on_channel_updated),
            36 => self.with(body, Self::on_users_added),
            37 => self.with(body, |core, event: realtime::UserChannelRemoved| {
                if core.is_us(&event.user_ids) {
                    core.shared.forget_channel(event.channel_id.into());
                }
            }),
            38 => self.with(body, |core, event: realtime::UserClanRemoved| {
                if core.is_us(&event.user_ids) {
                    core.shared.joins.forget_clan(event.clan_id.into());
                }
            }),
            43 => self.with(body, Self::on_user_joined_clan),
            46 => self.with(body, |core, event: realtime::ClanDeletedEvent| {
                core.shared.joins.forget_clan(event.clan_id.into());
            }),
            #[cfg(feature = "ledger")]
            59 => self.with(body, Self::on_tokens_sent),
            96 => self.with(body, Self::on_session),
            _ => true,
        }
    }

    /// Whoever gets tokens of ours is told so by a direct message, as bots of other SDKs do.
    #[cfg(feature = "ledger")]
    fn on_tokens_sent(&mut self, event: api::TokenSentEvent) {
        let is_ours = event.sender_id == self.shared.own_id().get() && event.receiver_id != event.sender_id;
        if self.shared.config.ledger.announce && is_ours && event.receiver_id != 0 && event.amount > 0 {
            self.shared.ledger.announce(event);
        }
    }

    fn with<M: Message + Default>(&mut self, body: &Bytes, act: impl FnOnce(&mut Self, M)) -> bool {
        let Ok(event) = M::decode(body.clone()) else { return false };
        act(self, event);
        true
    }

    fn is_us(&self, users: &[i64]) -> bool {
        users.contains(&self.shared.own_id().get())
    }

    /// Learns the route to the channel of a message; once per connection and channel, as that is most of what a message
    /// costs here. False if it cannot be read.
    pub(super) fn on_message(&mut self, head: &Head, body: &[u8]) -> bool {
        self.last_message = Some(self.now());
        let is_own = head.sender == self.shared.own_id();
        if !is_own && self.heard.contains(&head.channel) {
            return true;
        }
        let Some(head) = Head::read(body) else { return false };
        if !head.channel.is_none() && head.mode != Mode::UNKNOWN {
            self.note_origin(head.channel);
            self.shared.note_route(head.route());
        }
        if is_own {
            let avatar = Fields::new(body).flatten().filter(|field| field.number == 7).last();
            let avatar = avatar.and_then(|field| field.value.as_bytes()).unwrap_or_default();
            if let Ok(avatar) = std::str::from_utf8(avatar) {
                self.shared.note_own_avatar(avatar);
            }
        }
        true
    }

    fn note_origin(&mut self, channel: ChannelId) {
        if self.heard.len() >= MAX_HEARD {
            self.heard.clear();
        }
        self.heard.insert(channel);
    }

    fn on_channel_created(&mut self, event: realtime::ChannelCreatedEvent) {
        let kind = ChannelKind(event.channel_type);
        self.shared.note_route(Route {
            channel: event.channel_id.into(),
            clan: event.clan_id.into(),
            kind,
            mode: kind.mode(),
            is_public: event.channel_private == 0,
            parent: event.parent_id.into(),
        });
    }

    fn on_channel_updated(&mut self, event: realtime::ChannelUpdatedEvent) {
        let kind = ChannelKind(event.channel_type);
        let route = Route {
            channel: event.channel_id.into(),
            clan: event.clan_id.into(),
            kind,
            mode: kind.mode(),
            is_public: !event.channel_private,
            parent: event.parent_id.into(),
        };
        self.shared.note_route(route);
        if kind == ChannelKind::THREAD && event.status == ACTIVE {
            self.shared.joins.want_channel(route.to_join(), Reason::Asked);
        }
    }

    /// Users, perhaps we, were added to a channel, group, thread or conversation.
    fn on_users_added(&mut self, event: realtime::UserChannelAdded) {
        let us = self.shared.own_id();
        if !event.users.iter().any(|user| user.user_id == us.get()) {
            return;
        }
        let Some(mut channel) = event.channel_desc else { return };
        if event.clan_id != 0 {
            channel.clan_id = event.clan_id;
        }
        if channel.user_ids.is_empty() {
            channel.user_ids = event.users.iter().map(|user| user.user_id).filter(|user| *user != us.get()).collect();
        }
        let route = Route::of_description(&channel);
        if route.kind.is_private_talk() {
            self.shared.want_private_talk(&channel);
        } else {
            self.shared.note_route(route);
            self.shared.joins.want_channel(route.to_join(), Reason::Asked);
        }
    }

    /// Somebody, perhaps we, joined a clan. If it is us, the server forgets what direct messages we have joined.
    fn on_user_joined_clan(&mut self, event: realtime::AddClanUserEvent) {
        let us = self.shared.own_id();
        if event.user.is_none_or(|user| user.user_id != us.get()) {
            return;
        }
        self.shared.joins.want_clan(event.clan_id.into());
        self.shared.joins.rejoin_direct();
        self.distrust_lists();
    }

    fn on_session(&mut self, event: api::Session) {
        self.take_over(&event);
    }
}

//! What a user has read, likes best, and has put away.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, MessageId, UserId};

use super::{Call, page};
use crate::world::World;
use crate::world::model::{Channel, Stored};
use crate::world::refusal::Refusal;

handlers! {
    AddChannelFavorite => like_channel,
    CloseDMByChannelId => close_dm,
    GetListFavoriteChannel => list_liked,
    ListChannelBadgeCount => list_badges,
    MarkAsRead => mark_as_read,
    OpenDMByChannelId => reopen_dm,
    RemoveChannelFavorite => unlike_channel,
}

impl World {
    /// How many messages of others came after the last that the user has seen.
    pub(in crate::world) fn unread(&self, user: UserId, channel: &Channel) -> usize {
        let seen = self.records.seen.get(&(user, channel.id)).copied().unwrap_or_default();
        let newer = channel.messages.range(seen..).filter(|(id, stored)| **id != seen && stored.author != user);
        newer.count()
    }

    pub(in crate::world) fn last_seen<'a>(&self, user: UserId, channel: &'a Channel) -> Option<&'a Stored> {
        channel.messages.get(self.records.seen.get(&(user, channel.id))?)
    }

    /// The user has seen a message, and so all before it.
    pub(in crate::world) fn mark_seen(&mut self, user: UserId, channel: ChannelId, message: MessageId) {
        let seen = self.records.seen.entry((user, channel)).or_default();
        *seen = message.max(*seen);
    }

    /// A channel, or a whole category or clan. All connections of the user are told.
    fn mark_as_read(&mut self, call: Call, request: api::MarkAsReadRequest) -> Result<(), Refusal> {
        let meant = |channel: &&Channel| match (request.channel_id, request.category_id) {
            (0, 0) => channel.clan.get() == request.clan_id,
            (0, category) => channel.clan.get() == request.clan_id && channel.details.category_id == category,
            (id, _) => channel.id.get() == id,
        };
        let channels = self.channels.values().filter(meant).filter(|channel| self.sees(call.user(), channel));
        let newest = |channel: &Channel| Some((channel.id, *channel.messages.keys().next_back()?));
        let newest: Vec<(ChannelId, MessageId)> = channels.filter_map(newest).collect();
        for (channel, message) in newest {
            self.mark_seen(call.user(), channel, message);
        }
        let event = realtime::MarkAsRead {
            channel_id: request.channel_id,
            category_id: request.category_id,
            clan_id: request.clan_id,
        };
        self.tell_user(call.user(), Message::MarkAsRead(Box::new(event)));
        Ok(())
    }

    /// The channels of a clan with something unread.
    fn list_badges(
        &mut self,
        call: Call,
        request: api::ListChannelBadgeCountRequest,
    ) -> Result<api::ListChannelBadgeCountResponse, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let channels = clan.channels.iter().filter_map(|id| self.channels.get(id));
        let visible = channels.filter(|channel| self.sees(call.user(), channel));
        let unread: Vec<&Channel> = visible.filter(|channel| self.unread(call.user(), channel) > 0).collect();
        let wire = unread.iter().map(|channel| self.wire_channel(channel, call.user()));
        Ok(api::ListChannelBadgeCountResponse {
            channeldesc: page(wire, request.limit, request.page),
            total_count: i32::try_from(unread.len()).unwrap_or(i32::MAX),
        })
    }

    fn like_channel(
        &mut self,
        call: Call,
        request: api::AddFavoriteChannelRequest,
    ) -> Result<api::AddFavoriteChannelResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        self.records.liked.insert((call.user(), channel));
        Ok(api::AddFavoriteChannelResponse { channel_id: channel.get() })
    }

    fn unlike_channel(&mut self, call: Call, request: api::RemoveFavoriteChannelRequest) -> Result<(), Refusal> {
        self.records.liked.remove(&(call.user(), ChannelId::new(request.channel_id)));
        Ok(())
    }

    fn list_liked(
        &mut self,
        call: Call,
        request: api::ListFavoriteChannelRequest,
    ) -> Result<api::ListFavoriteChannelResponse, Refusal> {
        let of_clan = |channel: &ChannelId| {
            let channel = self.channels.get(channel);
            channel.is_some_and(|channel| request.clan_id == 0 || channel.clan.get() == request.clan_id)
        };
        let own = self.records.liked.iter().filter(|(user, _)| *user == call.user()).map(|(_, channel)| *channel);
        Ok(api::ListFavoriteChannelResponse { channel_ids: own.filter(of_clan).map(ChannelId::get).collect() })
    }

    /// A direct channel that is put away is no longer listed, but still heard.
    fn close_dm(&mut self, call: Call, request: api::DeleteChannelDescRequest) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        self.records.closed.insert((call.user(), channel));
        Ok(())
    }

    fn reopen_dm(&mut self, call: Call, request: api::DeleteChannelDescRequest) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        self.records.closed.remove(&(call.user(), channel));
        Ok(())
    }
}

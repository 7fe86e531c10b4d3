//! RPCs by name, the same over HTTP and over the socket.

use std::collections::BTreeMap;

use mezon_protocol::proto::{api, realtime};
use mezon_protocol::{ChannelId, ClanId, MessageId, Now, UserId};
use prost::Message;

use super::World;
use super::delivery::Answer;
use super::describe::{header, wire_user};
use super::messages::Caller;
use super::model::{Channel, ChannelKind, Stored, User};
use super::refusal::{INVALID_ARGUMENT, PERMISSION_DENIED, Refusal, UNIMPLEMENTED};

/// The RPCs that this Mezon has.
const NAMES: [&str; 16] = [
    "AddChannelUsers",
    "CreateChannelDesc",
    "DeleteChannelMessage",
    "GetAccount",
    "Healthcheck",
    "ListChannelDescs",
    "ListChannelDetail",
    "ListChannelMessages",
    "ListChannelUsers",
    "ListClanDescs",
    "ListClanUsers",
    "ReactChannelMessage",
    "RemoveChannelUsers",
    "SendChannelMessage",
    "SessionRefresh",
    "UpdateChannelMessage",
];

/// The page of `ListChannelMessages` when none is asked for, and the largest one.
const PAGE: usize = 50;
const LARGEST_PAGE: usize = 100;

pub(super) fn exists(name: &str) -> bool {
    NAMES.contains(&name)
}

/// How faults treat the answer.
pub(super) fn answer_kind(name: &str) -> Answer {
    match name {
        "SendChannelMessage" | "UpdateChannelMessage" | "DeleteChannelMessage" => Answer::Ack,
        _ => Answer::Other,
    }
}

impl World {
    /// Performs an RPC: encoded request in, encoded answer out.
    pub(super) fn rpc(&mut self, now: Now, caller: Caller, name: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let user = caller.user();
        match name {
            "Healthcheck" => Ok(Vec::new()),
            "GetAccount" => self.account(user).map(encode),
            "ListClanDescs" => Ok(encode(self.list_clans(user))),
            "ListClanUsers" => self.list_clan_users(user, &decode(name, body)?).map(encode),
            "ListChannelDescs" => self.list_channels(user, &decode(name, body)?).map(encode),
            "ListChannelDetail" => Ok(encode(self.channel_detail(user, &decode(name, body)?))),
            "ListChannelUsers" => self.list_channel_users(user, &decode(name, body)?).map(encode),
            "ListChannelMessages" => self.list_messages(user, &decode(name, body)?).map(encode),
            "CreateChannelDesc" => self.create_for(now, user, decode(name, body)?).map(encode),
            "AddChannelUsers" => self.add_users_for(now, user, &decode(name, body)?).map(|()| Vec::new()),
            "RemoveChannelUsers" => self.remove_users_for(now, user, &decode(name, body)?).map(|()| Vec::new()),
            "SendChannelMessage" => {
                let id = self.post(now, caller, decode(name, body)?)?;
                let stored = self.stored(id).ok_or_else(Refusal::no_message)?;
                Ok(encode(self.wire_ack(stored, stored.code)))
            }
            "UpdateChannelMessage" => {
                let update: realtime::ChannelMessageUpdate = decode(name, body)?;
                self.edit_stored(now, caller, update.clone()).map(|_| encode(update))
            }
            "DeleteChannelMessage" => {
                let remove: realtime::ChannelMessageRemove = decode(name, body)?;
                self.delete_stored(now, caller, &remove).map(|_| encode(remove))
            }
            "ReactChannelMessage" => self.put_reaction(now, caller, decode(name, body)?).map(|_| Vec::new()),
            "SessionRefresh" => self.refresh(now, body).map(encode),
            _ => Err(Refusal::new(UNIMPLEMENTED, format!("{name}: no such method"))),
        }
    }

    fn account(&self, user: UserId) -> Result<api::Account, Refusal> {
        let user = self.users.get(&user).ok_or_else(|| Refusal::new(PERMISSION_DENIED, "no such user"))?;
        Ok(api::Account { user: Some(wire_user(user)), ..api::Account::default() })
    }

    fn list_clans(&self, user: UserId) -> api::ClanDescList {
        let clans = self.users.get(&user).map(|user| &user.clans).into_iter().flatten();
        let clandesc = clans.filter_map(|clan| self.clans.get(clan)).map(|clan| self.wire_clan(clan)).collect();
        api::ClanDescList { clandesc }
    }

    fn list_clan_users(&self, user: UserId, request: &api::ListClanUsersRequest) -> Result<api::ClanUserList, Refusal> {
        let clan = self.clans.get(&ClanId::new(request.clan_id)).filter(|clan| clan.members.contains(&user));
        let clan = clan.ok_or_else(Refusal::no_clan)?;
        let member = |user: &UserId| api::clan_user_list::ClanUser {
            user: self.users.get(user).map(wire_user),
            clan_nick: clan.nicks.get(user).cloned().unwrap_or_default(),
            clan_id: clan.id.get(),
            ..api::clan_user_list::ClanUser::default()
        };
        let clan_users = clan.members.iter().map(member).collect();
        Ok(api::ClanUserList { clan_users, clan_id: clan.id.get(), ..api::ClanUserList::default() })
    }

    /// Of a clan all channels that the user sees, and the threads that it is in. Without a clan: type 3 gives direct
    /// channels, any other type groups as well.
    fn list_channels(
        &self,
        user: UserId,
        request: &api::ListChannelDescsRequest,
    ) -> Result<api::ChannelDescList, Refusal> {
        let clan = ClanId::new(request.clan_id);
        let ids: Vec<ChannelId> = if clan.is_none() {
            self.users.get(&user).map(|user| user.channels.iter().copied().collect()).unwrap_or_default()
        } else {
            let clan = self.clans.get(&clan).filter(|clan| clan.members.contains(&user));
            clan.ok_or_else(Refusal::no_clan)?.channels.clone()
        };
        let wanted = |channel: &&Channel| {
            if clan.is_none() {
                let direct_only = request.channel_type == ChannelKind::Direct.wire_type();
                return channel.kind == ChannelKind::Direct || (!direct_only && channel.kind == ChannelKind::Group);
            }
            self.sees(user, channel) && (channel.kind != ChannelKind::Thread || channel.members.contains(&user))
        };
        let channels = ids.iter().filter_map(|id| self.channels.get(id)).filter(wanted);
        let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let page = usize::try_from(request.page).unwrap_or(0).saturating_sub(1);
        let page = channels.skip(page.saturating_mul(limit)).take(limit);
        Ok(api::ChannelDescList { channeldesc: page.map(|channel| self.wire_channel(channel, user)).collect() })
    }

    /// An empty description when there is no such channel, or the user does not see it.
    fn channel_detail(&self, user: UserId, request: &api::ListChannelDetailRequest) -> api::ChannelDescription {
        let channel = self.channels.get(&ChannelId::new(request.channel_id));
        let visible = channel.filter(|channel| self.sees(user, channel));
        visible.map(|channel| self.wire_channel(channel, user)).unwrap_or_default()
    }

    fn list_channel_users(
        &self,
        user: UserId,
        request: &api::ListChannelUsersRequest,
    ) -> Result<api::ChannelUserList, Refusal> {
        let channel = self.visible(user, request.channel_id)?;
        let clan = self.clans.get(&channel.clan);
        let members = match clan {
            Some(clan) if !channel.names_members() => &clan.members,
            Some(_) | None => &channel.members,
        };
        let member = |user: &UserId| api::channel_user_list::ChannelUser {
            user_id: user.get(),
            clan_nick: super::describe::nick(clan, *user),
            clan_id: channel.clan.get(),
            ..api::channel_user_list::ChannelUser::default()
        };
        let channel_users = members.iter().map(member).collect();
        Ok(api::ChannelUserList { channel_users, channel_id: channel.id.get(), ..api::ChannelUserList::default() })
    }

    /// Direction 1: after the message that is named; 2: around it; 3, and 0 with one named: before it. With none named:
    /// the newest.
    fn list_messages(
        &self,
        user: UserId,
        request: &api::ListChannelMessagesRequest,
    ) -> Result<api::ChannelMessageList, Refusal> {
        let channel = self.visible(user, request.channel_id)?;
        let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(PAGE);
        let page = page_of(channel, MessageId::new(request.message_id), limit.min(LARGEST_PAGE), request.direction);
        let of_topic = page.into_iter().filter(|stored| request.topic_id == 0 || stored.topic == request.topic_id);
        Ok(api::ChannelMessageList {
            messages: of_topic.map(|stored| self.wire_message(stored, stored.code)).collect(),
            last_sent_message: channel.messages.values().next_back().map(header),
            ..api::ChannelMessageList::default()
        })
    }

    fn create_for(
        &mut self,
        now: Now,
        user: UserId,
        request: api::CreateChannelDescRequest,
    ) -> Result<api::ChannelDescription, Refusal> {
        let id = self.create_on_request(now, user, request)?;
        let channel = self.channels.get(&id).ok_or_else(Refusal::no_channel)?;
        Ok(self.wire_channel(channel, user))
    }

    fn add_users_for(&mut self, now: Now, user: UserId, request: &api::AddChannelUsersRequest) -> Result<(), Refusal> {
        let channel = self.with_members_to_change(user, request.channel_id)?;
        for added in known(&self.users, &request.user_ids) {
            self.add_to_channel(now, channel, added);
        }
        Ok(())
    }

    fn remove_users_for(
        &mut self,
        now: Now,
        user: UserId,
        request: &api::RemoveChannelUsersRequest,
    ) -> Result<(), Refusal> {
        let channel = self.with_members_to_change(user, request.channel_id)?;
        for removed in known(&self.users, &request.user_ids) {
            self.remove_from_channel(now, channel, removed);
        }
        Ok(())
    }

    /// A channel whose members are named, and may be others than they are.
    fn with_members_to_change(&self, user: UserId, channel: i64) -> Result<ChannelId, Refusal> {
        let channel = self.visible(user, channel)?;
        if channel.names_members() && channel.kind != ChannelKind::Direct {
            return Ok(channel.id);
        }
        Err(Refusal::new(INVALID_ARGUMENT, "the members of this channel are not named one by one"))
    }

    fn visible(&self, user: UserId, channel: i64) -> Result<&Channel, Refusal> {
        let channel = self.channels.get(&ChannelId::new(channel));
        channel.filter(|channel| self.sees(user, channel)).ok_or_else(Refusal::no_channel)
    }
}

/// A page of messages, oldest first.
fn page_of(channel: &Channel, anchor: MessageId, limit: usize, direction: i32) -> Vec<&Stored> {
    let before = |limit: usize| {
        let older = channel.messages.values().rev().filter(|stored| anchor.is_none() || stored.id < anchor);
        let mut page: Vec<&Stored> = older.take(limit).collect();
        page.reverse();
        page
    };
    let from = |limit: usize| channel.messages.range(anchor..).map(|(_, stored)| stored).take(limit);
    if anchor.is_none() {
        return before(limit);
    }
    match direction {
        1 => channel.messages.range(anchor..).map(|(_, stored)| stored).filter(|s| s.id > anchor).take(limit).collect(),
        2 => {
            let older = limit / 2;
            before(older).into_iter().chain(from(limit - older)).collect()
        }
        _ => before(limit),
    }
}

/// Those that exist.
fn known(users: &BTreeMap<UserId, User>, ids: &[i64]) -> Vec<UserId> {
    ids.iter().map(|id| UserId::new(*id)).filter(|id| users.contains_key(id)).collect()
}

fn encode(message: impl Message) -> Vec<u8> {
    message.encode_to_vec()
}

fn decode<M: Message + Default>(name: &str, body: &[u8]) -> Result<M, Refusal> {
    M::decode(body).map_err(|_| Refusal::undecodable(name))
}

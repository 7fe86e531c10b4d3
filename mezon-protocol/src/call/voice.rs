//! Who is in the voice channels of a clan.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Answer, OneStep, Request, Via};
use crate::api::{self, ListChannelVoiceUsers};
use crate::error::{Error, ErrorKind};
use crate::id::{ChannelId, ClanId, UserId};
use crate::machine::Shared;
use crate::proto::api as wire;

/// How many are asked for unless said otherwise, which is also the most that may be.
const MAX_LIMIT: i32 = 500;

/// One page of the users in the voice channels of a clan. Ends with a [`VoiceRoom`] for each channel with users.
///
/// ```
/// use mezon_protocol::call::ListVoiceUsers;
///
/// let all = ListVoiceUsers::new("1840000000000000001".parse::<mezon_protocol::ClanId>()?);
/// let some = ListVoiceUsers { limit: 50, ..all };
/// # Ok::<(), mezon_protocol::InvalidId>(())
/// ```
#[derive(Clone, Debug)]
pub struct ListVoiceUsers {
    /// The clan.
    pub clan: ClanId,
    /// The channel; 0 for all.
    pub channel: ChannelId,
    /// The type of the channel; 0 for all.
    pub channel_type: i32,
    /// How many, from 1 to 500.
    pub limit: i32,
    /// Passed on as it is; 0 as a rule.
    pub state: i32,
    /// Where to go on; empty for the first page.
    pub cursor: String,
}

impl ListVoiceUsers {
    /// Those of all voice channels of a clan.
    pub fn new(clan: impl Into<ClanId>) -> Self {
        Self {
            clan: clan.into(),
            channel: ChannelId::NONE,
            channel_type: 0,
            limit: MAX_LIMIT,
            state: 0,
            cursor: String::new(),
        }
    }
}

/// The users of one voice channel. Serializes with ids as text, as the platform has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceRoom {
    /// The channel.
    pub channel_id: ChannelId,
    /// The room on the voice server.
    pub room_name: String,
    /// Who is there. Ids that are none, such as those of guests, are left out.
    pub user_ids: Vec<UserId>,
    /// Who among them shows the screen.
    pub share_screen_ids: Vec<UserId>,
}

impl From<wire::VoiceChannelUser> for VoiceRoom {
    fn from(room: wire::VoiceChannelUser) -> Self {
        let ids = |texts: Vec<String>| texts.iter().filter_map(|text| UserId::from_str(text).ok()).collect();
        Self {
            channel_id: room.channel_id.into(),
            room_name: room.room_name,
            user_ids: ids(room.user_ids),
            share_screen_ids: ids(room.share_screen_ids),
        }
    }
}

impl OneStep for ListVoiceUsers {
    type Output = Vec<VoiceRoom>;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            return Err(Error::unsent(ErrorKind::InvalidArgument(format!("the limit must be from 1 to {MAX_LIMIT}"))));
        }
        let request = wire::ListChannelUsersRequest {
            clan_id: self.clan.get(),
            channel_id: self.channel.get(),
            channel_type: self.channel_type,
            limit: self.limit,
            state: self.state,
            cursor: std::mem::take(&mut self.cursor),
        };
        Ok(api::request::<ListChannelVoiceUsers>(&request, Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<Vec<VoiceRoom>, Error> {
        let rooms = api::response::<ListChannelVoiceUsers>(answer)?.voice_channel_users;
        Ok(rooms.into_iter().map(VoiceRoom::from).collect())
    }
}

//! Who is in the voice rooms of a clan.

use serde::Serialize;

use super::Clan;
use crate::api::{Api, ListChannelVoiceUsers};
use crate::call::{Call, Given};
use crate::error::{Error, ErrorKind};
use crate::id::{ChannelId, UserId};
use crate::object::Backend;
use crate::proto::api;

/// Which voice rooms are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceUsersQuery {
    /// One channel; 0, the default, for all of the clan.
    pub channel_id: ChannelId,
    /// The type of the channels; 0, the default, for all.
    pub channel_type: i32,
    /// How many, from 1 to 500. Default 500.
    pub limit: i32,
    /// The platform's `state`; 0, the default, for any.
    pub state: i32,
    /// Where to go on; empty, the default, for the beginning.
    pub cursor: String,
}

impl Default for VoiceUsersQuery {
    fn default() -> Self {
        Self { channel_id: ChannelId::NONE, channel_type: 0, limit: MAX_LIMIT, state: 0, cursor: String::new() }
    }
}

/// The most that may be asked for.
const MAX_LIMIT: i32 = 500;

/// Who is in a voice room. Written to JSON with ids as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VoiceRoom {
    /// The channel.
    pub channel_id: ChannelId,
    /// The name of the room on the voice server.
    pub room_name: String,
    /// Who is in it.
    pub user_ids: Vec<UserId>,
    /// Who of them shows their screen.
    pub share_screen_ids: Vec<UserId>,
}

impl From<api::VoiceChannelUser> for VoiceRoom {
    fn from(room: api::VoiceChannelUser) -> Self {
        // text on the wire; guests of a meeting have no id
        let ids = |texts: &[String]| texts.iter().filter_map(|text| text.parse().ok()).collect();
        Self {
            channel_id: room.channel_id.into(),
            room_name: room.room_name,
            user_ids: ids(&room.user_ids),
            share_screen_ids: ids(&room.share_screen_ids),
        }
    }
}

impl<B: Backend> Clan<B> {
    /// Who is in its voice rooms; a room with nobody in it is not listed.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when the limit is not from 1 to 500.
    #[doc(alias = "ListChannelVoiceUsers")]
    pub fn list_channel_voice_users(&self, query: VoiceUsersQuery) -> B::Outcome<Vec<VoiceRoom>> {
        if !(1..=MAX_LIMIT).contains(&query.limit) {
            let text = format!("the limit of voice users is {}, not from 1 to {MAX_LIMIT}", query.limit);
            return self.backend.call(Given::new(Err(Error::unsent(ErrorKind::InvalidArgument(text)))));
        }
        let request = api::ListChannelUsersRequest {
            clan_id: self.id.get(),
            channel_id: query.channel_id.get(),
            channel_type: query.channel_type,
            limit: query.limit,
            state: query.state,
            cursor: query.cursor,
        };
        self.backend.call(
            Api::<ListChannelVoiceUsers>::new(request)
                .then(|_, list| Ok(list.voice_channel_users.into_iter().map(Into::into).collect())),
        )
    }
}

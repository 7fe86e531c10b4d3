//! Channels that a message to several people may name.

use super::{Answer, OneStep, Request, Via};
use crate::api::{self, ListChannelByUserId};
use crate::error::{Error, ErrorKind};
use crate::id::UserId;
use crate::machine::Shared;
use crate::proto::realtime::HashtagDm;

/// The most that may be asked for.
const MAX_LIMIT: usize = 100;

/// The channels that can be named with `#` in a message to these users.
///
/// The platform used to work out which channels all of them can see, and does not any more. So these are our own clan
/// channels, from the first up to the limit; whether the others see them, nobody says.
#[derive(Debug)]
pub struct HashtagDmList {
    /// Who the message is for; of no effect any more.
    pub users: Vec<UserId>,
    /// How many, from 1 to 100.
    pub limit: usize,
}

impl OneStep for HashtagDmList {
    type Output = Vec<HashtagDm>;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            return Err(Error::unsent(ErrorKind::InvalidArgument(format!("the limit must be from 1 to {MAX_LIMIT}"))));
        }
        Ok(api::request::<ListChannelByUserId>(&(), Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<Vec<HashtagDm>, Error> {
        let channels = api::response::<ListChannelByUserId>(answer)?.channeldesc;
        let of_clans = channels.into_iter().filter(|channel| channel.clan_id != 0);
        let hashtags = of_clans.map(|channel| HashtagDm {
            channel_id: channel.channel_id,
            channel_label: channel.channel_label,
            clan_id: channel.clan_id,
            clan_name: channel.clan_name,
            meeting_code: channel.meeting_code,
            r#type: channel.r#type,
            channel_private: channel.channel_private,
            parent_id: channel.parent_id,
        });
        Ok(hashtags.take(self.limit).collect())
    }
}

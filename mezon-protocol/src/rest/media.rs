//! Playing media in a voice channel.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::services::join;
use super::{json, undecodable};
use crate::call::{Answer, Exchange, OneStep, Request, Target};
use crate::error::{Error, ErrorKind};
use crate::exchange::Method;
use crate::machine::Shared;

/// What is to be played, and by whom. Ends with what the media server says, as JSON; `null` where it says nothing.
///
/// It goes to [`Services::media`](super::Services::media) and nowhere else, with the session's token, and is never
/// repeated.
#[doc(alias = "playMedia")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlayMedia {
    /// The room: `meeting_code` of the voice channel's description.
    pub room_name: String,
    /// Who plays, as the voice server identifies participants.
    pub participant_identity: String,
    /// Who plays, as others see it.
    pub participant_name: String,
    /// Where the media is.
    pub url: String,
    /// What is played, as others see it.
    pub name: String,
}

impl OneStep for PlayMedia {
    type Output = Value;

    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error> {
        if self.room_name.is_empty() {
            return Err(Error::unsent(ErrorKind::InvalidArgument(
                "not a voice channel: it has no meeting code".into(),
            )));
        }
        let body = serde_json::to_vec(self).expect("texts always serialise");
        let to = Target::Url(join(&shared.config.services.media, "/api/playmedia"));
        let exchange = Exchange::json(NAME.into(), Method::Post, to);
        Ok(Request::Exchange(Exchange { body: body.into(), ..exchange }))
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<Value, Error> {
        let Answer::Api(body) = answer else { return Err(undecodable(NAME, "an answer of another kind")) };
        json(NAME, &body)
    }
}

const NAME: &str = "playmedia";

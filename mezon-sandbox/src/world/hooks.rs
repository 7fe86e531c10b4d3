//! What is posted to webhooks, without a login: the URL carries the secret.
//!
//! ```text
//!   POST /webhooks/{channel}/{token}                 a message in the channel, from nobody but under the hook's name
//!   POST /clanwebhooks/{token}/{user name or id}     a direct message to a member of the clan
//! ```

use mezon_protocol::proto::{api, realtime};
use mezon_protocol::{HERE, MessageId, Now, UserId};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::World;
use super::calls::Hook;
use super::messages::Caller;
use super::refusal::{INVALID_ARGUMENT, NOT_FOUND, Refusal};

#[derive(Deserialize)]
struct ChannelPost {
    r#type: String,
    message: ChannelText,
}

#[derive(Deserialize)]
struct ChannelText {
    t: String,
    #[serde(default)]
    mentions: Vec<Mentioned>,
    #[serde(default)]
    images: Vec<Image>,
    /// Formatting, hashtags, and whatever else belongs to the content.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize)]
struct Mentioned {
    #[serde(default)]
    user_id: UserId,
    #[serde(default)]
    username: String,
    s: i32,
    e: i32,
}

#[derive(Deserialize)]
struct Image {
    r#fn: String,
    sz: i32,
    url: String,
    ft: String,
    w: i32,
    h: i32,
}

#[derive(Deserialize)]
struct ClanPost {
    /// A JSON document written as text.
    content: String,
    #[serde(default)]
    attachments: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    url: String,
    filetype: String,
}

impl World {
    /// `rest` is the path after `/webhooks/`.
    pub(super) fn post_to_channel_hook(&mut self, now: Now, rest: &str, body: &[u8]) -> Result<MessageId, Refusal> {
        let (channel, token) = rest.split_once('/').ok_or_else(no_hook)?;
        let (id, hook) =
            self.hook_of(token).filter(|(_, hook)| hook.channel.to_string() == channel).ok_or_else(no_hook)?;
        let post: ChannelPost = read(body)?;
        if post.r#type != "hook" {
            return Err(Refusal::new(INVALID_ARGUMENT, "the type is not \"hook\""));
        }
        let ChannelText { t, mentions, images, rest } = post.message;
        let mentions = mentions.into_iter().map(|mention| self.wire_mention(mention)).collect::<Result<Vec<_>, _>>()?;
        let mut content = Map::from_iter([("t".to_owned(), Value::String(t))]);
        content.extend(rest);
        let mention_everyone = mentions.iter().any(|mention| mention.user_id == HERE.get());
        let send = realtime::ChannelMessageSend {
            mentions,
            attachments: images.into_iter().map(attachment).collect(),
            mention_everyone,
            ..self.draft(hook.channel, Value::Object(content).to_string())
        };
        self.post(now, Caller::Hook(hook.creator, id), send)
    }

    /// `rest` is the path after `/clanwebhooks/`.
    pub(super) fn post_to_clan_hook(&mut self, now: Now, rest: &str, body: &[u8]) -> Result<MessageId, Refusal> {
        let (token, whom) = rest.split_once('/').ok_or_else(no_hook)?;
        let (id, hook) = self.hook_of(token).filter(|(_, hook)| hook.channel.is_none()).ok_or_else(no_hook)?;
        let whom = percent_decode_str(whom).decode_utf8_lossy();
        let by_id = whom.parse().ok().filter(|user| self.users.contains_key(user));
        let whom = by_id.or_else(|| self.user_named(&whom));
        let is_member = |user: &UserId| self.clans.get(&hook.clan).is_some_and(|clan| clan.members.contains(user));
        let whom = whom.filter(is_member).ok_or_else(|| Refusal::new(NOT_FOUND, "no such member"))?;
        let post: ClanPost = read(body)?;
        if !serde_json::from_str::<Value>(&post.content).is_ok_and(|content| content.is_object()) {
            return Err(Refusal::new(INVALID_ARGUMENT, "the content is no JSON object written as text"));
        }
        let channel = self.open_dm(now, hook.creator, whom);
        let file = |file: File| api::MessageAttachment {
            url: file.url,
            filetype: file.filetype,
            ..api::MessageAttachment::default()
        };
        let send = realtime::ChannelMessageSend {
            attachments: post.attachments.into_iter().map(file).collect(),
            ..self.draft(channel, post.content)
        };
        self.post(now, Caller::Hook(hook.creator, id), send)
    }

    fn hook_of(&self, token: &str) -> Option<(i64, Hook)> {
        let mut hooks = self.records.hooks.iter();
        hooks.find(|(_, hook)| hook.token.expose() == token).map(|(id, hook)| (*id, hook.clone()))
    }

    fn wire_mention(&self, mention: Mentioned) -> Result<api::MessageMention, Refusal> {
        let user = match (mention.user_id.is_none(), mention.username.as_str()) {
            (false, _) => Some(mention.user_id),
            (true, "here") => Some(HERE),
            (true, name) => self.user_named(name),
        };
        let user = user.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "a mention of nobody"))?;
        Ok(api::MessageMention {
            user_id: user.get(),
            username: self.username(user).unwrap_or_default().to_owned(),
            s: mention.s,
            e: mention.e,
            ..api::MessageMention::default()
        })
    }
}

fn attachment(image: Image) -> api::MessageAttachment {
    api::MessageAttachment {
        filename: image.r#fn,
        size: image.sz,
        url: image.url,
        filetype: image.ft,
        width: image.w,
        height: image.h,
        ..api::MessageAttachment::default()
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::new(INVALID_ARGUMENT, "the body is no post of a webhook"))
}

fn no_hook() -> Refusal {
    Refusal::new(NOT_FOUND, "no such webhook")
}

//! Incoming webhooks: posting without a login, by a URL that is a secret.
//!
//! A *channel* webhook posts to a channel, a *clan* webhook sends a direct message to a member of the clan. URLs come
//! from [`GenerateWebhook`](crate::api::GenerateWebhook) and [`GenerateClanWebhook`](crate::api::GenerateClanWebhook),
//! or from the clan's settings.
//!
//! ```
//! use mezon_protocol::content::{Attachment, Mention};
//! use mezon_protocol::rest::webhook::ChannelWebhook;
//! use mezon_protocol::{Content, UserId};
//!
//! let hook = ChannelWebhook::from_url("https://webhook.mezon.ai/webhooks/17/secret")?;
//! let message = Content::text("@bob see").mention(Mention::user(UserId::new(7)).at(0..4));
//! let request = hook.post(&message)?.into_request();
//! assert_eq!(
//!     request.body,
//!     r#"{"type":"hook","message":{"t":"@bob see","mentions":[{"user_id":"7","s":0,"e":4}]}}"#,
//! );
//! # Ok::<(), mezon_protocol::Error>(())
//! ```

use std::fmt;

use percent_encoding::utf8_percent_encode;
use serde::Serialize;
use serde_json::{Map, Value};

use super::services::{Services, join};
use super::{COMPONENT, RestCall};
use crate::content::{Attachment, Content, Mention};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use crate::exchange::{HttpRequest, Method};
use crate::id::{ChannelId, HERE};
use crate::secret::Secret;

/// The largest answer that is taken; what it says is not specified.
const MAX_RESPONSE: usize = 64 * 1024;

/// What a mark in the text covers: the keys of a content that a webhook takes as they are.
const FORMAT_KEYS: [&str; 3] = ["type", "s", "e"];

/// Posts to a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelWebhook {
    url: Secret,
}

impl ChannelWebhook {
    /// The webhook of a channel by its token.
    pub fn new(services: &Services, channel: ChannelId, token: &str) -> Self {
        let token = utf8_percent_encode(token, COMPONENT);
        Self { url: join(&services.webhook, &format!("/webhooks/{channel}/{token}")).into() }
    }

    /// The webhook of a whole URL.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` if it is no URL, or that of a webhook of another kind.
    pub fn from_url(url: impl Into<Secret>) -> Result<Self, Error> {
        Ok(Self { url: check(url.into(), "/webhooks/")? })
    }

    /// Posts a message. Ends with nothing.
    ///
    /// It takes text, marks (`mk`), mentions, hashtags (`hg`), and images among the attachments; nothing else of a
    /// content.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` for an attachment that is no image, and for a mention of a role.
    pub fn post(&self, message: &Content) -> Result<RestCall<()>, Error> {
        let images = message.attachments().iter().map(Image::of).collect::<Result<_, _>>()?;
        let mut mentions = message.mentions().iter().map(Called::of).collect::<Result<Vec<_>, _>>()?;
        if message.is_mention_everyone() && !message.mentions().iter().any(Mention::is_here) {
            mentions.push(Called { user_id: Some(HERE.to_string()), username: None, s: 0, e: 0 });
        }
        let hook = ChannelHook {
            kind: "hook",
            message: ChannelMessage {
                t: message.as_text(),
                mk: marks(message),
                mentions,
                images,
                hg: hashtags(message),
            },
        };
        Ok(call(&self.url, &hook))
    }
}

/// Sends direct messages to members of a clan.
#[derive(Clone, PartialEq, Eq)]
pub struct ClanWebhook {
    url: Secret,
}

impl ClanWebhook {
    /// The webhook of a clan by its token.
    pub fn new(services: &Services, token: &str) -> Self {
        let token = utf8_percent_encode(token, COMPONENT);
        Self { url: join(&services.webhook, &format!("/clanwebhooks/{token}")).into() }
    }

    /// The webhook of a whole URL, without the member at its end.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` if it is no URL, or that of a webhook of another kind.
    pub fn from_url(url: impl Into<Secret>) -> Result<Self, Error> {
        Ok(Self { url: check(url.into(), "/clanwebhooks/")? })
    }

    /// Sends a message to a member, by name or by id. Ends with nothing.
    ///
    /// It takes text, marks (`mk`), and attachments of any kind; nothing else of a content.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` if the member is empty.
    pub fn send(&self, member: &str, message: &Content) -> Result<RestCall<()>, Error> {
        if member.is_empty() {
            return Err(invalid("a member is required"));
        }
        let url = join(self.url.expose(), &format!("/{}", utf8_percent_encode(member, COMPONENT)));
        let text = Text { t: message.as_text(), mk: marks(message) };
        let hook = ClanHook {
            content: serde_json::to_string(&text).expect("texts and numbers always serialise"),
            attachments: message.attachments().iter().map(File::of).collect(),
        };
        Ok(call(&url.into(), &hook))
    }
}

/// Shows no URL: it is the secret.
impl fmt::Debug for ChannelWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChannelWebhook(..)")
    }
}

/// Shows no URL: it is the secret.
impl fmt::Debug for ClanWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClanWebhook(..)")
    }
}

#[derive(Serialize)]
struct ChannelHook<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: ChannelMessage<'a>,
}

#[derive(Serialize)]
struct ChannelMessage<'a> {
    t: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mk: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<Called<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Image<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hg: Vec<Value>,
}

#[derive(Serialize)]
struct Text<'a> {
    t: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mk: Vec<Value>,
}

#[derive(Serialize)]
struct ClanHook<'a> {
    content: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<File<'a>>,
}

/// Who is mentioned: by id or by name, never both.
#[derive(Serialize)]
struct Called<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    s: u32,
    e: u32,
}

impl<'a> Called<'a> {
    fn of(mention: &'a Mention) -> Result<Self, Error> {
        let user_id = (!mention.user_id.is_none()).then(|| mention.user_id.to_string());
        let username = Some(mention.username.as_str()).filter(|name| user_id.is_none() && !name.is_empty());
        if user_id.is_none() && username.is_none() {
            return Err(invalid("a webhook mentions users only"));
        }
        Ok(Self { user_id, username, s: mention.start, e: mention.end })
    }
}

#[derive(Serialize)]
struct Image<'a> {
    r#fn: &'a str,
    sz: u64,
    url: &'a str,
    ft: &'a str,
    w: u32,
    h: u32,
}

impl<'a> Image<'a> {
    fn of(attachment: &'a Attachment) -> Result<Self, Error> {
        if !attachment.file_type.starts_with("image") {
            return Err(invalid("a channel webhook takes images only"));
        }
        Ok(Self {
            r#fn: &attachment.file_name,
            sz: attachment.size,
            url: &attachment.url,
            ft: &attachment.file_type,
            w: attachment.width,
            h: attachment.height,
        })
    }
}

#[derive(Serialize)]
struct File<'a> {
    url: &'a str,
    filetype: &'a str,
}

impl<'a> File<'a> {
    fn of(attachment: &'a Attachment) -> Self {
        Self { url: &attachment.url, filetype: &attachment.file_type }
    }
}

/// The marks of a content, with the keys that a webhook knows.
fn marks(message: &Content) -> Vec<Value> {
    elements(message, "mk").map(|mark| Value::Object(pick(mark, &FORMAT_KEYS))).collect()
}

/// The hashtags of a content, under the one spelling of the channel's key that is read.
fn hashtags(message: &Content) -> Vec<Value> {
    let hashtag = |element: &Map<String, Value>| {
        let id = element.get("channelId").or_else(|| element.get("channelid"));
        let id = id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        let mut picked = pick(element, &["s", "e"]);
        picked.insert("channelId".into(), id.unwrap_or_default().into());
        Value::Object(picked)
    };
    elements(message, "hg").map(hashtag).collect()
}

fn elements<'a>(message: &'a Content, key: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    message.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn pick(object: &Map<String, Value>, keys: &[&str]) -> Map<String, Value> {
    let known = object.iter().filter(|(key, _)| keys.contains(&key.as_str()));
    known.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn call(url: &Secret, body: &impl Serialize) -> RestCall<()> {
    let body = serde_json::to_vec(body).expect("texts and numbers always serialise");
    let request = HttpRequest {
        method: Method::Post,
        url: url.expose().to_owned(),
        headers: vec![("content-type", "application/json".into())],
        body: body.into(),
        max_response: MAX_RESPONSE,
        timeout: None,
    };
    // what a success says is not specified
    RestCall::new("webhook", request, |_| Ok(()))
}

/// The URL, if it is one over HTTP with this path and something after it.
fn check(url: Secret, path: &str) -> Result<Secret, Error> {
    let text = url.expose();
    let has_scheme = text.starts_with("https://") || text.starts_with("http://");
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let (base, secret) = text.split_once(path).unwrap_or_default();
    if !has_scheme || !is_plain || secret.is_empty() || Endpoint::parse(base, true).is_err() {
        return Err(invalid("not the URL of such a webhook"));
    }
    Ok(url)
}

fn invalid(what: &str) -> Error {
    Error::unsent(ErrorKind::InvalidArgument(what.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::id::RoleId;

    fn body(call: RestCall<()>) -> Value {
        serde_json::from_slice(call.into_request().body.bytes().expect("it is in memory")).expect("JSON")
    }

    fn channel_hook() -> ChannelWebhook {
        ChannelWebhook::new(&Services::default(), ChannelId::new(17), "to/ken")
    }

    #[test]
    fn a_channel_webhook_takes_what_the_platform_documents() {
        let mut image = Attachment::new("https://cdn.test/a.png", "image/png");
        (image.size, image.width, image.height) = (3, 4, 5);
        let content = Content::text("a #b c")
            .with("mk", json!([{"type": "pre", "s": 0, "e": 1, "l": "rust"}]))
            .with("hg", json!([{"channelid": 9, "s": 2, "e": 4}]))
            .mention(Mention::user(0.into()).named("bob").at(0..1))
            .attachment(image);
        assert_eq!(
            body(channel_hook().post(&content).unwrap()),
            json!({"type": "hook", "message": {
                "t": "a #b c",
                "mk": [{"type": "pre", "s": 0, "e": 1}],
                "mentions": [{"username": "bob", "s": 0, "e": 1}],
                "images": [{"fn": "a.png", "sz": 3, "url": "https://cdn.test/a.png", "ft": "image/png", "w": 4, "h": 5}],
                "hg": [{"s": 2, "e": 4, "channelId": "9"}],
            }})
        );
    }

    #[test]
    fn everybody_is_mentioned_by_one_id() {
        let body = body(channel_hook().post(&Content::text("hi").mention_everyone()).unwrap());
        assert_eq!(body["message"]["mentions"], json!([{"user_id": HERE.to_string(), "s": 0, "e": 0}]));
    }

    #[test]
    fn what_a_webhook_does_not_take_is_said() {
        let file = Content::text("").attachment(Attachment::new("https://cdn.test/a.pdf", "application/pdf"));
        let role = Content::text("").mention(Mention::role(RoleId::new(7)));
        for content in [file, role] {
            assert!(matches!(channel_hook().post(&content).unwrap_err().kind(), ErrorKind::InvalidArgument(_)));
        }
    }

    #[test]
    fn a_clan_webhook_writes_its_content_as_a_text() {
        let hook = ClanWebhook::from_url("https://webhook.mezon.ai/clanwebhooks/secret").unwrap();
        let content = Content::text("hi").attach_url("https://cdn.test/a.pdf", "application/pdf");
        let request = hook.send("a b/c", &content).unwrap().into_request();
        assert_eq!(request.url, "https://webhook.mezon.ai/clanwebhooks/secret/a%20b%2Fc");
        let body: Value = serde_json::from_slice(request.body.bytes().unwrap()).unwrap();
        assert_eq!(
            body,
            json!({
                "content": r#"{"t":"hi"}"#,
                "attachments": [{"url": "https://cdn.test/a.pdf", "filetype": "application/pdf"}],
            })
        );
        assert!(hook.send("", &content).is_err());
    }

    #[test]
    fn the_url_is_never_shown() {
        let request = channel_hook().post(&Content::text("hi")).unwrap().into_request();
        assert_eq!(request.url, "https://webhook.mezon.ai/webhooks/17/to%2Fken");
        let shown = format!("{:?} {request:?}", channel_hook());
        assert!(!shown.contains("ken"), "{shown}");
    }

    #[test]
    fn a_url_of_something_else_is_refused_without_showing_it() {
        for url in [
            "",
            "hunter2",
            "ftp://h/webhooks/1/hunter2",
            "https://h/hunter2",
            "https://h/webhooks/",
            "https://h/webhooks/1/hunter2\r\n",
            "https:///webhooks/1/hunter2",
        ] {
            let error = ChannelWebhook::from_url(url).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"));
        }
        assert!(ChannelWebhook::from_url("https://h/clanwebhooks/x").is_err());
        assert!(ClanWebhook::from_url("https://h/webhooks/1/x").is_err());
        assert!(ChannelWebhook::from_url("http://127.0.0.1:7350/webhooks/1/x").is_ok());
    }
}

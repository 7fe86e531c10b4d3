//! HTTP besides the calls: what is at the gateway, at the webhooks and at the media server of the platform, all on one
//! address here.

use mezon_protocol::exchange::HttpResponse;
use mezon_protocol::proto::api;
use mezon_protocol::{ChannelId, Now, UserId};
use percent_encoding::percent_decode_str;
use prost::Message as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::World;
use super::http::{Request, protobuf, refusal, response};
use super::refusal::{INVALID_ARGUMENT, NOT_FOUND, Refusal};
use super::transcript::What;

const HEALTH: [&str; 2] = ["/healthcheck", "/readycheck"];
const INVITE: &str = "/v2/invite/";
const DISCOVER: &str = "/v2/clan/discover";
const TRANSACTION: &str = "/v2/transaction/";
const MEETING: &str = "/v2/meet/external/";
const MEDIA: &str = "/api/playmedia";
const CHANNEL_HOOKS: &str = "/webhooks/";
const CLAN_HOOKS: &str = "/clanwebhooks/";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Discover {
    clan_id: Option<Value>,
    item_per_page: i32,
    page_number: i32,
}

#[derive(Deserialize)]
struct Media {
    room_name: String,
    participant_identity: String,
    participant_name: String,
    url: String,
    name: String,
}

impl World {
    pub(super) fn rest(&mut self, now: Now, request: &Request, path: &str) -> HttpResponse {
        let answer = match request.method.as_str() {
            "GET" => self.get(now, request, path),
            "POST" => self.post_to(now, request, path),
            "PUT" => Ok(self.put_file(now, request)),
            _ => Err(no_route()),
        };
        answer.unwrap_or_else(|refused| refusal(&refused))
    }

    fn get(&mut self, now: Now, request: &Request, path: &str) -> Result<HttpResponse, Refusal> {
        if HEALTH.contains(&path) {
            return Ok(response(200, "text/plain", Vec::new()));
        }
        if let Some(id) = path.strip_prefix(INVITE) {
            let id = id.parse().map_err(|_| Refusal::new(NOT_FOUND, "no such invitation"))?;
            // Whoever looks at it has not said who it is.
            return self.look_at_invite(now, UserId::NONE, id).map(|invite| protobuf(invite.encode_to_vec()));
        }
        if let Some(id) = path.strip_prefix(TRANSACTION) {
            self.bearer(now, request)?;
            let id = percent_decode_str(id).decode_utf8_lossy();
            let detail = self.transaction_detail(&id);
            let detail = detail.ok_or_else(|| Refusal::new(NOT_FOUND, "no such transaction"))?;
            return Ok(response(200, "application/json", detail.to_string().into_bytes()));
        }
        self.get_file(request, path).ok_or_else(no_route)
    }

    fn post_to(&mut self, now: Now, request: &Request, path: &str) -> Result<HttpResponse, Refusal> {
        let posted = || response(200, "text/plain", b"ok".to_vec());
        if let Some(rest) = path.strip_prefix(CHANNEL_HOOKS) {
            return self.post_to_channel_hook(now, rest, &request.body).map(|_| posted());
        }
        if let Some(rest) = path.strip_prefix(CLAN_HOOKS) {
            return self.post_to_clan_hook(now, rest, &request.body).map(|_| posted());
        }
        if path == DISCOVER {
            let asked: Discover = read(&request.body)?;
            let clan = asked.clan_id.as_ref().and_then(id_of).unwrap_or_default();
            let found = self.discover_clans(clan, asked.item_per_page, asked.page_number);
            return Ok(protobuf(found.encode_to_vec()));
        }
        if let Some(meeting) = path.strip_prefix(MEETING) {
            return Ok(protobuf(self.guest_token(now, meeting).encode_to_vec()));
        }
        if path == MEDIA {
            let user = self.bearer(now, request)?;
            return self.play_media(now, user, &request.body);
        }
        Err(no_route())
    }

    /// For a guest, who has no account.
    fn guest_token(&mut self, now: Now, meeting: &str) -> api::GenerateMeetTokenExternalResponse {
        let guest_user_id = self.ids.next(now);
        api::GenerateMeetTokenExternalResponse {
            token: format!("sandbox.guest.{guest_user_id}.{meeting}"),
            guest_user_id,
            guest_access_token: format!("sandbox.guest.{guest_user_id}"),
        }
    }

    /// Whoever plays is in the room until the media ends.
    fn play_media(&mut self, now: Now, user: UserId, body: &[u8]) -> Result<HttpResponse, Refusal> {
        let Media { room_name, participant_identity, participant_name, url, name } = read(body)?;
        if url.is_empty() || participant_identity.is_empty() || participant_name.is_empty() || name.is_empty() {
            return Err(Refusal::new(INVALID_ARGUMENT, "a field is missing"));
        }
        let room = self.room_named(&room_name).ok_or_else(|| Refusal::new(NOT_FOUND, "no such room"))?;
        self.enter_room(now, user, room);
        self.record(now, What::Played { user, channel: room, name, url });
        let answer = json!({ "status": "ok", "room_name": room_name });
        Ok(response(200, "application/json", answer.to_string().into_bytes()))
    }

    /// The media that a bot plays in a room comes to its end: it leaves the room.
    pub fn finish_media(&mut self, now: Now, bot: UserId, room: ChannelId) {
        self.exit_room(now, bot, room);
    }
}

/// A number, or text that holds one.
fn id_of(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

pub(super) fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|_| Refusal::new(INVALID_ARGUMENT, "the body is not the JSON that belongs here"))
}

fn no_route() -> Refusal {
    Refusal::new(NOT_FOUND, "no such route")
}

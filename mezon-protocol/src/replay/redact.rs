//! What is secret, and what stands for it in a recording.
//!
//! Of a token there are left its length, its claims about time and user, and that it is another one than the token
//! before: that is all that the Machine looks at. Everything that keeps its length is changed in place, as the event
//! queue counts bytes.

use std::collections::VecDeque;

use bytes::Bytes;
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};

use crate::proto::{api, realtime};
use crate::secret::Secret;
use crate::session::{Session, SessionExport, stand_in};
use crate::wire::{Field, Fields, Value};

/// The members of the Envelope that hold secrets, and the paths of field numbers that lead to them.
const SECRETS: [(u32, &[&[u32]]); 5] = [
    (36, &[&[2, 8, 2], &[2, 10], &[2, 14], &[5, 8, 2], &[5, 10], &[5, 14]]),
    (42, &[&[7]]),
    (43, &[&[2, 8, 2], &[2, 10], &[2, 14]]),
    // whoever knows the URL of a webhook may post to it
    (71, &[&[5]]),
    (PUSHED_SESSION, &[&[2], &[3], &[7], &[9]]),
];

/// New credentials.
pub(crate) const PUSHED_SESSION: u32 = 96;

/// A call of the API over the socket, and the field of its request.
const API_REQUEST: (u32, u32) = (92, 3);

/// Where the addresses are in a session.
const ADDRESSES: [&[u32]; 3] = [&[6], &[8], &[10]];

/// No protobuf message begins so.
const NONSENSE: u8 = 0x07;

/// Tokens whose stand-ins are remembered: more than a session has, and it is compared with its successor only.
const MAX_KNOWN: usize = 64;

/// True for a member whose content is not to be compared: what is recorded of it is not what came.
pub(crate) fn holds_secrets(member: u32) -> bool {
    member == API_REQUEST.0 || SECRETS.iter().any(|(field, _)| *field == member)
}

/// Gives each secret its stand-in.
#[derive(Default)]
pub(crate) struct StandIns {
    known: VecDeque<(Secret, u64)>,
    last: u64,
}

impl StandIns {
    /// The same for the same secret, another for another one. Nothing stands for nothing.
    fn stand_in(&mut self, secret: &str) -> String {
        let known = self.known.iter().find(|(known, _)| known.expose() == secret);
        let number = known.map(|(_, number)| *number).unwrap_or_else(|| {
            self.last += 1;
            self.known.push_back((secret.into(), self.last));
            self.last
        });
        if self.known.len() > MAX_KNOWN {
            self.known.pop_front();
        }
        stand_in(secret, number)
    }

    /// A session with stand-ins, as the JSON of its stored form.
    pub(crate) fn session(&mut self, session: &Session) -> String {
        let mut export = session.export();
        let secrets = [&mut export.token, &mut export.refresh_token, &mut export.id_token, &mut export.session_id];
        for secret in secrets {
            *secret = self.stand_in(secret.expose()).into();
        }
        for address in [&mut export.api_url, &mut export.ws_url, &mut export.tcp_url] {
            let mut bytes = std::mem::take(address).into_bytes();
            blank_address(&mut bytes);
            *address = String::from_utf8(bytes).unwrap_or_default();
        }
        serde_json::to_string(&export).unwrap_or_default()
    }

    /// A pushed member with stand-ins.
    pub(crate) fn member(&mut self, field: u32, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        let Some((_, paths)) = SECRETS.iter().find(|(member, _)| *member == field) else { return body };
        if !is_readable(field, &body) {
            body.fill(NONSENSE);
            return body;
        }
        for path in *paths {
            change(&mut body, path, &mut |secret| {
                let stand_in = std::str::from_utf8(secret).map(|secret| self.stand_in(secret));
                secret.copy_from_slice(stand_in.unwrap_or_default().as_bytes());
            });
        }
        if field == PUSHED_SESSION {
            ADDRESSES.iter().for_each(|path| change(&mut body, path, &mut blank_address));
        }
        body
    }
}

/// An encoded member, without what an API call in it says.
pub(crate) fn blank_api_request(member: &mut [u8]) {
    change(member, &[API_REQUEST.0, API_REQUEST.1], &mut |body| body.fill(0));
}

/// The body of a login's answer in which there is no session, or nothing that can be read.
pub(crate) fn no_session(has_no_token: bool) -> Bytes {
    if has_no_token { Bytes::new() } else { Bytes::from_static(&[NONSENSE]) }
}

/// A session from its record; none if it is damaged.
pub(crate) fn recorded_session(json: &str) -> Option<Session> {
    let export: SessionExport = serde_json::from_str(json).ok()?;
    Session::restore(export).ok()
}

/// An envelope, put together from its parts.
pub(crate) fn envelope(cid: i32, field: u32, body: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(body.len() + 24);
    if field != 0 {
        encode_key(field, WireType::LengthDelimited, &mut frame);
        encode_varint(body.len() as u64, &mut frame);
        frame.extend_from_slice(body);
    }
    put_cid(cid, &mut frame);
    frame.into()
}

/// A frame that cannot be read behind its cid.
pub(crate) fn malformed(cid: i32) -> Bytes {
    let mut frame = Vec::new();
    put_cid(cid, &mut frame);
    frame.push(NONSENSE);
    frame.into()
}

fn put_cid(cid: i32, frame: &mut Vec<u8>) {
    if cid != 0 {
        encode_key(1, WireType::Varint, frame);
        encode_varint(i64::from(cid) as u64, frame);
    }
}

/// True if the Machine can decode a member.
fn is_readable(field: u32, body: &[u8]) -> bool {
    match field {
        36 => realtime::UserChannelAdded::decode(body).is_ok(),
        42 => realtime::UserProfileUpdatedEvent::decode(body).is_ok(),
        43 => realtime::AddClanUserEvent::decode(body).is_ok(),
        71 => api::Webhook::decode(body).is_ok(),
        PUSHED_SESSION => api::Session::decode(body).is_ok(),
        _ => true,
    }
}

/// Changes in place what is at the end of a path of field numbers.
fn change(message: &mut [u8], path: &[u32], act: &mut impl FnMut(&mut [u8])) {
    let [number, rest @ ..] = path else { return act(message) };
    let found: Vec<_> = Fields::new(message)
        .map_while(Result::ok)
        .filter_map(|field| match field {
            Field { number: of, value: Value::Bytes(bytes), end } if of == *number => Some(end - bytes.len()..end),
            Field { .. } => None,
        })
        .collect();
    for range in found {
        change(&mut message[range], rest, act);
    }
}

/// An address may be kept, unless somebody has put more into it than an address.
fn blank_address(address: &mut [u8]) {
    if address.contains(&b'@') {
        address.fill(b'@');
    }
    if let Some(start) = address.iter().position(|byte| matches!(byte, b'?' | b'#')) {
        address[start..].fill(b'#');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::scan;

    #[test]
    fn the_tokens_of_a_pushed_session_are_replaced_and_told_apart() {
        let session = |token: &str| api::Session {
            token: token.into(),
            refresh_token: "refresh-secret".into(),
            user_id: 17,
            id_token: "id-secret".into(),
            ws_url: "wss://h/ws?token=url-secret".into(),
            ..Default::default()
        };
        let mut stand_ins = StandIns::default();
        let mut pushed = |token: &str| {
            let original = session(token).encode_to_vec();
            let body = stand_ins.member(PUSHED_SESSION, &original);
            assert_eq!(body.len(), original.len());
            assert!(!String::from_utf8_lossy(&body).contains("secret"));
            api::Session::decode(&*body).unwrap()
        };
        let (one, two, again) = (pushed("secret-one"), pushed("secret-two"), pushed("secret-one"));
        assert!(one.token != two.token && one.token == again.token);
        assert_eq!((one.user_id, one.ws_url.as_str()), (17, "wss://h/ws#################"));
    }

    #[test]
    fn the_devices_of_people_are_nobodys_business() {
        let user = realtime::UserProfileRedis {
            user_id: 7,
            username: "alice".into(),
            app_token: "app-secret".into(),
            voip_token: "voip-secret".into(),
            fcm_tokens: vec![realtime::FcmTokens { token_id: "fcm-secret".into(), ..Default::default() }],
            ..Default::default()
        };
        let added =
            realtime::UserChannelAdded { users: vec![user.clone()], caller: Some(user.clone()), ..Default::default() };
        let joined = realtime::AddClanUserEvent { user: Some(user), ..Default::default() };
        let updated =
            realtime::UserProfileUpdatedEvent { encrypt_private_key: "key-secret".into(), ..Default::default() };
        for (field, body) in [(36, added.encode_to_vec()), (43, joined.encode_to_vec()), (42, updated.encode_to_vec())]
        {
            let redacted = StandIns::default().member(field, &body);
            let text = String::from_utf8_lossy(&redacted).into_owned();
            assert!(redacted.len() == body.len() && !text.contains("secret"), "{field}: {text}");
            assert!(is_readable(field, &redacted));
            assert!(field == 42 || text.contains("alice"));
        }
    }

    #[test]
    fn what_cannot_be_read_is_replaced_whole() {
        let body = [&[0x12, 0x7f][..], b"half a secret"].concat();
        let redacted = StandIns::default().member(PUSHED_SESSION, &body);
        assert!(redacted.len() == body.len() && !is_readable(PUSHED_SESSION, &redacted));
        assert!(!redacted.contains(&b's'));
    }

    #[test]
    fn an_api_call_over_the_socket_is_left_with_its_name_and_length() {
        let request =
            realtime::ApiRequestEvent { api_index: 5, api_name: "SessionLogout".into(), body: b"secret".to_vec() };
        let member = Some(realtime::envelope::Message::ApiRequestEvent(Box::new(request)));
        let mut bytes = realtime::Envelope { cid: 0, message: member }.encode_to_vec();
        let len = bytes.len();
        blank_api_request(&mut bytes);
        assert_eq!(bytes.len(), len);
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("SessionLogout") && !text.contains("secret"));
    }

    #[test]
    fn frames_are_put_together_as_they_are_read() {
        for (cid, field) in [(0, 6), (7, 0), (-1, 12), (65535, 100)] {
            let found = scan(&envelope(cid, field, b"abc")).unwrap();
            assert_eq!((found.cid, found.field), (cid, field));
        }
        assert_eq!(scan(&malformed(9)).unwrap_err().cid, 9);
        assert!(scan(&malformed(0)).is_err());
    }
}

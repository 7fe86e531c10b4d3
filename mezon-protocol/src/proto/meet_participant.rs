//! [`MeetParticipantEvent`], the one message whose wire form changed in place.
//!
//! Servers before 19 August 2026 put a name into field 1, later ones put an id there:
//!
//! ```text
//! 1  string username    2  string room_name    3  int64 channel_id    4  int64 clan_id    5  int32 action
//! 1  int64  user_id
//! ```
//!
//! The wire types differ (length-delimited and varint), so each can be told from the other. A derived message would
//! refuse one of them and with it the whole envelope; this one takes both.

use prost::bytes::{Buf, BufMut};
use prost::encoding::{DecodeContext, WireType, int32, int64, skip_field, string};
use prost::{DecodeError, Message};

const USER_ID_OR_USERNAME: u32 = 1;
const ROOM_NAME: u32 = 2;
const CHANNEL_ID: u32 = 3;
const CLAN_ID: u32 = 4;
const ACTION: u32 = 5;

/// An event of a participant of a meeting.
///
/// Who it is stands in `user_id` or, from an older server, in `username`; the other one is 0 or empty. Encoding writes
/// the id, and the name only if there is no id.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MeetParticipantEvent {
    /// The participant; 0 if the server sent a name.
    pub user_id: i64,
    /// The participant's name; empty if the server sent an id.
    pub username: String,
    /// The room of the meeting.
    pub room_name: String,
    /// The channel of the room; 0 if there is none.
    pub channel_id: i64,
    /// The clan of the channel; 0 if there is none.
    pub clan_id: i64,
    /// What happened. The numbers are the server's own and not documented.
    pub action: i32,
}

impl Message for MeetParticipantEvent {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        if self.user_id != 0 {
            int64::encode(USER_ID_OR_USERNAME, &self.user_id, buf);
        } else if !self.username.is_empty() {
            string::encode(USER_ID_OR_USERNAME, &self.username, buf);
        }
        if !self.room_name.is_empty() {
            string::encode(ROOM_NAME, &self.room_name, buf);
        }
        if self.channel_id != 0 {
            int64::encode(CHANNEL_ID, &self.channel_id, buf);
        }
        if self.clan_id != 0 {
            int64::encode(CLAN_ID, &self.clan_id, buf);
        }
        if self.action != 0 {
            int32::encode(ACTION, &self.action, buf);
        }
    }

    fn encoded_len(&self) -> usize {
        let mut len = 0;
        if self.user_id != 0 {
            len += int64::encoded_len(USER_ID_OR_USERNAME, &self.user_id);
        } else if !self.username.is_empty() {
            len += string::encoded_len(USER_ID_OR_USERNAME, &self.username);
        }
        if !self.room_name.is_empty() {
            len += string::encoded_len(ROOM_NAME, &self.room_name);
        }
        if self.channel_id != 0 {
            len += int64::encoded_len(CHANNEL_ID, &self.channel_id);
        }
        if self.clan_id != 0 {
            len += int64::encoded_len(CLAN_ID, &self.clan_id);
        }
        if self.action != 0 {
            len += int32::encoded_len(ACTION, &self.action);
        }
        len
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        match tag {
            USER_ID_OR_USERNAME if wire_type == WireType::Varint => {
                int64::merge(wire_type, &mut self.user_id, buf, ctx)
            }
            USER_ID_OR_USERNAME if wire_type == WireType::LengthDelimited => {
                string::merge(wire_type, &mut self.username, buf, ctx)
            }
            ROOM_NAME => string::merge(wire_type, &mut self.room_name, buf, ctx),
            CHANNEL_ID => int64::merge(wire_type, &mut self.channel_id, buf, ctx),
            CLAN_ID => int64::merge(wire_type, &mut self.clan_id, buf, ctx),
            ACTION => int32::merge(wire_type, &mut self.action, buf, ctx),
            _ => skip_field(wire_type, tag, buf, ctx),
        }
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::MeetParticipantEvent;
    use crate::proto::realtime::{Envelope, envelope};

    #[test]
    fn a_varint_in_field_1_is_the_user_id() {
        let event = MeetParticipantEvent::decode(&WITH_USER_ID[..]).unwrap();
        assert_eq!(event, with_user_id());
    }

    #[test]
    fn a_text_in_field_1_is_the_username() {
        let event = MeetParticipantEvent::decode(&WITH_USERNAME[..]).unwrap();
        assert_eq!(event, with_username());
    }

    #[test]
    fn both_forms_are_encoded_as_they_came() {
        assert_eq!(with_user_id().encode_to_vec(), WITH_USER_ID);
        assert_eq!(with_username().encode_to_vec(), WITH_USERNAME);
        assert_eq!(with_user_id().encoded_len(), WITH_USER_ID.len());
        assert_eq!(with_username().encoded_len(), WITH_USERNAME.len());
    }

    #[test]
    fn the_id_wins_over_the_name_when_encoding() {
        let both = MeetParticipantEvent { username: "ann".to_owned(), ..with_user_id() };
        assert_eq!(both.encode_to_vec(), WITH_USER_ID);
        assert_eq!(both.encoded_len(), WITH_USER_ID.len());
    }

    #[test]
    fn negative_and_large_ids_survive() {
        for user_id in [i64::MIN, -1, 1, i64::MAX] {
            let event = MeetParticipantEvent { user_id, action: -1, ..MeetParticipantEvent::default() };
            let bytes = event.encode_to_vec();
            assert_eq!(bytes.len(), event.encoded_len());
            assert_eq!(MeetParticipantEvent::decode(&bytes[..]).unwrap(), event);
        }
    }

    #[test]
    fn an_empty_message_is_the_default() {
        let event = MeetParticipantEvent::decode(&[][..]).unwrap();
        assert_eq!(event, MeetParticipantEvent::default());
        assert!(event.encode_to_vec().is_empty());
    }

    #[test]
    fn unknown_fields_and_a_third_form_of_field_1_are_skipped() {
        let mut bytes = WITH_USER_ID.to_vec();
        bytes.extend([0x09, 1, 2, 3, 4, 5, 6, 7, 8]); // field 1, 64 bits
        bytes.extend([0x32, 0x02, 0xff, 0xff]); // field 6, length-delimited
        bytes.extend([0x38, 0x01]); // field 7, varint
        let event = MeetParticipantEvent::decode(&bytes[..]).unwrap();
        assert_eq!(event, with_user_id());
    }

    #[test]
    fn a_truncated_message_is_an_error() {
        for end in [1, 3, 7] {
            assert!(MeetParticipantEvent::decode(&WITH_USERNAME[..end]).is_err());
        }
    }

    #[test]
    fn clear_resets_all_fields() {
        let mut event = with_user_id();
        event.clear();
        assert_eq!(event, MeetParticipantEvent::default());
    }

    #[test]
    fn an_envelope_takes_either_form() {
        for (inner, event) in [(&WITH_USER_ID[..], with_user_id()), (&WITH_USERNAME[..], with_username())] {
            // Field 86 of the envelope, length-delimited.
            let mut bytes = vec![0xb2, 0x05, inner.len() as u8];
            bytes.extend(inner);

            let envelope = Envelope::decode(&bytes[..]).unwrap();
            let message = envelope::Message::MeetParticipantEvent(Box::new(event));
            assert_eq!(envelope.message, Some(message));
            assert_eq!(envelope.encode_to_vec(), bytes);
        }
    }

    #[test]
    fn an_envelope_is_small_because_its_members_are_boxed() {
        assert!(size_of::<Envelope>() <= 24);
    }

    const WITH_USER_ID: [u8; 14] = [
        0x08, 0xd2, 0x09, // user_id 1234
        0x12, 0x03, b'a', b'-', b'b', // room_name
        0x18, 0x07, // channel_id
        0x20, 0x08, // clan_id
        0x28, 0x01, // action
    ];

    const WITH_USERNAME: [u8; 16] = [
        0x0a, 0x03, b'a', b'n', b'n', // username
        0x12, 0x03, b'a', b'-', b'b', // room_name
        0x18, 0x07, // channel_id
        0x20, 0x08, // clan_id
        0x28, 0x01, // action
    ];

    fn with_user_id() -> MeetParticipantEvent {
        MeetParticipantEvent {
            user_id: 1234,
            username: String::new(),
            room_name: "a-b".to_owned(),
            channel_id: 7,
            clan_id: 8,
            action: 1,
        }
    }

    fn with_username() -> MeetParticipantEvent {
        MeetParticipantEvent { user_id: 0, username: "ann".to_owned(), ..with_user_id() }
    }
}

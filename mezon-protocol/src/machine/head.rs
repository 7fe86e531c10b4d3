//! The ids and numbers of a channel message, read from its bytes without decoding it.

use crate::event::{CODE_DELETED, CODE_UPDATED};
use crate::id::{ChannelId, ClanId, MessageId, TopicId, UserId};
use crate::route::{Mode, Route};
use crate::wire::{Field, Fields, Value};

/// What a channel message says of itself beside its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) clan: ClanId,
    pub(crate) channel: ChannelId,
    pub(crate) id: MessageId,
    pub(crate) topic: TopicId,
    pub(crate) sender: UserId,
    pub(crate) code: i32,
    pub(crate) mode: Mode,
    pub(crate) is_public: bool,
    pub(crate) created: u32,
    pub(crate) updated: u32,
}

impl Head {
    /// Where from, which, by whom and of what code, by looking at the first fields alone, as that is most of what a
    /// message costs in the Machine. If these come in another order, or a topic is named, all is read. `None` if it is no
    /// message.
    pub(crate) fn peek(body: &[u8]) -> Option<Self> {
        let mut head = Self::default();
        for field in Fields::new(body) {
            let field = field.ok()?;
            if field.number > 5 {
                break;
            }
            head.take(field);
        }
        if head.channel.is_none() || head.id.is_none() || ends_with_topic(body) { Self::read(body) } else { Some(head) }
    }

    /// Everything. `None` if it is no message.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let mut head = Self::default();
        for field in Fields::new(body) {
            head.take(field.ok()?);
        }
        Some(head)
    }

    const fn take(&mut self, field: Field<'_>) {
        let Value::Varint(value) = field.value else { return };
        match field.number {
            1 => self.clan = ClanId::new(value as i64),
            2 => self.channel = ChannelId::new(value as i64),
            3 => self.id = MessageId::new(value as i64),
            4 => self.code = value as i32,
            5 => self.sender = UserId::new(value as i64),
            20 => self.created = value as u32,
            21 => self.updated = value as u32,
            22 => self.mode = Mode(value as i32),
            24 => self.is_public = value != 0,
            25 => self.topic = TopicId::new(value as i64),
            _ => {}
        }
    }

    /// The route that it shows, if it was read whole.
    pub(crate) const fn route(&self) -> Route {
        Route::of_message(self.channel, self.clan, self.mode, self.is_public)
    }

    /// True if it is something that was said: not an edit, a removal, a sign of typing, the mark at the beginning of a
    /// channel, or something of an ephemeral message, which nobody stores.
    pub(crate) const fn is_row(&self) -> bool {
        !matches!(self.code, CODE_UPDATED | CODE_DELETED | 3 | 4 | 12 | 14 | 15) && !self.id.is_none()
    }

    /// True if it has been changed since it was said.
    pub(crate) const fn is_edited(&self) -> bool {
        self.updated > self.created
    }
}

/// True if the last field is a topic: tag 25 as a varint, and a number up to the end. Other fields may look like it,
/// which costs a closer look and no more.
fn ends_with_topic(body: &[u8]) -> bool {
    const TAG: [u8; 2] = [0xc8, 0x01];
    let Some((last, before)) = body.split_last() else { return false };
    let digits = before.iter().rev().take(9).take_while(|byte| **byte >= 0x80).count();
    *last < 0x80 && before[..before.len() - digits].ends_with(&TAG)
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::proto::api;

    fn message(topic_id: i64) -> api::ChannelMessage {
        api::ChannelMessage {
            clan_id: 1,
            channel_id: 1_779_000_000_000_000_101,
            message_id: 1_999_000_000_000_000_001,
            sender_id: 5,
            content: "hi".into(),
            create_time_seconds: 100,
            update_time_seconds: 101,
            mode: 2,
            is_public: true,
            topic_id,
            ..Default::default()
        }
    }

    #[test]
    fn the_first_fields_tell_where_it_belongs_and_a_topic_is_never_overlooked() {
        let head = Head::peek(&message(0).encode_to_vec()).unwrap();
        assert_eq!((head.channel.get(), head.topic.get(), head.created), (1_779_000_000_000_000_101, 0, 0));
        for topic in [1, 127, 128, 1_779_000_000_000_000_102, i64::MAX, -1] {
            let bytes = message(topic).encode_to_vec();
            assert_eq!(Head::peek(&bytes), Head::read(&bytes), "{topic}");
            assert_eq!(Head::peek(&bytes).unwrap().topic.get(), topic);
        }
    }

    #[test]
    fn fields_in_another_order_are_read_all_the_same() {
        let mut bytes = vec![0x42, 2, b'h', b'i'];
        bytes.extend(api::ChannelMessage { content: String::new(), ..message(0) }.encode_to_vec());
        let head = Head::peek(&bytes).unwrap();
        assert_eq!((head.id.get(), head.mode, head.is_edited()), (1_999_000_000_000_000_001, Mode::CHANNEL, true));
    }

    #[test]
    fn what_is_cut_is_no_message() {
        let bytes = message(7).encode_to_vec();
        assert_eq!(Head::read(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Head::peek(&[0x10]), None);
    }
}

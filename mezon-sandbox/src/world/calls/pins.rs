//! Pinned messages.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, MessageId, UserId};
use prost::Message as _;

use super::Call;
use crate::world::World;
use crate::world::describe::{header, seconds};
use crate::world::refusal::{ALREADY_EXISTS, Refusal};

handlers! {
    CreatePinMessage => pin,
    DeletePinMessage => unpin,
    GetPinMessagesList => list_pins,
}

/// The `operation` of a pin event.
const PINNED: i32 = 1;

/// A pin. Its id is not that of the message.
#[derive(Clone, Copy, Debug)]
pub(in crate::world) struct Pin {
    message: MessageId,
    pub(super) channel: ChannelId,
    at_seconds: u32,
}

impl World {
    fn pin(&mut self, call: Call, request: api::PinMessageRequest) -> Result<api::ChannelMessageHeader, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let header = header(self.message_in(channel, request.message_id)?);
        let message = MessageId::new(request.message_id);
        if self.records.pins.values().any(|pin| pin.message == message) {
            return Err(Refusal::new(ALREADY_EXISTS, "the message is pinned already"));
        }
        let pin = Pin { message, channel, at_seconds: seconds(call.now) };
        let id = self.ids.next(call.now);
        self.records.pins.insert(id, pin);
        self.tell_pinned(call.user(), pin);
        Ok(header)
    }

    fn tell_pinned(&mut self, by: UserId, pin: Pin) {
        let (Some(channel), Some(stored)) = (self.channels.get(&pin.channel), self.stored(pin.message)) else { return };
        let sender = self.users.get(&stored.author);
        let event = realtime::LastPinMessageEvent {
            clan_id: channel.clan.get(),
            channel_id: channel.id.get(),
            message_id: pin.message.get(),
            mode: channel.kind.mode(),
            user_id: by.get(),
            timestamp_seconds: pin.at_seconds,
            operation: PINNED,
            is_public: channel.is_public(),
            message_sender_avatar: sender.map(|sender| sender.avatar.clone()).unwrap_or_default(),
            message_sender_id: stored.author.to_string(),
            message_sender_username: sender.map(|sender| sender.username.clone()).unwrap_or_default(),
            message_content: stored.content.clone(),
            message_attachment: String::new(),
            message_created_time: stored.created_seconds.to_string(),
        };
        self.tell_channel(pin.channel, Message::LastPinMessageEvent(Box::new(event)));
    }

    fn list_pins(&mut self, call: Call, request: api::PinMessageRequest) -> Result<api::PinMessagesList, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let pins = self.records.pins.iter().filter(|(_, pin)| pin.channel == channel);
        Ok(api::PinMessagesList { pin_messages_list: pins.filter_map(|(id, pin)| self.wire_pin(*id, *pin)).collect() })
    }

    fn wire_pin(&self, id: i64, pin: Pin) -> Option<api::PinMessage> {
        let stored = self.stored(pin.message)?;
        let sender = self.users.get(&stored.author);
        let attachments = api::MessageAttachmentList { attachments: stored.attachments.clone() };
        Some(api::PinMessage {
            id,
            message_id: pin.message.get(),
            channel_id: pin.channel.get(),
            sender_id: stored.author.get(),
            content: stored.content.clone(),
            username: sender.map(|sender| sender.username.clone()).unwrap_or_default(),
            avatar: sender.map(|sender| sender.avatar.clone()).unwrap_or_default(),
            create_time_seconds: pin.at_seconds,
            attachment: attachments.encode_to_vec(),
        })
    }

    /// By the id of the pin, or by the message when that id is 0.
    fn unpin(&mut self, call: Call, request: api::DeletePinMessage) -> Result<(), Refusal> {
        let message = MessageId::new(request.message_id);
        let named = |(id, pin): (&i64, &Pin)| {
            let fits = if request.id == 0 { pin.message == message } else { *id == request.id };
            fits.then_some((*id, *pin))
        };
        let (id, pin) = self.records.pins.iter().find_map(named).ok_or_else(Refusal::no_message)?;
        let clan = self.channel_of_viewer(call.user(), pin.channel.get())?.clan;
        self.records.pins.remove(&id);
        let event = realtime::UnpinMessageEvent {
            id,
            message_id: pin.message.get(),
            channel_id: pin.channel.get(),
            clan_id: clan.get(),
        };
        self.tell_channel(pin.channel, Message::UnpinMessageEvent(Box::new(event)));
        Ok(())
    }

    /// A message that goes takes its pin along.
    pub(in crate::world) fn forget_pin(&mut self, message: MessageId) {
        self.records.pins.retain(|_, pin| pin.message != message);
    }
}

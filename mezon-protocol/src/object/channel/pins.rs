//! The pinned messages of a channel.

use super::Channel;
use crate::api::{Api, CreatePinMessage, DeletePinMessage, GetPinMessagesList};
use crate::call::Call;
use crate::id::MessageId;
use crate::object::{Backend, not_found};
use crate::proto::api;
use crate::route::Route;

impl<B: Backend> Channel<B> {
    /// Its pins, as the wire has them: each with an id of its own, and the message.
    #[doc(alias = "GetPinMessagesList")]
    pub fn list_pins(&self) -> B::Outcome<Vec<api::PinMessage>> {
        self.on_route(list_pins)
    }

    /// Pins a message; gives nothing.
    #[doc(alias = "CreatePinMessage")]
    pub fn pin(&self, message: impl Into<MessageId>) -> B::Outcome<()> {
        let message = message.into();
        self.on_route(move |route| Api::<CreatePinMessage>::new(pin_of(route, message)).then(|_, _| Ok(())))
    }

    /// Takes the pin of a message away; gives nothing. The pin is looked up first, as the platform wants its id.
    ///
    /// # Errors
    ///
    /// `NotFound` when the message is not pinned.
    #[doc(alias = "DeletePinMessage")]
    pub fn unpin(&self, message: impl Into<MessageId>) -> B::Outcome<()> {
        let message = message.into();
        self.on_route(move |route| {
            list_pins(route).look_up(move |_, pins| {
                let pin = pins.iter().find(|pin| pin.message_id == message.get());
                let pin = pin.ok_or_else(|| not_found("the pin of message", message))?;
                Ok(Api::<DeletePinMessage>::new(api::DeletePinMessage {
                    id: pin.id,
                    message_id: message.get(),
                    channel_id: route.channel.get(),
                    clan_id: route.clan.get(),
                }))
            })
        })
    }
}

fn list_pins(route: Route) -> impl Call<Output = Vec<api::PinMessage>> {
    Api::<GetPinMessagesList>::new(pin_of(route, MessageId::NONE)).then(|_, list| Ok(list.pin_messages_list))
}

fn pin_of(route: Route, message: MessageId) -> api::PinMessageRequest {
    api::PinMessageRequest { message_id: message.get(), channel_id: route.channel.get(), clan_id: route.clan.get() }
}

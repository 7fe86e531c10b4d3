//! Messages: sent, changed, listed, reacted to.

use mezon_protocol::MessageId;
use mezon_protocol::proto::{api, realtime};

use super::Call;
use crate::world::World;
use crate::world::describe::header;
use crate::world::messages::EDITED;
use crate::world::model::{Channel, Stored};
use crate::world::refusal::Refusal;

handlers! {
    DeleteChannelMessage => delete_for,
    DropdownBoxSelected => select_for,
    ListChannelMessages => list_messages,
    MessageButtonClick => click_for,
    ReactChannelMessage => react_for,
    SendChannelMessage => send_for,
    UpdateChannelMessage => update_for,
}

/// The page of `ListChannelMessages` when none is asked for, and the largest one.
const PAGE: usize = 50;
const LARGEST_PAGE: usize = 100;

/// Directions of a page, from the message that is named.
const AFTER: i32 = 1;
const AROUND: i32 = 2;

/// Codes of rows that are no messages.
const TYPING: i32 = 3;
const BEGINNING: i32 = 4;

impl World {
    fn send_for(
        &mut self,
        call: Call,
        send: realtime::ChannelMessageSend,
    ) -> Result<realtime::ChannelMessageAck, Refusal> {
        let id = self.post(call.now, call.caller, send)?;
        let stored = self.stored(id).ok_or_else(Refusal::no_message)?;
        Ok(self.wire_ack(stored, stored.code))
    }

    fn update_for(
        &mut self,
        call: Call,
        update: realtime::ChannelMessageUpdate,
    ) -> Result<realtime::ChannelMessageUpdate, Refusal> {
        self.edit_stored(call.now, call.caller, update.clone()).map(|_| update)
    }

    fn delete_for(
        &mut self,
        call: Call,
        remove: realtime::ChannelMessageRemove,
    ) -> Result<realtime::ChannelMessageRemove, Refusal> {
        self.delete_stored(call.now, call.caller, &remove).map(|_| remove)
    }

    /// A client of a person presses a button. Who it is, and who wrote the message, the world knows better.
    fn click_for(&mut self, call: Call, click: realtime::MessageButtonClicked) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), click.channel_id)?.id;
        let message = self.message_in(channel, click.message_id)?.id;
        self.click(call.user(), message, &click.button_id, &click.extra_data);
        Ok(())
    }

    fn select_for(&mut self, call: Call, selected: realtime::DropdownBoxSelected) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), selected.channel_id)?.id;
        let message = self.message_in(channel, selected.message_id)?.id;
        let values: Vec<&str> = selected.values.iter().map(String::as_str).collect();
        self.dropdown(call.user(), message, &selected.selectbox_id, &values);
        Ok(())
    }

    fn react_for(&mut self, call: Call, reaction: api::MessageReaction) -> Result<(), Refusal> {
        self.put_reaction(call.now, call.caller, reaction).map(|_| ())
    }

    /// Direction 1: after the message that is named; 2: around it; 3, and 0 with one named: before it. With none named:
    /// the newest. With a topic: only what was said in it.
    fn list_messages(
        &mut self,
        call: Call,
        request: api::ListChannelMessagesRequest,
    ) -> Result<api::ChannelMessageList, Refusal> {
        let pages = self.settings.pages;
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
        let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(PAGE).min(LARGEST_PAGE);
        let mut page = page_of(channel, &request, limit);
        if pages.one_less && page.len() == limit {
            let farthest = if request.direction == AFTER { limit - 1 } else { 0 };
            page.remove(farthest);
        }
        let anchor = channel.messages.get(&MessageId::new(request.message_id)).filter(|_| pages.with_anchor);
        page.extend(anchor.filter(|anchor| page.iter().all(|stored| stored.id != anchor.id)));
        let mut messages: Vec<_> = page.iter().map(|stored| self.wire_message(stored, stored.code)).collect();
        if pages.with_stale_rows {
            let edited = page.iter().filter(|stored| stored.updated_seconds > stored.created_seconds);
            messages.extend(edited.map(|stored| self.wire_message(stored, EDITED)));
            messages.extend(page.last().map(|stored| self.wire_message(stored, TYPING)));
            messages.extend(page.first().map(|stored| self.wire_message(stored, BEGINNING)));
        }
        let list = api::ChannelMessageList {
            messages,
            last_seen_message: self.last_seen(call.user(), channel).map(header),
            last_sent_message: channel.messages.values().next_back().map(header),
        };
        Ok(self.shuffled(list))
    }

    fn shuffled(&mut self, mut list: api::ChannelMessageList) -> api::ChannelMessageList {
        if self.settings.pages.shuffled {
            self.rng.shuffle(&mut list.messages);
        }
        list
    }
}

/// A page of messages, oldest first.
fn page_of<'a>(channel: &'a Channel, request: &api::ListChannelMessagesRequest, limit: usize) -> Vec<&'a Stored> {
    let anchor = MessageId::new(request.message_id);
    let wanted = |stored: &&Stored| request.topic_id == 0 || stored.topic == request.topic_id;
    let before = |limit: usize| {
        let older = channel.messages.values().rev().filter(|stored| anchor.is_none() || stored.id < anchor);
        let mut page: Vec<&Stored> = older.filter(wanted).take(limit).collect();
        page.reverse();
        page
    };
    let from = || channel.messages.range(anchor..).map(|(_, stored)| stored).filter(wanted);
    match request.direction {
        AFTER if !anchor.is_none() => from().filter(|stored| stored.id > anchor).take(limit).collect(),
        AROUND if !anchor.is_none() => {
            let older = limit / 2;
            before(older).into_iter().chain(from().take(limit - older)).collect()
        }
        _ => before(limit),
    }
}

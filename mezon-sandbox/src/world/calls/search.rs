//! Searching for messages.

use mezon_protocol::UserId;
use mezon_protocol::proto::api;

use super::{Call, page};
use crate::world::World;
use crate::world::describe::json_lists;
use crate::world::model::{Channel, Stored};
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};
use crate::world::text::text_of;

handlers! {
    SearchMessage => search_messages,
}

/// The page when no size is given.
const PAGE: i32 = 25;

impl World {
    /// Newest first, in all channels that whoever asks sees. A message has to fit all filters.
    fn search_messages(
        &mut self,
        call: Call,
        request: api::SearchMessageRequest,
    ) -> Result<api::SearchMessageResponse, Refusal> {
        if request.filters.is_empty() {
            return Err(Refusal::new(INVALID_ARGUMENT, "a search has filters"));
        }
        let visible = self.channels.values().filter(|channel| self.sees(call.user(), channel));
        let mut found: Vec<(&Channel, &Stored)> = Vec::new();
        for channel in visible {
            let fits = |stored: &&Stored| request.filters.iter().all(|filter| self.fits(filter, channel, stored));
            found.extend(channel.messages.values().filter(fits).map(|stored| (channel, stored)));
        }
        found.sort_by_key(|(_, stored)| std::cmp::Reverse(stored.id));
        let size = if request.size > 0 { request.size } else { PAGE };
        let total = i32::try_from(found.len()).unwrap_or(i32::MAX);
        let documents = found.into_iter().map(|(channel, stored)| self.document(channel, stored));
        Ok(api::SearchMessageResponse { messages: page(documents, size, request.from), total })
    }

    /// Filters that are not known fit everything.
    fn fits(&self, filter: &api::FilterParam, channel: &Channel, stored: &Stored) -> bool {
        let value = filter.field_value.as_str();
        let sender = self.users.get(&stored.author);
        match filter.field_name.as_str() {
            "content" => text_of(&stored.content).to_lowercase().contains(&value.to_lowercase()),
            "channel_id" => channel.id.to_string() == value,
            "clan_id" => channel.clan.to_string() == value,
            "username" => sender.is_some_and(|sender| sender.username == value),
            "mention" => {
                stored.mentions.iter().any(|mention| value.contains(&UserId::new(mention.user_id).to_string()))
            }
            "has" => match value {
                "link" => stored.content.contains("http://") || stored.content.contains("https://"),
                kind => stored.attachments.iter().any(|file| file.filetype.starts_with(kind)),
            },
            _ => true,
        }
    }

    fn document(&self, channel: &Channel, stored: &Stored) -> api::SearchMessageDocument {
        let sender = self.users.get(&stored.author);
        let text = |items: Vec<u8>| String::from_utf8(items).unwrap_or_default();
        let lists = json_lists(stored);
        api::SearchMessageDocument {
            message_id: stored.id.to_string(),
            channel_id: channel.id.to_string(),
            clan_id: channel.clan.to_string(),
            sender_id: stored.author.to_string(),
            content: stored.content.clone(),
            mentions: text(lists.mentions),
            reactions: text(lists.reactions),
            attachments: text(lists.attachments),
            references: text(lists.references),
            create_time: stored.created_seconds.to_string(),
            update_time: stored.updated_seconds.to_string(),
            channel_label: channel.name.clone(),
            channel_type: channel.kind.wire_type(),
            clan_name: self.clan_name(channel.clan).unwrap_or_default().to_owned(),
            username: sender.map(|sender| sender.username.clone()).unwrap_or_default(),
            display_name: sender.map(|sender| sender.display_name.clone()).unwrap_or_default(),
            avatar_url: sender.map(|sender| sender.avatar.clone()).unwrap_or_default(),
        }
    }
}

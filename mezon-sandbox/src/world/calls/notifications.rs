//! What a user is notified of, kept until it is deleted.

use std::collections::VecDeque;

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{Now, UserId};

use super::Call;
use crate::world::World;
use crate::world::describe::seconds;
use crate::world::refusal::Refusal;

handlers! {
    CreateMessage2Inbox => put_into_inbox,
    DeleteNotifications => delete_notifications,
    ListNotifications => list_notifications,
}

/// Somebody asks for friendship. The number is that of the platform's clients.
pub(super) const FRIEND_REQUEST: i32 = -2;
/// A message that one has put aside. Assumed.
const KEPT_MESSAGE: i32 = -17;

/// The category of what is neither a mention nor a message.
const FOR_YOU: i32 = 3;
const MESSAGES: i32 = 2;

/// How many are kept for a user; the oldest are forgotten.
const KEPT: usize = 100;

/// The page when no limit is given.
const PAGE: usize = 50;

impl World {
    /// Notifies a user of what another did, and pushes it.
    pub(super) fn notify(&mut self, now: Now, from: UserId, to: UserId, code: i32, what: &str) {
        let name = self.username(from).unwrap_or_default().to_owned();
        let avatar_url = self.users.get(&from).map(|user| user.avatar.clone()).unwrap_or_default();
        let notification = api::Notification {
            id: self.ids.next(now),
            subject: format!("{name} {what}"),
            content: serde_json::json!({ "username": name }).to_string().into_bytes(),
            code,
            sender_id: from.get(),
            create_time_seconds: seconds(now),
            persistent: true,
            avatar_url,
            category: FOR_YOU,
            ..api::Notification::default()
        };
        self.keep(to, notification.clone());
        let event = realtime::Notifications { notifications: vec![notification] };
        self.tell_user(to, Message::Notifications(Box::new(event)));
    }

    fn put_into_inbox(
        &mut self,
        call: Call,
        request: api::Message2InboxRequest,
    ) -> Result<api::ChannelMessageHeader, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let stored = self.message_in(channel, request.message_id)?;
        let header = crate::world::describe::header(stored);
        let notification = api::Notification {
            id: self.ids.next(call.now),
            subject: "a message to come back to".to_owned(),
            content: header.content.clone().into_bytes(),
            code: KEPT_MESSAGE,
            sender_id: header.sender_id,
            create_time_seconds: seconds(call.now),
            persistent: true,
            clan_id: request.clan_id,
            channel_id: request.channel_id,
            category: MESSAGES,
            ..api::Notification::default()
        };
        self.keep(call.user(), notification);
        Ok(header)
    }

    /// Newest first. Direction 3 goes on below the one that is named.
    fn list_notifications(
        &mut self,
        call: Call,
        request: api::ListNotificationsRequest,
    ) -> Result<api::NotificationList, Refusal> {
        let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0).unwrap_or(PAGE);
        let wanted = |notification: &&api::Notification| {
            (request.category == 0 || notification.category == request.category)
                && (request.clan_id == 0 || notification.clan_id == 0 || notification.clan_id == request.clan_id)
                && (request.notification_id == 0 || notification.id < request.notification_id)
        };
        let own = self.records.notifications.get(&call.user()).into_iter().flatten();
        let notifications = own.rev().filter(wanted).take(limit).cloned().collect();
        Ok(api::NotificationList { notifications, ..api::NotificationList::default() })
    }

    /// By id, or a whole category when no id is given.
    fn delete_notifications(&mut self, call: Call, request: api::DeleteNotificationsRequest) -> Result<(), Refusal> {
        let own = self.records.notifications.entry(call.user()).or_default();
        own.retain(|notification| {
            let named = request.ids.contains(&notification.id);
            !(named || request.ids.is_empty() && notification.category == request.category)
        });
        Ok(())
    }

    fn keep(&mut self, user: UserId, notification: api::Notification) {
        let own: &mut VecDeque<api::Notification> = self.records.notifications.entry(user).or_default();
        own.push_back(notification);
        while own.len() > KEPT {
            own.pop_front();
        }
    }
}

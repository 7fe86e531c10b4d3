//! Which calls list by page, and how each asks for the next.

use super::pages::{Paged, Style};
use crate::proto::api as wire;

macro_rules! paged {
    ($($name:ident of $item:ty: |$answer:ident| $items:expr, |$one:ident| $id:expr, $style:ident $args:tt;)*) => {$(
        impl Paged for super::$name {
            type Item = $item;
            const STYLE: Style<Self> = paged!(@$style $args);

            fn items($answer: Self::Response) -> Vec<Self::Item> {
                $items
            }

            fn id($one: &Self::Item) -> i64 {
                $id
            }
        }
    )*};
    (@cursor ($field:ident)) => {
        Style::Cursor { of: |answer| &answer.$field, into: |request| &mut request.cursor }
    };
    (@number ($first:literal, $field:ident)) => {
        Style::Number { first: $first, into: |request| &mut request.$field }
    };
    (@anchor ($set:path)) => { Style::Anchor($set) };
}

paged! {
    ListFriends of wire::Friend: |answer| answer.friends,
        |friend| friend.user.as_ref().map_or(0, |user| user.id), cursor(cursor);
    ListRoles of wire::Role: |answer| answer.roles.unwrap_or_default().roles,
        |role| role.id, cursor(cursor);
    ListRoleUsers of wire::role_user_list::RoleUser: |answer| answer.role_users,
        |user| user.id, cursor(cursor);
    ListChannelUsers of wire::channel_user_list::ChannelUser: |answer| answer.channel_users,
        |user| user.user_id, cursor(cursor);
    ListApps of wire::App: |answer| answer.apps,
        |app| app.id, cursor(next_cursor);

    ListChannelDescs of wire::ChannelDescription: |answer| answer.channeldesc,
        |channel| channel.channel_id, number(1, page);
    ListThreadDescs of wire::ChannelDescription: |answer| answer.channeldesc,
        |thread| thread.channel_id, number(1, page);
    ListChannelBadgeCount of wire::ChannelDescription: |answer| answer.channeldesc,
        |channel| channel.channel_id, number(1, page);
    ListChannelSetting of wire::ChannelSettingItem: |answer| answer.channel_setting_list,
        |channel| channel.id, number(1, page);
    ListUserOnline of wire::User: |answer| answer.users,
        |user| user.id, number(0, page);
    ListSdTopic of wire::SdTopic: |answer| answer.topics,
        |topic| topic.id, number(1, page);
    GetChannelCanvasList of wire::ChannelCanvasItem: |answer| answer.channel_canvases,
        |canvas| canvas.id, number(1, page);
    ListOnboarding of wire::OnboardingItem: |answer| answer.list_onboarding,
        |item| item.id, number(1, page);
    ListOnboardingStep of wire::OnboardingSteps: |answer| answer.list_onboarding_step,
        |step| step.id, number(1, page);
    SearchMessage of wire::SearchMessageDocument: |answer| answer.messages,
        |found| found.message_id.parse().unwrap_or(0), number(1, from);

    ListChannelMessages of wire::ChannelMessage: |answer| in_order(answer.messages),
        |message| message.message_id, anchor(after_messages);
    ListNotifications of wire::Notification: |answer| answer.notifications,
        |notification| notification.id, anchor(after_notifications);
    ListChannelAttachment of wire::ChannelAttachment: |answer| answer.attachments,
        |attachment| attachment.id, anchor(after_attachments);
}

/// Ids order messages by their time; the platform promises no order.
fn in_order(mut messages: Vec<wire::ChannelMessage>) -> Vec<wire::ChannelMessage> {
    messages.sort_by_key(|message| message.message_id);
    messages
}

/// The direction of what is newer than the anchor.
const NEWER: i32 = 1;

/// The direction of what is older than the anchor.
const OLDER: i32 = 3;

/// On to newer messages when that was asked for, else to older ones.
fn after_messages(request: &mut wire::ListChannelMessagesRequest, messages: &[wire::ChannelMessage]) {
    let ids = messages.iter().map(|message| message.message_id);
    let anchor = if request.direction == NEWER {
        ids.max()
    } else {
        request.direction = OLDER;
        ids.min()
    };
    request.message_id = anchor.unwrap_or(request.message_id);
}

fn after_notifications(request: &mut wire::ListNotificationsRequest, notifications: &[wire::Notification]) {
    let oldest = notifications.iter().map(|notification| notification.id).min();
    request.direction = OLDER;
    request.notification_id = oldest.unwrap_or(request.notification_id);
}

fn after_attachments(request: &mut wire::ListChannelAttachmentRequest, attachments: &[wire::ChannelAttachment]) {
    let oldest = attachments.iter().map(|attachment| attachment.create_time_seconds).min();
    request.before = oldest.unwrap_or(request.before);
}

#[cfg(test)]
mod tests {
    use super::super::{
        ListChannelMessages, ListFriends, ListNotifications, ListThreadDescs, ListUserOnline, Page, Pages,
    };
    use super::*;

    fn messages(ids: &[i64]) -> wire::ChannelMessageList {
        let message = |id: &i64| wire::ChannelMessage { message_id: *id, ..Default::default() };
        wire::ChannelMessageList { messages: ids.iter().map(message).collect(), ..Default::default() }
    }

    fn ids(page: &Page<ListChannelMessages>) -> Vec<i64> {
        page.items.iter().map(|message| message.message_id).collect()
    }

    #[test]
    fn a_history_goes_back_in_order_without_repeating_the_anchor() {
        let page =
            Pages::<ListChannelMessages>::new(wire::ListChannelMessagesRequest::default()).page(messages(&[9, 7, 8]));
        assert_eq!(ids(&page), [7, 8, 9]);
        let pages = page.next.expect("it may go on");
        assert_eq!((pages.request().direction, pages.request().message_id), (OLDER, 7));
        // fewer than before, and the anchor again: not the end
        let page = pages.page(messages(&[7, 6]));
        assert_eq!(ids(&page), [6]);
        let page = page.next.expect("it may go on").page(messages(&[6]));
        assert!(page.items.is_empty());
        assert!(page.next.is_none());
    }

    #[test]
    fn what_was_missed_is_asked_for_from_its_beginning() {
        let request = wire::ListChannelMessagesRequest { message_id: 5, direction: NEWER, ..Default::default() };
        let page = Pages::<ListChannelMessages>::new(request).page(messages(&[6, 8]));
        assert_eq!(page.next.expect("it may go on").request().message_id, 8);
    }

    #[test]
    fn a_cursor_that_is_empty_or_stands_still_is_the_end() {
        let answer = |id: i64, cursor: &str| wire::FriendList {
            friends: vec![wire::Friend { user: Some(wire::User { id, ..Default::default() }), ..Default::default() }],
            cursor: cursor.to_owned(),
        };
        let pages = || Pages::<ListFriends>::new(wire::ListFriendsRequest::default());
        assert!(pages().page(answer(1, "")).next.is_none());
        let second = pages().page(answer(1, "a")).next.expect("there is a cursor");
        assert_eq!(second.request().cursor, "a");
        assert!(second.page(answer(2, "a")).next.is_none());
    }

    #[test]
    fn pages_count_from_where_the_call_begins_to_count() {
        let threads = Pages::<ListThreadDescs>::new(wire::ListThreadRequest::default());
        assert_eq!(threads.request().page, 1);
        let online = Pages::<ListUserOnline>::new(wire::ListUserOnlineRequest::default());
        assert_eq!(online.request().page, 0);
        let users = vec![wire::User { id: 1, ..Default::default() }];
        let next = online.page(wire::ListUserOnlineResponse { users: users.clone(), total_count: 1 }).next;
        let next = next.expect("it may go on");
        assert_eq!(next.request().page, 1);
        assert!(next.page(wire::ListUserOnlineResponse { users, total_count: 1 }).next.is_none(), "nothing unseen");
    }

    #[test]
    fn items_without_an_id_are_given_but_keep_no_listing_going() {
        let pages = Pages::<ListNotifications>::new(wire::ListNotificationsRequest::default());
        let notifications = vec![wire::Notification::default(); 2];
        let page = pages.page(wire::NotificationList { notifications, ..Default::default() });
        assert_eq!(page.items.len(), 2);
        assert!(page.next.is_none());
    }
}

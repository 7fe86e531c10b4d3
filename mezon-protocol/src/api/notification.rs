//! Notifications, and what we want to be notified of.
//!
//! Types of a setting: 0 default, 1 all, 2 mentions, 3 nothing.

use crate::proto::api as wire;

methods! {
    /// Notifications, newest first. `category` 1 mentions, 2 messages, 3 for us; the next page begins at the oldest
    /// `notification_id`, with direction 3.
    ListNotifications = 46, reads, wire::ListNotificationsRequest => wire::NotificationList;
    /// Deletes notifications.
    DeleteNotifications = 78, writes, wire::DeleteNotificationsRequest => ();
    /// The setting of a clan.
    GetNotificationClan = 9, reads, wire::NotificationClan => wire::NotificationSetting;
    /// Sets it for a clan.
    SetNotificationClanSetting = 98, writes, wire::SetDefaultNotificationRequest => ();
    /// The setting of a category.
    GetNotificationCategory = 204, reads, wire::DefaultNotificationCategory => wire::NotificationUserChannel;
    /// Sets it for a category.
    SetNotificationCategorySetting = 99, writes, wire::SetNotificationRequest => ();
    /// A category goes by its clan's setting again.
    DeleteNotificationCategorySetting = 100, writes, wire::DefaultNotificationCategory => ();
    /// The setting of a channel. `time_mute_seconds` is a duration here, -1 for ever; in the event of that name it is
    /// a time.
    GetNotificationChannel = 13, reads, wire::NotificationChannel => wire::NotificationUserChannel;
    /// Sets it for a channel, whose id goes into `channel_category_id`.
    SetNotificationChannelSetting = 95, writes, wire::SetNotificationRequest => ();
    /// A channel goes by its category's setting again.
    DeleteNotificationChannel = 101, writes, wire::NotificationChannel => ();
    /// All settings in a clan that differ from its own.
    GetChannelCategoryNotiSettingsList = 40, reads,
        wire::NotificationClan => wire::NotificationChannelCategorySettingList;
    /// The muted channels of a clan.
    ListMutedChannel = 10, reads, wire::ListMutedChannelRequest => wire::MutedChannelList;
    /// Mutes a channel for `mute_time` seconds: 0 unmutes, -1 is for ever.
    SetMuteChannel = 96, writes, wire::SetMuteRequest => ();
    /// Mutes a category; as `SetMuteChannel`.
    SetMuteCategory = 97, writes, wire::SetMuteRequest => ();
    /// Whether reactions in a channel notify us. Over HTTP only.
    GetNotificationReactMessage = http, reads, wire::NotifiReactMessage => wire::NotifiReactMessage;
    /// Reactions in a channel notify us. Over HTTP only.
    SetNotificationReactMessage = http, writes, wire::NotificationChannel => ();
    /// Reactions in a channel notify us no more. Over HTTP only.
    DeleteNotiReactMessage = http, writes, wire::NotificationChannel => ();
}

//! Requests of friendship.

use mezon_protocol::proto::api::Notification;
use mezon_protocol::{Event, EventKind};

use super::outcome::job_of;
use super::registry::{HandlerId, Topic};
use crate::client::Client;
use crate::runtime::Runtime;

/// The code of a notification that somebody asks to be a friend.
const FRIEND_REQUEST: i32 = -2;

impl<R: Runtime> Client<R> {
    /// Accepts whoever asks to be a friend, while handlers [run](Self::run). Off unless called; [`off`](Self::off) ends it.
    /// An acceptance that fails is reported as a failure of a handler.
    ///
    /// What has been asked while nobody ran is in the [list of friends](mezon_protocol::object::Bot::list_friends).
    pub fn auto_accept_friends(&self) -> HandlerId {
        let bot = self.bot();
        self.add_handler(Topic::Kind(EventKind::Notifications), move |event| {
            let Event::Notifications(event) = event else { return None };
            let asks = |notification: &&Notification| notification.code == FRIEND_REQUEST;
            let senders = event.notifications.iter().filter(asks).map(|notification| notification.sender_id);
            let (bot, senders) = (bot.clone(), senders.collect::<Vec<_>>());
            Some(job_of(async move {
                for sender in senders {
                    R::ended(bot.accept_friend(sender)).await?;
                }
                Ok(())
            }))
        })
    }
}

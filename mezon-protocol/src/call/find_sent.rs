//! Looks whether a message has arrived of which that is not known.

use std::sync::Arc;

use serde_json::Value;

use super::{Answer, Call, OneStep, Sent, Step};
use crate::content::{decode_attachments, decode_references};
use crate::error::Error;
use crate::event::MessageData;
use crate::id::MessageId;
use crate::machine::Shared;
use crate::object::{History, ListMessages};
use crate::proto::realtime::{ChannelMessageAck, ChannelMessageSend};
use crate::route::Route;
use crate::store::OutboxItem;

/// How many pages are read, at most: 200 messages.
const MAX_PAGES: u32 = 4;

/// Looks among the newest messages of a channel for one of our own that says the same. Ends with it, if it is there.
#[derive(Debug)]
pub(super) struct FindSent {
    item: Box<OutboxItem>,
    /// Older ones, in seconds since 1970, are others.
    since: u64,
    /// What has become of other messages.
    taken: Arc<[MessageId]>,
    page: ListMessages,
    pages: u32,
}

impl FindSent {
    pub(super) fn new(route: Route, item: Box<OutboxItem>, since: u64, taken: Arc<[MessageId]>) -> Self {
        let topic = item.message.topic_id.into();
        let page = ListMessages { route, which: History::Newest, limit: History::LIMIT, topic };
        Self { item, since, taken, page, pages: 0 }
    }

    fn ask(&mut self, shared: &mut Shared, which: History) -> Step<Option<Sent>> {
        self.pages += 1;
        self.page.which = which;
        self.page.request(shared).map_or_else(|error| Step::Done(Err(error)), Step::Request)
    }

    /// A page, the oldest message first.
    fn on_page(&mut self, shared: &mut Shared, page: &[MessageData]) -> Step<Option<Sent>> {
        if let Some(found) = page.iter().find(|data| self.is_it(shared, data)) {
            return Step::Done(Ok(Some(self.found(found))));
        }
        let Some(oldest) = page.first() else { return Step::Done(Ok(None)) };
        let is_new = self.page.which != History::Before(oldest.message_id());
        if is_new && self.pages < MAX_PAGES && u64::from(oldest.create_time_seconds()) >= self.since {
            return self.ask(shared, History::Before(oldest.message_id()));
        }
        Step::Done(Ok(None))
    }

    fn is_it(&self, shared: &Shared, data: &MessageData) -> bool {
        let id = data.message_id();
        let is_ours = data.is_own() || (self.item.message.anonymous_message && data.is_anonymous());
        is_ours
            && u64::from(data.create_time_seconds()) >= self.since
            && says_the_same(data, &self.item.message)
            && !self.taken.contains(&id)
            && !shared.is_other(&self.item.key, id)
    }

    fn found(&mut self, data: &MessageData) -> Sent {
        let ack = ChannelMessageAck {
            channel_id: data.channel_id().get(),
            message_id: data.message_id().get(),
            code: data.code(),
            username: data.username().to_owned(),
            create_time_seconds: data.create_time_seconds(),
            update_time_seconds: data.update_time_seconds(),
            ..Default::default()
        };
        Sent::new(self.page.route, std::mem::take(&mut self.item.message), ack)
    }
}

impl Call for FindSent {
    type Output = Option<Sent>;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Option<Sent>> {
        let page = match answer {
            Ok(Answer::Start) => return self.ask(shared, History::Newest),
            Ok(answer) => self.page.output(shared, answer),
            Err(error) => Err(error),
        };
        match page {
            Ok(page) => self.on_page(shared, &page),
            Err(error) => Step::Done(Err(error)),
        }
    }
}

/// Whether a message says what was sent, in the same place, to the same messages, with the same files.
fn says_the_same(data: &MessageData, message: &ChannelMessageSend) -> bool {
    let references = decode_references(data.references());
    let attachments = decode_attachments(data.attachments());
    data.topic_id().get() == message.topic_id
        && is_same_json(data.content(), &message.content)
        && references.iter().map(|it| it.message_id.get()).eq(message.references.iter().map(|it| it.message_ref_id))
        && attachments.iter().map(|it| &it.url).eq(message.attachments.iter().map(|it| &it.url))
}

/// The server may have ordered or spaced it anew.
fn is_same_json(one: &str, other: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    one == other || parse(one).is_some_and(|one| Some(one) == parse(other))
}

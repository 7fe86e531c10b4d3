//! Threads, and channels that are put to rest.

use mezon_protocol::proto::{api, realtime};
use mezon_protocol::{ChannelId, UserId};

use super::{Call, page};
use crate::world::World;
use crate::world::model::{Channel, ChannelKind};
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    ActiveArchivedThread => wake_for,
    ArchiveChannel => archive,
    LeaveThread => leave_thread,
    ListArchivedChannelDescs => list_archived,
    ListThreadDescs => list_threads,
    SearchThread => search_threads,
}

impl World {
    fn list_threads(
        &mut self,
        call: Call,
        request: api::ListThreadRequest,
    ) -> Result<api::ChannelDescListNoPool, Refusal> {
        let parent = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let wanted = |thread: &&Channel| request.thread_id == 0 || thread.id.get() == request.thread_id;
        let threads = self.threads_below(parent, call.user()).filter(wanted);
        let threads = threads.map(|thread| self.wire_channel(thread, call.user()));
        Ok(api::ChannelDescListNoPool { channeldesc: page(threads, request.limit, request.page), page: request.page })
    }

    fn search_threads(
        &mut self,
        call: Call,
        request: api::SearchThreadRequest,
    ) -> Result<api::ChannelDescList, Refusal> {
        let parent = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let part = request.label.to_lowercase();
        let found = self.threads_below(parent, call.user()).filter(|thread| thread.name.to_lowercase().contains(&part));
        Ok(api::ChannelDescList { channeldesc: found.map(|thread| self.wire_channel(thread, call.user())).collect() })
    }

    fn threads_below(&self, parent: ChannelId, user: UserId) -> impl Iterator<Item = &Channel> {
        let threads = self.channels.values().rev().filter(move |channel| channel.parent == parent);
        threads.filter(move |channel| channel.kind == ChannelKind::Thread && self.sees(user, channel))
    }

    fn leave_thread(&mut self, call: Call, request: api::LeaveThreadRequest) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
        let (id, kind) = (channel.id, channel.kind);
        match kind {
            ChannelKind::Thread | ChannelKind::Group => {
                self.remove_from_channel(call.now, id, call.user());
                Ok(())
            }
            ChannelKind::Text
            | ChannelKind::Direct
            | ChannelKind::Streaming
            | ChannelKind::App
            | ChannelKind::Announcement
            | ChannelKind::Voice => Err(Refusal::new(INVALID_ARGUMENT, "this is no thread")),
        }
    }

    fn archive(&mut self, call: Call, request: api::ArchiveChannelRequest) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        self.put_to_sleep(channel);
        Ok(())
    }

    fn wake_for(&mut self, call: Call, request: realtime::ActiveArchivedThread) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        self.wake_thread(channel);
        Ok(())
    }

    fn list_archived(
        &mut self,
        call: Call,
        request: api::ListArchivedChannelDescsRequest,
    ) -> Result<api::ListArchivedChannelDescsResponse, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let channels = clan.channels.iter().filter_map(|id| self.channels.get(id));
        let resting = channels.filter(|channel| channel.asleep && self.sees(call.user(), channel));
        let channeldesc = resting.map(|channel| self.wire_channel(channel, call.user())).collect();
        Ok(api::ListArchivedChannelDescsResponse { channeldesc })
    }
}

//! Threads of a channel, and what is in the archive.

use super::Channel;
use crate::api::{ActiveArchivedThread, Api, ArchiveChannel, CreateChannelDesc, LeaveThread, ListThreadDescs};
use crate::call::Call;
use crate::id::UserId;
use crate::object::Backend;
use crate::object::clan::raw;
use crate::proto::{api, realtime};
use crate::route::ChannelKind;

/// A thread to be created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewThread {
    /// Its name.
    pub name: String,
    /// True if only those who are added may see it. Default false.
    pub is_private: bool,
    /// Who is added at once.
    pub users: Vec<UserId>,
}

impl NewThread {
    /// A public thread.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

impl<B: Backend> Channel<B> {
    /// A page of its threads, counted from 1, which are remembered. There may be more while a page is full: ask until
    /// nothing new comes.
    #[doc(alias = "ListThreadDescs")]
    pub fn list_threads(&self, page: i32) -> B::Outcome<Vec<Self>> {
        let backend = self.backend.clone();
        self.on_route(move |route| {
            let request = api::ListThreadRequest {
                limit: PAGE,
                clan_id: route.clan.get(),
                channel_id: route.channel.get(),
                page,
                ..Default::default()
            };
            Api::<ListThreadDescs>::new(request).then(move |shared, list| {
                list.channeldesc.into_iter().map(|thread| Self::keep(backend.clone())(shared, thread)).collect()
            })
        })
    }

    /// Creates a thread in it; gives the thread.
    #[doc(alias = "CreateChannelDesc")]
    pub fn create_thread(&self, thread: NewThread) -> B::Outcome<Self> {
        let (backend, category) = (self.backend.clone(), self.info().map_or(0, |info| info.category_id.get()));
        self.on_route(move |route| {
            let request = api::CreateChannelDescRequest {
                clan_id: route.clan.get(),
                parent_id: route.channel.get(),
                category_id: category,
                r#type: ChannelKind::THREAD.0,
                channel_label: thread.name,
                channel_private: thread.is_private.into(),
                user_ids: raw(thread.users),
                ..Default::default()
            };
            Api::<CreateChannelDesc>::new(request).then(Self::keep(backend))
        })
    }

    /// Leaves a thread as a member; gives nothing. [`leave`](Self::leave) only stops receiving.
    #[doc(alias = "LeaveThread")]
    pub fn leave_thread(&self) -> B::Outcome<()> {
        self.on_route(|route| {
            Api::<LeaveThread>::new(api::LeaveThreadRequest {
                clan_id: route.clan.get(),
                channel_id: route.channel.get(),
            })
        })
    }

    /// Archives it, be it a channel or a thread; gives nothing.
    #[doc(alias = "ArchiveChannel")]
    pub fn archive(&self) -> B::Outcome<()> {
        self.on_route(|route| {
            Api::<ArchiveChannel>::new(api::ArchiveChannelRequest {
                clan_id: route.clan.get(),
                channel_id: route.channel.get(),
            })
        })
    }

    /// Takes it out of the archive; gives nothing.
    #[doc(alias = "ActiveArchivedThread")]
    pub fn unarchive(&self) -> B::Outcome<()> {
        self.on_route(|route| {
            Api::<ActiveArchivedThread>::new(realtime::ActiveArchivedThread {
                clan_id: route.clan.get(),
                channel_id: route.channel.get(),
            })
        })
    }
}

/// How many threads are asked for at a time.
const PAGE: i32 = 50;

//! Clans: the handle, and its channels. What else can be done with a clan is in the modules below.

mod members;
mod roles;
mod settings;

use std::sync::Arc;

pub use members::Ban;
pub(super) use members::raw;
pub(super) use roles::find_role;
pub use roles::{PermissionRef, RoleChange, RoleOptions};
pub use settings::NotificationLevel;

use super::{Api, Backend, Channel, Kept, Role, User, View, not_found};
use crate::api::{Api as ApiCall, CreateChannelDesc, ListCategoryDescs};
use crate::call::{Call, ListChannels, ListClans, Recall};
use crate::id::{CategoryId, ClanId, UserId};
use crate::memory::ClanInfo;
use crate::proto::api;
use crate::route::ChannelKind;

/// A clan (elsewhere: server, guild).
///
/// The handle works by its id alone. What it knows of the clan ([`info`](Self::info)) is a snapshot of what was
/// remembered when it was made.
#[derive(Clone, Debug)]
pub struct Clan<B> {
    id: ClanId,
    info: Option<Arc<ClanInfo>>,
    backend: B,
}

/// A channel to be created in a clan.
///
/// ```
/// use mezon_protocol::object::NewChannel;
///
/// let channel = NewChannel { is_private: true, ..NewChannel::named("staff") };
/// assert_eq!(channel.kind, mezon_protocol::route::ChannelKind::TEXT);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChannel {
    /// Its name.
    #[doc(alias = "channel_label")]
    pub name: String,
    /// Its type. Default a text channel.
    pub kind: ChannelKind,
    /// The category that it is shown in, 0 for none.
    pub category_id: CategoryId,
    /// True if only those who are added may see it. Default false.
    pub is_private: bool,
    /// Who is added at once.
    pub users: Vec<UserId>,
    /// The app in a channel of type 8, else 0.
    pub app_id: i64,
}

impl NewChannel {
    /// A public text channel.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: ChannelKind::TEXT,
            category_id: CategoryId::NONE,
            is_private: false,
            users: Vec::new(),
            app_id: 0,
        }
    }
}

impl<B: Backend> Clan<B> {
    pub(super) fn by_id(id: ClanId, backend: B) -> Self {
        let info = backend.memory(|memory| memory.clans.get(&id).cloned());
        Self { id, info, backend }
    }

    fn known(info: Arc<ClanInfo>, backend: B) -> Self {
        Self { id: info.id, info: Some(info), backend }
    }

    fn api(&self) -> Api<B> {
        Api::new(self.backend.clone())
    }

    /// Its id; 0 is the space of direct and group messages.
    pub const fn id(&self) -> ClanId {
        self.id
    }

    /// What was known of it when this handle was made.
    pub fn info(&self) -> Option<&ClanInfo> {
        self.info.as_deref()
    }

    /// Its name; empty if it is not known.
    #[doc(alias = "clan_name")]
    pub fn name(&self) -> &str {
        self.info().map_or("", |info| &info.name)
    }

    /// Its channels.
    pub fn channels(&self) -> View<Channel<B>> {
        View::new(self.backend.clone(), Some(self.id))
    }

    /// Its members: those of the client's users who were seen here.
    pub fn users(&self) -> View<User<B>> {
        View::new(self.backend.clone(), Some(self.id))
    }

    /// Its roles.
    pub fn roles(&self) -> View<Role<B>> {
        View::new(self.backend.clone(), self.id)
    }

    /// Its channels, of all types that we may see; gives their descriptions, as the wire has them. The routes to them
    /// are remembered.
    #[doc(alias = "ListChannelDescs")]
    pub fn list_channels(&self) -> B::Outcome<Vec<api::ChannelDescription>> {
        self.backend.call(ListChannels(self.id))
    }

    /// Fills [`channels`](Self::channels), and gives what is in it. Asks the server once, however often and by however
    /// many at the same time it is called; once more after a reconnect, as something may have been missed.
    #[doc(alias = "loadChannels")]
    pub fn load_channels(&self) -> B::Outcome<Vec<Channel<B>>> {
        let (clan, backend) = (self.id, self.backend.clone());
        let loaded = move || {
            let is_loaded = backend.memory(|memory| memory.has_listed(clan));
            is_loaded.then(|| Channel::list(&backend, Some(clan), usize::MAX))
        };
        self.backend.call(Recall::new(loaded, self.loading()))
    }

    /// As [`load_channels`](Self::load_channels), but asks the server in any case.
    #[doc(alias = "reloadChannels")]
    pub fn reload_channels(&self) -> B::Outcome<Vec<Channel<B>>> {
        self.backend.call(self.loading())
    }

    fn loading(&self) -> impl Call<Output = Vec<Channel<B>>> + use<B> {
        let (clan, backend) = (self.id, self.backend.clone());
        ListChannels(clan).merged().then(move |_, channels| {
            let infos = backend.memory(|memory| memory.note_all_channels(clan, &channels));
            Ok(infos.into_iter().map(|info| Channel::known(info, backend.clone())).collect())
        })
    }

    /// Creates a channel; gives it. [`Channel::create_thread`] makes threads.
    #[doc(alias = "CreateChannelDesc")]
    pub fn create_channel(&self, channel: NewChannel) -> B::Outcome<Channel<B>> {
        let request = api::CreateChannelDescRequest {
            clan_id: self.id.get(),
            category_id: channel.category_id.get(),
            r#type: channel.kind.0,
            channel_label: channel.name,
            channel_private: channel.is_private.into(),
            user_ids: channel.users.iter().map(|user| user.get()).collect(),
            app_id: channel.app_id,
            ..Default::default()
        };
        self.backend.call(ApiCall::<CreateChannelDesc>::new(request).then(Channel::keep(self.backend.clone())))
    }

    /// Its categories, as the wire has them.
    #[doc(alias = "ListCategoryDescs")]
    pub fn list_categories(&self) -> B::Outcome<Vec<api::CategoryDesc>> {
        let request = api::CategoryDesc { clan_id: self.id.get(), ..Default::default() };
        self.backend.call(ApiCall::<ListCategoryDescs>::new(request).then(|_, list| Ok(list.categorydesc)))
    }
}

impl<B: Backend> Kept for Clan<B> {
    type Backend = B;
    type Id = ClanId;
    type Scope = ();

    fn key(&self) -> ClanId {
        self.id
    }

    fn get(backend: &B, (): (), id: ClanId) -> Option<Self> {
        let info = backend.memory(|memory| memory.clans.get(&id).cloned())?;
        Some(Self::known(info, backend.clone()))
    }

    fn list(backend: &B, (): (), limit: usize) -> Vec<Self> {
        let infos: Vec<_> = backend.memory(|memory| memory.clans.values().take(limit).cloned().collect());
        infos.into_iter().map(|info| Self::known(info, backend.clone())).collect()
    }

    fn count(backend: &B, (): ()) -> usize {
        backend.memory(|memory| memory.clans.len())
    }

    fn set(&self) -> bool {
        let Some(info) = &self.info else { return false };
        self.backend.memory(|memory| memory.clans.set(self.id, Arc::clone(info)));
        true
    }

    fn remove(backend: &B, (): (), id: ClanId) -> bool {
        backend.memory(|memory| memory.clans.remove(&id).is_some())
    }

    /// There is no call for one clan: all that we are in are listed.
    fn fetch(backend: &B, (): (), id: ClanId) -> B::Outcome<Self> {
        let (known, remembered) = (backend.clone(), backend.clone());
        let list = ListClans.merged().then(move |_, clans| {
            remembered.memory(|memory| memory.note_all_clans(&clans));
            let clan = clans.iter().find(|clan| clan.clan_id == id.get());
            let clan = clan.ok_or_else(|| not_found("clan", id))?;
            Ok(Self::known(Arc::new(clan.into()), remembered.clone()))
        });
        backend.call(Recall::new(move || Self::get(&known, (), id), list))
    }
}

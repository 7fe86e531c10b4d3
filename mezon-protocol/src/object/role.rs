//! Roles.

use std::sync::Arc;

use super::clan::{RoleChange, find_role};
use super::{Backend, Clan, Kept, Page, User};
use crate::api::{Api, ListRoleUsers};
use crate::call::Call;
use crate::id::{ClanId, RoleId, UserId};
use crate::memory::RoleInfo;
use crate::proto::api;

/// A role of a clan, as it was when this handle was made.
#[derive(Clone, Debug)]
pub struct Role<B> {
    info: Arc<RoleInfo>,
    backend: B,
}

impl<B: Backend> Role<B> {
    pub(super) const fn known(info: Arc<RoleInfo>, backend: B) -> Self {
        Self { info, backend }
    }

    /// Its id.
    pub fn id(&self) -> RoleId {
        self.info.id
    }

    /// Its name.
    #[doc(alias = "title")]
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// All that is known of it.
    pub fn info(&self) -> &RoleInfo {
        &self.info
    }

    /// Its clan.
    pub fn clan(&self) -> Clan<B> {
        Clan::by_id(self.info.clan_id, self.backend.clone())
    }

    /// Changes it; gives nothing. See [`Clan::update_role`].
    pub fn update(&self, change: RoleChange) -> B::Outcome<()> {
        self.clan().update_role(self.id(), change)
    }

    /// Deletes it; gives nothing.
    pub fn delete(&self) -> B::Outcome<()> {
        self.clan().delete_role(self.id())
    }

    /// Gives it to users; gives nothing.
    pub fn assign(&self, users: impl IntoIterator<Item = UserId>) -> B::Outcome<()> {
        self.clan().assign_role(self.id(), users)
    }

    /// Takes it from users; gives nothing.
    pub fn unassign(&self, users: impl IntoIterator<Item = UserId>) -> B::Outcome<()> {
        self.clan().unassign_role(self.id(), users)
    }

    /// A page of those who have it. A limit of 0 leaves it to the server; the first page has an empty cursor.
    #[doc(alias = "ListRoleUsers")]
    pub fn list_users(&self, limit: i32, cursor: impl Into<String>) -> B::Outcome<Page<User<B>>> {
        let backend = self.backend.clone();
        let request = api::ListRoleUsersRequest { role_id: self.id().get(), limit, cursor: cursor.into() };
        self.backend.call(Api::<ListRoleUsers>::new(request).then(move |_, list| {
            let infos: Vec<_> = backend.memory(|memory| {
                let note = |user: &api::role_user_list::RoleUser| {
                    memory.note_names(user.id.into(), &user.username, &user.display_name, &user.avatar_url)
                };
                list.role_users.iter().filter_map(note).collect()
            });
            Ok(Page::new(infos.into_iter().map(|info| User::known(info, backend.clone())), list.cursor))
        }))
    }
}

impl<B: Backend> Kept for Role<B> {
    type Backend = B;
    type Id = RoleId;
    type Scope = ClanId;

    fn key(&self) -> RoleId {
        self.info.id
    }

    fn get(backend: &B, clan: ClanId, id: RoleId) -> Option<Self> {
        let info = backend.memory(|memory| memory.roles.get(&id).cloned())?;
        (info.clan_id == clan).then(|| Self::known(info, backend.clone()))
    }

    fn list(backend: &B, clan: ClanId, limit: usize) -> Vec<Self> {
        let infos: Vec<_> = backend
            .memory(|memory| memory.roles.values().filter(|role| role.clan_id == clan).take(limit).cloned().collect());
        infos.into_iter().map(|info| Self::known(info, backend.clone())).collect()
    }

    fn count(backend: &B, clan: ClanId) -> usize {
        backend.memory(|memory| memory.roles.values().filter(|role| role.clan_id == clan).count())
    }

    fn set(&self) -> bool {
        self.backend.memory(|memory| memory.roles.set(self.info.id, Arc::clone(&self.info)));
        true
    }

    fn remove(backend: &B, _: ClanId, id: RoleId) -> bool {
        backend.memory(|memory| memory.roles.remove(&id).is_some())
    }

    fn fetch(backend: &B, clan: ClanId, id: RoleId) -> B::Outcome<Self> {
        let attach = backend.clone();
        backend.call(find_role(clan, id, backend.clone()).then(move |_, info| Ok(Self::known(info, attach))))
    }
}

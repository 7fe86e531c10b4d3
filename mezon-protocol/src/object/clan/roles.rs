//! The roles of a clan.

use std::sync::Arc;

use super::Clan;
use super::members::raw;
use crate::api::{Api, CreateRole, DeleteRole, GetListPermission, ListRoles, UpdateRole};
use crate::call::{Call, Recall};
use crate::error::{Error, ErrorKind};
use crate::id::{ClanId, RoleId, UserId};
use crate::memory::RoleInfo;
use crate::object::{Backend, Page, Role, not_found};
use crate::proto::api;

/// A permission, by its id or by its name.
///
/// A name is the platform's slug or title, such as `send-message`; `SEND_MESSAGE` and `Send Message` are the same. Names
/// are looked up in the platform's list by the call that needs them, and one that is not in it is an
/// `InvalidArgument`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PermissionRef {
    /// By its id.
    Id(i64),
    /// By its name.
    Name(String),
}

impl From<i64> for PermissionRef {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for PermissionRef {
    fn from(text: &str) -> Self {
        text.trim().parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Id)
    }
}

impl From<String> for PermissionRef {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

/// A role to be created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleOptions {
    /// Its name.
    pub title: String,
    /// Its colour, such as `#ff8800`; empty, the default, for none.
    pub color: String,
    /// The URL of its icon; empty, the default, for none.
    #[doc(alias = "role_icon")]
    pub icon: String,
    /// What it is for.
    pub description: String,
    /// Whether those who have it are shown apart. Default false.
    pub display_online: bool,
    /// Whether it may be mentioned. Default false.
    pub allow_mention: bool,
    /// Who gets it at once.
    pub users: Vec<UserId>,
    /// What it permits.
    #[doc(alias = "active_permission_ids")]
    pub permissions: Vec<PermissionRef>,
}

/// A change of a role. What is `None` or empty stays as it is.
///
/// ```
/// use mezon_protocol::object::RoleChange;
///
/// let change = RoleChange {
///     title: Some("Moderators".into()),
///     add_permissions: vec!["SEND_MESSAGE".into()],
///     ..Default::default()
/// };
/// assert_eq!(change.color, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleChange {
    /// Its name.
    pub title: Option<String>,
    /// Its colour; empty for none.
    pub color: Option<String>,
    /// The URL of its icon; empty for none.
    #[doc(alias = "role_icon")]
    pub icon: Option<String>,
    /// What it is for; may be empty.
    pub description: Option<String>,
    /// Whether those who have it are shown apart.
    pub display_online: Option<bool>,
    /// Whether it may be mentioned.
    pub allow_mention: Option<bool>,
    /// What it is to permit, too.
    #[doc(alias = "active_permission_ids")]
    pub add_permissions: Vec<PermissionRef>,
    /// What it is to permit no more.
    #[doc(alias = "remove_permission_ids")]
    pub remove_permissions: Vec<PermissionRef>,
    /// Who gets it.
    #[doc(alias = "add_user_ids")]
    pub add_users: Vec<UserId>,
    /// Who loses it.
    #[doc(alias = "remove_user_ids")]
    pub remove_users: Vec<UserId>,
    /// The platform's `max_permission_id`, the highest permission of who asks. Default 0.
    pub max_permission_id: i64,
}

impl<B: Backend> Clan<B> {
    /// A page of its roles, which are remembered. A limit of 0 leaves it to the server; the first page has an empty
    /// cursor.
    #[doc(alias = "ListRoles")]
    pub fn list_roles(&self, limit: i32, state: i32, cursor: impl Into<String>) -> B::Outcome<Page<Role<B>>> {
        let backend = self.backend.clone();
        let list = list_roles(self.id, limit, state, cursor.into()).merged();
        self.backend.call(list.then(move |_, list| Ok(keep_roles(&backend, list))))
    }

    /// Creates a role; gives it.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` when a permission is not known by its name.
    #[doc(alias = "CreateRole")]
    pub fn create_role(&self, role: RoleOptions) -> B::Outcome<Role<B>> {
        let (clan, backend) = (self.id, self.backend.clone());
        self.backend.call(resolve(role.permissions).look_up(move |_, permissions| {
            let request = api::CreateRoleRequest {
                title: role.title,
                color: role.color,
                role_icon: role.icon,
                description: role.description,
                clan_id: clan.get(),
                display_online: role.display_online.into(),
                allow_mention: role.allow_mention.into(),
                add_user_ids: raw(role.users),
                active_permission_ids: permissions,
                ..Default::default()
            };
            Ok(Api::<CreateRole>::new(request).then(move |_, role| {
                let info = backend.memory(|memory| memory.note_role(&role));
                Ok(Role::known(info, backend))
            }))
        }))
    }

    /// Changes a role; gives nothing. The flags that are not given are looked up first, as the platform has no way to
    /// leave them out.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such role, `InvalidArgument` when a permission is not known by its name.
    #[doc(alias = "UpdateRole")]
    pub fn update_role(&self, role: impl Into<RoleId>, change: RoleChange) -> B::Outcome<()> {
        let (clan, role, backend) = (self.id, role.into(), self.backend.clone());
        let names = [change.add_permissions.as_slice(), &change.remove_permissions].concat();
        let added = change.add_permissions.len();
        self.backend.call(resolve(names).look_up(move |_, mut add| {
            let remove = add.split_off(added);
            Ok(flags(clan, role, &change, backend.clone()).look_up(move |_, (display_online, allow_mention)| {
                let request = api::UpdateRoleRequest {
                    role_id: role.get(),
                    title: change.title,
                    color: change.color,
                    role_icon: change.icon,
                    description: change.description,
                    display_online,
                    allow_mention,
                    add_user_ids: raw(change.add_users),
                    active_permission_ids: add,
                    remove_user_ids: raw(change.remove_users),
                    remove_permission_ids: remove,
                    clan_id: clan.get(),
                    max_permission_id: change.max_permission_id,
                };
                Ok(Api::<UpdateRole>::new(request).then(move |_, ()| {
                    backend.memory(|memory| memory.roles.remove(&role));
                    Ok(())
                }))
            }))
        }))
    }

    /// Deletes a role; gives nothing.
    #[doc(alias = "DeleteRole")]
    pub fn delete_role(&self, role: impl Into<RoleId>) -> B::Outcome<()> {
        let (role, backend) = (role.into(), self.backend.clone());
        let request = api::DeleteRoleRequest { role_id: role.get(), clan_id: self.id.get(), ..Default::default() };
        self.backend.call(Api::<DeleteRole>::new(request).then(move |_, ()| {
            backend.memory(|memory| memory.roles.remove(&role));
            Ok(())
        }))
    }

    /// Gives a role to users; gives nothing.
    pub fn assign_role(&self, role: impl Into<RoleId>, users: impl IntoIterator<Item = UserId>) -> B::Outcome<()> {
        self.update_role(role, RoleChange { add_users: users.into_iter().collect(), ..Default::default() })
    }

    /// Takes a role from users; gives nothing.
    pub fn unassign_role(&self, role: impl Into<RoleId>, users: impl IntoIterator<Item = UserId>) -> B::Outcome<()> {
        self.update_role(role, RoleChange { remove_users: users.into_iter().collect(), ..Default::default() })
    }
}

fn list_roles(clan: ClanId, limit: i32, state: i32, cursor: String) -> Api<ListRoles> {
    Api::new(api::RoleListEventRequest { clan_id: clan.get(), limit, state, cursor })
}

fn keep_roles<B: Backend>(backend: &B, list: api::RoleListEventResponse) -> Page<Role<B>> {
    let roles = list.roles.unwrap_or_default().roles;
    let infos: Vec<_> = backend.memory(|memory| roles.iter().map(|role| memory.note_role(role)).collect());
    Page::new(infos.into_iter().map(|info| Role::known(info, backend.clone())), list.cursor)
}

/// The call that finds one role: they are all listed.
pub(in crate::object) fn find_role<B: Backend>(
    clan: ClanId,
    wanted: RoleId,
    backend: B,
) -> impl Call<Output = Arc<RoleInfo>> {
    let known = backend.clone();
    let list = list_roles(clan, 0, 0, String::new()).merged().then(move |_, list| {
        keep_roles(&backend, list.clone());
        let role = list.roles.iter().flat_map(|list| &list.roles).find(|known| known.id == wanted.get());
        let role = role.ok_or_else(|| not_found("role", wanted))?;
        Ok(Arc::new(RoleInfo::from(role)))
    });
    Recall::new(move || known.memory(|memory| memory.roles.get(&wanted).cloned()), list)
}

/// The flags of a role as they shall be: as given, else as they are.
fn flags<B: Backend>(
    clan: ClanId,
    role: RoleId,
    change: &RoleChange,
    backend: B,
) -> impl Call<Output = (i32, i32)> + use<B> {
    let given = (change.display_online.map(i32::from), change.allow_mention.map(i32::from));
    let both = given.0.zip(given.1);
    let current = find_role(clan, role, backend)
        .then(move |_, role| Ok((given.0.unwrap_or(role.display_online), given.1.unwrap_or(role.allow_mention))));
    Recall::new(move || both, current)
}

/// The ids of permissions; asks for the list of all only if there are names among them.
fn resolve(permissions: Vec<PermissionRef>) -> impl Call<Output = Vec<i64>> {
    let ids = permissions
        .iter()
        .map(|permission| match permission {
            PermissionRef::Id(id) => Some(*id),
            PermissionRef::Name(_) => None,
        })
        .collect();
    let named = Api::<GetListPermission>::new(())
        .merged()
        .then(move |_, list| permissions.iter().map(|permission| id_of(permission, &list.permissions)).collect());
    Recall::new(move || ids, named)
}

fn id_of(permission: &PermissionRef, list: &[api::Permission]) -> Result<i64, Error> {
    let name = match permission {
        PermissionRef::Id(id) => return Ok(*id),
        PermissionRef::Name(name) => name,
    };
    let wanted = slug(name);
    let found = list.iter().find(|known| slug(&known.slug) == wanted || slug(&known.title) == wanted);
    found.map(|known| known.id).ok_or_else(|| {
        let known: Vec<_> = list.iter().map(|known| known.slug.as_str()).collect();
        let text = format!("no permission is called {name:?}; there are: {}", known.join(", "));
        Error::unsent(ErrorKind::InvalidArgument(text))
    })
}

/// A name as the platform's slugs are written.
fn slug(name: &str) -> String {
    name.trim().chars().map(|c| if matches!(c, '_' | ' ') { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Vec<api::Permission> {
        let permission = |id, slug: &str, title: &str| api::Permission {
            id,
            slug: slug.into(),
            title: title.into(),
            ..Default::default()
        };
        vec![permission(11, "administrator", "Administrator"), permission(12, "send-message", "Write Messages")]
    }

    #[test]
    fn a_permission_is_found_by_slug_or_title_however_it_is_written() {
        for name in ["send-message", "SEND_MESSAGE", "Send Message", "write messages"] {
            assert_eq!(id_of(&name.into(), &list()).unwrap(), 12, "{name}");
        }
        assert_eq!(id_of(&"7".into(), &list()).unwrap(), 7, "text that is an id");
    }

    #[test]
    fn an_unknown_permission_is_named_with_those_that_there_are() {
        let error = id_of(&"fly".into(), &list()).unwrap_err();
        let ErrorKind::InvalidArgument(text) = error.kind() else { panic!("{error:?}") };
        assert!(text.contains("\"fly\"") && text.contains("send-message"), "{text}");
    }
}

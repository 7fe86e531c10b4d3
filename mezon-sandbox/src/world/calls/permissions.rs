//! Permissions: the catalogue, and what is allowed or denied in single channels.
//!
//! The world keeps and tells them, but does not enforce them: its members may do everything, so that a test need not
//! hand out roles first.

use std::collections::{BTreeMap, BTreeSet};

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, RoleId, UserId};

use super::Call;
use crate::world::World;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    GetListPermission => catalogue,
    GetPermissionByRoleIdChannelId => channel_permissions,
    ListRolePermissions => role_permissions,
    ListUserPermissionInChannel => own_channel_permissions,
    SetRoleChannelPermission => set_channel_permission,
}

/// Slug, title and level of each. Its id is [`FIRST_ID`] plus its place.
const CATALOGUE: [(&str, &str, i32); 8] = [
    ("administrator", "Administrator", 6),
    ("clan-owner", "Clan owner", 7),
    ("manage-clan", "Manage clan", 5),
    ("manage-channel", "Manage channels", 4),
    ("manage-thread", "Manage threads", 3),
    ("send-message", "Send messages", 1),
    ("delete-message", "Delete messages", 2),
    ("view-channel", "View channels", 0),
];
const FIRST_ID: i64 = 1_775_731_152_322_039_808;

/// What everybody may do without a role.
const DEFAULT: [&str; 2] = ["send-message", "view-channel"];

/// For which role or user something is set in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::world) enum Subject {
    Role(RoleId),
    User(UserId),
}

/// Values of `PermissionUpdate.type`.
const NEUTRAL: i32 = 0;
const ALLOW: i32 = 1;
const DENY: i32 = 2;

pub(super) fn exists(id: i64) -> bool {
    place(id).is_some()
}

pub(super) fn list(ids: impl IntoIterator<Item = i64>) -> api::PermissionList {
    let permissions: Vec<api::Permission> = ids.into_iter().filter_map(wire).collect();
    let max_level_permission = permissions.iter().map(|permission| permission.level).max().unwrap_or_default();
    api::PermissionList { permissions, max_level_permission }
}

pub(super) fn max_level(ids: impl IntoIterator<Item = i64>) -> i32 {
    list(ids).max_level_permission
}

fn all() -> impl Iterator<Item = i64> {
    (FIRST_ID..).take(CATALOGUE.len())
}

fn place(id: i64) -> Option<usize> {
    usize::try_from(id.checked_sub(FIRST_ID)?).ok().filter(|place| *place < CATALOGUE.len())
}

fn wire(id: i64) -> Option<api::Permission> {
    let (slug, title, level) = CATALOGUE.get(place(id)?)?;
    Some(api::Permission {
        id,
        title: (*title).to_owned(),
        slug: (*slug).to_owned(),
        description: format!("May {}.", title.to_lowercase()),
        active: 1,
        scope: 1,
        level: *level,
    })
}

fn id_of(slug: &str) -> Option<i64> {
    all().zip(CATALOGUE).find(|(_, (known, ..))| *known == slug).map(|(id, _)| id)
}

impl World {
    fn catalogue(&mut self, _: Call, (): ()) -> Result<api::PermissionList, Refusal> {
        Ok(list(all()))
    }

    fn role_permissions(
        &mut self,
        call: Call,
        request: api::ListPermissionsRequest,
    ) -> Result<api::PermissionList, Refusal> {
        let role = self.role_of_member(call, request.role_id)?;
        let role = self.records.roles.get(&role).ok_or_else(Refusal::no_role)?;
        Ok(list(role.permissions.iter().copied()))
    }

    fn own_channel_permissions(
        &mut self,
        call: Call,
        request: api::UserPermissionInChannelListRequest,
    ) -> Result<api::UserPermissionInChannelListResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
        Ok(api::UserPermissionInChannelListResponse {
            clan_id: channel.clan.get(),
            channel_id: channel.id.get(),
            permissions: Some(list(self.permissions_in(call.user(), channel.id))),
        })
    }

    /// The owner of a clan has all; others what everybody has, what their roles permit, and what is set in the channel.
    fn permissions_in(&self, user: UserId, channel: ChannelId) -> BTreeSet<i64> {
        let Some(channel) = self.channels.get(&channel) else { return BTreeSet::new() };
        if self.clans.get(&channel.clan).is_some_and(|clan| clan.owner == user) {
            return all().collect();
        }
        let mut allowed: BTreeSet<i64> = DEFAULT.iter().filter_map(|slug| id_of(slug)).collect();
        let own_roles =
            self.records.roles.values().filter(|role| role.clan == channel.clan && role.users.contains(&user));
        let mut subjects = Vec::new();
        for role in own_roles {
            allowed.extend(&role.permissions);
            subjects.push(Subject::Role(role.id));
        }
        subjects.push(Subject::User(user));
        let set = subjects.iter().filter_map(|subject| self.records.permissions.get(&(channel.id, *subject)));
        for (permission, kind) in set.flatten() {
            if *kind == DENY {
                allowed.remove(permission);
            } else {
                allowed.insert(*permission);
            }
        }
        allowed
    }

    fn channel_permissions(
        &mut self,
        call: Call,
        request: api::PermissionRoleChannelListEventRequest,
    ) -> Result<api::PermissionRoleChannelListEventResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let set = self.records.permissions.get(&(channel, subject(request.role_id, request.user_id)?));
        let set = set.into_iter().flatten();
        let wire = set.map(|(id, kind)| api::PermissionRoleChannel { permission_id: *id, active: *kind == ALLOW });
        Ok(api::PermissionRoleChannelListEventResponse {
            role_id: request.role_id,
            channel_id: channel.get(),
            user_id: request.user_id,
            permission_role_channel: wire.collect(),
        })
    }

    fn set_channel_permission(&mut self, call: Call, request: api::UpdateRoleChannelRequest) -> Result<(), Refusal> {
        let (channel, clan) = {
            let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
            (channel.id, channel.clan)
        };
        let subject = subject(request.role_id, request.user_id)?;
        let known = |update: &api::PermissionUpdate| {
            exists(update.permission_id) && [NEUTRAL, ALLOW, DENY].contains(&update.r#type)
        };
        if !request.permission_update.iter().all(known) {
            return Err(Refusal::new(INVALID_ARGUMENT, "unknown permission or kind of it"));
        }
        let set: &mut BTreeMap<i64, i32> = self.records.permissions.entry((channel, subject)).or_default();
        for update in &request.permission_update {
            match update.r#type {
                NEUTRAL => set.remove(&update.permission_id),
                kind => set.insert(update.permission_id, kind),
            };
        }
        let of_kind = |kind: i32| {
            request.permission_update.iter().filter(|update| update.r#type == kind).cloned().collect::<Vec<_>>()
        };
        let changed = realtime::PermissionChangedEvent {
            user_id: request.user_id,
            channel_id: channel.get(),
            add_permissions: of_kind(ALLOW),
            remove_permissions: of_kind(DENY),
            default_permissions: of_kind(NEUTRAL),
        };
        let event = realtime::PermissionSetEvent {
            caller: call.user().to_string(),
            role_id: request.role_id,
            user_id: request.user_id,
            channel_id: channel.get(),
            permission_updates: request.permission_update,
        };
        self.tell_clan(clan, Message::PermissionSetEvent(Box::new(event)));
        if request.user_id != 0 {
            self.tell_user(UserId::new(request.user_id), Message::PermissionChangedEvent(Box::new(changed)));
        }
        Ok(())
    }
}

fn subject(role: i64, user: i64) -> Result<Subject, Refusal> {
    match (role, user) {
        (0, 0) => Err(Refusal::new(INVALID_ARGUMENT, "neither a role nor a user")),
        (0, user) => Ok(Subject::User(UserId::new(user))),
        (role, _) => Ok(Subject::Role(RoleId::new(role))),
    }
}

//! Who may use a command, and where.

use super::Source;
use crate::id::{ChannelId, ClanId, RoleId, UserId};
use crate::route::Mode;

/// Why a command may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denied {
    /// Not by this user.
    #[error("you may not use this")]
    User,
    /// The user lacks the role that it takes.
    #[error("you lack the role for this")]
    Role,
    /// Not in this clan.
    #[error("not in this clan")]
    Clan,
    /// Not in this channel.
    #[error("not in this channel")]
    Channel,
    /// In direct messages only.
    #[error("in direct messages only")]
    NotDirect,
}

/// Says whether a user has a role in a clan.
pub(super) type RoleLookup = Box<dyn Fn(ClanId, UserId, RoleId) -> bool + Send + Sync>;

/// All that must hold; an empty list asks nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    pub(super) users: Vec<UserId>,
    pub(super) roles: Vec<RoleId>,
    pub(super) clans: Vec<ClanId>,
    pub(super) channels: Vec<ChannelId>,
    pub(super) direct_only: bool,
}

impl Conditions {
    /// Whether it may be used; where roles are asked for, any one of them will do.
    pub(super) fn check(&self, source: &impl Source, roles: Option<&RoleLookup>) -> Result<(), Denied> {
        if self.direct_only && source.mode() != Mode::DIRECT {
            return Err(Denied::NotDirect);
        }
        if !allows(&self.clans, source.clan_id()) {
            return Err(Denied::Clan);
        }
        if !allows(&self.channels, source.channel_id()) {
            return Err(Denied::Channel);
        }
        if !allows(&self.users, source.user_id()) {
            return Err(Denied::User);
        }
        let (clan, user) = (source.clan_id(), source.user_id());
        // without a lookup nobody has any role
        let has_role = |role: &RoleId| roles.is_some_and(|has| has(clan, user, *role));
        if self.roles.is_empty() || self.roles.iter().any(has_role) { Ok(()) } else { Err(Denied::Role) }
    }
}

fn allows<T: PartialEq>(list: &[T], one: T) -> bool {
    list.is_empty() || list.contains(&one)
}

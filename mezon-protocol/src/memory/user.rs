//! What is known of users.

use super::info::{MAX_ITEMS, MAX_TEXT, text};
use crate::event::MessageData;
use crate::id::{ClanId, RoleId, UserId};

/// What is known of a user.
///
/// It is learned from messages, lists and events. What has never been told is empty, and an empty text in a message
/// tells nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserInfo {
    /// Their id.
    pub id: UserId,
    /// The user name.
    pub username: String,
    /// The display name.
    pub display_name: String,
    /// The URL of their avatar.
    #[doc(alias = "avartar")]
    pub avatar: String,
    /// How they appear in each clan in which they were seen.
    pub clans: Vec<MemberInfo>,
}

/// How a user appears in a clan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberInfo {
    /// The clan.
    pub clan_id: ClanId,
    /// Their nickname there, empty for none.
    pub nick: String,
    /// The URL of their avatar there, empty for none.
    pub avatar: String,
    /// Their roles there, as far as a list has told.
    pub role_ids: Vec<RoleId>,
}

impl MemberInfo {
    pub(super) fn set_roles(&mut self, roles: &[i64]) {
        self.role_ids = roles.iter().take(MAX_ITEMS).map(|role| (*role).into()).collect();
    }

    pub(super) fn give_role(&mut self, role: RoleId) {
        self.take_role(role);
        if self.role_ids.len() < MAX_ITEMS {
            self.role_ids.push(role);
        }
    }

    pub(super) fn take_role(&mut self, role: RoleId) {
        self.role_ids.retain(|known| *known != role);
    }
}

impl UserInfo {
    /// How many clans are remembered of one user.
    const MAX_CLANS: usize = 256;

    pub(super) fn new(id: UserId) -> Self {
        Self { id, ..Self::default() }
    }

    /// How they appear in a clan; `None` if they were not seen there.
    pub fn member(&self, clan: ClanId) -> Option<&MemberInfo> {
        self.clans.iter().find(|member| member.clan_id == clan)
    }

    /// The nickname in a clan; empty for none.
    #[doc(alias = "clan_nick")]
    pub fn nick(&self, clan: ClanId) -> &str {
        self.member(clan).map_or("", |member| &member.nick)
    }

    /// The name under which they appear in a clan, or with clan 0 outside of clans: nickname, else display name, else
    /// user name.
    pub fn name(&self, clan: ClanId) -> &str {
        let names = [self.nick(clan), &self.display_name, &self.username];
        names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
    }

    /// True if a message from them tells nothing new.
    pub(super) fn is_told_by(&self, data: &MessageData) -> bool {
        let sender = data.sender_texts();
        let knows_member = |member: &MemberInfo| {
            says_nothing_new(sender.clan_nick, member.nick.as_bytes())
                && says_nothing_new(sender.clan_avatar, member.avatar.as_bytes())
        };
        says_nothing_new(sender.username, self.username.as_bytes())
            && says_nothing_new(sender.display_name, self.display_name.as_bytes())
            && says_nothing_new(sender.avatar, self.avatar.as_bytes())
            && (data.clan_id().is_none() || self.member(data.clan_id()).is_some_and(knows_member))
    }

    /// Learns from a message of theirs.
    pub(super) fn learn(&mut self, data: &MessageData) {
        set(&mut self.username, data.username());
        set(&mut self.display_name, data.display_name());
        set(&mut self.avatar, data.avatar());
        if !data.clan_id().is_none() {
            let member = self.member_mut(data.clan_id());
            set(&mut member.nick, data.clan_nick());
            set(&mut member.avatar, data.clan_avatar());
        }
    }

    /// Learns from their profile.
    pub(super) fn learn_profile(&mut self, username: &str, display_name: &str, avatar: &str) {
        set(&mut self.username, username);
        set(&mut self.display_name, display_name);
        set(&mut self.avatar, avatar);
    }

    /// Learns how they appear in a clan, from where all of it is told.
    pub(super) fn learn_member(&mut self, clan: ClanId, nick: &str, avatar: &str) -> &mut MemberInfo {
        let member = self.member_mut(clan);
        member.nick = text(nick);
        member.avatar = text(avatar);
        member
    }

    /// How they appear in a clan, to be changed.
    pub(super) fn member_mut(&mut self, clan: ClanId) -> &mut MemberInfo {
        let place = self.clans.iter().position(|member| member.clan_id == clan).unwrap_or_else(|| {
            if self.clans.len() >= Self::MAX_CLANS {
                self.clans.remove(0);
            }
            self.clans.push(MemberInfo { clan_id: clan, ..MemberInfo::default() });
            self.clans.len() - 1
        });
        &mut self.clans[place]
    }
}

fn says_nothing_new(new: &[u8], known: &[u8]) -> bool {
    new.is_empty() || new == known
}

/// Replaces a text, unless the new one says nothing.
fn set(known: &mut String, new: &str) {
    if !says_nothing_new(new.as_bytes(), known.as_bytes()) && new.len() <= MAX_TEXT {
        new.clone_into(known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::api;

    fn said(clan: i64, nick: &str, username: &str) -> MessageData {
        let proto = api::ChannelMessage {
            clan_id: clan,
            clan_nick: nick.into(),
            username: username.into(),
            sender_id: 7,
            ..Default::default()
        };
        MessageData::from_proto(&proto, UserId::NONE)
    }

    #[test]
    fn nicknames_are_kept_for_each_clan_and_what_is_left_out_stays() {
        let mut user = UserInfo::new(UserId::new(7));
        for message in [said(1, "Al", "alice"), said(2, "Ally", ""), said(0, "", "alice")] {
            user.learn(&message);
            assert!(user.is_told_by(&message));
        }
        let (first, second, none) = (ClanId::new(1), ClanId::new(2), ClanId::NONE);
        assert_eq!((user.name(first), user.name(second), user.name(none)), ("Al", "Ally", "alice"));
        assert!(!user.is_told_by(&said(2, "Al", "")), "another nickname is news");
        assert!(!user.is_told_by(&said(3, "", "")), "and so is another clan");
    }

    #[test]
    fn what_is_remembered_of_one_user_is_bounded() {
        let mut user = UserInfo::new(UserId::new(7));
        user.learn(&said(1, &"a".repeat(MAX_TEXT + 1), "alice"));
        assert_eq!((user.nick(ClanId::new(1)), user.username.as_str()), ("", "alice"));
        for clan in 0..2000 {
            user.learn(&said(clan, "", ""));
        }
        assert_eq!(user.clans.len(), UserInfo::MAX_CLANS);
        let member = user.member_mut(ClanId::new(1));
        for role in 0..5000 {
            member.give_role(RoleId::new(role));
        }
        assert_eq!(member.role_ids.len(), MAX_ITEMS);
    }
}

//! Invitations to clans.

use mezon_protocol::proto::api;
use mezon_protocol::{ChannelId, ClanId, Now, UserId};

use super::Call;
use crate::world::World;
use crate::world::describe::seconds;
use crate::world::refusal::{NOT_FOUND, PERMISSION_DENIED, Refusal};

handlers! {
    CreateLinkInviteUser => invite,
    InviteUser => accept_invite,
}

/// How long a link holds when nothing is said: a week, in seconds. The unit of what is said is assumed to be seconds.
const DEFAULT_SECONDS: u32 = 7 * 24 * 3600;

/// An invitation as the world keeps it.
#[derive(Clone, Copy, Debug)]
pub(in crate::world) struct Invite {
    pub(super) clan: ClanId,
    channel: ChannelId,
    ends_seconds: u32,
}

impl World {
    fn invite(&mut self, call: Call, request: api::LinkInviteUserRequest) -> Result<api::LinkInviteUser, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let holds = u32::try_from(request.expiry_time).ok().filter(|time| *time > 0).unwrap_or(DEFAULT_SECONDS);
        let ends_seconds = seconds(call.now).saturating_add(holds);
        let id = self.ids.next(call.now);
        let channel = ChannelId::new(request.channel_id);
        self.records.invites.insert(id, Invite { clan, channel, ends_seconds });
        Ok(api::LinkInviteUser {
            clan_id: clan.get(),
            creator_id: call.user().get(),
            channel_id: channel.get(),
            invite_link: format!("https://mezon.ai/invite/{id}"),
            create_time_seconds: seconds(call.now),
            expiry_time_seconds: ends_seconds,
            id,
        })
    }

    /// Joins the clan. `user_joined` says whether whoever asks was a member already.
    fn accept_invite(&mut self, call: Call, request: api::InviteUserRequest) -> Result<api::InviteUserRes, Refusal> {
        let clan = self.valid_invite(call.now, request.invite_id)?.clan;
        if self.is_banned_from(call.now, call.user(), clan) {
            return Err(Refusal::new(PERMISSION_DENIED, "banned from the clan"));
        }
        let answer = self.look_at_invite(call.now, call.user(), request.invite_id)?;
        self.add_to_clan(call.now, clan, call.user());
        Ok(answer)
    }

    /// What an invitation leads to, without accepting it.
    pub(in crate::world) fn look_at_invite(
        &self,
        now: Now,
        user: UserId,
        id: i64,
    ) -> Result<api::InviteUserRes, Refusal> {
        let invite = self.valid_invite(now, id)?;
        let clan = self.clans.get(&invite.clan).ok_or_else(Refusal::no_clan)?;
        Ok(api::InviteUserRes {
            clan_id: clan.id.get(),
            channel_id: invite.channel.get(),
            clan_name: clan.name.clone(),
            channel_label: self.channel_name(invite.channel).unwrap_or_default(),
            user_joined: clan.members.contains(&user),
            expiry_time_seconds: invite.ends_seconds,
            clan_logo: clan.logo.clone(),
            member_count: i32::try_from(clan.members.len()).unwrap_or(i32::MAX),
            banner: clan.details.banner.clone(),
            community_banner: clan.details.community_banner.clone(),
            is_community: clan.details.is_community,
        })
    }

    fn valid_invite(&self, now: Now, id: i64) -> Result<Invite, Refusal> {
        let invite = self.records.invites.get(&id).filter(|invite| seconds(now) < invite.ends_seconds);
        invite.copied().ok_or_else(|| Refusal::new(NOT_FOUND, "the invitation is unknown or has expired"))
    }
}

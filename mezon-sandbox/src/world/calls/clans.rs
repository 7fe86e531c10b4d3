//! Clans: founded, described, changed, dissolved.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ClanId, Now, UserId};

use super::roles::set;
use super::{Call, page};
use crate::world::World;
use crate::world::model::{ChannelKind, Clan, NewChannel, NewClan};
use crate::world::refusal::{INVALID_ARGUMENT, PERMISSION_DENIED, Refusal};

handlers! {
    CheckDuplicateName => check_name,
    CreateClanDesc => create_clan_for,
    DeleteClanDesc => delete_clan_for,
    ListClanBadgeCount => list_clan_badges,
    ListClanDescs => list_clans,
    TransferOwnership => transfer_clan,
    UpdateClanDesc => update_clan,
    UpdateClanOrder => order_clans,
}

/// What a new clan begins with.
const FIRST_CHANNEL: &str = "general";

impl World {
    /// In the order that whoever asks has given them.
    fn list_clans(&mut self, call: Call, _: api::ListClanDescRequest) -> Result<api::ClanDescList, Refusal> {
        let own = self.users.get(&call.user()).map(|user| &user.clans).into_iter().flatten();
        let mut clandesc: Vec<api::ClanDesc> = Vec::new();
        for clan in own.filter_map(|clan| self.clans.get(clan)) {
            let order = self.records.clan_order.get(&(call.user(), clan.id)).copied().unwrap_or_default();
            clandesc.push(api::ClanDesc { clan_order: order, ..self.wire_clan(clan) });
        }
        clandesc.sort_by_key(|clan| clan.clan_order);
        Ok(api::ClanDescList { clandesc })
    }

    fn create_clan_for(&mut self, call: Call, request: api::CreateClanDescRequest) -> Result<api::ClanDesc, Refusal> {
        if request.clan_name.is_empty() {
            return Err(Refusal::new(INVALID_ARGUMENT, "a clan has a name"));
        }
        let new = NewClan::new(request.clan_name).logo(request.logo);
        let id = self.create_clan(call.now, call.user(), new);
        if let Some(clan) = self.clans.get_mut(&id) {
            clan.details.banner = request.banner;
        }
        let welcome = self.create_channel(call.now, id, call.user(), NewChannel::text(FIRST_CHANNEL));
        let clan = self.clans.get(&id).ok_or_else(Refusal::no_clan)?;
        let wire = self.wire_clan(clan);
        let event = realtime::ClanCreatedEvent {
            clan_id: id.get(),
            clan_name: wire.clan_name.clone(),
            logo: wire.logo.clone(),
            creator_id: call.user().get(),
            welcome_channel_id: welcome.get(),
        };
        self.tell_user(call.user(), Message::ClanCreatedEvent(Box::new(event)));
        Ok(wire)
    }

    fn update_clan(&mut self, call: Call, request: api::UpdateClanDescRequest) -> Result<(), Refusal> {
        let id = self.clan_of_member(call.user(), request.clan_id)?.id;
        let Some(clan) = self.clans.get_mut(&id) else { return Ok(()) };
        clan.name = request.clan_name;
        set(&mut clan.logo, request.logo);
        let details = &mut clan.details;
        set(&mut details.banner, request.banner);
        set(&mut details.onboarding_banner, request.onboarding_banner);
        set(&mut details.community_banner, request.community_banner);
        set(&mut details.description, request.description);
        set(&mut details.about, request.about);
        set(&mut details.short_url, request.short_url);
        details.is_onboarding = request.is_onboarding.unwrap_or(details.is_onboarding);
        details.is_community = request.is_community.unwrap_or(details.is_community);
        details.status = request.status;
        details.welcome_channel_id = request.welcome_channel_id;
        let turned = std::mem::replace(&mut details.prevent_anonymous, request.prevent_anonymous);
        let event = updated_event(clan);
        self.tell_clan(id, Message::ClanUpdatedEvent(Box::new(event)));
        if turned != request.prevent_anonymous {
            let event = realtime::AllowAnonymousEvent { clan_id: id.get(), allow: turned };
            self.tell_clan(id, Message::AllowAnonymousEvent(Box::new(event)));
        }
        Ok(())
    }

    fn delete_clan_for(&mut self, call: Call, request: api::DeleteClanDescRequest) -> Result<(), Refusal> {
        let clan = self.owned_clan(call.user(), request.clan_desc_id)?;
        self.delete_clan(call.now, clan, call.user());
        Ok(())
    }

    /// A clan is dissolved, with all its channels; its members are told.
    ///
    /// # Panics
    ///
    /// When there is no such clan.
    pub fn delete_clan(&mut self, _now: Now, clan: ClanId, by: UserId) {
        let members: Vec<UserId> = self.clan_or_panic(clan).members.iter().copied().collect();
        let event = realtime::ClanDeletedEvent { clan_id: clan.get(), deletor: by.get() };
        self.tell_clan_and(clan, &members, Message::ClanDeletedEvent(Box::new(event)));
        for channel in self.clan_or_panic(clan).channels.clone() {
            self.remove_channel(channel);
        }
        self.clans.remove(&clan);
        for member in members {
            if let Some(user) = self.users.get_mut(&member) {
                user.clans.remove(&clan);
            }
        }
        for connection in self.connections.values_mut() {
            connection.joins.clans.remove(&clan);
        }
        self.records.forget_clan(clan);
    }

    fn transfer_clan(&mut self, call: Call, request: api::TransferOwnershipRequest) -> Result<(), Refusal> {
        let id = self.owned_clan(call.user(), request.clan_id)?;
        let heir = UserId::new(request.new_owner_id);
        let clan = self.clans.get_mut(&id).filter(|clan| clan.members.contains(&heir));
        let clan = clan.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "the new owner is no member"))?;
        let before = std::mem::replace(&mut clan.owner, heir);
        let event =
            realtime::TransferOwnershipEvent { clan_id: id.get(), prev_owner: before.get(), curr_owner: heir.get() };
        self.tell_clan(id, Message::TransferOwnershipEvent(Box::new(event)));
        Ok(())
    }

    /// A clan that the user owns, or that nobody does.
    fn owned_clan(&self, user: UserId, clan: i64) -> Result<ClanId, Refusal> {
        let clan = self.clan_of_member(user, clan)?;
        if clan.owner == user || clan.owner.is_none() {
            return Ok(clan.id);
        }
        Err(Refusal::new(PERMISSION_DENIED, "only the owner may do this"))
    }

    fn order_clans(&mut self, call: Call, request: api::UpdateClanOrderRequest) -> Result<(), Refusal> {
        for place in request.clans_order {
            let clan = self.clan_of_member(call.user(), place.clan_id)?.id;
            self.records.clan_order.insert((call.user(), clan), place.order);
        }
        Ok(())
    }

    /// Type 0: clans; 2: channels; 3: threads below the channel that is the condition; 4: names in the clan that is it.
    pub(in crate::world) fn name_exists(&self, name: &str, kind: i32, condition: i64) -> bool {
        let channel_of = |thread: bool| {
            let mut channels = self.channels.values().filter(|channel| (channel.kind == ChannelKind::Thread) == thread);
            channels.any(|channel| channel.name == name && (!thread || channel.parent.get() == condition))
        };
        match kind {
            2 => channel_of(false),
            3 => channel_of(true),
            4 => {
                let clan = self.clans.get(&ClanId::new(condition));
                clan.is_some_and(|clan| clan.nicks.values().any(|nick| nick == name))
            }
            _ => self.clans.values().any(|clan| clan.name == name),
        }
    }

    fn check_name(
        &mut self,
        _: Call,
        request: api::CheckDuplicateNameRequest,
    ) -> Result<api::CheckDuplicateNameResponse, Refusal> {
        let is_duplicate = self.name_exists(&request.name, request.r#type, request.condition_id);
        Ok(api::CheckDuplicateNameResponse { is_duplicate })
    }

    fn list_clan_badges(&mut self, call: Call, _: api::NoParams) -> Result<api::ListClanBadgeCountResponse, Refusal> {
        let own = self.users.get(&call.user()).map(|user| &user.clans).into_iter().flatten();
        let badge = |clan: &Clan| {
            let channels = clan.channels.iter().filter_map(|id| self.channels.get(id));
            let unread: usize = channels.map(|channel| self.unread(call.user(), channel)).sum();
            let badge = i32::try_from(unread).unwrap_or(i32::MAX);
            api::ClanBadgeCount { clan_id: clan.id.get(), badge, has_unread: badge > 0 }
        };
        let list_badge = own.filter_map(|clan| self.clans.get(clan)).map(badge).collect();
        Ok(api::ListClanBadgeCountResponse { list_badge })
    }

    /// All clans, for those who look for one. Pages count from 1.
    pub(in crate::world) fn discover_clans(&self, clan: i64, per_page: i32, number: i32) -> api::ListClanDiscover {
        let wanted: Vec<&Clan> = self.clans.values().filter(|found| clan == 0 || found.id.get() == clan).collect();
        let pages =
            usize::try_from(per_page).ok().filter(|size| *size > 0).map_or(1, |size| wanted.len().div_ceil(size));
        let wire = |clan: &Clan| api::ClanDiscover {
            clan_id: clan.id.get(),
            clan_name: clan.name.clone(),
            invite_id: self.records.invite_to(clan.id),
            clan_logo: clan.logo.clone(),
            online_members: i32::try_from(clan.members.len()).unwrap_or(i32::MAX),
            total_members: i32::try_from(clan.members.len()).unwrap_or(i32::MAX),
            description: clan.details.description.clone(),
            banner: clan.details.banner.clone(),
            about: clan.details.about.clone(),
            short_url: clan.details.short_url.clone(),
            ..api::ClanDiscover::default()
        };
        api::ListClanDiscover {
            clan_discover: page(wanted.iter().map(|clan| wire(clan)), per_page, number),
            page_number: number.max(1),
            page_count: i32::try_from(pages).unwrap_or(i32::MAX),
        }
    }
}

fn updated_event(clan: &Clan) -> realtime::ClanUpdatedEvent {
    let details = &clan.details;
    realtime::ClanUpdatedEvent {
        clan_id: clan.id.get(),
        clan_name: clan.name.clone(),
        logo: clan.logo.clone(),
        banner: details.banner.clone(),
        status: details.status,
        is_onboarding: details.is_onboarding,
        welcome_channel_id: details.welcome_channel_id,
        onboarding_banner: details.onboarding_banner.clone(),
        community_banner: details.community_banner.clone(),
        is_community: details.is_community,
        about: details.about.clone(),
        description: details.description.clone(),
        prevent_anonymous: details.prevent_anonymous,
    }
}

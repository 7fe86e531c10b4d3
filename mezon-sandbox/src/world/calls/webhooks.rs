//! Webhooks: made and changed by calls; what is posted to them is in [`hooks`](crate::world::hooks).

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::envelope::Message;
use mezon_protocol::{ChannelId, ClanId, Now, Secret, UserId};

use super::Call;
use crate::world::World;
use crate::world::describe::seconds;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    DeleteClanWebhookById => delete_clan_hook,
    DeleteWebhookById => delete_hook,
    GenerateClanWebhook => make_clan_hook,
    GenerateWebhook => make_hook,
    ListClanWebhook => list_clan_hooks,
    ListWebhookByChannelId => list_hooks,
    UpdateClanWebhookById => update_clan_hook,
    UpdateWebhookById => update_hook,
}

/// A webhook as the world keeps it: of a channel, or with channel 0 of a clan.
#[derive(Clone, Debug)]
pub(in crate::world) struct Hook {
    pub(in crate::world) clan: ClanId,
    pub(in crate::world) channel: ChannelId,
    pub(in crate::world) name: String,
    pub(in crate::world) avatar: String,
    pub(in crate::world) token: Secret,
    pub(in crate::world) creator: UserId,
    created: String,
    updated: String,
}

/// The `status` of a webhook that is in use.
const ACTIVE: i32 = 1;

impl World {
    fn make_hook(
        &mut self,
        call: Call,
        request: api::WebhookCreateRequest,
    ) -> Result<api::WebhookGenerateResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?;
        let (channel, clan) = (channel.id, channel.clan);
        let id = self.insert_hook(call, clan, channel, request.webhook_name.clone(), request.avatar.clone())?;
        self.tell_hook(id);
        Ok(api::WebhookGenerateResponse {
            url: self.hook_url(id),
            hook_name: request.webhook_name,
            channel_id: channel.get(),
            avatar: request.avatar,
        })
    }

    fn make_clan_hook(
        &mut self,
        call: Call,
        request: api::GenerateClanWebhookRequest,
    ) -> Result<api::GenerateClanWebhookResponse, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let (name, avatar) = (request.webhook_name.clone(), request.avatar.clone());
        let id = self.insert_hook(call, clan, ChannelId::NONE, name, avatar)?;
        Ok(api::GenerateClanWebhookResponse {
            clan_id: clan.get(),
            url: self.hook_url(id),
            webhook_name: request.webhook_name,
            avatar: request.avatar,
        })
    }

    fn insert_hook(
        &mut self,
        call: Call,
        clan: ClanId,
        channel: ChannelId,
        name: String,
        avatar: String,
    ) -> Result<i64, Refusal> {
        if name.is_empty() {
            return Err(Refusal::new(INVALID_ARGUMENT, "a webhook has a name"));
        }
        let id = self.ids.next(call.now);
        let hook = Hook {
            clan,
            channel,
            name,
            avatar,
            token: self.new_hook_token(),
            creator: call.user(),
            created: time_text(call.now),
            updated: time_text(call.now),
        };
        self.records.hooks.insert(id, hook);
        Ok(id)
    }

    fn new_hook_token(&mut self) -> Secret {
        let token: String = std::iter::repeat_with(|| self.rng.alphanumeric()).take(32).collect();
        Secret::from(token)
    }

    /// On the address of this world, where the live service has a host of its own.
    fn hook_url(&self, id: i64) -> String {
        let Some(hook) = self.records.hooks.get(&id) else { return String::new() };
        let (base, token) = (&self.settings.api_url, hook.token.expose());
        if hook.channel.is_none() {
            return format!("{base}/clanwebhooks/{token}");
        }
        format!("{base}/webhooks/{}/{token}", hook.channel)
    }

    fn list_hooks(
        &mut self,
        call: Call,
        request: api::WebhookListRequest,
    ) -> Result<api::WebhookListResponse, Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        let of_channel = self.records.hooks.iter().filter(|(_, hook)| hook.channel == channel);
        Ok(api::WebhookListResponse { webhooks: of_channel.map(|(id, hook)| self.wire_hook(*id, hook)).collect() })
    }

    fn wire_hook(&self, id: i64, hook: &Hook) -> api::Webhook {
        api::Webhook {
            id,
            webhook_name: hook.name.clone(),
            channel_id: hook.channel.get(),
            active: ACTIVE,
            url: self.hook_url(id),
            creator_id: hook.creator.get(),
            create_time: hook.created.clone(),
            update_time: hook.updated.clone(),
            avatar: hook.avatar.clone(),
            status: ACTIVE,
            clan_id: hook.clan.get(),
        }
    }

    fn list_clan_hooks(
        &mut self,
        call: Call,
        request: api::ListClanWebhookRequest,
    ) -> Result<api::ListClanWebhookResponse, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let wire = |(id, hook): (&i64, &Hook)| api::ClanWebhook {
            id: *id,
            webhook_name: hook.name.clone(),
            clan_id: hook.clan.get(),
            active: ACTIVE,
            url: self.hook_url(*id),
            creator_id: hook.creator.get(),
            avatar: hook.avatar.clone(),
            create_time: hook.created.clone(),
            update_time: hook.updated.clone(),
        };
        let of_clan = self.records.hooks.iter().filter(|(_, hook)| hook.clan == clan && hook.channel.is_none());
        Ok(api::ListClanWebhookResponse { list_clan_webhooks: of_clan.map(wire).collect() })
    }

    fn update_hook(&mut self, call: Call, request: api::WebhookUpdateRequestById) -> Result<(), Refusal> {
        let moved = match request.channel_id_update {
            0 => None,
            channel => Some(self.channel_of_viewer(call.user(), channel)?.id),
        };
        let hook = self.hook_for(call, request.id)?;
        hook.channel = moved.unwrap_or(hook.channel);
        hook.change(call.now, request.webhook_name, request.avatar);
        self.tell_hook(request.id);
        Ok(())
    }

    fn update_clan_hook(&mut self, call: Call, request: api::UpdateClanWebhookRequest) -> Result<(), Refusal> {
        let token = request.reset_token.then(|| self.new_hook_token());
        let hook = self.hook_for(call, request.id)?;
        hook.token = token.unwrap_or_else(|| hook.token.clone());
        hook.change(call.now, request.webhook_name, request.avatar);
        Ok(())
    }

    fn delete_hook(&mut self, call: Call, request: api::WebhookDeleteRequestById) -> Result<(), Refusal> {
        self.hook_for(call, request.id)?;
        self.records.hooks.remove(&request.id);
        Ok(())
    }

    fn delete_clan_hook(&mut self, call: Call, request: api::ClanWebhookRequest) -> Result<(), Refusal> {
        self.hook_for(call, request.id)?;
        self.records.hooks.remove(&request.id);
        Ok(())
    }

    fn hook_for(&mut self, call: Call, id: i64) -> Result<&mut Hook, Refusal> {
        let unknown = || Refusal::new(INVALID_ARGUMENT, "webhook not found");
        let clan = self.records.hooks.get(&id).ok_or_else(unknown)?.clan;
        self.clan_of_member(call.user(), clan.get())?;
        self.records.hooks.get_mut(&id).ok_or_else(unknown)
    }

    fn tell_hook(&mut self, id: i64) {
        let Some(hook) = self.records.hooks.get(&id) else { return };
        let (clan, event) = (hook.clan, self.wire_hook(id, hook));
        self.tell_clan(clan, Message::WebhookEvent(Box::new(event)));
    }
}

impl Hook {
    /// Both are plain in the request; an empty one leaves things as they are.
    fn change(&mut self, now: Now, name: String, avatar: String) {
        if !name.is_empty() {
            self.name = name;
        }
        if !avatar.is_empty() {
            self.avatar = avatar;
        }
        self.updated = time_text(now);
    }
}

/// The platform writes these times as text.
fn time_text(now: Now) -> String {
    seconds(now).to_string()
}

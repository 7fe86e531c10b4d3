//! What greets a new member of a clan.

use mezon_protocol::ClanId;
use mezon_protocol::proto::api;

use super::{Call, page};
use crate::world::World;
use crate::world::describe::seconds;
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    CreateOnboarding => create_onboarding,
    DeleteOnboarding => delete_onboarding,
    GetOnboardingDetail => onboarding_detail,
    ListOnboarding => list_onboarding,
    ListOnboardingStep => list_steps,
    UpdateOnboarding => update_onboarding,
    UpdateOnboardingStep => update_step,
}

impl World {
    fn create_onboarding(
        &mut self,
        call: Call,
        request: api::CreateOnboardingRequest,
    ) -> Result<api::ListOnboardingResponse, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        let mut list_onboarding = Vec::new();
        for content in request.contents {
            let item = api::OnboardingItem {
                id: self.ids.next(call.now),
                clan_id: clan.get(),
                guide_type: content.guide_type,
                task_type: content.task_type,
                channel_id: content.channel_id,
                title: content.title,
                content: content.content,
                image_url: content.image_url,
                answers: content.answers,
                create_time_seconds: seconds(call.now),
                update_time_seconds: seconds(call.now),
            };
            list_onboarding.push(item.clone());
            self.records.onboarding.insert(item.id, item);
        }
        Ok(api::ListOnboardingResponse { list_onboarding })
    }

    fn list_onboarding(
        &mut self,
        call: Call,
        request: api::ListOnboardingRequest,
    ) -> Result<api::ListOnboardingResponse, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id.get();
        let wanted = |item: &&api::OnboardingItem| {
            item.clan_id == clan && (request.guide_type == 0 || item.guide_type == request.guide_type)
        };
        let items = self.records.onboarding.values().filter(wanted).cloned();
        Ok(api::ListOnboardingResponse { list_onboarding: page(items, request.limit, request.page) })
    }

    fn onboarding_detail(
        &mut self,
        call: Call,
        request: api::OnboardingRequest,
    ) -> Result<api::OnboardingItem, Refusal> {
        self.onboarding_for(call, request.id)
    }

    fn update_onboarding(&mut self, call: Call, request: api::UpdateOnboardingRequest) -> Result<(), Refusal> {
        let item = self.onboarding_for(call, request.id)?;
        let item = api::OnboardingItem {
            task_type: request.task_type,
            channel_id: request.channel_id,
            title: request.title,
            content: request.content,
            image_url: request.image_url,
            answers: request.answers,
            update_time_seconds: seconds(call.now),
            ..item
        };
        self.records.onboarding.insert(item.id, item);
        Ok(())
    }

    fn delete_onboarding(&mut self, call: Call, request: api::OnboardingRequest) -> Result<(), Refusal> {
        let id = self.onboarding_for(call, request.id)?.id;
        self.records.onboarding.remove(&id);
        Ok(())
    }

    /// How far whoever asks has come.
    fn list_steps(
        &mut self,
        call: Call,
        request: api::ListOnboardingStepRequest,
    ) -> Result<api::ListOnboardingStepResponse, Refusal> {
        let own = self.records.steps.iter().filter(|((user, clan), _)| {
            *user == call.user() && (request.clan_id == 0 || clan.get() == request.clan_id)
        });
        let steps = own.map(|((user, clan), step)| api::OnboardingSteps {
            id: clan.get(),
            user_id: user.get(),
            clan_id: clan.get(),
            onboarding_step: *step,
        });
        Ok(api::ListOnboardingStepResponse { list_onboarding_step: page(steps, request.limit, request.page) })
    }

    fn update_step(&mut self, call: Call, request: api::UpdateOnboardingStepRequest) -> Result<(), Refusal> {
        let clan: ClanId = self.clan_of_member(call.user(), request.clan_id)?.id;
        self.records.steps.insert((call.user(), clan), request.onboarding_step);
        Ok(())
    }

    fn onboarding_for(&self, call: Call, id: i64) -> Result<api::OnboardingItem, Refusal> {
        let item = self.records.onboarding.get(&id);
        let item = item.ok_or_else(|| Refusal::new(INVALID_ARGUMENT, "onboarding item not found"))?;
        self.clan_of_member(call.user(), item.clan_id).map(|_| item.clone())
    }
}

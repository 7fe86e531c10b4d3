//! Categories: what groups the channels of a clan.

use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{CategoryId, ClanId};

use super::{CHANGED, CREATED, Call, DELETED};
use crate::world::World;
use crate::world::model::{CATEGORY, Channel};
use crate::world::refusal::{INVALID_ARGUMENT, Refusal};

handlers! {
    ChangeChannelCategory => move_channel,
    CreateCategoryDesc => create_category,
    DeleteCategoryDesc => delete_category,
    ListCategoryDescs => list_categories,
    UpdateCategory => rename_category,
    UpdateCategoryOrder => order_categories,
}

impl World {
    /// Channels that were put into none are under one that every clan has.
    pub(in crate::world) fn category_name(&self, channel: &Channel) -> String {
        let category = self.records.categories.get(&CategoryId::new(channel.details.category_id));
        category.map_or_else(|| CATEGORY.to_owned(), |category| category.category_name.clone())
    }

    fn list_categories(&mut self, call: Call, request: api::CategoryDesc) -> Result<api::CategoryDescList, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?;
        let first = api::CategoryDesc {
            creator_id: clan.owner.get(),
            clan_id: clan.id.get(),
            category_name: CATEGORY.to_owned(),
            ..api::CategoryDesc::default()
        };
        let own = self.records.categories.values().filter(|category| category.clan_id == request.clan_id);
        let mut categorydesc: Vec<api::CategoryDesc> = std::iter::once(first).chain(own.cloned()).collect();
        categorydesc.sort_by_key(|category| category.category_order);
        Ok(api::CategoryDescList { categorydesc })
    }

    fn create_category(
        &mut self,
        call: Call,
        request: api::CreateCategoryDescRequest,
    ) -> Result<api::CategoryDesc, Refusal> {
        let clan = self.clan_of_member(call.user(), request.clan_id)?.id;
        if request.category_name.is_empty() {
            return Err(Refusal::new(INVALID_ARGUMENT, "a category has a name"));
        }
        let category = api::CategoryDesc {
            creator_id: call.user().get(),
            clan_id: clan.get(),
            category_name: request.category_name,
            category_id: self.ids.next(call.now),
            category_order: i32::try_from(self.records.categories.len() + 1).unwrap_or(i32::MAX),
        };
        self.records.categories.insert(CategoryId::new(category.category_id), category.clone());
        self.tell_category(&category, CREATED);
        Ok(category)
    }

    fn rename_category(&mut self, call: Call, request: api::UpdateCategoryDescRequest) -> Result<(), Refusal> {
        let category = self.category_for(call, request.category_id)?;
        category.category_name = request.category_name;
        let category = category.clone();
        self.tell_category(&category, CHANGED);
        Ok(())
    }

    /// Its channels are in none then.
    fn delete_category(&mut self, call: Call, request: api::DeleteCategoryDescRequest) -> Result<(), Refusal> {
        let category = self.category_for(call, request.category_id)?.clone();
        self.records.categories.remove(&CategoryId::new(category.category_id));
        for channel in self.channels.values_mut() {
            if channel.details.category_id == category.category_id {
                channel.details.category_id = 0;
            }
        }
        self.tell_category(&category, DELETED);
        Ok(())
    }

    fn order_categories(&mut self, call: Call, request: api::UpdateCategoryOrderRequest) -> Result<(), Refusal> {
        for place in request.categories {
            self.category_for(call, place.category_id)?.category_order = place.order;
        }
        Ok(())
    }

    fn move_channel(&mut self, call: Call, request: api::ChangeChannelCategoryRequest) -> Result<(), Refusal> {
        let channel = self.channel_of_viewer(call.user(), request.channel_id)?.id;
        if request.new_category_id != 0 {
            self.category_for(call, request.new_category_id)?;
        }
        if let Some(channel) = self.channels.get_mut(&channel) {
            channel.details.category_id = request.new_category_id;
        }
        self.tell_updated(channel);
        Ok(())
    }

    fn category_for(&mut self, call: Call, id: i64) -> Result<&mut api::CategoryDesc, Refusal> {
        let unknown = || Refusal::new(INVALID_ARGUMENT, "category not found");
        let clan = self.records.categories.get(&CategoryId::new(id)).ok_or_else(unknown)?.clan_id;
        self.clan_of_member(call.user(), clan)?;
        self.records.categories.get_mut(&CategoryId::new(id)).ok_or_else(unknown)
    }

    fn tell_category(&mut self, category: &api::CategoryDesc, status: i32) {
        let event = realtime::CategoryEvent {
            creator_id: category.creator_id,
            clan_id: category.clan_id,
            category_name: category.category_name.clone(),
            id: category.category_id,
            status,
        };
        self.tell_clan(ClanId::new(category.clan_id), Message::CategoryEvent(Box::new(event)));
    }
}

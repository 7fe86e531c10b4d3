//! Quick menus: what a bot offers in the menu of a channel or a message.

use mezon_protocol::proto::api;

use super::Call;
use crate::world::World;
use crate::world::refusal::{ALREADY_EXISTS, INVALID_ARGUMENT, PERMISSION_DENIED, Refusal};

handlers! {
    AddQuickMenuAccess => add_menu,
    DeleteQuickMenuAccess => delete_menu,
    ListQuickMenuAccess => list_menus,
    UpdateQuickMenuAccess => update_menu,
}

impl World {
    /// Without a bot: those of whoever asks.
    fn list_menus(
        &mut self,
        call: Call,
        request: api::ListQuickMenuAccessRequest,
    ) -> Result<api::QuickMenuAccessList, Refusal> {
        let bot = if request.bot_id == 0 { call.user().get() } else { request.bot_id };
        let wanted = |menu: &&api::QuickMenuAccess| {
            menu.bot_id == bot
                && (request.menu_type == 0 || menu.menu_type == request.menu_type)
                && (request.channel_id == 0 || menu.channel_id == 0 || menu.channel_id == request.channel_id)
        };
        Ok(api::QuickMenuAccessList { list_menus: self.records.menus.values().filter(wanted).cloned().collect() })
    }

    fn add_menu(&mut self, call: Call, mut menu: api::QuickMenuAccess) -> Result<(), Refusal> {
        if menu.menu_name.is_empty() {
            return Err(Refusal::new(INVALID_ARGUMENT, "a menu has a name"));
        }
        if menu.bot_id == 0 {
            menu.bot_id = call.user().get();
        }
        if menu.id == 0 {
            menu.id = self.ids.next(call.now);
        }
        self.own_menus_only(call, &menu)?;
        if self.records.menus.contains_key(&menu.id) {
            return Err(Refusal::new(ALREADY_EXISTS, "the id is taken"));
        }
        self.records.menus.insert(menu.id, menu);
        Ok(())
    }

    fn update_menu(&mut self, call: Call, menu: api::QuickMenuAccess) -> Result<(), Refusal> {
        let known = self.records.menus.get(&menu.id).cloned().ok_or_else(no_menu)?;
        self.own_menus_only(call, &known)?;
        self.records.menus.insert(menu.id, api::QuickMenuAccess { bot_id: known.bot_id, ..menu });
        Ok(())
    }

    /// One by its id; without an id all of the bot, or those of that name.
    fn delete_menu(&mut self, call: Call, request: api::QuickMenuAccess) -> Result<(), Refusal> {
        let fits = |menu: &api::QuickMenuAccess| {
            let named = request.menu_name.is_empty() || menu.menu_name == request.menu_name;
            if request.id == 0 { menu.bot_id == request.bot_id && named } else { menu.id == request.id }
        };
        let found: Vec<api::QuickMenuAccess> = self.records.menus.values().filter(|menu| fits(menu)).cloned().collect();
        if found.is_empty() {
            return Err(no_menu());
        }
        for menu in found {
            self.own_menus_only(call, &menu)?;
            self.records.menus.remove(&menu.id);
        }
        Ok(())
    }

    fn own_menus_only(&self, call: Call, menu: &api::QuickMenuAccess) -> Result<(), Refusal> {
        if menu.bot_id == call.user().get() {
            return Ok(());
        }
        Err(Refusal::new(PERMISSION_DENIED, "the menu is another bot's"))
    }
}

fn no_menu() -> Refusal {
    Refusal::new(INVALID_ARGUMENT, "menu not found")
}

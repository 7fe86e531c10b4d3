//! Quick menus: what a bot offers in the menu of a channel or a message.

use serde::{Deserialize, Serialize};

use super::{Answer, OneStep, Request, Via};
use crate::api::{self, AddQuickMenuAccess, DeleteQuickMenuAccess};
use crate::error::{Error, ErrorKind};
use crate::id::{ChannelId, ClanId, UserId};
use crate::machine::Shared;
use crate::proto::api::QuickMenuAccess;

/// An entry of a quick menu.
///
/// Also read from JSON with the platform's keys, ids as text or integer:
///
/// ```
/// use mezon_protocol::call::QuickMenuEntry;
/// use mezon_protocol::content::serde_json;
///
/// let json = r#"{"clan_id": "17", "menu_name": "Help", "action_msg": "/help", "menu_type": 1}"#;
/// let entry: QuickMenuEntry = serde_json::from_str(json)?;
/// assert_eq!(entry, QuickMenuEntry { clan_id: 17.into(), ..QuickMenuEntry::new("Help", "/help") });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuickMenuEntry {
    /// Its id. Left at 0, a new entry gets one.
    pub id: i64,
    /// The bot whose entry it is. Left at 0, our own.
    pub bot_id: UserId,
    /// The clan where it is offered; 0 for none in particular.
    pub clan_id: ClanId,
    /// The channel where it is offered; 0 for all.
    pub channel_id: ChannelId,
    /// What it is called.
    pub menu_name: String,
    /// The image behind it; may be empty.
    pub background: String,
    /// What is sent or told when it is chosen.
    pub action_msg: String,
    /// [`FLASH`](Self::FLASH), which is the default, or [`QUICK`](Self::QUICK).
    pub menu_type: i32,
}

impl QuickMenuEntry {
    /// Sends its `action_msg` as a message of the user's.
    pub const FLASH: i32 = 1;
    /// Tells the bot, with the message on which it was chosen.
    pub const QUICK: i32 = 2;

    /// An entry of our own, everywhere.
    pub fn new(menu_name: impl Into<String>, action_msg: impl Into<String>) -> Self {
        Self { menu_name: menu_name.into(), action_msg: action_msg.into(), ..Self::default() }
    }

    fn into_proto(self, own_id: UserId) -> QuickMenuAccess {
        let bot_id = if self.bot_id.is_none() { own_id } else { self.bot_id };
        QuickMenuAccess {
            id: self.id,
            bot_id: bot_id.get(),
            clan_id: self.clan_id.get(),
            channel_id: self.channel_id.get(),
            menu_name: self.menu_name,
            background: self.background,
            action_msg: self.action_msg,
            menu_type: self.menu_type,
        }
    }
}

impl Default for QuickMenuEntry {
    fn default() -> Self {
        Self {
            id: 0,
            bot_id: UserId::NONE,
            clan_id: ClanId::NONE,
            channel_id: ChannelId::NONE,
            menu_name: String::new(),
            background: String::new(),
            action_msg: String::new(),
            menu_type: Self::FLASH,
        }
    }
}

/// Adds an entry to a quick menu. Ends with its id, which is made here if it has none.
#[derive(Debug)]
pub struct AddQuickMenu(
    /// The entry.
    pub QuickMenuEntry,
);

impl OneStep for AddQuickMenu {
    type Output = i64;

    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error> {
        if self.0.menu_name.is_empty() {
            return Err(Error::unsent(ErrorKind::InvalidArgument("a menu entry needs a name".into())));
        }
        if self.0.id == 0 {
            self.0.id = shared.snowflakes.next(shared.now);
        }
        let entry = self.0.clone().into_proto(shared.own_id());
        Ok(api::request::<AddQuickMenuAccess>(&entry, Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<i64, Error> {
        Ok(self.0.id)
    }
}

/// Deletes entries of a quick menu. Ends with nothing.
#[derive(Debug)]
pub struct DeleteQuickMenu {
    /// The entry; 0 for all of the bot.
    pub id: i64,
    /// The bot; 0 for our own.
    pub bot_id: UserId,
}

impl OneStep for DeleteQuickMenu {
    type Output = ();

    fn request(&mut self, shared: &mut Shared) -> Result<Request, Error> {
        let bot_id = if self.bot_id.is_none() { shared.own_id() } else { self.bot_id };
        let entry = QuickMenuAccess { id: self.id, bot_id: bot_id.get(), ..Default::default() };
        Ok(api::request::<DeleteQuickMenuAccess>(&entry, Via::Auto))
    }

    fn output(&mut self, _: &mut Shared, _: Answer) -> Result<(), Error> {
        Ok(())
    }
}

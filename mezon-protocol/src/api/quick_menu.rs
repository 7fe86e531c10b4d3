//! Quick menus: what a bot offers in the menu of a channel or a message.

use crate::proto::api as wire;

methods! {
    /// The entries of a bot. `menu_type` 1 flash, 2 quick.
    ListQuickMenuAccess = 12, reads, wire::ListQuickMenuAccessRequest => wire::QuickMenuAccessList;
    /// Adds an entry. The client chooses its id.
    AddQuickMenuAccess = 177, writes, wire::QuickMenuAccess => ();
    /// Changes an entry. All fields are plain: send what shall stay, too.
    UpdateQuickMenuAccess = 178, writes, wire::QuickMenuAccess => ();
    /// Deletes an entry. `bot_id` is always wanted, `id` when it is known.
    DeleteQuickMenuAccess = 176, writes, wire::QuickMenuAccess => ();
}

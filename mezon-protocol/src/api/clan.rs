//! Clans, and how they are administered.

use crate::proto::api as wire;

methods! {
    /// The clans we are in, all in one answer. Zeros are fine.
    ListClanDescs = 2, reads, wire::ListClanDescRequest => wire::ClanDescList;
    /// Creates a clan that belongs to us.
    CreateClanDesc = 89, writes, wire::CreateClanDescRequest => wire::ClanDesc;
    /// Changes a clan. Fields that are `None` stay as they are, but `clan_name`, `status`, `welcome_channel_id` and
    /// `prevent_anonymous` are plain: left out, they are erased. Send their current values.
    UpdateClanDesc = 111, writes, wire::UpdateClanDescRequest => ();
    /// Deletes a clan, for good.
    DeleteClanDesc = 79, writes, wire::DeleteClanDescRequest => ();
    /// Sets the order in which our own clans are shown to us.
    UpdateClanOrder = 82, writes, wire::UpdateClanOrderRequest => ();
    /// Gives a clan of ours to another user. It cannot be taken back.
    TransferOwnership = 179, writes, wire::TransferOwnershipRequest => ();
    /// The unread counts of our clans.
    ListClanBadgeCount = 17, reads, wire::NoParams => wire::ListClanBadgeCountResponse;
    /// True if a name is taken: type 0 of a clan, 2 of a channel (condition: category), 3 of a thread (parent
    /// channel), 4 a nick name (clan).
    CheckDuplicateName = 128, reads, wire::CheckDuplicateNameRequest => wire::CheckDuplicateNameResponse;
    /// Who changed what in a clan, on a given day.
    ListAuditLog = 148, reads, wire::ListAuditLogRequest => wire::ListAuditLog;
    /// What a clan says to newcomers, and where.
    GetSystemMessageByClanId = 26, reads, wire::GetSystemMessage => wire::SystemMessage;
    /// What all our clans say to newcomers. Over HTTP only.
    GetSystemMessagesList = http, reads, () => wire::SystemMessagesList;
    /// Sets what a clan says to newcomers. All fields are plain: what is left empty is erased.
    CreateSystemMessage = 133, writes, wire::SystemMessageRequest => ();
    /// Changes what a clan says to newcomers. All fields are plain: send what shall stay, too.
    UpdateSystemMessage = 134, writes, wire::SystemMessageRequest => ();
    /// A clan says nothing more to newcomers.
    DeleteSystemMessage = 135, writes, wire::DeleteSystemMessage => ();
}

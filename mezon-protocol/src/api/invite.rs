//! Invitations to clans.

use crate::proto::api as wire;

methods! {
    /// Makes a link by which users can join a clan. The unit of `expiry_time` is not documented.
    CreateLinkInviteUser = 92, writes, wire::LinkInviteUserRequest => wire::LinkInviteUser;
    /// Joins the clan of an invitation. `rest::invite` shows it without joining.
    InviteUser = 93, writes, wire::InviteUserRequest => wire::InviteUserRes;
}

//! Our own account: profile, status, activities, and what it is linked with.

use crate::proto::api as wire;

methods! {
    /// Our own account: user, e-mail, and more. Of all calls the cheapest that shows whether the token is still
    /// taken.
    GetAccount = 1, reads, () => wire::Account;
    /// Changes our profile. Fields that are `None` stay as they are, but `dob_seconds` and `encrypt_private_key` are
    /// plain: left out, they are erased.
    UpdateAccount = 106, writes, wire::UpdateAccountRequest => ();
    /// Sets our display name and avatar, both at once: what is left empty is erased. `UpdateAccount` is the safer
    /// way.
    UpdateUser = 80, writes, wire::UpdateUsersRequest => ();
    /// Changes our user name. The answer is a new session; the old token goes on working only until it expires.
    UpdateUsername = 107, writes, wire::UpdateUsernameRequest => wire::Session;
    /// Deletes our own account, for good.
    DeleteAccount = 75, writes, () => ();
    /// All users of all clans that we are in.
    ListUserClansByUserId = 33, reads, () => wire::AllUserClans;
    /// Our own status text.
    GetUserStatus = 55, reads, () => wire::UserStatus;
    /// Sets our presence: `Online`, `Idle`, `Do Not Disturb` or `Invisible`, for some minutes or until it is turned
    /// on again.
    UpdateUserStatus = 159, writes, wire::UserStatusUpdate => ();
    /// Sets our status text, of any wording.
    UpdateUserCustomStatus = 160, writes, wire::UserStatusUpdate => ();
    /// What users are doing: games, music, other programs.
    ListActivity = 31, reads, () => wire::ListUserActivity;
    /// Shows what we are doing. The name is misspelt by the platform.
    CreateActiviy = 142, writes, wire::CreateActivityRequest => wire::UserActivity;
    /// Registers a device for push notifications. A bot has no use for it.
    RegistFCMDeviceToken = 35, writes, wire::RegistFcmDeviceTokenRequest => wire::RegistFcmDeviceTokenResponse;
    /// Sets e-mail address and password of our account, or changes the password: then code 3 means that the old one
    /// is wrong.
    RegistrationEmail = 59, writes, wire::RegistrationEmailRequest => wire::Session;
    /// Begins to link an e-mail address: a code is sent there. The answer's `req_id` is wanted by
    /// `ConfirmLinkMezonOTP`.
    LinkEmail = 88, writes, wire::AccountEmail => wire::LinkAccountConfirmRequest;
    /// Begins to link a phone number: a code is sent there. Code 6 means that the number belongs to another account.
    LinkSMS = 86, writes, wire::AccountMezon => wire::LinkAccountConfirmRequest;
    /// Ends linking, with the code that was sent.
    ConfirmLinkMezonOTP = 87, writes, wire::LinkAccountConfirmRequest => wire::Session;
    /// Unlinks an e-mail address.
    UnlinkEmail = 105, writes, wire::AccountEmail => ();
    /// Unlinks a phone number.
    UnlinkMezon = 104, writes, wire::AccountMezon => ();
}

//! Apps: the platform's word for bots and channel apps, and their OAuth2 clients.

use crate::proto::api as wire;

methods! {
    /// The apps that we own, by page: `next_cursor` of the answer is `cursor` of the next request.
    ListApps = 51, reads, wire::ListAppsRequest => wire::AppList;
    /// One app; of the request only `id` counts.
    GetApp = 52, reads, wire::App => wire::App;
    /// Creates an app.
    AddApp = 129, writes, wire::AddAppRequest => wire::App;
    /// Changes an app. Fields that are `None` stay as they are, but `about` and `app_url` are plain: left out, they
    /// are erased.
    UpdateApp = 131, writes, wire::UpdateAppRequest => wire::App;
    /// Deletes an app; of the request only `id` counts.
    DeleteApp = 130, writes, wire::App => ();
    /// Adds an app to a clan: how a bot gets into it.
    AddAppToClan = 132, writes, wire::AppClan => ();
    /// The channel apps of a clan.
    ListChannelApps = 21, reads, wire::ListChannelAppsRequest => wire::ListChannelAppsResponse;
    /// Creates a room for a channel app, or names the one that exists.
    CreateRoomChannelApps = 168, writes, wire::CreateRoomChannelApps => wire::CreateRoomChannelApps;
    /// Signs launch data for a channel app: what the app's web page receives as `data`.
    GenerateHashChannelApps = 173, writes,
        wire::GenerateHashChannelAppsRequest => wire::GenerateHashChannelAppsResponse;
    /// The OAuth2 client of an app.
    GetMezonOauthClient = 169, reads, wire::GetMezonOauthClientRequest => wire::MezonOauthClient;
    /// All OAuth2 clients that we own. Over HTTP only.
    ListMezonOauthClient = http, reads, () => wire::MezonOauthClientList;
    /// Changes an OAuth2 client. Its fields are plain: send what shall stay, too.
    UpdateMezonOauthClient = 171, writes, wire::MezonOauthClient => wire::MezonOauthClient;
    /// Deletes an OAuth2 client.
    DeleteMezonOauthClient = 170, writes, wire::MezonOauthClient => ();
}

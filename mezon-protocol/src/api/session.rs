//! Sessions, ours and those of other devices.

use crate::proto::api as wire;

methods! {
    /// A new token for the refresh token. Over HTTP it takes the server key instead of a bearer token; a client
    /// renews its own session by itself.
    SessionRefresh = 199, writes, wire::SessionRefreshRequest => wire::Session;
    /// Ends a session; with the id of another device that device's. Does not close the connection.
    SessionLogout = 200, writes, wire::SessionLogoutRequest => ();
    /// Where our account is logged in. The name is misspelt by the platform.
    ListLogedDevice = 19, reads, wire::NoParams => wire::LogedDeviceList;
    /// Nothing, if the server is well.
    Healthcheck = 201, reads, () => ();
}

//! Sessions of users: logging in, refreshing, the socket's own credential, a month of it, and the light client.

mod examples;
mod ladder;
mod light;
mod logins;
mod month;
mod renewal;
mod scene;

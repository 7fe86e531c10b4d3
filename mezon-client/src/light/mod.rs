//! The light client: a small layer over the whole one.

mod client;
mod hooks;
mod socket;

pub use client::LightClient;
pub use hooks::SocketConnectOptions;
pub use socket::{LightSocket, MessageHandler};

//! One file for each adapter, and what the clients have in common.

pub mod blocking;
pub mod client;
pub mod hand;
pub mod smol;
pub mod tokio;

//! One file for each adapter.

pub mod blocking;
pub mod hand;
pub mod smol;
pub mod tokio;

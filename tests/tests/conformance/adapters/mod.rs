//! One file for each adapter.

pub mod hand;
pub mod smol;
pub mod tokio;

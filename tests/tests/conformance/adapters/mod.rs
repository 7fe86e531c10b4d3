//! One file for each adapter.

pub mod hand;
pub mod tokio;

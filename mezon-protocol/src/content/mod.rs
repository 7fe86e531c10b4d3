//! The content of messages.

/// Stub.
#[derive(Debug, Clone)]
pub struct Content;

//! The session.

/// Stub.
#[derive(Debug, Clone)]
pub struct Session;

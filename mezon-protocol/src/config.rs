//! What a client is told before it starts.

/// Stub.
#[derive(Debug, Clone)]
pub struct Config;

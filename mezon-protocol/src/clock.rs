//! The server's clock against ours.

/// Stub.
#[derive(Debug)]
pub struct ClockOffset;

//! Where the server is.

/// Stub.
#[derive(Debug, Clone)]
pub struct Endpoint;
/// Stub.
#[derive(Debug, Clone)]
pub struct InvalidEndpoint;

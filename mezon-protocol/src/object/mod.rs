//! Handles on the things of the platform, generic over what runs their calls.

mod backend;

pub use backend::Backend;

//! A guide through the library, a page for each topic. Its examples compile.
//!
//! The same is true of `mezon-smol`, where you spawn the driver, and of `mezon-blocking`, where calls return their result and
//! handlers are plain closures.

#[doc = include_str!("../docs/handlers.md")]
pub mod handlers {}
#[doc = include_str!("../docs/commands.md")]
pub mod commands {}
#[doc = include_str!("../docs/messages.md")]
pub mod messages {}
#[doc = include_str!("../docs/files.md")]
pub mod files {}
#[doc = include_str!("../docs/interactions.md")]
pub mod interactions {}
#[doc = include_str!("../docs/objects.md")]
pub mod objects {}
#[cfg(feature = "ledger")]
#[doc = include_str!("../docs/tokens.md")]
pub mod tokens {}
#[doc = include_str!("../docs/users.md")]
pub mod users {}
#[doc = include_str!("../docs/reliability.md")]
pub mod reliability {}
#[doc = include_str!("../docs/testing.md")]
pub mod testing {}

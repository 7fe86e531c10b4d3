//! Commands: messages that ask the bot to do something, such as `*expert 12 Nguyễn Văn A`.
//!
//! A [`Router`] finds the [`Command`] that a message names, checks whether its sender may use it, and reads its arguments
//! into types. It is pure and works in any event loop:
//!
//! ```
//! use mezon_protocol::command::{Command, Refusal, Router};
//! # use mezon_protocol::command::Source;
//! # use mezon_protocol::content::Mention;
//! # use mezon_protocol::{ChannelId, ClanId, Now, UserId, route::Mode};
//! # struct Said(&'static str);
//! # impl Source for Said {
//! #     fn text(&self) -> std::borrow::Cow<'_, str> { self.0.into() }
//! #     fn mentions(&self) -> Vec<Mention> { vec![] }
//! #     fn own_id(&self) -> UserId { UserId::new(1) }
//! #     fn user_id(&self) -> UserId { UserId::new(2) }
//! #     fn channel_id(&self) -> ChannelId { ChannelId::new(3) }
//! #     fn clan_id(&self) -> ClanId { ClanId::new(4) }
//! #     fn mode(&self) -> Mode { Mode::CHANNEL }
//! #     fn is_ephemeral(&self) -> bool { false }
//! # }
//! # let now = Now::default();
//!
//! let mut router = Router::new("*")
//!     .mention_prefix()
//!     .command(Command::new("ping").about("Answers with pong"))
//!     .command(Command::new("expert").args::<(i64, String)>(&["level", "name"]));
//!
//! # let message = Said("*expert 12 Nguyễn Văn A");
//! match router.route(&message, now) {
//!     Ok(Some(found)) => match found.command() {
//!         "ping" => { /* message.reply("pong") */ }
//!         "expert" => {
//!             let (level, name): (i64, String) = found.args.parse().expect("checked by the router");
//!             assert_eq!((level, name.as_str()), (12, "Nguyễn Văn A"));
//!         }
//!         _ => {}
//!     },
//!     Ok(None) => {}                             // no command, or none that the bot knows
//!     Err(refusal) => { /* message.reply(refusal.to_string()) */ }
//! }
//! # assert!(matches!(router.route(&Said("*expert abc"), now), Err(Refusal::Arguments { .. })));
//! ```
//!
//! Messages of the bot's own are skipped, unless [`Router::with_own`] says otherwise.

mod arg;
mod args;
mod condition;
mod cooldown;
mod declare;
mod definition;
mod error;
mod help;
mod router;
mod source;
mod word;

pub use arg::FromArg;
pub use args::{ArgReader, Args, FromArgs};
pub use condition::Denied;
pub use cooldown::Scope;
pub use definition::Command;
pub use error::{ArgProblem, ArgsError, Refusal};
pub use router::{Match, Router};
pub use source::Source;
pub use word::Word;

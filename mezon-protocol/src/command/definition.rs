//! What a command is.

use std::time::Duration;

use super::condition::Conditions;
use super::{Args, ArgsError, FromArgs, Scope};
use crate::id::{ChannelId, ClanId, RoleId, UserId};

/// Says what is wrong with arguments.
type Check = fn(&Args) -> Result<(), ArgsError>;

/// A command, for a [`Router`](super::Router).
///
/// ```
/// use mezon_protocol::command::{Command, Scope};
/// use std::time::Duration;
///
/// let command = Command::new("withdraw")
///     .alias("w")
///     .about("Sends tokens from your account")
///     .args::<(u64, Option<String>)>(&["amount", "note"])
///     .direct_only()
///     .cooldown(Scope::User, Duration::from_secs(10));
/// ```
#[derive(Clone, Debug)]
pub struct Command {
    pub(super) names: Vec<String>,
    pub(super) about: String,
    pub(super) usage: String,
    pub(super) check: Option<Check>,
    pub(super) arg_names: &'static [&'static str],
    pub(super) conditions: Conditions,
    pub(super) cooldown: Option<(Scope, Duration)>,
    pub(super) is_hidden: bool,
}

impl Command {
    /// A command with this name. It may consist of two words, such as `expert add`; letters may be written large or small.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            names: vec![name.into()],
            about: String::new(),
            usage: String::new(),
            check: None,
            arg_names: &[],
            conditions: Conditions::default(),
            cooldown: None,
            is_hidden: false,
        }
    }

    /// Another name for it.
    #[must_use]
    pub fn alias(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// What it does, for the help text.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// What its arguments are, so that it is not run with others. The names are for help texts and errors; a type of
    /// [`command_args!`](crate::command_args) brings its own.
    #[must_use]
    pub fn args<T: FromArgs>(mut self, names: &'static [&'static str]) -> Self {
        self.arg_names = if names.is_empty() { T::NAMES } else { names };
        self.usage = T::usage(self.arg_names);
        self.check = Some(|args| args.parse::<T>().map(drop));
        self
    }

    /// Only these users may use it.
    #[must_use]
    pub fn only_users(mut self, users: impl IntoIterator<Item = UserId>) -> Self {
        self.conditions.users.extend(users);
        self
    }

    /// Only users with one of these roles may use it. The router must have been told how to look roles up:
    /// [`Router::roles`](super::Router::roles).
    #[must_use]
    pub fn only_roles(mut self, roles: impl IntoIterator<Item = RoleId>) -> Self {
        self.conditions.roles.extend(roles);
        self
    }

    /// It may be used in these clans only.
    #[must_use]
    pub fn only_clans(mut self, clans: impl IntoIterator<Item = ClanId>) -> Self {
        self.conditions.clans.extend(clans);
        self
    }

    /// It may be used in these channels only.
    #[must_use]
    pub fn only_channels(mut self, channels: impl IntoIterator<Item = ChannelId>) -> Self {
        self.conditions.channels.extend(channels);
        self
    }

    /// It may be used in direct messages only.
    #[must_use]
    pub const fn direct_only(mut self) -> Self {
        self.conditions.direct_only = true;
        self
    }

    /// The least time between two uses.
    #[must_use]
    pub const fn cooldown(mut self, scope: Scope, time: Duration) -> Self {
        self.cooldown = Some((scope, time));
        self
    }

    /// The help text does not name it.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.is_hidden = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.names[0]
    }

    /// Its other names.
    pub fn aliases(&self) -> &[String] {
        &self.names[1..]
    }

    /// What is wrong with arguments, if anything.
    pub(super) fn check_args(&self, args: &Args) -> Result<(), ArgsError> {
        let Some(check) = self.check else { return Ok(()) };
        check(args).map_err(|error| {
            let known = self.arg_names.get(error.position - 1).map(|name| (*name).to_owned());
            ArgsError { name: error.name.or(known), ..error }
        })
    }
}

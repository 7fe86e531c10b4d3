//! Why a command is not run. The texts are for those who wrote the command.

use std::time::Duration;

use super::Denied;

/// Why a message that names a command does not run it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The arguments are not what the command wants.
    #[error("{error}\nusage: {usage}")]
    Arguments {
        /// The command.
        command: String,
        /// How it is used, prefix included.
        usage: String,
        /// What is wrong.
        error: ArgsError,
    },
    /// It may not be used by this user, or not here.
    #[error("{command}: {why}")]
    Denied {
        /// The command.
        command: String,
        /// Why.
        why: Denied,
    },
    /// It was used a short while ago.
    #[error("{command}: try again in {} s", .remaining.as_secs_f64().ceil())]
    Cooldown {
        /// The command.
        command: String,
        /// How long it still takes.
        remaining: Duration,
    },
    /// There is no such command. Only if [`Router::report_unknown`](super::Router::report_unknown) wants it.
    #[error("there is no command {name:?}")]
    Unknown {
        /// What was written, at most 50 characters.
        name: String,
    },
}

/// What is wrong with the arguments of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgsError {
    /// Which argument, from 1 on.
    pub position: usize,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What is wrong with it.
    pub problem: ArgProblem,
}

/// What can be wrong with an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgProblem {
    /// It is missing.
    Missing,
    /// It is not what is wanted.
    Invalid {
        /// What is wanted, such as "a whole number".
        expected: &'static str,
        /// What was given, at most 50 characters.
        given: String,
    },
    /// Nothing more is wanted.
    Unexpected {
        /// What was given, at most 50 characters.
        given: String,
    },
}

impl ArgProblem {
    /// Something else than what is wanted was given.
    pub fn invalid(expected: &'static str, given: &str) -> Self {
        Self::Invalid { expected, given: shortened(given) }
    }
}

/// At most 50 characters of a text.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(50).collect()
}

impl std::fmt::Display for ArgsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let position = self.position;
        match &self.problem {
            ArgProblem::Missing => write!(f, "argument {position}{name} is missing"),
            ArgProblem::Invalid { expected, given } => {
                write!(f, "argument {position}{name} must be {expected}, not {given:?}")
            }
            ArgProblem::Unexpected { given } => write!(f, "too many arguments: {given:?} is not expected"),
        }
    }
}

impl std::error::Error for ArgsError {}

//! From a message to the command that it names.

use std::collections::HashMap;
use std::fmt;

use super::condition::RoleLookup;
use super::cooldown::Cooldowns;
use super::error::shortened;
use super::word::{Placed, Word, place, words};
use super::{Args, Command, Refusal, Source, help};
use crate::id::{ClanId, RoleId, UserId};
use crate::time::Now;

/// Finds the command that a message names. See the [module](super).
pub struct Router {
    /// The longest first; the first that was given is the one of help texts.
    prefixes: Vec<String>,
    main_prefix: String,
    by_mention: bool,
    with_own: bool,
    report_unknown: bool,
    commands: Vec<Command>,
    by_name: HashMap<String, usize>,
    roles: Option<RoleLookup>,
    cooldowns: Cooldowns,
}

/// A command that is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Match {
    /// The number of the command, in the order in which they were given to the router.
    pub index: usize,
    /// Its arguments.
    pub args: Args,
    /// True if the bot alone was told, as by a slash command: answer in the same way, as
    /// [`Message::respond`](crate::object::Message::respond) does.
    pub is_ephemeral: bool,
    name: String,
}

impl Match {
    /// The name of the command, whichever of its names was used.
    pub fn command(&self) -> &str {
        &self.name
    }
}

/// With this, slash commands come as ephemeral messages.
const SLASH: &str = "/";

/// The command that a mention of the bot stands for if nothing follows it.
const HELP: &str = "help";

impl Router {
    /// Commands begin with this prefix, such as `*`. An empty one makes every message a command.
    pub fn new(prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        Self {
            prefixes: vec![prefix.clone()],
            main_prefix: prefix,
            by_mention: false,
            with_own: false,
            report_unknown: false,
            commands: Vec::new(),
            by_name: HashMap::new(),
            roles: None,
            cooldowns: Cooldowns::default(),
        }
    }

    /// Commands may begin with this prefix, too.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefixes.push(prefix.into());
        self.prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
        self
    }

    /// Commands may begin with a mention of the bot, too. The mention alone stands for the command `help`, if there is
    /// one.
    #[must_use]
    pub const fn mention_prefix(mut self) -> Self {
        self.by_mention = true;
        self
    }

    /// Messages of the bot's own count too.
    #[must_use]
    pub const fn with_own(mut self) -> Self {
        self.with_own = true;
        self
    }

    /// A command that does not exist is refused with [`Refusal::Unknown`], where it is passed over silently else.
    #[must_use]
    pub const fn report_unknown(mut self) -> Self {
        self.report_unknown = true;
        self
    }

    /// How to find out whether a user has a role in a clan. Without it, nobody has any.
    #[must_use]
    pub fn roles(mut self, has_role: impl Fn(ClanId, UserId, RoleId) -> bool + Send + Sync + 'static) -> Self {
        self.roles = Some(Box::new(has_role));
        self
    }

    /// Adds a command.
    ///
    /// # Panics
    ///
    /// When one of its names is taken already.
    #[must_use]
    pub fn command(mut self, command: Command) -> Self {
        for name in &command.names {
            let taken = self.by_name.insert(name.to_lowercase(), self.commands.len());
            assert!(taken.is_none(), "there is a command {name:?} already");
        }
        self.commands.push(command);
        self
    }

    /// The commands, in the order in which they were added.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// The command that a message names; `None` if it names none that there is.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if it names one that must not be run: the text says why, and can be the answer.
    pub fn route(&mut self, source: &impl Source, now: Now) -> Result<Option<Match>, Refusal> {
        if self.is_own(source) {
            return Ok(None);
        }
        let text = source.text();
        let Some(call) = self.call(source, &text) else { return Ok(None) };
        let Some((index, words_of_name)) = self.find(&call) else {
            return self.pass_over(&call);
        };
        let args = Args::new(text.into_owned(), call.words.into_iter().skip(words_of_name).collect());
        let command = &self.commands[index];
        let name = || command.name().to_owned();
        command
            .conditions
            .check(source, self.roles.as_ref())
            .map_err(|why| Refusal::Denied { command: name(), why })?;
        command.check_args(&args).map_err(|error| {
            let usage = help::usage(call.prefix.unwrap_or(&self.main_prefix), command);
            Refusal::Arguments { command: name(), usage, error }
        })?;
        if let Some(cooldown) = command.cooldown {
            let used = self.cooldowns.use_once(now.elapsed, index, cooldown, source);
            used.map_err(|remaining| Refusal::Cooldown { command: name(), remaining })?;
        }
        Ok(Some(Match { index, args, is_ephemeral: source.is_ephemeral(), name: name() }))
    }

    /// A help text: one line for each command. It looks best as preformatted text.
    pub fn help(&self) -> String {
        help::overview(&self.main_prefix, &self.commands)
    }

    /// All about one command, by any of its names.
    pub fn help_for(&self, name: &str) -> Option<String> {
        let index = self.by_name.get(&name.to_lowercase())?;
        Some(help::details(&self.main_prefix, &self.commands[*index]))
    }

    fn is_own(&self, source: &impl Source) -> bool {
        let own = source.own_id();
        !self.with_own && !own.is_none() && source.user_id() == own
    }

    /// What follows the prefix, if there is one.
    fn call(&self, source: &impl Source, text: &str) -> Option<Call<'_>> {
        let start = text.len() - text.trim_start().len();
        let slash = if source.is_ephemeral() { Some(SLASH) } else { None };
        let prefixes = self.prefixes.iter().map(String::as_str).chain(slash);
        if let Some(prefix) = prefixes.into_iter().find(|prefix| text[start..].starts_with(prefix)) {
            let from = start + prefix.len();
            let words = words(text, from, &place(text, source.mentions()));
            // "* item" is a list and no command
            let is_adjacent = words.first().is_some_and(|word| word.range.start == from) || prefix.ends_with(' ');
            return is_adjacent.then_some(Call { prefix: Some(prefix), words });
        }
        if !self.by_mention {
            return None;
        }
        let mentions = source.mentions();
        let bare = mentions.iter().find(|mention| mention.user_id == source.own_id()).map(|of| of.username.clone());
        let placed = place(text, mentions);
        let from = after_mention(text, start, source.own_id(), &placed, &bare?)?;
        Some(Call { prefix: None, words: words(text, from, &placed) })
    }

    /// The command that is called, and how many words its name has.
    fn find(&self, call: &Call<'_>) -> Option<(usize, usize)> {
        if call.words.is_empty() && call.prefix.is_none() {
            return self.by_name.get(HELP).map(|index| (*index, 0));
        }
        [2, 1].into_iter().find_map(|count| {
            let name = call.name(count)?;
            self.by_name.get(&name).map(|index| (*index, count))
        })
    }

    fn pass_over(&self, call: &Call<'_>) -> Result<Option<Match>, Refusal> {
        match call.words.first() {
            Some(word) if self.report_unknown => Err(Refusal::Unknown { name: shortened(word.text()) }),
            _ => Ok(None),
        }
    }
}

/// A message that begins like a command.
struct Call<'a> {
    /// The prefix; `None` for a mention of the bot.
    prefix: Option<&'a str>,
    words: Vec<Word>,
}

impl Call<'_> {
    /// The first words as the name of a command.
    fn name(&self, count: usize) -> Option<String> {
        let words = self.words.get(..count)?;
        let is_name = words.iter().all(|word| word.mention.is_none() && !word.is_quoted);
        is_name.then(|| words.iter().map(|word| word.text.to_lowercase()).collect::<Vec<_>>().join(" "))
    }
}

/// Where a text goes on after the mention of the bot that it begins with. Some clients give no offsets; then the text
/// must begin with the name.
fn after_mention(text: &str, start: usize, own: UserId, placed: &[Placed], name: &str) -> Option<usize> {
    let covered = placed.iter().find(|(range, mention)| range.start == start && mention.user_id == own);
    if let Some((range, _)) = covered {
        return Some(range.end);
    }
    let rest = text[start..].strip_prefix('@')?.strip_prefix(name).filter(|_| !name.is_empty())?;
    let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
    ends.then_some(text.len() - rest.len())
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("prefixes", &self.prefixes).field("commands", &self.commands.len()).finish()
    }
}

#[cfg(test)]
mod tests;

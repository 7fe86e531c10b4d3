//! Handlers of commands: messages that ask the bot to do something.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use mezon_protocol::command::{Args, ArgsError, Command, FromArgs, Match, Refusal, Router};
use mezon_protocol::object::{Backend, Message};
use mezon_protocol::{ClanId, Content, Event, EventKind, MessageId, Now, RoleId, UserId};

use super::outcome::{IntoJob, Job, job_of};
use super::registry::{HandlerId, Topic};
use crate::client::Client;
use crate::handle::Driven;
use crate::runtime::Runtime;

/// The commands of a bot, for [`Client::commands`]: each with its handler.
///
/// A message whose command may not be run, as its arguments are wrong, is answered with the reason. What names no command
/// is passed over.
#[must_use = "commands do nothing until they are given to a client"]
pub struct Commands<R: Runtime> {
    router: Router,
    /// What each command does, in the order in which the router has them.
    actions: Vec<Action<R>>,
    on_refusal: OnRefusal<R>,
}

enum Action<R: Runtime> {
    Help,
    Run(Box<dyn Fn(CommandCall<Driven<R>>) -> Job + Send + Sync>),
}

type OnRefusal<R> = Box<dyn Fn(Message<Driven<R>>, Refusal) -> Job + Send + Sync>;

impl<R: Runtime> Commands<R> {
    /// Commands that begin with this prefix, such as `*`. Slash commands, which the bot alone is told, begin with `/` as
    /// well.
    pub fn new(prefix: impl Into<String>) -> Self {
        let on_refusal = |message, refusal: Refusal| respond::<R>(message, refusal.to_string().into());
        Self { router: Router::new(prefix), actions: Vec::new(), on_refusal: Box::new(on_refusal) }
    }

    /// They may begin with this prefix, too.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.router = self.router.prefix(prefix);
        self
    }

    /// They may begin with a mention of the bot, too. The mention alone stands for the command `help`, if there is one.
    pub fn mention_prefix(mut self) -> Self {
        self.router = self.router.mention_prefix();
        self
    }

    /// Messages of the bot's own count too.
    pub fn with_own(mut self) -> Self {
        self.router = self.router.with_own();
        self
    }

    /// What begins with a prefix and names no command is refused, too.
    pub fn report_unknown(mut self) -> Self {
        self.router = self.router.report_unknown();
        self
    }

    /// How to find out whether a user has a role in a clan, for [`Command::only_roles`]. It is asked for every such
    /// command, so it should not take long. Without it, nobody has any.
    pub fn roles(mut self, has_role: impl Fn(ClanId, UserId, RoleId) -> bool + Send + Sync + 'static) -> Self {
        self.router = self.router.roles(has_role);
        self
    }

    /// Adds a command and what it does.
    ///
    /// # Panics
    ///
    /// When one of its names is taken already.
    pub fn command<O, M>(
        self,
        command: Command,
        handler: impl Fn(CommandCall<Driven<R>>) -> O + Send + Sync + 'static,
    ) -> Self
    where
        O: IntoJob<M>,
    {
        self.add(command, Action::Run(Box::new(move |call| handler(call).into_job())))
    }

    /// Adds a command `help`, which shows all commands, or more about one.
    ///
    /// # Panics
    ///
    /// When there is a command of that name already.
    pub fn with_help(self) -> Self {
        let help = Command::new("help").about("Shows the commands, or more about one");
        self.add(help.args::<(Option<String>,)>(&["command"]), Action::Help)
    }

    /// Handles what may not be run, in place of the answer.
    pub fn on_refusal<O, M>(
        mut self,
        handler: impl Fn(Message<Driven<R>>, Refusal) -> O + Send + Sync + 'static,
    ) -> Self
    where
        O: IntoJob<M>,
    {
        self.on_refusal = Box::new(move |message, refusal| handler(message, refusal).into_job());
        self
    }

    fn add(mut self, command: Command, action: Action<R>) -> Self {
        self.router = self.router.command(command);
        self.actions.push(action);
        self
    }
}

impl<R: Runtime> fmt::Debug for Commands<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands").field("router", &self.router).finish_non_exhaustive()
    }
}

/// A command that somebody gave. It derefs to the message that gave it.
#[derive(Clone, Debug)]
pub struct CommandCall<B> {
    message: Message<B>,
    found: Match,
}

impl<B: Backend> CommandCall<B> {
    /// The name of the command, whichever of its names was used.
    pub fn name(&self) -> &str {
        self.found.command()
    }

    /// Its arguments, as they were written.
    pub const fn args(&self) -> &Args {
        &self.found.args
    }

    /// Its arguments, as a tuple of up to six values or a type that [`command_args!`](mezon_protocol::command_args)
    /// declares. It does not fail if the command says that these are [its arguments](Command::args).
    ///
    /// # Errors
    ///
    /// [`ArgsError`], with the first argument that is wrong.
    pub fn parse<T: FromArgs>(&self) -> Result<T, ArgsError> {
        self.found.args.parse()
    }

    /// The message that gave it.
    pub const fn message(&self) -> &Message<B> {
        &self.message
    }

    /// Answers in the way in which it was given: a slash command so that only its sender sees it, any other by a reply;
    /// gives the id of the answer. [`message`](Self::message) has a `reply` that gives a handle on it.
    pub fn reply(&self, content: impl Into<Content>) -> B::Outcome<MessageId> {
        self.message.respond(content)
    }
}

impl<B> Deref for CommandCall<B> {
    type Target = Message<B>;

    fn deref(&self) -> &Message<B> {
        &self.message
    }
}

/// # Handlers of commands
impl<R: Runtime> Client<R> {
    /// Registers commands and their handlers, together as one handler of messages. A message that is a command reaches
    /// other handlers all the same.
    ///
    /// Adapters have a name for [`Commands`] with their runtime filled in.
    pub fn commands(&self, commands: Commands<R>) -> HandlerId {
        let Commands { router, actions, on_refusal } = commands;
        let desk = Desk { router: Mutex::new(router), actions, on_refusal };
        let anchor = Arc::downgrade(&self.anchor());
        self.add_handler(Topic::Kind(EventKind::Message), move |event| {
            let Event::Message(message) = event else { return None };
            desk.take(message, anchor.upgrade()?.shared.now())
        })
    }
}

/// Takes the commands that are given.
struct Desk<R: Runtime> {
    router: Mutex<Router>,
    actions: Vec<Action<R>>,
    on_refusal: OnRefusal<R>,
}

impl<R: Runtime> Desk<R> {
    fn take(&self, message: &Message<Driven<R>>, now: Now) -> Option<Job> {
        let routed = self.route(|router| router.route(message, now));
        match routed {
            Ok(found) => found.map(|found| self.run(message.clone(), found)),
            Err(refusal) => Some((self.on_refusal)(message.clone(), refusal)),
        }
    }

    fn run(&self, message: Message<Driven<R>>, found: Match) -> Job {
        match &self.actions[found.index] {
            Action::Run(handler) => handler(CommandCall { message, found }),
            Action::Help => respond::<R>(message, Content::pre(self.help(&found.args))),
        }
    }

    fn help(&self, args: &Args) -> String {
        self.route(|router| router.help_for(args.text()).unwrap_or_else(|| router.help()))
    }

    /// A lookup of roles that panicked leaves the router as good as it was.
    fn route<T>(&self, ask: impl FnOnce(&mut Router) -> T) -> T {
        ask(&mut self.router.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn respond<R: Runtime>(message: Message<Driven<R>>, content: Content) -> Job {
    job_of(async move { R::ended(message.respond(content)).await })
}

//! What handles, events and driver share, and how calls travel: [`Driven`] makes a [`Pending`], whose first poll gives the
//! call to the driver.
//!
//! ```text
//!   Pending ──submission──► mailbox ──► Driver (owns the Machine)
//!           ◄────reply───── oneshot ◄──
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};
use std::time::{Instant, SystemTime};

use mezon_protocol::call::{Call, Reply, Submission, Ticket};
use mezon_protocol::event::MessageData;
use mezon_protocol::machine::{BackfillPolicy, OnFull, State};
use mezon_protocol::memory::Memory;
use mezon_protocol::object::{Backend, Once, SentMessage};
use mezon_protocol::rest::agent::AgentConfig;
use mezon_protocol::store::{Change, LeftOff, Tracker};
use mezon_protocol::{ChannelId, Config, Error, ErrorKind, Machine, MessageId, Now, UserId};

use crate::agent::Listening;
use crate::driver::Driver;
use crate::handlers::StopRequest;
use crate::inbox::Inbox;
use crate::keeper::Keeper;
use crate::outbox::Outbox;
use crate::pending::{Answer, Asked, Pending, Recall, Stage, Submit, Waiting};
use crate::runtime::{Net, Runtime};

/// Runs the calls of handles by the driver of a client.
///
/// It is the backend of every handle of a client. It keeps no driver alive: when that has ended, calls fail with
/// [`ErrorKind::Closed`].
pub struct Driven<R: Runtime> {
    pub(crate) shared: Arc<Shared<R>>,
}

impl<R: Runtime> Driven<R> {
    pub(crate) fn pending<C: Call>(&self, call: C, submit: Submit<R>) -> Pending<C::Output, R> {
        let ticket = Ticket(self.shared.last_ticket.fetch_add(1, Ordering::Relaxed));
        Pending::new(Arc::clone(&self.shared), Submission::new(ticket, call), submit, Reply::take::<C>)
    }

    /// Runs a call that nobody waits for, beside the pending ones. Without a driver it is dropped.
    pub(crate) fn detach<C: Call>(&self, call: C) -> Ticket {
        let ticket = Ticket(self.shared.last_ticket.fetch_add(1, Ordering::Relaxed));
        let (reply, _) = oneshot::channel();
        self.shared.tell(Command::Submit(Submission::new(ticket, call), reply));
        ticket
    }
}

impl<R: Runtime> Backend for Driven<R> {
    type Outcome<T: Send + 'static> = R::Outcome<T>;

    fn call<C: Call>(&self, call: C) -> R::Outcome<C::Output> {
        R::outcome(self.pending(call, Shared::submit))
    }

    fn memory<T>(&self, access: impl FnOnce(&mut Memory) -> T) -> T {
        access(&mut self.shared.memory())
    }

    fn send_once(&self, once: Once) -> R::Outcome<SentMessage<Self>> {
        R::outcome(self.queue_once(once))
    }

    fn keep(&self, change: impl FnOnce() -> Option<Change>) {
        let Some(keeper) = &self.shared.keeper else { return };
        if let Some(change) = change() {
            keeper.keep(change);
        }
    }

    fn recall<C: Call>(
        &self,
        channel: ChannelId,
        message: MessageId,
        found: impl FnOnce(MessageData) -> C::Output + Send + 'static,
        call: C,
    ) -> R::Outcome<C::Output> {
        let pending = self.pending(call, Shared::submit);
        if self.shared.keeper.is_none() {
            return R::outcome(pending);
        }
        let shared = Arc::clone(&self.shared);
        R::outcome(pending.unless(Recall::new(move || shared.look_up(channel, message, found))))
    }
}

impl<R: Runtime> Clone for Driven<R> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<R: Runtime> fmt::Debug for Driven<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(R::NAME)
    }
}

/// What handles, events and driver share.
pub(crate) struct Shared<R: Runtime> {
    pub(crate) runtime: Arc<R>,
    pub(crate) inbox: Inbox,
    pub(crate) net: Arc<Net>,
    pub(crate) pending: AtomicUsize,
    link: Mutex<Link>,
    /// What a call that connects brings along, if the driver has it not.
    accompanist: Mutex<Option<Accompanist>>,
    memory: Mutex<Memory>,
    /// The way to the store of messages, if there is one.
    pub(crate) keeper: Option<Keeper>,
    /// How far events were taken, for the store.
    pub(crate) tracker: Mutex<Tracker>,
    /// Events were taken, and will not be handled by those who had them.
    has_abandoned: AtomicBool,
    /// What is done about messages that were missed.
    pub(crate) backfill: BackfillPolicy,
    /// What is kept there until it is sent.
    pub(crate) outbox: Outbox,
    own_id: AtomicI64,
    /// How the events of agents are had, if they can be.
    pub(crate) agents: Result<AgentConfig, Error>,
    origin: Instant,
    last_ticket: AtomicU64,
    limits: Limits,
}

/// What is bounded here, not in the Machine.
pub(crate) struct Limits {
    pub(crate) max_pending: usize,
    /// What happens when events are not taken, if there is somebody to take them.
    pub(crate) on_full: OnFull,
}

/// Where the Machine is. Commands are left under its lock, so that none is lost when the driver ends.
pub(crate) enum Link {
    /// Here, while no driver runs.
    Parked(Box<Machine>),
    /// With a driver, which looks here for what it is told.
    Driven(Mailbox),
}

/// What a driver has been told and has not taken yet.
#[derive(Default)]
pub(crate) struct Mailbox {
    pub(crate) commands: VecDeque<Command>,
    driver: Option<Waker>,
}

/// What a driver is told. Bounded by the count of pending calls, apart from what people do by hand.
pub(crate) enum Command {
    Submit(Submission, oneshot::Sender<Reply>),
    Cancel(Ticket),
    Act(Act),
    Connect(Connect),
    Close,
    /// Runs something beside the driver, until that has ended, unless it runs already.
    Accompany(Accompanist),
    /// Keeps a stream of agents' events open, in place of the one that may be.
    Listen(Listening),
    /// Answered when the driver has ended.
    Watch(oneshot::Sender<()>),
}

impl Command {
    /// Somebody wants the driver to end.
    pub(crate) const fn is_end(&self) -> bool {
        match self {
            Self::Close | Self::Watch(_) => true,
            Self::Submit(..)
            | Self::Cancel(_)
            | Self::Act(_)
            | Self::Connect(_)
            | Self::Accompany(_)
            | Self::Listen(_) => false,
        }
    }
}

/// Something that the driver polls beside its own work.
pub(crate) type Companion = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes a companion for each driver.
#[derive(Clone)]
pub(crate) struct Accompanist {
    /// Whose companion it is: each has one at a time.
    pub(crate) owner: u64,
    /// Gives none when the owner is gone.
    pub(crate) make: Arc<dyn Fn() -> Option<Companion> + Send + Sync>,
}

/// [`Machine::connect`] or [`Machine::reconnect`].
pub(crate) type Connect = fn(&mut Machine, Now);

/// Something to be done with the Machine.
pub(crate) type Act = Box<dyn FnOnce(&mut Machine, Now) + Send>;

impl<R: Runtime> Shared<R> {
    pub(crate) fn new(
        runtime: R,
        origin: Instant,
        net: Net,
        own_id: UserId,
        config: &Config,
        machine: Box<Machine>,
    ) -> Self {
        Self {
            runtime: Arc::new(runtime),
            inbox: Inbox::default(),
            net: Arc::new(net),
            pending: AtomicUsize::new(0),
            link: Mutex::new(Link::Parked(machine)),
            accompanist: Mutex::default(),
            memory: Mutex::new(Memory::new(config.cache)),
            keeper: None,
            tracker: Mutex::default(),
            has_abandoned: AtomicBool::new(false),
            backfill: config.backfill,
            outbox: Outbox::new(config),
            own_id: AtomicI64::new(own_id.get()),
            agents: AgentConfig::of(config),
            origin,
            last_ticket: AtomicU64::new(0),
            limits: Limits { max_pending: config.max_pending, on_full: config.inbox.on_full },
        }
    }

    /// With a store of messages.
    pub(crate) fn keeping(self, keeper: Option<Keeper>) -> Self {
        Self { keeper, ..self }
    }

    /// Looks for a message in the store. What goes wrong with that is logged, and nothing is found.
    fn look_up<T: Send + 'static>(
        &self,
        channel: ChannelId,
        message: MessageId,
        found: impl FnOnce(MessageData) -> T + Send + 'static,
    ) -> Option<Asked> {
        let own_id = self.own_id();
        Some(self.keeper.as_ref()?.ask(move |store| match store.get(channel, message) {
            Ok(data) => data.map(|data| Box::new(found(data.with_own_id(own_id))) as _),
            Err(error) => {
                tracing::warn!(%error, "a message could not be looked for in the store");
                None
            }
        }))
    }

    /// Asks the store where to go on from, if there is one and anything is to be caught up with. What goes wrong with that
    /// is logged, and it begins anew.
    pub(crate) fn ask_left_off(&self) -> Option<oneshot::Receiver<Option<LeftOff>>> {
        let (policy, account) = (self.backfill, self.own_id());
        let keeper = self.keeper.as_ref().filter(|_| policy.enabled)?;
        Some(keeper.ask(move |store| {
            LeftOff::read(store, account, &policy).unwrap_or_else(|error| {
                tracing::error!(%error, "the store does not say how far messages were handled: what was missed is not fetched");
                None
            })
        }))
    }

    /// Events were taken, and will not be handled by those who had them.
    pub(crate) fn note_abandoned(&self) {
        self.has_abandoned.store(true, Ordering::Relaxed);
    }

    /// Whether that has happened since this was asked last.
    pub(crate) fn take_abandoned(&self) -> bool {
        self.has_abandoned.swap(false, Ordering::Relaxed)
    }

    /// The time, as the Machine counts it.
    pub(crate) fn now(&self) -> Now {
        now(self.origin, self.runtime.now())
    }

    /// Who we are, as far as it is known by now.
    pub(crate) fn own_id(&self) -> UserId {
        self.own_id.load(Ordering::Relaxed).into()
    }

    /// True if it was not known, or somebody else.
    pub(crate) fn note_own_id(&self, own_id: UserId) -> bool {
        self.own_id.swap(own_id.get(), Ordering::Relaxed) != own_id.get()
    }

    pub(crate) const fn origin(&self) -> Instant {
        self.origin
    }

    /// What happens when events are not taken: as configured, if there is somebody to take them.
    pub(crate) fn on_full(&self) -> OnFull {
        if self.inbox.has_receiver() { self.limits.on_full } else { OnFull::Drop }
    }

    /// What is remembered of clans, channels and the like.
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a driver has the Machine.
    pub(crate) fn is_driven(&self) -> bool {
        matches!(*self.link(), Link::Driven(_))
    }

    /// Does something with the Machine: here while it is parked, otherwise in the driver.
    pub(crate) fn act(&self, act: impl FnOnce(&mut Machine, Now) + Send + 'static) {
        let mut link = self.link();
        match &mut *link {
            Link::Parked(machine) => act(machine, self.now()),
            Link::Driven(_) => tell(link, [Command::Act(Box::new(act))]),
        }
    }

    /// Asks the Machine something: here while it is parked, otherwise in the driver.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Machine, Now) -> T + Send + 'static,
    ) -> R::Answered<T> {
        let (sender, answer) = oneshot::channel();
        // the asker may be gone by then
        self.act(move |machine, now| drop(sender.send(question(machine, now))));
        self.runtime.answered(Answer::new(answer))
    }

    /// Replaces the connection. Without a driver there is none.
    pub(crate) fn reconnect(&self) {
        self.tell(Command::Connect(Machine::reconnect));
    }

    /// Ends at once.
    pub(crate) fn close(&self) {
        let mut link = self.link();
        match &mut *link {
            Link::Parked(machine) => machine.close(self.now()),
            Link::Driven(_) => tell(link, [Command::Close]),
        }
    }

    /// Tells the driver something. Without one there is nobody whom it concerns.
    pub(crate) fn tell(&self, command: Command) {
        tell(self.link(), [command]);
    }

    /// Gives the driver a stream of agents' events to keep open.
    ///
    /// # Errors
    ///
    /// As a call's, when there is no driver.
    pub(crate) fn listen(&self, listening: Listening) -> Result<(), Error> {
        let link = self.link();
        if let Link::Parked(machine) = &*link {
            let is_closed = machine.state() == State::Closed;
            drop(link);
            return Err(Error::unsent(if is_closed { ErrorKind::Closed } else { ErrorKind::NotConnected }));
        }
        tell(link, [Command::Listen(listening)]);
        Ok(())
    }

    /// Lets calls end, for as long as the request says, and closes; answers when that is done. In one step: it is the end of this
    /// driver that is waited for, not of a later one.
    pub(crate) fn shut_down(&self, StopRequest { until, watcher }: StopRequest) {
        let shut_down = move |machine: &mut Machine, now: Now| machine.shutdown(now, until.saturating_sub(now.elapsed));
        let mut link = self.link();
        match &mut *link {
            Link::Driven(_) => tell(link, [Command::Act(Box::new(shut_down)), Command::Watch(watcher)]),
            Link::Parked(machine) => {
                shut_down(machine, self.now());
                drop(link);
                self.tell_of_end(vec![watcher]);
            }
        }
    }

    /// Tells those who want to know that the client is closed, and that everything is stored.
    pub(crate) fn tell_of_end(&self, watchers: Vec<oneshot::Sender<()>>) {
        // nobody listens any more: so be it
        let tell = move || watchers.into_iter().for_each(|watcher| drop(watcher.send(())));
        match &self.keeper {
            Some(keeper) => drop(keeper.ask(move |_| tell())),
            None => tell(),
        }
    }

    /// Moves what the driver is told to the end of its queue. It will be woken when there is more.
    pub(crate) fn take_commands(&self, cx: &Context<'_>, commands: &mut VecDeque<Command>) {
        let Link::Driven(mailbox) = &mut *self.link() else { return };
        commands.append(&mut mailbox.commands);
        if !mailbox.driver.as_ref().is_some_and(|driver| driver.will_wake(cx.waker())) {
            mailbox.driver = Some(cx.waker().clone());
        }
    }

    /// Gives a call to the driver.
    pub(crate) fn submit(self: &Arc<Self>, submission: Submission) -> Stage<R> {
        let link = match self.reserve_driven() {
            Ok(link) => link,
            Err(kind) => return refused(submission, kind),
        };
        let (command, stage) = self.waiting(submission);
        tell(link, [command]);
        stage
    }

    /// Counts a call in, unless there are too many, or no driver.
    pub(crate) fn reserve_driven(&self) -> Result<MutexGuard<'_, Link>, ErrorKind> {
        let link = self.reserve().ok_or(ErrorKind::TooManyInFlight)?;
        let Link::Parked(machine) = &*link else { return Ok(link) };
        let is_closed = machine.state() == State::Closed;
        drop(link);
        self.pending.fetch_sub(1, Ordering::Relaxed);
        Err(if is_closed { ErrorKind::Closed } else { ErrorKind::NotConnected })
    }

    /// Connects, starting a driver if there is none, and gives a call to it: at once, so that the attempt cannot fail,
    /// and the driver end, before the call waits for it.
    pub(crate) fn submit_connecting(self: &Arc<Self>, submission: Submission) -> Stage<R> {
        self.submit_with(None, submission)
    }

    /// As [`submit_connecting`](Self::submit_connecting), and brings a companion along if somebody
    /// [has one](Self::set_accompanist).
    pub(crate) fn submit_accompanied(self: &Arc<Self>, submission: Submission) -> Stage<R> {
        let accompanist = self.accompanist().clone();
        self.submit_with(accompanist, submission)
    }

    fn submit_with(self: &Arc<Self>, accompanist: Option<Accompanist>, submission: Submission) -> Stage<R> {
        let (starter, is_closed) = match &*self.link() {
            Link::Parked(machine) => (Some(Arc::clone(&self.runtime).starter()), machine.state() == State::Closed),
            Link::Driven(_) => (None, false),
        };
        let starter = match starter.transpose() {
            Ok(starter) => starter,
            // without a driver it is as for any other call
            Err(error) if is_closed && *error.kind() == ErrorKind::NotConnected => {
                return refused(submission, ErrorKind::Closed);
            }
            Err(error) => return Stage::Refused(submission.refuse(error)),
        };
        let Some(mut link) = self.reserve() else { return refused(submission, ErrorKind::TooManyInFlight) };
        let driver = Driver::take(self, &mut link, false);
        let (command, stage) = self.waiting(submission);
        let accompany = accompanist.map(Command::Accompany);
        tell(link, accompany.into_iter().chain([Command::Connect(Machine::connect), command]));
        if let Some(driver) = driver {
            // there may have been a driver a moment ago; if none can be started this one ends, and the call with it
            match starter.map_or_else(|| Arc::clone(&self.runtime).starter(), Ok) {
                Ok(start) => start(driver),
                Err(error) => tracing::error!(%error, "no driver could be started"),
            }
        }
        stage
    }

    /// A name for an owner of companions, which no other has.
    pub(crate) fn new_owner(&self) -> u64 {
        self.last_ticket.fetch_add(1, Ordering::Relaxed)
    }

    /// Says who accompanies drivers from now on.
    pub(crate) fn set_accompanist(&self, accompanist: Accompanist) {
        *self.accompanist() = Some(accompanist);
    }

    /// An owner is gone.
    pub(crate) fn forget_accompanist(&self, owner: u64) {
        let forgotten = self.accompanist().take_if(|accompanist| accompanist.owner == owner);
        // outside of the lock
        drop(forgotten);
    }

    fn accompanist(&self) -> MutexGuard<'_, Option<Accompanist>> {
        self.accompanist.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call in, unless there are too many.
    fn reserve(&self) -> Option<MutexGuard<'_, Link>> {
        if self.pending.fetch_add(1, Ordering::Relaxed) >= self.limits.max_pending {
            self.pending.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(self.link())
    }

    fn waiting(self: &Arc<Self>, submission: Submission) -> (Command, Stage<R>) {
        let (sender, reply) = oneshot::channel();
        let stage = Stage::Waiting(Waiting::new(Arc::clone(self), submission.ticket(), reply));
        (Command::Submit(submission, sender), stage)
    }
}

fn refused<R: Runtime>(submission: Submission, kind: ErrorKind) -> Stage<R> {
    Stage::Refused(submission.refuse(Error::unsent(kind)))
}

/// Leaves commands for the driver, if there is one, and wakes it after the lock is released.
fn tell(mut link: MutexGuard<'_, Link>, commands: impl IntoIterator<Item = Command>) {
    let Link::Driven(mailbox) = &mut *link else {
        // a command may hold what takes the lock when it is dropped
        drop(link);
        return drop(commands);
    };
    mailbox.commands.extend(commands);
    let driver = mailbox.driver.take();
    drop(link);
    if let Some(driver) = driver {
        driver.wake();
    }
}

/// The time since an origin, and since 1970.
pub(crate) fn now(origin: Instant, instant: Instant) -> Now {
    let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Now::new(instant.saturating_duration_since(origin), unix)
}

impl<R: Runtime> fmt::Debug for Shared<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

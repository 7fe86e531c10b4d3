//! The world with what hangs on it: the way to each connection, and those who wait for something.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant, SystemTime};

use mezon_protocol::Now;
use mezon_protocol::transport::Frame;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, oneshot};

use crate::guard;
use crate::{Action, ConnId, ExpectationId, Outcome, Outgoing, Unmet, World};

/// A connection whose client leaves more than this unread is given up.
const BACKLOG_BYTES: usize = 64 * 1024 * 1024;

/// How many lines of the transcript a condition shows that was not met.
const TAIL: usize = 20;

/// What all tasks and callers share.
pub(super) struct Shared {
    state: Mutex<State>,
    origin: Instant,
    /// The next deadline has changed.
    rearm: Notify,
}

struct State {
    world: World,
    links: BTreeMap<ConnId, Link>,
    expected: Vec<(ExpectationId, oneshot::Sender<Outcome>)>,
    conditions: Vec<Condition>,
    followers: Vec<mpsc::Sender<String>>,
    /// How much of the transcript the followers have.
    followed: u64,
    armed: Option<Duration>,
    /// The server's thread has ended: nothing that is waited for would come any more.
    ended: bool,
}

/// The way to a connection.
struct Link {
    actions: UnboundedSender<Action>,
    queued: Arc<AtomicUsize>,
}

/// The end of a [`Link`] at the connection's task.
pub(super) struct Actions {
    actions: UnboundedReceiver<Action>,
    queued: Arc<AtomicUsize>,
}

/// Held by the server's thread: when that ends, in whatever way, all that is waited for ends too.
pub(super) struct Ending(pub(super) Arc<Shared>);

struct Condition {
    says: String,
    holds: Box<dyn Fn(&World) -> bool + Send>,
    deadline: Duration,
    within: Duration,
    answer: oneshot::Sender<Outcome>,
}

impl Shared {
    pub(super) fn new(world: World) -> Self {
        let state = State {
            followed: world.recorded(),
            world,
            links: BTreeMap::new(),
            expected: Vec::new(),
            conditions: Vec::new(),
            followers: Vec::new(),
            armed: None,
            ended: false,
        };
        Self { state: Mutex::new(state), origin: Instant::now(), rearm: Notify::new() }
    }

    pub(super) fn with<R>(&self, act: impl FnOnce(&mut World, Now) -> R) -> R {
        self.step(|state, now| act(&mut state.world, now))
    }

    /// A client wants a socket: its connection, as the world gives it, and the way to it.
    pub(super) fn admit(
        &self,
        connect: impl FnOnce(&mut World, Now) -> Result<ConnId, u16>,
    ) -> Result<(ConnId, Actions), u16> {
        self.step(|state, now| {
            let conn = connect(&mut state.world, now)?;
            let (actions, receiver) = unbounded_channel();
            let queued = Arc::new(AtomicUsize::new(0));
            state.links.insert(conn, Link { actions, queued: Arc::clone(&queued) });
            Ok((conn, Actions { actions: receiver, queued }))
        })
    }

    /// The client of a connection has left.
    pub(super) fn disconnected(&self, conn: ConnId) {
        self.step(|state, now| state.disconnected(now, conn));
    }

    /// Registers an expectation and gives where its end will come.
    pub(super) fn expect(&self, make: impl FnOnce(&mut World, Now) -> ExpectationId) -> oneshot::Receiver<Outcome> {
        let (answer, receiver) = oneshot::channel();
        self.step(|state, now| {
            if !state.ended {
                let id = make(&mut state.world, now);
                state.expected.push((id, answer));
            }
        });
        receiver
    }

    /// Waits for something to be true of the world.
    pub(super) fn until(
        &self,
        says: String,
        within: Duration,
        holds: Box<dyn Fn(&World) -> bool + Send>,
    ) -> oneshot::Receiver<Outcome> {
        let (answer, receiver) = oneshot::channel();
        self.step(|state, now| {
            if !state.ended {
                let deadline = now.elapsed.saturating_add(within);
                state.conditions.push(Condition { says, holds, deadline, within, answer });
            }
        });
        receiver
    }

    /// To how many connections there is a way.
    #[cfg(test)]
    pub(super) fn links(&self) -> usize {
        self.lock().links.len()
    }

    pub(super) fn follow(&self) -> mpsc::Receiver<String> {
        let (lines, receiver) = mpsc::channel();
        self.step(|state, _| {
            if !state.ended {
                state.followers.push(lines);
            }
        });
        receiver
    }

    /// Calls the world at its deadlines, for ever.
    pub(super) async fn keep_time(&self) {
        loop {
            let deadline = self.lock().next_deadline();
            let due = async {
                // A deadline that no clock reaches is none.
                match deadline.and_then(|at| self.origin.checked_add(at)) {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => self.step(|state, now| state.world.handle_timeout(now)),
                () = self.rearm.notified() => {}
            }
        }
    }

    fn step<R>(&self, act: impl FnOnce(&mut State, Now) -> R) -> R {
        let mut state = self.lock();
        // Taken under the lock, so that time never goes back for the world.
        let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = Now::new(self.origin.elapsed(), unix);
        state.forget_dropped();
        let result = act(&mut state, now);
        state.settle(now);
        let deadline = state.next_deadline();
        if state.armed != deadline {
            state.armed = deadline;
            self.rearm.notify_one();
        }
        result
    }

    /// A caller that panicked inside, by naming somebody who does not exist, leaves the world as good as it was.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.ended = true;
        state.expected.clear();
        state.conditions.clear();
        state.followers.clear();
    }
}

impl State {
    /// Who dropped an expectation does not want what comes from now on: it is there for others.
    fn forget_dropped(&mut self) {
        let world = &mut self.world;
        self.expected.retain(|(id, answer)| {
            let dropped = answer.is_closed();
            if dropped {
                world.forget(*id);
            }
            !dropped
        });
        self.conditions.retain(|condition| !condition.answer.is_closed());
    }

    fn disconnected(&mut self, now: Now, conn: ConnId) {
        self.links.remove(&conn);
        self.world.disconnected(now, conn);
    }

    /// Hands on what the last step brought about.
    fn settle(&mut self, now: Now) {
        while let Some(outgoing) = self.world.poll_transmit() {
            self.hand_over(now, outgoing);
        }
        // Whoever is told that an expectation was met finds the line that met it.
        self.tell_followers();
        self.answer_expectations();
        self.answer_conditions(now);
    }

    fn hand_over(&mut self, now: Now, outgoing: Outgoing) {
        let Outgoing { conn, action } = outgoing;
        let last = matches!(action, Action::Close { .. } | Action::Abort);
        let Some(link) = self.links.get(&conn) else { return };
        let delivered = link.send(action);
        if !delivered {
            self.disconnected(now, conn);
        } else if last {
            self.links.remove(&conn);
        }
    }

    fn answer_expectations(&mut self) {
        let waiting = std::mem::take(&mut self.expected);
        for (id, answer) in waiting {
            match self.world.take_outcome(id) {
                // Nobody listens any more: so be it.
                Some(outcome) => drop(answer.send(outcome)),
                None => self.expected.push((id, answer)),
            }
        }
    }

    fn answer_conditions(&mut self, now: Now) {
        let waiting = std::mem::take(&mut self.conditions);
        for condition in waiting {
            match condition.outcome(&self.world, now) {
                Some(outcome) => drop(condition.answer.send(outcome)),
                None => self.conditions.push(condition),
            }
        }
    }

    fn tell_followers(&mut self) {
        if !self.followers.is_empty() {
            for entry in self.world.transcript_since(self.followed) {
                let line = self.world.show(entry);
                self.followers.retain(|follower| follower.send(line.clone()).is_ok());
            }
        }
        self.followed = self.world.recorded();
    }

    fn next_deadline(&self) -> Option<Duration> {
        let conditions = self.conditions.iter().map(|condition| condition.deadline);
        conditions.chain(self.world.poll_timeout()).min()
    }
}

impl Condition {
    /// How it has ended, if it has.
    fn outcome(&self, world: &World, now: Now) -> Option<Outcome> {
        let unmet = || {
            let expected = format!("expected {} within {:?}", self.says, self.within);
            Unmet { expected, tail: world.tail(TAIL) }
        };
        match guard::ask(|| (self.holds)(world)) {
            Ok(true) => Some(Ok(None)),
            Ok(false) => (self.deadline <= now.elapsed).then(|| Err(unmet())),
            Err(panic) => Some(Err(unmet().by_panic(&panic))),
        }
    }
}

impl Link {
    /// False when the connection is gone, or too much waits for it.
    fn send(&self, action: Action) -> bool {
        let size = size_of(&action);
        let queued = self.queued.fetch_add(size, Ordering::Relaxed);
        queued + size <= BACKLOG_BYTES && self.actions.send(action).is_ok()
    }
}

impl Actions {
    /// The next thing to do; `None` when the world has given the connection up.
    pub(super) async fn next(&mut self) -> Option<Action> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// As [`next`](Self::next).
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Action>> {
        let action = ready!(self.actions.poll_recv(cx));
        self.queued.fetch_sub(action.as_ref().map_or(0, size_of), Ordering::Relaxed);
        Poll::Ready(action)
    }
}

fn size_of(action: &Action) -> usize {
    match action {
        Action::Frame(Frame::Envelope(bytes)) => bytes.len(),
        Action::Frame(Frame::Api(chunk)) => chunk.payload.len(),
        Action::Piece(bytes) => bytes.len(),
        Action::Frame(Frame::Ping(_) | Frame::Pong(_) | Frame::Junk(_)) | Action::Close { .. } | Action::Abort => 0,
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

//! The join set: what this client is to hear, restored on every connection before it is Ready.
//!
//! ```text
//!   wanted ──start──► in flight ──answered──► joined
//!     ▲                  │  └────refused────► failed ──1, 2, 4, 8, 16 s──► wanted
//!     └─ unanswered once ┘      unanswered twice: the connection is dead
//! ```
//!
//! Order: clan 0, the clans in list order, channels joined by the user or by events, then direct and group messages,
//! those with the newest message first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::event::JoinTarget;
use crate::id::{ChannelId, ClanId};
use crate::proto::realtime::{self, envelope::Message};

/// How joins are spread over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JoinPacing {
    /// Between two starts. Default 50 ms.
    pub spacing: Duration,
    /// How many may be unanswered at a time. Default 1.
    pub in_flight: usize,
}

impl JoinPacing {
    /// All at once, as many in flight as requests may be: for a server of one's own.
    pub const UNLIMITED: Self = Self { spacing: Duration::ZERO, in_flight: 1024 };
}

impl Default for JoinPacing {
    fn default() -> Self {
        Self { spacing: Duration::from_millis(50), in_flight: 1 }
    }
}

/// How often a refused join is tried again, with 1 s doubling between the tries.
const MAX_RETRIES: u32 = 5;

/// A channel to be joined, with what the request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelToJoin {
    /// The clan, 0 for direct and group messages.
    pub clan: ClanId,
    /// The channel.
    pub channel: ChannelId,
    /// The type number of the channel.
    pub kind: i32,
    /// The public flag of the request.
    pub is_public: bool,
}

/// Why a channel is in the set; also its place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The user or an event asked for it.
    Asked,
    /// A direct or group message channel; `newest` orders them, greatest first.
    Direct {
        /// The id of its last message.
        newest: i64,
    },
}

/// What the set wants done about time that has passed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct JoinTimeouts {
    /// Cids of joins that were not answered in time: to be given up.
    pub expired: Vec<u16>,
    /// A join was not answered twice: the connection is deaf.
    pub dead: bool,
}

/// The join set.
#[derive(Debug)]
pub struct Joins {
    pacing: JoinPacing,
    timeout: Duration,
    limit: usize,
    entries: BTreeMap<JoinTarget, Entry>,
    /// Joins that may start, those of [`Class::Retry`] last.
    queue: BTreeSet<(Order, JoinTarget)>,
    /// Overdue answers and the next tries of refused joins.
    deadlines: BTreeSet<(Duration, JoinTarget)>,
    in_flight: usize,
    /// Those in flight that are not tried again after a refusal: `Ready` waits for them.
    first_in_flight: usize,
    next_start: Duration,
    next_rank: i64,
}

type Order = (Class, i64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Direct0,
    Clan,
    Asked,
    Direct,
    Retry,
}

#[derive(Debug)]
struct Entry {
    order: Order,
    channel: Option<ChannelToJoin>,
    state: State,
    /// Refusals on this connection.
    refusals: u32,
    /// One request on this connection was not answered.
    unanswered: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Wanted,
    InFlight { cid: u16, until: Duration },
    Joined,
    Failed { retry_at: Duration },
    GivenUp,
}

impl Entry {
    /// Its place in the queue.
    const fn place(&self) -> Order {
        if self.refusals > 0 { (Class::Retry, self.order.1) } else { self.order }
    }
}

impl Joins {
    /// A set that holds clan 0 only. `timeout` is how long a join may stay unanswered, `limit` how much it holds: what
    /// is beyond is not joined.
    pub fn new(pacing: JoinPacing, timeout: Duration, limit: usize) -> Self {
        let mut joins = Self {
            pacing,
            timeout,
            limit,
            entries: BTreeMap::new(),
            queue: BTreeSet::new(),
            deadlines: BTreeSet::new(),
            in_flight: 0,
            first_in_flight: 0,
            next_start: Duration::ZERO,
            next_rank: 1,
        };
        joins.want(JoinTarget::Clan(ClanId::NONE), (Class::Direct0, 0), None);
        joins
    }

    /// A new connection: everything is to be joined again.
    pub fn restart(&mut self) {
        self.in_flight = 0;
        self.first_in_flight = 0;
        self.next_start = Duration::ZERO;
        self.deadlines.clear();
        self.queue.clear();
        for (target, entry) in &mut self.entries {
            entry.state = State::Wanted;
            entry.refusals = 0;
            entry.unanswered = false;
            self.queue.insert((entry.place(), *target));
        }
    }

    /// Adds a clan, after those that are there.
    pub fn want_clan(&mut self, clan: ClanId) {
        let rank = self.rank();
        self.want(JoinTarget::Clan(clan), (Class::Clan, rank), None);
    }

    /// Adds a channel.
    pub fn want_channel(&mut self, channel: ChannelToJoin, reason: Reason) {
        let order = match reason {
            Reason::Asked => (Class::Asked, self.rank()),
            Reason::Direct { newest } => (Class::Direct, newest.saturating_neg()),
        };
        self.want(JoinTarget::Channel(channel.channel), order, Some(channel));
    }

    const fn rank(&mut self) -> i64 {
        self.next_rank += 1;
        self.next_rank
    }

    fn want(&mut self, target: JoinTarget, order: Order, channel: Option<ChannelToJoin>) {
        if self.entries.contains_key(&target) {
            return;
        }
        if self.entries.len() >= self.limit {
            tracing::warn!(?target, limit = self.limit, "not joined: the join set is full");
            return;
        }
        let entry = Entry { order, channel, state: State::Wanted, refusals: 0, unanswered: false };
        self.queue.insert((entry.place(), target));
        self.entries.insert(target, entry);
    }

    /// A channel was joined by a call of the user: it is restored from now on.
    pub fn note_joined(&mut self, channel: ChannelToJoin) {
        self.want_channel(channel, Reason::Asked);
        let target = JoinTarget::Channel(channel.channel);
        self.settle(target, State::Joined);
    }

    /// A clan was joined by a call of the user: it is restored from now on.
    pub fn note_clan_joined(&mut self, clan: ClanId) {
        self.want_clan(clan);
        self.settle(JoinTarget::Clan(clan), State::Joined);
    }

    /// Takes something out of the set: left, deleted, or we were removed from it.
    pub fn forget(&mut self, target: JoinTarget) {
        self.settle(target, State::GivenUp);
        self.entries.remove(&target);
    }

    /// Takes a clan and its channels out of the set.
    pub fn forget_clan(&mut self, clan: ClanId) {
        let of_clan = |entry: &Entry| entry.channel.is_some_and(|channel| channel.clan == clan);
        let channels: Vec<_> =
            self.entries.iter().filter(|(_, entry)| of_clan(entry)).map(|(target, _)| *target).collect();
        self.forget(JoinTarget::Clan(clan));
        for channel in channels {
            self.forget(channel);
        }
    }

    /// Joins the direct and group channels once more: being added to a clan makes the server forget them.
    pub fn rejoin_direct(&mut self) {
        let is_private_talk = |entry: &Entry| entry.channel.is_some_and(|channel| channel.clan.is_none());
        let talks = self.entries.iter().filter(|(_, entry)| is_private_talk(entry));
        let targets: Vec<_> = talks.map(|(target, _)| *target).collect();
        for target in targets {
            self.join_again(target);
        }
    }

    /// Joins once more what was joined on this connection.
    pub fn join_again(&mut self, target: JoinTarget) {
        if let Some(entry) = self.entries.get_mut(&target).filter(|entry| entry.state == State::Joined) {
            entry.state = State::Wanted;
            self.queue.insert((entry.place(), target));
        }
    }

    /// The next join to send, if one may start now. To be followed by [`started`](Self::started).
    pub fn next_join(&self, now: Duration) -> Option<(JoinTarget, Message)> {
        if self.in_flight >= self.pacing.in_flight || self.next_start > now {
            return None;
        }
        let (_, target) = self.queue.first()?;
        let channel = self.entries.get(target)?.channel;
        Some((*target, request(*target, channel)))
    }

    /// The join has been given a cid and to the transport.
    pub fn started(&mut self, now: Duration, target: JoinTarget, cid: u16) {
        let Some(entry) = self.entries.get_mut(&target) else { return };
        self.queue.remove(&(entry.place(), target));
        let until = now.saturating_add(self.timeout);
        entry.state = State::InFlight { cid, until };
        self.deadlines.insert((until, target));
        self.in_flight += 1;
        self.first_in_flight += usize::from(entry.refusals == 0);
        self.next_start = now.saturating_add(self.pacing.spacing);
    }

    /// The join was answered: with success or with a refusal.
    pub fn answered(&mut self, now: Duration, target: JoinTarget, success: bool) {
        let Some(entry) = self.entries.get(&target) else { return };
        if !matches!(entry.state, State::InFlight { .. }) {
            return;
        }
        let refusals = entry.refusals;
        let state = match (success, refusals) {
            (true, _) => State::Joined,
            (false, MAX_RETRIES) => State::GivenUp,
            (false, k) => State::Failed { retry_at: now + Duration::from_secs(1 << k) },
        };
        self.settle(target, state);
        if let (Some(entry), State::Failed { retry_at }) = (self.entries.get_mut(&target), state) {
            entry.refusals = refusals + 1;
            self.deadlines.insert((retry_at, target));
        }
    }

    /// Moves an entry to a state in which it waits for nothing that the indexes hold.
    fn settle(&mut self, target: JoinTarget, state: State) {
        let Some(entry) = self.entries.get_mut(&target) else { return };
        match entry.state {
            State::Wanted => {
                self.queue.remove(&(entry.place(), target));
            }
            State::InFlight { until, .. } => {
                self.deadlines.remove(&(until, target));
                self.in_flight -= 1;
                self.first_in_flight -= usize::from(entry.refusals == 0);
            }
            State::Failed { retry_at } => {
                self.deadlines.remove(&(retry_at, target));
            }
            State::Joined | State::GivenUp => {}
        }
        entry.state = state;
    }

    /// To be called at [`poll_timeout`](Self::poll_timeout); harmless earlier.
    pub fn handle_timeout(&mut self, now: Duration) -> JoinTimeouts {
        let mut timeouts = JoinTimeouts::default();
        while let Some((at, target)) = self.deadlines.first().copied() {
            if at > now {
                break;
            }
            self.deadlines.pop_first();
            let Some(entry) = self.entries.get_mut(&target) else { continue };
            if let State::InFlight { cid, .. } = entry.state {
                timeouts.expired.push(cid);
                timeouts.dead |= entry.unanswered;
                entry.unanswered = true;
                self.in_flight -= 1;
                self.first_in_flight -= usize::from(entry.refusals == 0);
            }
            entry.state = State::Wanted;
            self.queue.insert((entry.place(), target));
        }
        timeouts
    }

    /// When something is due: a join may start, an answer is overdue, or a refused one is tried again.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let may_start = !self.queue.is_empty() && self.in_flight < self.pacing.in_flight;
        let start = may_start.then_some(self.next_start);
        let due = self.deadlines.first().map(|(at, _)| *at);
        start.into_iter().chain(due).min()
    }

    /// True when every join has had its answer. Those that were refused, and are tried again, do not hold it up.
    pub fn is_settled(&self) -> bool {
        self.first_in_flight == 0 && self.queue.first().is_none_or(|((class, _), _)| *class == Class::Retry)
    }

    /// True if it is joined on this connection.
    pub fn is_joined(&self, target: JoinTarget) -> bool {
        self.entries.get(&target).is_some_and(|entry| entry.state == State::Joined)
    }

    /// True if it is in the set, and a join of it will still be sent or answered.
    pub fn is_pending(&self, target: JoinTarget) -> bool {
        let is_pending = |entry: &Entry| !matches!(entry.state, State::Joined | State::GivenUp);
        self.entries.get(&target).is_some_and(is_pending)
    }

    /// True if an answer to a join is awaited.
    pub const fn is_awaiting(&self) -> bool {
        self.in_flight > 0
    }

    /// Everything in the set, joined or not.
    pub fn targets(&self) -> impl Iterator<Item = JoinTarget> + '_ {
        self.entries.keys().copied()
    }
}

fn request(target: JoinTarget, channel: Option<ChannelToJoin>) -> Message {
    match (target, channel) {
        (JoinTarget::Channel(_), Some(join)) => Message::ChannelJoin(Box::new(join.to_proto())),
        (JoinTarget::Clan(clan), _) => {
            Message::ClanJoin(Box::new(realtime::ClanJoin { clan_id: clan.get(), ..Default::default() }))
        }
        (JoinTarget::Channel(channel), None) => {
            Message::ChannelJoin(Box::new(realtime::ChannelJoin { channel_id: channel.get(), ..Default::default() }))
        }
    }
}

impl ChannelToJoin {
    /// The request.
    pub const fn to_proto(self) -> realtime::ChannelJoin {
        realtime::ChannelJoin {
            clan_id: self.clan.get(),
            channel_id: self.channel.get(),
            channel_type: self.kind,
            is_public: self.is_public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    fn clan(id: i64) -> JoinTarget {
        JoinTarget::Clan(ClanId::new(id))
    }

    fn channel(id: i64) -> JoinTarget {
        JoinTarget::Channel(ChannelId::new(id))
    }

    fn dm(id: i64) -> ChannelToJoin {
        ChannelToJoin { clan: ClanId::NONE, channel: ChannelId::new(id), kind: 3, is_public: false }
    }

    fn unlimited() -> Joins {
        Joins::new(JoinPacing::UNLIMITED, TIMEOUT, 100)
    }

    /// Starts all that may start and gives the order.
    fn start_all(joins: &mut Joins, now: Duration) -> Vec<JoinTarget> {
        let mut started = Vec::new();
        while let Some((target, _)) = joins.next_join(now) {
            joins.started(now, target, started.len() as u16 + 1);
            started.push(target);
        }
        started
    }

    #[test]
    fn the_order_is_clan_zero_clans_asked_channels_then_newest_direct_messages() {
        let mut joins = unlimited();
        joins.want_channel(dm(31), Reason::Direct { newest: 5 });
        joins.want_channel(dm(32), Reason::Direct { newest: 9 });
        joins.want_channel(ChannelToJoin { clan: ClanId::new(1), kind: 7, ..dm(21) }, Reason::Asked);
        joins.want_clan(ClanId::new(12));
        joins.want_clan(ClanId::new(11));
        let order = start_all(&mut joins, Duration::ZERO);
        assert_eq!(order, [clan(0), clan(12), clan(11), channel(21), channel(32), channel(31)]);
    }

    #[test]
    fn by_default_one_join_is_in_flight_and_starts_are_spaced() {
        let mut joins = Joins::new(JoinPacing::default(), TIMEOUT, 100);
        joins.want_clan(ClanId::new(1));
        assert_eq!(start_all(&mut joins, Duration::ZERO), [clan(0)]);
        joins.answered(Duration::from_millis(5), clan(0), true);
        assert_eq!(joins.poll_timeout(), Some(Duration::from_millis(50)));
        assert_eq!(start_all(&mut joins, Duration::from_millis(49)), []);
        assert_eq!(start_all(&mut joins, Duration::from_millis(50)), [clan(1)]);
    }

    #[test]
    fn a_refused_join_is_tried_again_and_does_not_hold_up_ready() {
        let mut joins = unlimited();
        let mut now = Duration::ZERO;
        start_all(&mut joins, now);
        for wait in [1, 2, 4, 8, 16] {
            joins.answered(now, clan(0), false);
            assert!(joins.is_settled());
            now += Duration::from_secs(wait);
            assert_eq!(joins.poll_timeout(), Some(now));
            joins.handle_timeout(now);
            assert!(joins.is_settled());
            assert_eq!(start_all(&mut joins, now), [clan(0)]);
            assert!(joins.is_settled());
        }
        joins.answered(now, clan(0), false);
        assert_eq!(joins.poll_timeout(), None);
    }

    #[test]
    fn an_unanswered_join_is_sent_again_and_the_second_time_the_connection_is_dead() {
        let mut joins = unlimited();
        start_all(&mut joins, Duration::ZERO);
        let first = joins.handle_timeout(TIMEOUT);
        assert_eq!(first, JoinTimeouts { expired: vec![1], dead: false });
        assert_eq!(start_all(&mut joins, TIMEOUT), [clan(0)]);
        assert!(joins.handle_timeout(TIMEOUT * 2).dead);
    }

    #[test]
    fn a_new_connection_joins_everything_again_whatever_state_it_was_in() {
        let mut joins = unlimited();
        joins.want_clan(ClanId::new(1));
        joins.note_joined(dm(5));
        start_all(&mut joins, Duration::ZERO);
        joins.answered(Duration::ZERO, clan(1), false);
        joins.restart();
        assert!(!joins.is_settled());
        assert_eq!(start_all(&mut joins, Duration::ZERO), [clan(0), clan(1), channel(5)]);
    }

    #[test]
    fn the_set_is_bounded_and_what_is_beyond_is_not_joined() {
        let mut joins = unlimited();
        for channel in 1..=200 {
            joins.want_channel(dm(channel), Reason::Asked);
        }
        assert_eq!(joins.targets().count(), 100);
        joins.note_joined(dm(200));
        assert!(!joins.is_joined(channel(200)));
    }

    #[test]
    fn what_is_forgotten_is_not_joined_again() {
        let mut joins = unlimited();
        joins.want_clan(ClanId::new(1));
        joins.want_channel(ChannelToJoin { clan: ClanId::new(1), ..dm(21) }, Reason::Asked);
        start_all(&mut joins, Duration::ZERO);
        joins.forget_clan(ClanId::new(1));
        joins.answered(Duration::ZERO, clan(0), true);
        assert!(joins.is_settled());
        joins.restart();
        assert_eq!(start_all(&mut joins, Duration::ZERO), [clan(0)]);
    }
}

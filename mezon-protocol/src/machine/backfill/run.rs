//! One round of catching up: from a new connection until everything is caught up with.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bytes::Bytes;

use super::held::Held;
use super::job::{Job, Stage};
use super::policy::BackfillPolicy;
use super::report::BackfillReport;
use super::watermarks::{Stream, Watermark, Watermarks};
use crate::id::{ChannelId, ClanId, MessageId, TopicId};
use crate::machine::head::Head;
use crate::route::Route;

/// A request that changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// The channels of a clan; of clan 0 the direct ones.
    Channels { clan: ClanId, page: i32 },
    /// The topics of a clan.
    Topics { clan: ClanId },
    /// Messages of a stream.
    Page { stream: Stream, clan: ClanId, anchor: MessageId, direction: i32 },
}

/// What a list tells of a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed {
    pub(crate) stream: Stream,
    pub(crate) route: Route,
    /// Its newest message, 0 for none.
    pub(crate) newest: MessageId,
    /// When that was sent, in seconds since 1970, 0 if that is not known.
    pub(crate) at: u32,
}

/// Something to be given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Missed {
    /// It came live and has waited.
    Live(Bytes),
    /// It was missed: a row of a page, as it is.
    Row { stream: Stream, route: Route, body: Bytes },
    /// It was edited meanwhile: the row that shows it as it is now.
    Edited { stream: Stream, route: Route, body: Bytes },
    /// It was removed meanwhile.
    Removed { stream: Stream, route: Route, id: MessageId },
}

/// Why a request has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It may pass; the server may have asked to wait so long.
    Passing(Duration),
    /// The server will not tell us: we have left.
    Refused,
    /// The answer makes no sense.
    Senseless,
}

/// A list that is to be asked for.
#[derive(Debug)]
pub(super) struct List {
    pub(super) ask: Ask,
    pub(super) failures: u32,
    pub(super) not_before: Duration,
}

impl List {
    const fn new(ask: Ask) -> Self {
        Self { ask, failures: 0, not_before: Duration::ZERO }
    }
}

/// The state of a round. Who takes pages is in [`take`](super::take).
#[derive(Debug)]
pub(super) struct Run {
    pub(super) policy: BackfillPolicy,
    /// When the connection dropped, in seconds since 1970.
    pub(super) since: u32,
    /// What was sent before is left out, in seconds since 1970.
    pub(super) too_old: u32,
    is_ready: bool,
    pub(super) lists: VecDeque<List>,
    /// How many lists of a clan are outstanding.
    pending: BTreeMap<ClanId, usize>,
    /// What a list has told of, of what was given before.
    listed: BTreeSet<Stream>,
    pub(super) jobs: BTreeMap<Stream, Job>,
    /// The jobs that have no page under way, who waits for longest first.
    pub(super) queue: VecDeque<Stream>,
    pub(super) under_way: BTreeMap<u64, (Ask, u32)>,
    pub(super) held: Held,
    /// Channels of which live messages were let go before it was known what they have missed.
    let_go: BTreeMap<ChannelId, Head>,
    /// Messages given or collected.
    pub(super) messages: usize,
    pub(super) missed: VecDeque<Missed>,
    pub(super) report: BackfillReport,
}

impl Run {
    pub(super) fn new(policy: BackfillPolicy, since: u32) -> Self {
        Self {
            since,
            too_old: 0,
            is_ready: false,
            lists: VecDeque::new(),
            pending: BTreeMap::new(),
            listed: BTreeSet::new(),
            jobs: BTreeMap::new(),
            queue: VecDeque::new(),
            under_way: BTreeMap::new(),
            held: Held::new(policy.hold_bytes),
            let_go: BTreeMap::new(),
            messages: 0,
            missed: VecDeque::new(),
            report: BackfillReport::default(),
            policy,
        }
    }

    /// True while a live message of this channel has to wait.
    pub(super) fn holds(&self, head: &Head) -> bool {
        !self.is_ready || self.pending.contains_key(&head.clan) || self.has_job(head.channel)
    }

    pub(super) fn has_job(&self, channel: ChannelId) -> bool {
        let first = Stream { channel, topic: TopicId::new(i64::MIN) };
        self.jobs.range(first..).next().is_some_and(|(stream, _)| stream.channel == channel)
    }

    pub(super) fn hold(&mut self, head: Head, body: Bytes) {
        if self.held.add(head, body) {
            return;
        }
        let mut has_job = false;
        for (_, job) in self.jobs.iter_mut().filter(|(stream, _)| stream.channel == head.channel) {
            job.is_behind = true;
            has_job = true;
        }
        if !has_job {
            self.let_go.insert(head.channel, head);
        }
    }

    /// Everything is joined, among it these clans.
    pub(super) fn begin(&mut self, marks: &mut Watermarks, unix: u32, clans: impl IntoIterator<Item = ClanId>) {
        let max_age = u32::try_from(self.policy.max_age.as_secs()).unwrap_or(u32::MAX);
        self.too_old = unix.saturating_sub(max_age);
        self.is_ready = true;
        for clan in clans {
            let mut asks = vec![Ask::Channels { clan, page: 1 }];
            let of_topic = |(stream, mark): (Stream, &Watermark)| mark.route.clan == clan && !stream.topic.is_none();
            if !clan.is_none() && marks.iter().any(of_topic) {
                asks.push(Ask::Topics { clan });
            }
            self.pending.insert(clan, asks.len());
            self.lists.extend(asks.into_iter().map(List::new));
        }
        self.settle(marks);
    }

    pub(super) fn take_list(&mut self, marks: &mut Watermarks, number: u64, listed: &[Listed], is_last: bool) {
        let Some((ask, _)) = self.under_way.remove(&number) else { return };
        for listed in listed {
            self.consider(marks, listed);
        }
        match ask {
            Ask::Channels { clan, page } if !is_last => {
                self.lists.push_front(List::new(Ask::Channels { clan, page: page + 1 }));
            }
            Ask::Channels { clan, .. } | Ask::Topics { clan } => self.end_list(marks, clan),
            Ask::Page { .. } => {}
        }
    }

    fn consider(&mut self, marks: &Watermarks, listed: &Listed) {
        let is_new = match marks.get(listed.stream) {
            Some(mark) => {
                self.listed.insert(listed.stream);
                listed.newest > mark.newest
            }
            None => listed.newest > marks.floor() && (listed.at == 0 || listed.at >= self.since),
        };
        if is_new && self.policy.wants(listed.route.kind) {
            self.begin_job(marks, listed.stream, listed.route, listed.newest);
        }
    }

    fn begin_job(&mut self, marks: &Watermarks, stream: Stream, route: Route, until: MessageId) {
        if self.jobs.contains_key(&stream) {
            return;
        }
        let stage = self.first_stage(marks, stream);
        self.jobs.insert(stream, Job::new(route, stage, until));
        self.queue.push_back(stream);
    }

    pub(super) fn first_stage(&self, marks: &Watermarks, stream: Stream) -> Stage {
        match marks.get(stream) {
            Some(mark) if self.too_old <= self.since => Stage::after(mark, self.policy.recheck),
            // what is too old would be a long way
            Some(mark) => Stage::back(mark.newest, 0),
            None => Stage::back(marks.floor(), self.since),
        }
    }

    pub(super) fn end_list(&mut self, marks: &mut Watermarks, clan: ClanId) {
        if let Some(outstanding) = self.pending.get_mut(&clan) {
            *outstanding -= 1;
            if *outstanding == 0 {
                self.pending.remove(&clan);
                self.settle(marks);
            }
        }
    }

    /// Catches up with what no list tells of, and lets go what need not wait any longer.
    fn settle(&mut self, marks: &mut Watermarks) {
        let is_unlisted = |(stream, mark): &(Stream, &Watermark)| {
            !self.pending.contains_key(&mark.route.clan) && !self.listed.contains(stream)
        };
        let unlisted: Vec<_> = marks.iter().filter(is_unlisted).map(|(stream, mark)| (stream, mark.route)).collect();
        for (stream, route) in unlisted {
            self.listed.insert(stream);
            if self.policy.wants(route.kind) {
                self.begin_job(marks, stream, route, MessageId::NONE);
            }
        }
        let may_wait = |head: &Head| self.pending.contains_key(&head.clan);
        let let_go: Vec<_> = self.let_go.values().filter(|head| !may_wait(head)).copied().collect();
        for head in let_go {
            self.let_go.remove(&head.channel);
            let stream = Stream::channel(head.channel);
            let route = marks.get(stream).map_or(head.route(), |mark| mark.route);
            self.begin_job(marks, stream, route, MessageId::NONE);
        }
        for (channel, head) in self.held.channels() {
            if !self.holds(&head) {
                self.release(marks, channel);
            }
        }
    }

    /// The next request that may be made now; otherwise when one may be made, if only time has to pass for it.
    pub(super) fn next(&self, now: Duration, may_ask: impl Fn(&Ask) -> bool) -> Result<Next, Option<Duration>> {
        if !self.is_ready || self.under_way.len() >= self.policy.in_flight {
            return Err(None);
        }
        let lists = self.lists.iter().enumerate().map(|(at, list)| (Next::List(at), list.not_before, list.ask));
        let pages = self.queue.iter().enumerate().filter_map(|(at, stream)| {
            let job = self.jobs.get(stream)?;
            Some((Next::Page(at), job.not_before, job.ask(*stream)))
        });
        let mut later = None;
        for (next, at, _) in lists.chain(pages).filter(|(.., ask)| may_ask(ask)) {
            if at <= now {
                return Ok(next);
            }
            later = Some(later.map_or(at, |later: Duration| later.min(at)));
        }
        Err(later)
    }

    /// The request is made, under this number.
    pub(super) fn start(&mut self, number: u64, next: Next) -> Option<Ask> {
        let (ask, failures) = match next {
            Next::List(at) => self.lists.remove(at).map(|list| (list.ask, list.failures))?,
            Next::Page(at) => {
                let stream = self.queue.remove(at)?;
                let job = self.jobs.get_mut(&stream)?;
                job.is_behind = false;
                (job.ask(stream), job.failures)
            }
        };
        self.under_way.insert(number, (ask, failures));
        Some(ask)
    }

    /// True when everything is caught up with.
    pub(super) fn is_over(&self) -> bool {
        self.is_ready && self.pending.is_empty() && self.jobs.is_empty()
    }
}

/// A place among the requests that are to be made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next {
    List(usize),
    Page(usize),
}

//! What was missed while the connection was away: found, fetched, and given before what comes live.
//!
//! ```text
//!   handle_message ──► given, or held back ─┐            ► poll_ask: lists, then pages, a few at a time
//!   handle_drop, handle_open, handle_ready ─┤  Backfill  ► poll_missed: what is to be given, in order
//!   handle_list, handle_page, handle_failure┘            ► poll_report: the end
//! ```
//!
//! Of each channel that was heard it remembers the newest message that was given and the ids of the last few: its
//! *watermark*. After a drop the lists of channels tell which of them have newer messages; those are asked for page by
//! page, one page per channel and turn.
//!
//! # Why nothing falls between
//!
//! A connection hears a channel from when its join is answered, and Ready comes after the answers; a join that was refused
//! and is tried again holds up the requests that depend on it. So every list and every page is asked for on a connection
//! that hears the channel already. Whatever is said after the server has looked comes live, whatever was said before is
//! in what it saw: the two overlap, and ids tell what is in both. In particular a channel whose newest message is the
//! watermark has missed nothing, and a page with nothing new in it is the end.
//!
//! # Why the order is kept
//!
//! From when the socket is open, live messages are held back: all of them until Ready, then those of a clan until its
//! list is there, then those of a channel until it is caught up with. They are let go in the order in which they came,
//! without those that the pages had. What does not fit into the bound is dropped, all of its channel at once, and the
//! channel gets another page: it is fetched like what was missed.
//!
//! # Why nothing comes twice
//!
//! A watermark only moves when a message is given. When the connection drops in the middle, what is held is forgotten, and
//! the next one begins from the watermarks again. A live message that comes after a page that had it is recognised by its
//! id. What is not remembered is not guessed: of a channel without a watermark nothing was given, or it was forgotten for
//! others and lies below the newest that was ever forgotten.
//!
//! # What is handed over
//!
//! Where the messages are stored it is also stored how far they were handled. Another client goes on from there as after a
//! drop: its watermarks are given to it, and the time of the drop. So does this one when it connects anew, with its own
//! watermarks or with those of the store.
//!
//! # What it cannot do
//!
//! Reactions, joins and all else that is no message is not kept by the server as something that happened. An ephemeral
//! message is stored nowhere. A topic of a clan is only asked for if a topic of that clan was heard before.

mod held;
mod job;
mod page;
mod policy;
mod report;
mod run;
mod take;
#[cfg(test)]
mod tests;
mod watermarks;

use std::time::Duration;

use bytes::Bytes;

pub(crate) use page::Page;
pub use policy::BackfillPolicy;
pub use report::{BackfillReport, Beyond, BeyondReason};
pub(crate) use run::{Ask, Listed, Missed, Trouble};
pub use watermarks::Stream;

use super::head::Head;
use super::limiter::{Limiter, Rate};
use crate::id::ClanId;
use crate::store::LeftOff;
use run::Run;
use watermarks::Watermarks;

/// By how much the clocks of the server may disagree about when the connection dropped, in seconds.
const MARGIN: u32 = 5;

/// The backfill of one client.
#[derive(Debug)]
pub(crate) struct Backfill {
    policy: BackfillPolicy,
    limiter: Limiter,
    watermarks: Watermarks,
    /// When the connection dropped for the first time since everything was caught up with, in seconds since 1970.
    since: Option<u32>,
    /// When the connection ended last, Ready or not.
    left_at: Option<u32>,
    run: Option<Run>,
    report: Option<BackfillReport>,
    last_ask: u64,
    /// When the next request may be made, as far as time has to pass for it.
    wake: Option<Duration>,
}

/// A request that is to be made, by its number.
pub(crate) type Numbered = (u64, Ask);

impl Backfill {
    /// With its part of these rates.
    pub(crate) fn new(policy: BackfillPolicy, rates: &[Rate]) -> Self {
        let part = |rate: &Rate| {
            let count = u64::from(rate.count) * u64::from(policy.rate_percent) / 100;
            Rate { count: u32::try_from(count).unwrap_or(u32::MAX), ..*rate }
        };
        Self {
            limiter: Limiter::new(rates.iter().map(part)),
            watermarks: Watermarks::new(policy.max_channels, policy.remembered),
            since: None,
            left_at: None,
            run: None,
            report: None,
            last_ask: 0,
            wake: None,
            policy,
        }
    }

    /// Starts anew: what was given before does not count.
    pub(crate) fn clear(&mut self) {
        self.stop();
        (self.since, self.left_at) = (None, None);
        self.watermarks.clear();
    }

    /// Goes on from where another client left off, instead of from nothing.
    pub(crate) fn resume(&mut self, left_off: LeftOff) {
        self.since = Some(left_off.seen.saturating_sub(MARGIN));
        self.watermarks.resume(left_off);
    }

    /// Where this client leaves off, if it ever had a connection: what was given is not given again.
    pub(crate) fn left_off(&self) -> Option<LeftOff> {
        self.since.or(self.left_at).map(|since| self.watermarks.left_off(since))
    }

    /// Leaves it at what is done. What is held back is not given.
    pub(crate) fn stop(&mut self) {
        self.run = None;
        self.wake = None;
    }

    /// A message was pushed. It comes back if it is to be given now: not if it waits, or was given before.
    pub(crate) fn handle_message(&mut self, head: &Head, body: Bytes) -> Option<Bytes> {
        if !self.policy.enabled {
            return Some(body);
        }
        if let Some(run) = self.run.as_mut().filter(|run| run.holds(head)) {
            run.hold(*head, body);
            return None;
        }
        self.watermarks.pushed(head, &body).then_some(body)
    }

    /// The connection dropped, at this time on the server's clock. What comes then is missed if it was ever Ready.
    pub(crate) fn handle_drop(&mut self, unix: u64, was_ready: bool) {
        self.stop();
        let unix = u32::try_from(unix).unwrap_or(u32::MAX).saturating_sub(MARGIN);
        self.left_at = Some(unix);
        self.since = self.since.or(was_ready.then_some(unix));
    }

    /// A socket is open: messages may come.
    pub(crate) fn handle_open(&mut self) {
        self.run = self.since.filter(|_| self.policy.enabled).map(|since| Run::new(self.policy, since));
    }

    /// Everything is joined, among it these clans.
    pub(crate) fn handle_ready(&mut self, unix: u64, clans: impl IntoIterator<Item = ClanId>) {
        let Some(run) = &mut self.run else { return };
        run.begin(&mut self.watermarks, u32::try_from(unix).unwrap_or(u32::MAX), clans);
        self.finish();
    }

    /// What a list has told. `is_last` unless there is another page of it.
    pub(crate) fn handle_list(&mut self, number: u64, listed: &[Listed], is_last: bool) {
        let Some(run) = &mut self.run else { return };
        run.take_list(&mut self.watermarks, number, listed, is_last);
        self.finish();
    }

    /// A page of messages.
    pub(crate) fn handle_page(&mut self, number: u64, page: Page) {
        let Some(run) = &mut self.run else { return };
        run.take_page(&mut self.watermarks, number, page);
        self.finish();
    }

    /// A request has failed.
    pub(crate) fn handle_failure(&mut self, now: Duration, number: u64, trouble: Trouble) {
        let Some(run) = &mut self.run else { return };
        run.take_failure(&mut self.watermarks, now, number, trouble);
        self.finish();
    }

    fn finish(&mut self) {
        let Some(run) = self.run.as_mut().filter(|run| run.is_over()) else { return };
        self.report = Some(std::mem::take(&mut run.report));
        self.since = None;
        self.wake = None;
    }

    /// The next request, if one may be made. `may_ask` says of each whether what it depends on is joined.
    pub(crate) fn poll_ask(&mut self, now: Duration, may_ask: impl Fn(&Ask) -> bool) -> Option<Numbered> {
        self.wake = None;
        let run = self.run.as_mut()?;
        let start = self.limiter.next_start();
        match run.next(now, may_ask) {
            Ok(_) if start > now => self.wake = Some(start),
            Ok(next) => {
                self.limiter.try_start(now);
                self.last_ask += 1;
                return Some((self.last_ask, run.start(self.last_ask, next)?));
            }
            Err(later) => self.wake = later.map(|at| at.max(start)),
        }
        None
    }

    /// There is no room for what would be asked for: [`poll_ask`](Self::poll_ask) wants to be asked when there is.
    pub(crate) fn postpone(&mut self, now: Duration) {
        self.wake = self.run.is_some().then_some(now);
    }

    /// What is to be given next.
    pub(crate) fn poll_missed(&mut self) -> Option<Missed> {
        self.run.as_mut()?.missed.pop_front()
    }

    /// The end, after all that was to be given.
    pub(crate) fn poll_report(&mut self) -> Option<BackfillReport> {
        let report = self.report.take()?;
        self.run = None;
        Some(report)
    }

    /// How long ago it is that everything was caught up with, at this time on the server's clock; `None` if there is nothing to
    /// catch up with.
    pub(crate) fn absence(&self, unix: u64) -> Option<Duration> {
        let run = self.run.as_ref()?;
        Some(Duration::from_secs(unix.saturating_sub(run.since.into())))
    }

    /// When [`poll_ask`](Self::poll_ask) is to be asked again, if nothing else happens.
    pub(crate) const fn poll_timeout(&self) -> Option<Duration> {
        self.wake
    }

    /// True while there is nothing to catch up with.
    pub(crate) const fn is_idle(&self) -> bool {
        self.run.is_none()
    }
}

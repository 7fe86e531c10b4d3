//! Catching up with one stream, page by page.
//!
//! ```text
//!   known how far it was given:   After ──page──► After ── nothing newer ──► done
//!                                   └── nothing at all, though there is ──► Back
//!   not known, or long ago:       Back  ──page──► Back  ── old enough, given oldest first ──► done
//! ```
//!
//! `After` begins a few messages before the watermark, at one that was given, so that the same page shows what became of
//! the last ones: one that is there with another time was edited, one that is not was removed, and one that was never
//! given is given now. `Back` goes from the newest page to older ones, and gives nothing before it has all.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;

use super::run::Ask;
use super::watermarks::{Stream, Watermark};
use crate::id::MessageId;
use crate::machine::head::Head;
use crate::route::Route;

/// A stream that is caught up with.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) route: Route,
    pub(crate) stage: Stage,
    /// The newest message that the server is known to have.
    pub(crate) until: MessageId,
    /// Messages given or collected.
    pub(crate) messages: usize,
    pub(crate) pages: usize,
    /// Failures in a row.
    pub(crate) failures: u32,
    pub(crate) not_before: Duration,
    /// Live messages were let go since the page under way was asked for: another one is needed.
    pub(crate) is_behind: bool,
}

/// Where a job stands.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Going to newer messages.
    After {
        /// Pages begin after this message.
        anchor: MessageId,
        /// Up to this one everything was given when the job began.
        given: MessageId,
        /// What was given and has not been seen again.
        unconfirmed: VecDeque<MessageId>,
    },
    /// Going to older messages.
    Back {
        /// What was found.
        found: BTreeMap<MessageId, (Head, Bytes)>,
        /// Nothing up to this message is wanted.
        floor: MessageId,
        /// Nothing that was sent before is wanted, in seconds since 1970.
        since: u32,
    },
}

impl Stage {
    /// From a message that was given, with some of those after it.
    pub(crate) fn after(mark: &Watermark, recheck: usize) -> Self {
        let (anchor, unconfirmed) = mark.look_back(recheck);
        Self::After { anchor, given: mark.newest, unconfirmed }
    }

    /// The message after which nothing was given so far.
    pub(crate) const fn begin(&self) -> MessageId {
        match self {
            Self::After { anchor, .. } => *anchor,
            Self::Back { floor, .. } => *floor,
        }
    }

    /// From the newest, back to this message and this time.
    pub(crate) const fn back(floor: MessageId, since: u32) -> Self {
        Self::Back { found: BTreeMap::new(), floor, since }
    }
}

impl Job {
    pub(crate) const fn new(route: Route, stage: Stage, until: MessageId) -> Self {
        Self { route, stage, until, messages: 0, pages: 0, failures: 0, not_before: Duration::ZERO, is_behind: false }
    }

    /// The next page.
    pub(crate) fn ask(&self, stream: Stream) -> Ask {
        let (anchor, direction) = match &self.stage {
            Stage::After { anchor, .. } => (*anchor, AFTER),
            Stage::Back { found, .. } => {
                found.keys().next().map_or((MessageId::NONE, NEWEST), |oldest| (*oldest, BEFORE))
            }
        };
        Ask::Page { stream, clan: self.route.clan, anchor, direction }
    }
}

// Directions of a page, in the platform's numbers.
const NEWEST: i32 = 0;
const AFTER: i32 = 1;
const BEFORE: i32 = 3;

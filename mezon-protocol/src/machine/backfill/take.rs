//! What a page brings: which of its rows are given, and whether another page is wanted.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::job::{Job, Stage};
use super::page::Page;
use super::report::{Beyond, BeyondReason};
use super::run::{Ask, List, Missed, Run, Trouble};
use super::watermarks::{Stream, Watermarks};
use crate::event::{CODE_DELETED, CODE_UPDATED};
use crate::id::{ChannelId, MessageId};
use crate::machine::head::Head;

/// How often a request is made again after a failure: 1 s after the first, and twice as long after each other.
const MAX_RETRIES: u32 = 4;

/// What a page leaves to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    More,
    Done,
}

impl Run {
    pub(super) fn take_page(&mut self, marks: &mut Watermarks, number: u64, page: Page) {
        let Some((Ask::Page { stream, .. }, _)) = self.under_way.remove(&number) else { return };
        let Some(mut job) = self.jobs.remove(&stream) else { return };
        job.failures = 0;
        job.pages += 1;
        let mut outcome = match job.stage {
            Stage::After { .. } => self.take_after(marks, stream, &mut job, page),
            Stage::Back { .. } => self.take_back(marks, stream, &mut job, page),
        };
        if outcome == Outcome::Done && job.is_behind && self.room(&job) == 0 {
            self.leave_off(marks, stream, job.stage.begin(), MessageId::NONE, BeyondReason::Limit);
        } else if outcome == Outcome::Done && job.is_behind {
            // what was let go meanwhile is fetched as well; a removal or an edit may have been among it
            job.stage = self.first_stage(marks, stream);
            outcome = Outcome::More;
        }
        match outcome {
            Outcome::More => {
                self.jobs.insert(stream, job);
                self.queue.push_back(stream);
            }
            Outcome::Done => self.end_job(marks, stream.channel),
        }
    }

    /// How many more messages of a stream may be fetched.
    fn room(&self, job: &Job) -> usize {
        let in_channel = self.policy.per_channel.saturating_sub(job.messages);
        in_channel.min(self.policy.total.saturating_sub(self.messages))
    }

    fn take_after(&mut self, marks: &mut Watermarks, stream: Stream, job: &mut Job, page: Page) -> Outcome {
        let Stage::After { anchor: start, given, ref mut unconfirmed } = job.stage else { return Outcome::Done };
        let mut unconfirmed = std::mem::take(unconfirmed);
        let is_first = job.pages == 1;
        if is_first && job.until > start && page.rows.iter().all(|(head, _)| head.id <= start) {
            // the server may not know the message that was named: it was removed
            job.stage = Stage::back(given, 0);
            return Outcome::More;
        }
        let mut anchor = start;
        for (head, body) in page.rows {
            let head = of_stream(head, stream);
            if head.id <= start {
                continue;
            }
            self.remove_before(marks, stream, job, &mut unconfirmed, head.id);
            if head.code == CODE_DELETED {
                self.remove(marks, stream, job, &head);
                unconfirmed.retain(|id| *id != head.id);
                continue;
            }
            unconfirmed.retain(|id| *id != head.id);
            if is_past(marks, &head, given) {
                self.note_change(marks, stream, job, &head, body);
            } else if self.room(job) == 0 {
                self.leave_off(marks, stream, anchor, job.until.max(head.id), BeyondReason::Limit);
                job.is_behind = false;
                return Outcome::Done;
            } else {
                self.give(marks, stream, job, &head, body);
            }
            anchor = head.id;
        }
        let is_end = anchor == start || anchor == page.last_sent || job.pages > self.policy.per_channel + 1;
        if is_end {
            self.remove_before(marks, stream, job, &mut unconfirmed, MessageId::new(i64::MAX));
            return Outcome::Done;
        }
        job.stage = Stage::After { anchor, given, unconfirmed };
        Outcome::More
    }

    fn take_back(&mut self, marks: &mut Watermarks, stream: Stream, job: &mut Job, page: Page) -> Outcome {
        let Stage::Back { ref mut found, floor, since } = job.stage else { return Outcome::Done };
        let mut found = std::mem::take(found);
        let start = found.keys().next().copied();
        let (mut is_end, mut left_off) = (false, None);
        for (head, body) in page.rows.into_iter().rev() {
            let head = of_stream(head, stream);
            if !head.is_row() || start.is_some_and(|start| head.id >= start) {
                continue;
            }
            let is_old = head.created != 0 && head.created < since.max(self.too_old);
            if head.id <= floor || is_past(marks, &head, floor) {
                is_end = true;
            } else if is_old {
                is_end = true;
                let was_missed = head.created >= since;
                left_off = left_off.or(was_missed.then_some((head.id, BeyondReason::Age)));
            } else if self.room(job) == 0 {
                is_end = true;
                left_off = left_off.or(Some((head.id, BeyondReason::Limit)));
            } else if found.insert(head.id, (head, body)).is_none() {
                job.messages += 1;
                self.messages += 1;
            }
        }
        if !is_end && found.keys().next().copied() != start && job.pages <= self.policy.per_channel {
            job.stage = Stage::Back { found, floor, since };
            return Outcome::More;
        }
        if let Some((until, reason)) = left_off {
            self.leave_off(marks, stream, floor, until, reason);
        }
        for (head, body) in found.into_values() {
            self.push_row(marks, stream, job, &head, body);
        }
        Outcome::Done
    }

    fn give(&mut self, marks: &mut Watermarks, stream: Stream, job: &mut Job, head: &Head, body: Bytes) {
        job.messages += 1;
        self.messages += 1;
        self.push_row(marks, stream, job, head, body);
    }

    fn push_row(&mut self, marks: &mut Watermarks, stream: Stream, job: &Job, head: &Head, body: Bytes) {
        let count = if head.code == CODE_UPDATED { &mut self.report.edits } else { &mut self.report.messages };
        *count += 1;
        marks.note_replayed(head);
        self.missed.push_back(Missed::Row { stream, route: job.route, body });
    }

    /// A message that was given before may look otherwise by now.
    fn note_change(&mut self, marks: &mut Watermarks, stream: Stream, job: &Job, head: &Head, body: Bytes) {
        let since = self.since;
        if marks.get_mut(Stream::of(head)).is_some_and(|mark| mark.is_changed(head, since)) {
            self.report.edits += 1;
            self.missed.push_back(Missed::Edited { stream, route: job.route, body });
        }
    }

    /// The messages that were given before and are not there any more, up to this one.
    fn remove_before(
        &mut self,
        marks: &mut Watermarks,
        stream: Stream,
        job: &Job,
        unconfirmed: &mut VecDeque<MessageId>,
        limit: MessageId,
    ) {
        while let Some(id) = unconfirmed.front().copied().filter(|id| *id < limit) {
            unconfirmed.pop_front();
            let head = Head { channel: stream.channel, topic: stream.topic, id, ..Head::default() };
            self.remove(marks, stream, job, &head);
        }
    }

    fn remove(&mut self, marks: &mut Watermarks, stream: Stream, job: &Job, head: &Head) {
        if marks.get(Stream::of(head)).is_some_and(|mark| mark.holds(head.id)) {
            marks.forget(head);
            self.report.removals += 1;
            self.missed.push_back(Missed::Removed { stream, route: job.route, id: head.id });
        }
    }

    /// What lies between these two is not given.
    fn leave_off(
        &mut self,
        marks: &mut Watermarks,
        stream: Stream,
        after: MessageId,
        until: MessageId,
        reason: BeyondReason,
    ) {
        let Stream { channel, topic } = stream;
        self.report.add_beyond(Beyond { channel, topic, after, until, reason });
        if let Some(mark) = marks.get_mut(stream) {
            mark.leave_hole();
        }
    }

    /// A stream is caught up with.
    fn end_job(&mut self, marks: &mut Watermarks, channel: ChannelId) {
        self.report.channels += 1;
        self.release_if_free(marks, channel);
    }

    fn release_if_free(&mut self, marks: &mut Watermarks, channel: ChannelId) {
        if !self.has_job(channel) {
            self.release(marks, channel);
        }
    }

    /// What has waited is given, without what the pages had.
    pub(super) fn release(&mut self, marks: &mut Watermarks, channel: ChannelId) {
        for (head, body) in self.held.take(channel) {
            let is_past = head.is_row() && is_past(marks, &head, MessageId::NONE);
            if !is_past && marks.pushed(&head, &body) {
                self.missed.push_back(Missed::Live(body));
            }
        }
    }

    pub(super) fn take_failure(&mut self, marks: &mut Watermarks, now: Duration, number: u64, trouble: Trouble) {
        let Some((ask, failures)) = self.under_way.remove(&number) else { return };
        let not_before = match trouble {
            Trouble::Passing(wait) if failures < MAX_RETRIES => {
                Some(now + wait.max(Duration::from_secs(1 << failures)))
            }
            Trouble::Passing(_) | Trouble::Refused | Trouble::Senseless => None,
        };
        match (ask, not_before) {
            (Ask::Channels { .. } | Ask::Topics { .. }, Some(not_before)) => {
                self.lists.push_back(List { ask, failures: failures + 1, not_before });
            }
            (Ask::Channels { clan, .. } | Ask::Topics { clan }, None) => self.end_list(marks, clan),
            (Ask::Page { stream, .. }, Some(not_before)) => {
                if let Some(job) = self.jobs.get_mut(&stream) {
                    job.failures = failures + 1;
                    job.not_before = not_before;
                    self.queue.push_back(stream);
                }
            }
            (Ask::Page { stream, .. }, None) => {
                let Some(job) = self.jobs.remove(&stream) else { return };
                if trouble != Trouble::Refused {
                    let after = job.stage.begin();
                    self.leave_off(marks, stream, after, job.until, BeyondReason::Failed);
                }
                self.release_if_free(marks, stream.channel);
            }
        }
    }
}

/// True for what was given before. Of a stream of which nothing is known that is what is not after `given`.
fn is_past(marks: &Watermarks, head: &Head, given: MessageId) -> bool {
    marks.get(Stream::of(head)).map_or(head.id <= given, |mark| mark.is_past(head.id))
}

/// A page of a topic may leave out which it is.
const fn of_stream(head: Head, stream: Stream) -> Head {
    let topic = if head.topic.is_none() { stream.topic } else { head.topic };
    Head { channel: stream.channel, topic, ..head }
}

//! The one queue of events: bounded by count and bytes, with one way out.

use std::collections::VecDeque;

use crate::event::{Lifecycle, RawEvent};

/// The bounds of the event queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboxLimits {
    /// With this many events waiting, reading pauses. Default 1,024.
    pub pause_at_events: usize,
    /// With this many bytes waiting, reading pauses. Default 1 MiB.
    pub pause_at_bytes: usize,
    /// Above this many bytes the newest events are dropped and `Lagged` says so. It is only reached while an answer is
    /// awaited, which can only be read after all that precedes it. Default 32 MiB.
    pub drop_at_bytes: usize,
    /// What happens at the first bound.
    pub on_full: OnFull,
}

impl Default for InboxLimits {
    fn default() -> Self {
        Self { pause_at_events: 1024, pause_at_bytes: 1 << 20, drop_at_bytes: 32 << 20, on_full: OnFull::Pause }
    }
}

/// What happens when events are not taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OnFull {
    /// Reading pauses and TCP holds the server back: nothing is lost.
    #[default]
    Pause,
    /// The newest events are dropped at the first bound: for those who prefer fresh to complete.
    Drop,
}

/// What an event costs beside its bytes: its place in the queue.
/// The same on every platform, as what fits in decides what happens.
const OVERHEAD: usize = 64;
const _: () = assert!(size_of::<RawEvent>() <= OVERHEAD);

/// Events that wait to be taken.
#[derive(Debug)]
pub struct Inbox {
    limits: InboxLimits,
    queue: VecDeque<RawEvent>,
    bytes: usize,
}

impl Inbox {
    /// An empty queue.
    pub const fn new(limits: InboxLimits) -> Self {
        Self { limits, queue: VecDeque::new(), bytes: 0 }
    }

    /// Changes what happens at the first bound.
    pub const fn set_on_full(&mut self, on_full: OnFull) {
        self.limits.on_full = on_full;
    }

    /// Adds an event, or drops it and counts it in a `Lagged` in its place. Says how many were dropped: 0 or 1.
    pub fn push(&mut self, event: RawEvent) -> u64 {
        let cost = cost(&event);
        let over = match self.limits.on_full {
            OnFull::Pause => self.bytes + cost > self.limits.drop_at_bytes,
            OnFull::Drop => self.is_at_first_bound(),
        };
        if over {
            self.drop_one();
            return 1;
        }
        self.bytes += cost;
        self.queue.push_back(event);
        0
    }

    fn drop_one(&mut self) {
        if let Some(RawEvent::Lifecycle(Lifecycle::Lagged { dropped })) = self.queue.back_mut() {
            *dropped += 1;
            return;
        }
        self.bytes += OVERHEAD;
        self.queue.push_back(RawEvent::Lifecycle(Lifecycle::Lagged { dropped: 1 }));
    }

    /// Takes the oldest event.
    pub fn pop(&mut self) -> Option<RawEvent> {
        let event = self.queue.pop_front()?;
        self.bytes -= cost(&event);
        if self.queue.is_empty() {
            self.queue.shrink_to(64);
        }
        Some(event)
    }

    /// True when reading should pause, if nothing else needs it.
    pub fn is_full(&self) -> bool {
        self.limits.on_full == OnFull::Pause && self.is_at_first_bound()
    }

    /// True at the first bound of events or bytes, whatever happens there.
    pub fn is_at_first_bound(&self) -> bool {
        self.queue.len() >= self.limits.pause_at_events || self.bytes >= self.limits.pause_at_bytes
    }

    /// True if no event waits.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Events waiting.
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Bytes that they hold, their places in the queue included.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}

fn cost(event: &RawEvent) -> usize {
    match event {
        RawEvent::Push(push) => OVERHEAD + push.body.len(),
        RawEvent::Lifecycle(_) => OVERHEAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Push;
    use crate::id::UserId;
    use bytes::Bytes;

    fn push(len: usize) -> RawEvent {
        RawEvent::Push(Push { field: 24, body: Bytes::from(vec![0; len]), own_id: UserId::NONE, replayed: false })
    }

    fn limits() -> InboxLimits {
        InboxLimits { pause_at_events: 4, pause_at_bytes: 10_000, drop_at_bytes: 20_000, on_full: OnFull::Pause }
    }

    #[test]
    fn it_is_full_at_its_first_bound_of_events_or_bytes() {
        let mut inbox = Inbox::new(limits());
        for _ in 0..4 {
            assert!(!inbox.is_full());
            inbox.push(push(1));
        }
        assert!(inbox.is_full());

        let mut inbox = Inbox::new(limits());
        inbox.push(push(10_000));
        assert!(inbox.is_full());
        let _ = inbox.pop();
        assert!(!inbox.is_full());
        assert_eq!(inbox.bytes(), 0);
    }

    #[test]
    fn above_the_second_bound_the_newest_are_dropped_and_counted_in_their_place() {
        let mut inbox = Inbox::new(limits());
        assert_eq!(inbox.push(push(15_000)), 0);
        assert_eq!(inbox.push(push(15_000)), 1);
        assert_eq!(inbox.push(push(15_000)), 1);
        assert!(matches!(inbox.pop(), Some(RawEvent::Push(_))));
        assert_eq!(inbox.pop(), Some(RawEvent::Lifecycle(Lifecycle::Lagged { dropped: 2 })));
        assert_eq!(inbox.pop(), None);
    }

    #[test]
    fn dropping_at_the_first_bound_never_pauses() {
        let mut inbox = Inbox::new(InboxLimits { on_full: OnFull::Drop, ..limits() });
        for _ in 0..10 {
            inbox.push(push(1));
        }
        assert!(!inbox.is_full());
        assert_eq!(inbox.len(), 5);
    }
}

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;
use std::time::Duration;

use mezon_protocol::{Config, Now};

use super::*;

const NOW: Now = Now::new(Duration::ZERO, Duration::ZERO);

/// A Machine with so many events.
fn machine(events: usize) -> Machine {
    let config = Config::bot(17_i64, "the-key").unwrap().use_tls(false);
    let mut machine = Machine::new(config, 1, NOW).unwrap();
    while machine.waiting_events() < events {
        machine.reconnect(NOW);
    }
    machine
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// One who polls, and how often it was woken.
struct Side {
    wakes: Arc<Wakes>,
    waker: Waker,
}

impl Side {
    fn new() -> Self {
        let wakes = Arc::<Wakes>::default();
        Self { waker: Waker::from(Arc::clone(&wakes)), wakes }
    }

    fn cx(&self) -> Context<'_> {
        Context::from_waker(&self.waker)
    }
}

#[test]
fn events_cross_in_batches_and_the_next_is_filled_when_the_last_was_taken() {
    let (inbox, driver, receiver) = (Inbox::default(), Side::new(), Side::new());
    let (mut machine, mut batch) = (machine(BATCH + 10), VecDeque::new());
    let total = machine.waiting_events();
    let id = inbox.take_over();
    assert!(inbox.poll_batch(&receiver.cx(), id, &mut batch).is_pending());

    assert!(inbox.fill(&mut driver.cx(), &mut machine));
    assert_eq!(receiver.wakes.count(), 1);
    assert_eq!(machine.waiting_events(), total - BATCH);
    assert!(!inbox.fill(&mut driver.cx(), &mut machine), "what was not taken holds back the rest");

    assert_eq!(inbox.poll_batch(&receiver.cx(), id, &mut batch), Poll::Ready(true));
    assert_eq!((batch.len(), driver.wakes.count()), (BATCH, 1));
    batch.clear();
    assert!(inbox.fill(&mut driver.cx(), &mut machine));
    assert_eq!(inbox.poll_batch(&receiver.cx(), id, &mut batch), Poll::Ready(true));
    assert_eq!(batch.len(), total - BATCH);
    assert!(!inbox.fill(&mut driver.cx(), &mut machine));
}

#[test]
fn a_later_receiver_gets_what_the_earlier_had_not_read_and_in_order() {
    let (inbox, side) = (Inbox::default(), Side::new());
    let (mut machine, mut batch) = (machine(4), VecDeque::new());
    let earlier = inbox.take_over();
    inbox.fill(&mut side.cx(), &mut machine);
    assert_eq!(inbox.poll_batch(&side.cx(), earlier, &mut batch), Poll::Ready(true));
    let all = batch.clone();
    batch.pop_front();

    let later = inbox.take_over();
    assert_eq!(inbox.poll_batch(&side.cx(), earlier, &mut VecDeque::new()), Poll::Ready(false));
    assert!(!inbox.give_back(earlier, &mut batch));
    assert!(inbox.has_receiver());
    let mut rest = VecDeque::new();
    assert_eq!(inbox.poll_batch(&side.cx(), later, &mut rest), Poll::Ready(true));
    assert_eq!(rest, all.range(1..).cloned().collect::<VecDeque<_>>());
    assert!(inbox.give_back(later, &mut rest));
    assert!(!inbox.has_receiver());
}

#[test]
fn when_the_driver_has_ended_all_that_there_is_comes_and_then_the_end() {
    let (inbox, receiver) = (Inbox::default(), Side::new());
    let (mut machine, mut batch) = (machine(2 * BATCH), VecDeque::new());
    let total = machine.waiting_events();
    let id = inbox.take_over();
    assert!(inbox.poll_batch(&receiver.cx(), id, &mut batch).is_pending());
    inbox.stop(&mut machine);
    assert_eq!(receiver.wakes.count(), 1);
    assert_eq!(inbox.poll_batch(&receiver.cx(), id, &mut batch), Poll::Ready(true));
    assert_eq!(batch.len(), total);
    assert_eq!(inbox.poll_batch(&receiver.cx(), id, &mut VecDeque::new()), Poll::Ready(false));
    inbox.start();
    assert!(inbox.poll_batch(&receiver.cx(), id, &mut VecDeque::new()).is_pending());
}

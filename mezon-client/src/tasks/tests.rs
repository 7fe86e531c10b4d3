//! The set of futures, polled by hand.
#![allow(clippy::unwrap_used)]

use std::future::{pending, poll_fn, ready};
use std::sync::atomic::AtomicUsize;

use super::*;

/// Counts how often it is woken.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_future_that_asks_to_be_polled_again_at_once_lets_others_run_first() {
    let counter = Arc::new(Counter::default());
    let waker = Waker::from(Arc::clone(&counter));
    let mut cx = Context::from_waker(&waker);
    let mut tasks = Tasks::new();
    let polls = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&polls);
    tasks.insert(
        "restless",
        poll_fn(move |cx| {
            seen.fetch_add(1, Ordering::SeqCst);
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        }),
    );
    for poll in 1..=3 {
        assert!(tasks.poll_next(&mut cx).is_pending());
        assert_eq!(polls.load(Ordering::SeqCst), poll);
        assert_eq!(counter.0.load(Ordering::SeqCst), poll, "whoever polls the set is to come back");
    }
    tasks.insert("quick", ready(()));
    assert_eq!(tasks.poll_next(&mut cx), Poll::Ready(("quick", ())));
}

#[test]
fn only_what_was_woken_is_polled_and_what_was_taken_out_is_dropped() {
    let mut cx = Context::from_waker(Waker::noop());
    let mut tasks = Tasks::new();
    let (polls, held) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
    let (seen, holds) = (Arc::clone(&polls), Arc::clone(&held));
    tasks.insert(
        1,
        poll_fn(move |_| {
            let _ = &holds;
            seen.fetch_add(1, Ordering::SeqCst);
            Poll::<()>::Pending
        }),
    );
    for _ in 0..3 {
        assert!(tasks.poll_next(&mut cx).is_pending());
    }
    assert_eq!((polls.load(Ordering::SeqCst), Arc::strong_count(&held)), (1, 2));
    assert!(tasks.remove(&1) && !tasks.remove(&1));
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn waking_many_times_is_one_poll_and_one_wake_up() {
    let counter = Arc::new(Counter::default());
    let waker = Waker::from(Arc::clone(&counter));
    let (mut cx, mut tasks) = (Context::from_waker(&waker), Tasks::new());
    let (polls, kept) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(None)));
    let (seen, keeps) = (Arc::clone(&polls), Arc::clone(&kept));
    tasks.insert(
        1,
        poll_fn(move |cx| {
            seen.fetch_add(1, Ordering::SeqCst);
            *keeps.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }),
    );
    assert!(tasks.poll_next(&mut cx).is_pending());
    let waker: Waker = kept.lock().unwrap().take().unwrap();
    for _ in 0..5 {
        waker.wake_by_ref();
    }
    assert_eq!(counter.0.load(Ordering::SeqCst), 1);
    assert!(tasks.poll_next(&mut cx).is_pending());
    assert_eq!(polls.load(Ordering::SeqCst), 2);
}

#[test]
fn a_waker_that_outlives_its_future_does_no_harm() {
    let mut cx = Context::from_waker(Waker::noop());
    let mut tasks = Tasks::new();
    let kept = Arc::new(Mutex::new(None));
    let keeps = Arc::clone(&kept);
    tasks.insert(
        1,
        poll_fn(move |cx| {
            *keeps.lock().unwrap() = Some(cx.waker().clone());
            Poll::<()>::Pending
        }),
    );
    assert!(tasks.poll_next(&mut cx).is_pending());
    assert!(tasks.remove(&1));
    let waker: Waker = kept.lock().unwrap().take().unwrap();
    waker.wake_by_ref();
    assert!(tasks.poll_next(&mut cx).is_pending());
    // its place is another's now
    tasks.insert(2, pending());
    waker.wake();
    assert!(tasks.poll_next(&mut cx).is_pending());
}

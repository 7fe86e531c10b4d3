//! A line, with everybody around it played by hand.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Wake;

use mezon_protocol::Config;

use super::*;

const EVENT: &[u8] = b"data: {\"event_type\":\"room_started\"}\n\n";

/// Counts how often it is woken.
#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Counter {
    fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn line() -> Arc<Line> {
    let mut config = Config::bot(17_i64, "the-key").unwrap();
    config.services.agent = Some("https://agent.test".into());
    Arc::new(Line::new(AgentConfig::of(&config).unwrap(), 1))
}

/// Begins a line and opens its exchange.
fn opened(line: &Line) -> u64 {
    line.begin(Now::default());
    let work = line.poll_work(&Context::from_waker(Waker::noop()), Now::default());
    let Poll::Ready(Some(AgentTransmit::Open { id, .. })) = work else { panic!("it wants to open") };
    line.on_opened(Now::default(), id, 200);
    id
}

#[test]
fn an_exchange_waits_while_there_is_no_room_and_is_woken_when_there_is() {
    let (line, counter) = (line(), Arc::new(Counter::default()));
    let waker = Waker::from(Arc::clone(&counter));
    let cx = Context::from_waker(&waker);
    let id = opened(&line);
    assert!((0..1000).any(|_| line.poll_bytes(&cx, Now::default(), id, EVENT).is_pending()));
    assert_eq!(counter.times(), 0);
    assert!(line.poll_event(&Context::from_waker(Waker::noop())).is_ready());
    assert_eq!(counter.times(), 1);
    assert_eq!(line.poll_bytes(&cx, Now::default(), id, EVENT), Poll::Ready(Ok(())));
}

#[test]
fn whoever_waits_is_woken_by_the_end_and_told_of_it() {
    let line = line();
    let listening = Listening::new(Arc::clone(&line));
    let counters: [Arc<Counter>; 3] = Default::default();
    let [driver, receiver, exchange] = counters.clone().map(Waker::from);
    let (receiver, exchange) = (Context::from_waker(&receiver), Context::from_waker(&exchange));
    let id = opened(&line);
    assert!(line.poll_work(&Context::from_waker(&driver), Now::default()).is_pending());
    while line.poll_event(&receiver).is_ready() {}
    let times = || counters.iter().map(|counter| counter.times()).collect::<Vec<_>>();
    assert_eq!(times(), [0, 0, 0]);
    assert!((0..1000).any(|_| line.poll_bytes(&exchange, Now::default(), id, EVENT).is_pending()));
    assert_eq!(times(), [1, 1, 0]);

    drop(listening);
    assert_eq!(times(), [1, 1, 1]);
    assert!(matches!(line.poll_bytes(&exchange, Now::default(), id, EVENT), Poll::Ready(Err(HttpFailure::Broken(_)))));
    let rest: Vec<_> = std::iter::from_fn(|| match line.poll_event(&receiver) {
        Poll::Ready(event) => event,
        Poll::Pending => panic!("it has an end"),
    })
    .collect();
    assert_eq!(rest.last(), Some(&AgentStreamEvent::Closed));
}

#[test]
fn a_stream_that_was_closed_before_it_began_does_not_begin() {
    let line = line();
    line.close();
    line.begin(Now::default());
    let cx = Context::from_waker(Waker::noop());
    assert!(matches!(line.poll_work(&cx, Now::default()), Poll::Ready(None)));
    assert_eq!(line.poll_event(&cx), Poll::Ready(None));
}

/// The driver asked for work, and whether the stream was over, one after the other; closed in between it looked as if
/// nothing was left to do, and the exchange stayed open.
#[test]
fn a_close_right_after_the_last_work_was_taken_is_work_before_it_is_the_end() {
    let (line, counter) = (line(), Arc::new(Counter::default()));
    let waker = Waker::from(Arc::clone(&counter));
    let cx = Context::from_waker(&waker);
    let id = opened(&line);
    assert!(line.poll_work(&cx, Now::default()).is_pending());
    line.close();
    assert_eq!(counter.times(), 1);
    let work = line.poll_work(&cx, Now::default());
    assert!(matches!(work, Poll::Ready(Some(AgentTransmit::Close { id: closed })) if closed == id), "{work:?}");
    assert!(matches!(line.poll_work(&cx, Now::default()), Poll::Ready(None)));
}

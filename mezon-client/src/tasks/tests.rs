use std::future::poll_fn;
use std::sync::atomic::AtomicUsize;

use super::*;

/// What a future says of itself, and how it is told to end.
#[derive(Clone, Default)]
struct Probe {
    polls: Arc<AtomicUsize>,
    state: Arc<Mutex<(bool, Option<Waker>)>>,
}

impl Probe {
    /// Ends when it is told to.
    fn future(&self) -> impl Future<Output = &'static str> + Send + use<> {
        let probe = self.clone();
        poll_fn(move |cx| {
            probe.polls.fetch_add(1, Ordering::SeqCst);
            let (is_over, waker) = &mut *probe.state.lock().unwrap();
            *waker = Some(cx.waker().clone());
            if *is_over { Poll::Ready("over") } else { Poll::Pending }
        })
    }

    fn polls(&self) -> usize {
        self.polls.load(Ordering::SeqCst)
    }

    fn waker(&self) -> Waker {
        self.state.lock().unwrap().1.clone().expect("it was polled")
    }

    fn end(&self) {
        self.state.lock().unwrap().0 = true;
        self.waker().wake();
    }

    /// A future that is gone has let go of this.
    fn is_held(&self) -> bool {
        Arc::strong_count(&self.polls) > 1
    }
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Set {
    tasks: Tasks<u32, &'static str>,
    wakes: Arc<Wakes>,
}

impl Set {
    fn new<const N: usize>(probes: [&Probe; N]) -> Self {
        let mut tasks = Tasks::new();
        for (key, probe) in (1..).zip(probes) {
            tasks.insert(key, probe.future());
        }
        Self { tasks, wakes: Arc::default() }
    }

    fn poll(&mut self) -> Poll<(u32, &'static str)> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        self.tasks.poll_next(&mut Context::from_waker(&waker))
    }

    fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::SeqCst)
    }
}

#[test]
fn only_those_that_were_woken_are_polled() {
    let (first, second) = (Probe::default(), Probe::default());
    let mut set = Set::new([&first, &second]);
    assert!(set.poll().is_pending());
    assert!(set.poll().is_pending());
    assert_eq!((first.polls(), second.polls()), (1, 1));

    second.end();
    assert_eq!(set.wakes(), 1);
    assert_eq!(set.poll(), Poll::Ready((2, "over")));
    assert!(set.poll().is_pending());
    assert_eq!((first.polls(), second.polls()), (1, 2));
    assert!(!second.is_held());
}

#[test]
fn waking_many_times_is_one_poll_and_one_wake_up() {
    let probe = Probe::default();
    let mut set = Set::new([&probe]);
    assert!(set.poll().is_pending());
    for _ in 0..5 {
        probe.waker().wake();
    }
    assert_eq!(set.wakes(), 1);
    assert!(set.poll().is_pending());
    assert_eq!(probe.polls(), 2);
}

#[test]
fn what_wakes_itself_while_it_is_polled_is_polled_again() {
    let mut tasks = Tasks::new();
    let mut is_second = false;
    tasks.insert(
        1,
        poll_fn(move |cx| {
            if std::mem::replace(&mut is_second, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }),
    );
    assert_eq!(tasks.poll_next(&mut Context::from_waker(Waker::noop())), Poll::Ready((1, ())));
}

#[test]
fn taking_one_out_drops_it_and_leaves_the_others() {
    let (first, second) = (Probe::default(), Probe::default());
    let mut set = Set::new([&first, &second]);
    assert!(set.tasks.remove(&1));
    assert!(!first.is_held() && second.is_held());
    assert!(!set.tasks.remove(&1));
    assert!(set.poll().is_pending());
    assert_eq!((first.polls(), second.polls()), (0, 1));
}

#[test]
fn a_waker_that_outlives_its_future_harms_nobody_not_even_who_has_its_place() {
    let (gone, heir) = (Probe::default(), Probe::default());
    let mut set = Set::new([&gone]);
    assert!(set.poll().is_pending());
    let late = gone.waker();
    gone.end();
    assert_eq!(set.poll(), Poll::Ready((1, "over")));
    late.wake_by_ref();
    assert!(set.poll().is_pending());

    set.tasks.insert(2, heir.future());
    late.wake();
    assert!(set.poll().is_pending());
    heir.end();
    assert_eq!(set.poll(), Poll::Ready((2, "over")));
    drop(set);
    heir.waker().wake();
}

//! Waiting within waiting.
#![allow(clippy::unwrap_used)]

use std::sync::mpsc::channel;

use super::*;

/// What was polled had waited for something of its own, which took the one token of the thread.
#[test]
fn who_is_woken_while_what_it_polls_waits_as_well_is_polled_again() {
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut polls = 0;
        let outcome = wait_for(None, |cx| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            wait_for::<()>(Some(Instant::now() + Duration::from_millis(1)), |_| Poll::Pending).map(drop)
        });
        tell.send(outcome.is_ready()).unwrap();
    });
    assert_eq!(told.recv_timeout(Duration::from_secs(20)), Ok(true));
}

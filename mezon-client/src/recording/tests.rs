use std::io::{self, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Background, MAX_WAITING};

/// Writes when it is allowed to.
struct Slow(mpsc::Receiver<()>, mpsc::Sender<Vec<u8>>);

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.recv().map_err(io::Error::other)?;
        self.1.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.1.send(b"flushed".to_vec()).map_err(io::Error::other)
    }
}

fn slow() -> (Background, mpsc::Sender<()>, mpsc::Receiver<Vec<u8>>) {
    let ((allow, allowed), (written, reader)) = (mpsc::channel(), mpsc::channel());
    (Background::start(Box::new(Slow(allowed, written))).unwrap(), allow, reader)
}

#[test]
fn nobody_waits_for_the_disk_until_the_end_and_then_everything_is_there() {
    let (mut background, allow, written) = slow();
    for piece in [b"one", b"two"] {
        background.write_all(piece).unwrap();
    }
    assert!(written.try_recv().is_err());
    (0..2).for_each(|_| allow.send(()).unwrap());
    drop(background);
    let written: Vec<_> = written.iter().collect();
    assert_eq!(written, [&b"one"[..], b"two", b"flushed"]);
}

#[test]
fn what_waits_to_be_written_is_bounded() {
    let (mut background, allow, written) = slow();
    let piece = vec![0; MAX_WAITING / 4];
    (0..4).for_each(|_| background.write_all(&piece).unwrap());
    assert!(background.write_all(&piece).is_err());
    drop((allow, written));
}

#[test]
fn a_disk_that_is_full_ends_the_recording_and_nothing_else() {
    let (mut background, allow, _written) = slow();
    drop(allow);
    let start = Instant::now();
    while background.write_all(b"x").is_ok() {
        assert!(start.elapsed() < Duration::from_secs(20), "it goes on");
        thread::yield_now();
    }
}

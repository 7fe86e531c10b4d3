use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use super::*;

/// A connection that takes no more than it is told, and brings what it is told.
#[derive(Clone, Default)]
struct Scripted(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    /// How many bytes each write takes; 0 is not now.
    takes: VecDeque<usize>,
    written: Vec<u8>,
    reads: VecDeque<Read>,
    is_shut_down: bool,
}

impl Stream for Scripted {
    fn poll_read(&mut self, _: &mut Context<'_>, handle: impl FnOnce(&[u8])) -> Poll<io::Result<Read>> {
        match self.0.lock().unwrap().reads.pop_front() {
            None => Poll::Pending,
            Some(Read::End) => Poll::Ready(Ok(Read::End)),
            Some(read @ (Read::More | Read::All)) => {
                handle(b"bytes");
                Poll::Ready(Ok(read))
            }
        }
    }

    fn poll_write(&mut self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut script = self.0.lock().unwrap();
        let Some(takes) = script.takes.pop_front() else { return Poll::Ready(Err(io::Error::other("torn"))) };
        if takes == 0 {
            return Poll::Pending;
        }
        let count = takes.min(bytes.len());
        script.written.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().unwrap().is_shut_down = true;
        Poll::Ready(Ok(()))
    }
}

fn pipe(takes: impl IntoIterator<Item = usize>) -> (Scripted, Pipe<Scripted>) {
    let stream = Scripted::default();
    stream.0.lock().unwrap().takes.extend(takes);
    (stream.clone(), Pipe::new(stream))
}

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

#[test]
fn more_is_asked_for_only_when_all_is_written() {
    let (stream, mut pipe) = pipe([2, 0, 3, 100]);
    let mut parts = VecDeque::from(["first", "second"]);
    let mut fill = |out: &mut Vec<u8>| out.extend_from_slice(parts.pop_front().unwrap_or_default().as_bytes());
    assert_eq!(pipe.poll_write(&mut cx(), &mut fill), Ok(true));
    assert_eq!(stream.0.lock().unwrap().written, b"fi");
    assert_eq!(pipe.poll_write(&mut cx(), &mut fill), Ok(true));
    assert_eq!(stream.0.lock().unwrap().written, b"firstsecond");
    assert_eq!(pipe.poll_write(&mut cx(), &mut fill), Ok(false), "there is nothing");
}

#[test]
fn a_write_that_fails_ends_it() {
    let (_, mut pipe) = pipe([]);
    let result = pipe.poll_write(&mut cx(), |out| out.push(1));
    assert_eq!(result, Err(SocketEnd::Failed("torn".into())));
}

#[test]
fn what_was_read_is_handed_on_and_the_end_is_told() {
    let (stream, mut pipe) = pipe([]);
    stream.0.lock().unwrap().reads.extend([Read::More, Read::All, Read::End]);
    let mut handed = Vec::new();
    let mut read = || pipe.poll_read(&mut cx(), |bytes| handed.extend_from_slice(bytes));
    assert_eq!(read(), Poll::Ready(Ok(true)));
    assert_eq!(read(), Poll::Ready(Ok(false)));
    assert_eq!(read(), Poll::Ready(Err(SocketEnd::Eof)));
    assert_eq!(read(), Poll::Pending);
    assert_eq!(handed, b"bytesbytes");
}

#[test]
fn a_goodbye_writes_what_is_left_and_the_last_words_and_waits_for_the_server() {
    let (stream, mut pipe) = pipe([2, 0, 100, 100]);
    let mut parts = VecDeque::from(["left"]);
    pipe.poll_write(&mut cx(), |out| out.extend_from_slice(parts.pop_front().unwrap_or_default().as_bytes())).unwrap();
    let mut goodbye = Box::pin(pipe.say_goodbye(b"bye").unwrap());
    assert!(goodbye.as_mut().poll(&mut cx()).is_pending());
    assert_eq!(stream.0.lock().unwrap().written, b"leftbye");
    assert!(stream.0.lock().unwrap().is_shut_down);
    stream.0.lock().unwrap().reads.extend([Read::All, Read::End]);
    assert!(goodbye.as_mut().poll(&mut cx()).is_ready());
}

#[test]
fn without_last_words_there_is_no_goodbye() {
    let (_, pipe) = pipe([]);
    assert!(pipe.say_goodbye(b"").is_none());
}

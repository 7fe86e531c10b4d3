//! The open socket: non-blocking, with one buffer for reading, which grows when it is filled, and one for writing.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use mezon_protocol::machine::SocketEnd;
use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

/// What is read at a time, at first.
const SMALL_BUFFER: usize = 8 * 1024;

/// What is read at a time, at most.
const LARGE_BUFFER: usize = 64 * 1024;

/// A write buffer that has grown beyond this is let go when all is written.
const KEPT_WRITE_BUFFER: usize = 16 * 1024;

/// How long the last words of a connection may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// With these pollers a read that does not fill the buffer has emptied the socket, and what comes later is told again.
const SHORT_READS_END: bool = cfg!(any(target_os = "linux", target_os = "android"));

pub(crate) struct Socket {
    stream: TcpStream,
    token: Token,
    /// What the poller says; it does so once each time.
    readable: bool,
    writable: bool,
    /// The end of the stream is to be read; that is told only once.
    ending: bool,
    buffer: Vec<u8>,
    out: Vec<u8>,
    /// How much of `out` has left.
    written: usize,
}

impl Socket {
    /// From now on the poller tells of it under this token.
    pub(crate) fn new(stream: std::net::TcpStream, token: Token, registry: &Registry) -> std::io::Result<Self> {
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        let (buffer, out) = (Vec::new(), Vec::new());
        Ok(Self { stream, token, readable: true, writable: true, ending: false, buffer, out, written: 0 })
    }

    pub(crate) const fn token(&self) -> Token {
        self.token
    }

    pub(crate) fn on_event(&mut self, event: &Event) {
        self.ending |= event.is_read_closed() || event.is_error();
        self.readable |= event.is_readable() || self.ending;
        self.writable |= event.is_writable() || event.is_write_closed() || event.is_error();
    }

    /// Nothing has happened for a while.
    pub(crate) fn on_idle(&mut self) {
        self.buffer = Vec::new();
    }

    /// Reads once. Says whether there may be more.
    pub(crate) fn read(&mut self, handle: impl FnOnce(&[u8])) -> Result<bool, SocketEnd> {
        if !self.readable {
            return Ok(false);
        }
        if self.buffer.is_empty() {
            self.buffer = vec![0; SMALL_BUFFER];
        }
        match self.stream.read(&mut self.buffer) {
            Ok(0) => Err(SocketEnd::Eof),
            Ok(count) => {
                handle(&self.buffer[..count]);
                let filled = count == self.buffer.len();
                if filled && count < LARGE_BUFFER {
                    self.buffer = vec![0; LARGE_BUFFER];
                }
                self.readable = filled || self.ending || !SHORT_READS_END;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.readable = false;
                Ok(false)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(true),
            Err(error) => Err(SocketEnd::Failed(error.to_string())),
        }
    }

    /// Writes what `fill` appends, and asks it for more only when all is written. Says whether anything was.
    pub(crate) fn write(&mut self, mut fill: impl FnMut(&mut Vec<u8>)) -> Result<bool, SocketEnd> {
        let mut progress = false;
        loop {
            if self.written == self.out.len() {
                self.out.clear();
                self.written = 0;
                fill(&mut self.out);
            }
            if self.out.is_empty() {
                if self.out.capacity() > KEPT_WRITE_BUFFER {
                    self.out = Vec::new();
                }
                return Ok(progress);
            }
            if !self.writable {
                return Ok(progress);
            }
            match self.stream.write(&self.out[self.written..]) {
                Ok(count) => self.written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.writable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(SocketEnd::Failed(error.to_string())),
            }
            progress = true;
        }
    }

    /// What is left to do for a socket that is given up; nothing, without last words.
    pub(crate) fn into_goodbye(mut self, last_words: &[u8]) -> Option<Goodbye> {
        if last_words.is_empty() {
            return None;
        }
        self.out.extend_from_slice(last_words);
        Some(Goodbye { socket: self, until: Instant::now() + GOODBYE, said: false })
    }
}

/// Writes the last words, and lets the server close its side: who closes with bytes unread makes the system throw away
/// what the other has not read yet. Takes a second at most.
pub(crate) struct Goodbye {
    pub(crate) socket: Socket,
    pub(crate) until: Instant,
    said: bool,
}

impl Goodbye {
    /// Goes on as far as it can. True when it is over, well or not.
    pub(crate) fn advance(&mut self) -> bool {
        if Instant::now() >= self.until {
            return true;
        }
        if !self.said {
            if self.socket.write(|_| {}).is_err() {
                return true;
            }
            if !self.socket.out.is_empty() {
                return false;
            }
            self.said = true;
            if self.socket.stream.shutdown(Shutdown::Write).is_err() {
                return true;
            }
        }
        loop {
            match self.socket.read(|_| {}) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(_) => return true,
            }
        }
    }
}

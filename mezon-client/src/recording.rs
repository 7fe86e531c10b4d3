//! Recordings in files: written by a thread beside the driver, which never waits for a disk.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use mezon_protocol::replay::{Player, ReplayError};
use mezon_protocol::{Error, ErrorKind};

/// So many bytes may wait to be written; when there are more, the disk is too slow and the recording ends.
const MAX_WAITING: usize = 64 << 20;

/// Steps that are shown before one that differs.
const SHOWN: usize = 12;

/// Where a recording goes.
pub(crate) enum Target {
    File(PathBuf),
    Writer(Box<dyn Write + Send>),
}

impl Target {
    /// Makes the file, and starts the thread.
    pub(crate) fn open(self) -> Result<Background, Error> {
        match self {
            Self::Writer(writer) => Background::start(writer).map_err(|error| failed("its thread", &error)),
            Self::File(path) => {
                let file = File::create(&path).map_err(|error| failed(&path.display().to_string(), &error))?;
                Background::start(Box::new(file)).map_err(|error| failed("its thread", &error))
            }
        }
    }
}

fn failed(what: &str, error: &io::Error) -> Error {
    Error::unsent(ErrorKind::Config(format!("the recording: {what}: {error}")))
}

/// Gives what is to be written to a thread. It waits for the thread when it is dropped, and never before.
pub(crate) struct Background {
    pieces: Option<Sender<Vec<u8>>>,
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub(crate) fn start(sink: Box<dyn Write + Send>) -> io::Result<Self> {
        let (pieces, receiver) = channel();
        let waiting = Arc::default();
        let counter = Arc::clone(&waiting);
        let thread = std::thread::Builder::new()
            .name("mezon-recording".into())
            .spawn(move || write_all(sink, &receiver, &counter))?;
        Ok(Self { pieces: Some(pieces), waiting, thread: Some(thread) })
    }
}

fn write_all(mut sink: Box<dyn Write + Send>, pieces: &Receiver<Vec<u8>>, waiting: &AtomicUsize) {
    while let Ok(piece) = pieces.recv() {
        if let Err(error) = sink.write_all(&piece) {
            tracing::warn!(%error, "a recording cannot be written");
            return;
        }
        waiting.fetch_sub(piece.len(), Ordering::Relaxed);
    }
    if let Err(error) = sink.flush() {
        tracing::warn!(%error, "the end of a recording cannot be written");
    }
}

impl Write for Background {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let waiting = self.waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        if waiting + bytes.len() > MAX_WAITING {
            return Err(io::Error::other("it is written more slowly than things happen"));
        }
        let gone = || io::Error::other("its thread has ended");
        let pieces = self.pieces.as_ref().ok_or_else(gone)?;
        pieces.send(bytes.to_vec()).map_err(|_| gone())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.pieces = None;
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            tracing::warn!("what writes a recording has panicked");
        }
    }
}

/// Replays a recording, for a test: the one line that makes a failure of yesterday a test of tomorrow.
///
/// ```no_run
/// # mod mezon_tokio { pub use mezon_client::assert_replays; }
/// mezon_tokio::assert_replays("tests/recordings/the-night-it-stood-still.mezonrec");
/// ```
///
/// # Panics
///
/// If the file cannot be read, or if anything comes out otherwise than when it was recorded. The message shows the steps
/// that led there.
#[track_caller]
pub fn assert_replays(path: impl AsRef<Path>) {
    let path = path.as_ref();
    if let Err(report) = replay(path) {
        panic!("{}: {report}", path.display());
    }
}

fn replay(path: &Path) -> Result<(), String> {
    let text = |error: ReplayError| match std::error::Error::source(&error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut player = Player::new(file).map_err(text)?;
    let mut latest = std::collections::VecDeque::new();
    while let Some(step) = player.step().map_err(text)? {
        let is_different = !step.differences().is_empty();
        latest.push_back(step);
        if is_different {
            return Err(latest.iter().map(report).collect());
        }
        if latest.len() > SHOWN {
            latest.pop_front();
        }
    }
    Ok(())
}

fn report(step: &mezon_protocol::replay::Step) -> String {
    let differences: String = step.differences().iter().map(|difference| format!("\n    !! {difference}")).collect();
    format!("\n{step}{differences}")
}

#[cfg(test)]
mod tests;

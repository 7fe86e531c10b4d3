//! What is logged, for tests that search it.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tracing::Dispatch;
use tracing::subscriber::NoSubscriber;
use tracing_subscriber::filter::LevelFilter;

/// Somebody else who is to be asked. While there is one subscriber only, the thread that comes first to a line that logs
/// asks its own, and one that has none decides for all that nobody wants the line. Of several all are asked.
static NOBODY: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// All that is logged meanwhile by this thread.
///
/// # Panics
///
/// If it is no text.
pub fn logged(act: impl FnOnce()) -> String {
    LazyLock::force(&NOBODY);
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, act);
    let bytes = captured.0.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8(bytes.clone()).expect("logs are text")
}

/// A writer whose clones write to the same place.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::logged;

    fn log() {
        tracing::info!("a line");
    }

    #[test]
    fn a_line_is_captured_although_a_thread_whose_lines_nobody_wants_came_to_it_first() {
        let logged = logged(|| {
            thread::spawn(log).join().unwrap();
            log();
        });
        assert_eq!(logged.matches("a line").count(), 1);
    }
}

//! What is logged, for tests that search it.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tracing::Dispatch;
use tracing::subscriber::NoSubscriber;

/// Somebody else who is to be asked. While there is one subscriber only, the thread that comes first to a line that logs
/// asks its own, and one that has none decides for all that nobody wants the line. Of several all are asked.
static NOBODY: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::new()));

/// A writer whose clones write to the same place.
#[derive(Clone, Debug)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// What was written so far.
    ///
    /// # Panics
    ///
    /// If it is no text.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(bytes.clone()).expect("logs are text")
    }
}

impl Default for Captured {
    fn default() -> Self {
        LazyLock::force(&NOBODY);
        Self(Arc::default())
    }
}

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

    use tracing_subscriber::filter::LevelFilter;

    use super::Captured;

    fn log() {
        tracing::info!("a line");
    }

    #[test]
    fn a_line_is_captured_although_a_thread_whose_lines_nobody_wants_came_to_it_first() {
        let captured = Captured::default();
        let writer = captured.clone();
        let subscriber =
            tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            thread::spawn(log).join().unwrap();
            log();
        });
        assert_eq!(captured.text().matches("a line").count(), 1);
    }
}

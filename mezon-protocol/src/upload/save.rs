//! Downloads into a writer: piece by piece, so that a file of any size takes the memory of one piece.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use super::download::Download;
use super::refused;
use crate::call::{Answer, Call, Step};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::exchange::{HttpRequest, HttpResponse};
use crate::machine::{Shared, is_transient};
use crate::secret::Secret;

/// How much is asked for at a time, in bytes.
const PIECE: usize = 4 << 20;

/// Fetches a file into a writer; see [`Bot::download_to`](crate::object::Bot::download_to).
pub struct SaveFile<W> {
    download: Download,
    /// Until the end, when it is given back.
    into: Option<W>,
    written: u64,
    failures: u32,
}

impl<W: Write> SaveFile<W> {
    /// Fetches this into that.
    pub fn new(download: impl Into<Download>, into: W) -> Self {
        Self { download: download.into(), into: Some(into), written: 0, failures: 0 }
    }

    fn request(&self, shared: &Shared) -> Result<HttpRequest, Error> {
        let mut request = self.download.request(shared)?;
        let last = self.written + PIECE as u64 - 1;
        request.headers.push(("range", Secret::from(format!("bytes={}-{last}", self.written))));
        // of a store that knows no pieces all must fit
        request.max_response = self.download.bound(shared).max(PIECE);
        Ok(request)
    }

    /// True at the end of the file.
    fn take(&mut self, response: &HttpResponse) -> Result<bool, Error> {
        let body = &response.body;
        let is_last = match response.status {
            206 => match range(response) {
                Some((start, total)) if start == self.written && !body.is_empty() => {
                    total.is_some_and(|total| self.written + body.len() as u64 >= total)
                }
                _ => return Err(Error::answered(ErrorKind::Decode("another piece than was asked for".into()))),
            },
            // there is nothing behind what was written
            416 => return Ok(true),
            200..=299 if self.written == 0 => true,
            status => return Err(refused("the file", status)),
        };
        let into = self.into.as_mut().expect("the writer is here until the end");
        let written = into.write_all(body).and_then(|()| if is_last { into.flush() } else { Ok(()) });
        let unwritable =
            |error| Error::answered(ErrorKind::InvalidArgument(format!("the file cannot be written: {error}")));
        written.map_err(unwritable)?;
        self.written += body.len() as u64;
        Ok(is_last)
    }

    /// What is next after a failure: the same piece again, a few times.
    fn after(&mut self, shared: &Shared, error: Error) -> Step<W> {
        let policy = shared.config.transfers;
        if self.failures == policy.retries {
            return Step::Done(Err(error));
        }
        self.failures += 1;
        Step::Wait(policy.first_delay.saturating_mul(1 << (self.failures - 1).min(16)))
    }
}

/// Where a piece begins, and how large the whole is if that is known: `bytes 0-99/1234`.
fn range(response: &HttpResponse) -> Option<(u64, Option<u64>)> {
    let (piece, total) = response.header("content-range")?.strip_prefix("bytes ")?.split_once('/')?;
    Some((piece.split_once('-')?.0.parse().ok()?, total.parse().ok()))
}

impl<W: Write + Send + 'static> Call for SaveFile<W> {
    type Output = W;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<W> {
        match answer {
            Ok(Answer::Http(response)) if is_transient(response.status) => {
                return self.after(shared, refused("the file", response.status));
            }
            Ok(Answer::Http(response)) => match self.take(&response) {
                Ok(true) => return Step::Done(Ok(self.into.take().expect("the writer is here until the end"))),
                Ok(false) => self.failures = 0,
                Err(error) => return Step::Done(Err(error)),
            },
            Ok(_) => {}
            Err(error) if error.is_retryable() => return self.after(shared, error),
            Err(error) => return Step::Done(Err(self.download.explain(shared, error))),
        }
        match self.request(shared) {
            Ok(request) => Step::Http(request),
            Err(error) => Step::Done(Err(error)),
        }
    }

    fn timeout(&self, _: &Config) -> Duration {
        Duration::MAX
    }
}

impl<W> fmt::Debug for SaveFile<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaveFile").field("written", &self.written).finish_non_exhaustive()
    }
}

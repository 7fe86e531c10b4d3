//! Downloads: a file into memory, within a bound.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::{is_web, refused};
use crate::call::{Answer, Call, Step};
use crate::config::Config;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Body, HttpRequest, Method};
use crate::machine::Shared;

/// A file that is to be fetched: an address alone will do.
#[derive(Clone)]
#[must_use = "a download does nothing until it is given to a client"]
pub struct Download {
    url: String,
    limit: Option<usize>,
}

impl Download {
    /// What is at an `http` or `https` URL. No credentials are sent along.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), limit: None }
    }

    /// Another bound than [`TransferPolicy::max_download`](super::TransferPolicy::max_download), in bytes.
    pub const fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    pub(super) fn bound(&self, shared: &Shared) -> usize {
        self.limit.unwrap_or(shared.config.transfers.max_download)
    }

    pub(super) fn request(&self, shared: &Shared) -> Result<HttpRequest, Error> {
        if !is_web(&self.url) {
            return Err(Error::unsent(ErrorKind::InvalidArgument("not an http(s) URL".into())));
        }
        Ok(HttpRequest {
            method: Method::Get,
            url: self.url.clone(),
            headers: vec![("user-agent", shared.config.user_agent.as_str().into())],
            body: Body::default(),
            max_response: self.bound(shared),
            timeout: Some(shared.config.transfers.timeout),
        })
    }

    /// The error of an exchange, with our bound if that was the trouble.
    pub(super) fn explain(&self, shared: &Shared, error: Error) -> Error {
        let is_too_large = matches!(error.kind(), ErrorKind::TooLarge { .. });
        if is_too_large { Error::answered(ErrorKind::TooLarge { limit: self.bound(shared) }) } else { error }
    }
}

impl From<&str> for Download {
    fn from(url: &str) -> Self {
        Self::new(url)
    }
}

impl From<String> for Download {
    fn from(url: String) -> Self {
        Self::new(url)
    }
}

impl From<&crate::content::Attachment> for Download {
    fn from(attachment: &crate::content::Attachment) -> Self {
        Self::new(attachment.url.clone())
    }
}

/// Shows no URL: it may be a signed one.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// Fetches a file; see [`Bot::download`](crate::object::Bot::download).
#[derive(Debug)]
pub struct FetchFile(Download);

impl FetchFile {
    /// Fetches this.
    pub fn new(download: impl Into<Download>) -> Self {
        Self(download.into())
    }
}

impl Call for FetchFile {
    type Output = Bytes;

    fn resume(&mut self, shared: &mut Shared, answer: Result<Answer, Error>) -> Step<Bytes> {
        Step::Done(match answer {
            Ok(Answer::Http(response)) if matches!(response.status, 200..=299) => Ok(response.body),
            Ok(Answer::Http(response)) => Err(refused("the file", response.status)),
            Ok(_) => match self.0.request(shared) {
                Ok(request) => return Step::Http(request),
                Err(error) => Err(error),
            },
            Err(error) => Err(self.0.explain(shared, error)),
        })
    }

    fn timeout(&self, _: &Config) -> Duration {
        Duration::MAX
    }
}

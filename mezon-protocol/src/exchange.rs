//! HTTP exchanges as values: the core asks, an adapter performs.

mod body;

use std::error::Error;
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;

pub use body::{Body, BodyReader, Source};
pub(crate) use body::{Report, Tally};

use crate::secret::Secret;

/// The method of an [`HttpRequest`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Read something.
    Get,
    /// Everything that the API does.
    Post,
    /// Upload a file to a signed URL.
    Put,
}

impl Method {
    /// The method as it stands in the request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// One HTTP request that the core wants performed, without following redirects.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The absolute URL, `http` or `https`.
    pub url: String,
    /// Header names in lower case, with their values. `host` and `content-length` are the adapter's to add.
    pub headers: Vec<(&'static str, Secret)>,
    /// The body, possibly empty.
    pub body: Body,
    /// The largest response body to accept, in bytes; a longer one is [`HttpFailure::TooLarge`].
    pub max_response: usize,
    /// How long the exchange may take; without it as the configuration says. The Machine's concern, not the adapter's.
    pub timeout: Option<Duration>,
}

/// Shows neither header values nor body nor query, and of a path outside of the API only where it begins: all of them
/// may hold credentials.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &printable(&self.url))
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The paths that hold no credentials: those of the API and of the gateway.
const OPEN_PATHS: [&str; 2] = ["/mezon.api.Mezon/", "/v2/"];

/// What may be shown of a URL.
pub(crate) fn printable(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url[host..].find('/').map_or(url.len(), |start| host + start);
    if OPEN_PATHS.iter().any(|open| url[path..].starts_with(open)) {
        return url;
    }
    let rest = url[path..].get(1..).and_then(|rest| rest.find('/'));
    &url[..rest.map_or(path, |end| path + 1 + end)]
}

/// What came back.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with their values. Those that are no valid text may be left out.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
}

impl HttpResponse {
    /// The first header of that name (given in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Shows neither header values nor body: both may hold credentials.
impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Why an exchange gave no response. Time-outs are not here: every deadline is the core's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpFailure {
    /// No connection came about (name, TCP or proxy): the request has certainly not been sent.
    #[error("no connection to the server: {0}")]
    Connect(String),
    /// TLS did not come about: the certificate is for another host, has expired or is not trusted, or the server speaks
    /// no TLS. The request has certainly not been sent.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// The connection broke after the request had begun to leave.
    #[error("the exchange broke off: {0}")]
    Broken(String),
    /// The response is larger than the request allowed.
    #[error("the response is too large")]
    TooLarge,
    /// What was to be sent could not be read.
    #[error("the content could not be read: {0}")]
    Content(String),
}

impl HttpFailure {
    /// A [`Connect`](Self::Connect), in the words of another error.
    pub fn connect(error: impl ToString) -> Self {
        Self::Connect(error.to_string())
    }

    /// A [`Tls`](Self::Tls), in the words of another error.
    pub fn tls(error: impl ToString) -> Self {
        Self::Tls(error.to_string())
    }

    /// A [`Broken`](Self::Broken), in the words of another error.
    pub fn broken(error: impl ToString) -> Self {
        Self::Broken(error.to_string())
    }

    /// What the error of a library means: the failure of ours that it passes on, else a [`Broken`](Self::Broken).
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            let ours = inner.and_then(|inner| inner.downcast_ref()).or_else(|| error.downcast_ref::<Self>());
            if let Some(failure) = ours {
                return failure.clone();
            }
            cause = error.source();
        }
        Self::broken(error)
    }
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn of_a_url_only_what_holds_no_credentials_is_shown() {
        for (url, shown) in [
            ("https://h/mezon.api.Mezon/ListRoles", "https://h/mezon.api.Mezon/ListRoles"),
            ("https://h:1/v2/invite/5?token=x", "https://h:1/v2/invite/5"),
            ("https://h/webhooks/17/x", "https://h/webhooks"),
            ("https://h/x?token=x", "https://h"),
            ("https://h?token=x", "https://h"),
            ("https://h#x", "https://h"),
            ("h/x", "h"),
            ("", ""),
        ] {
            assert_eq!(printable(url), shown);
        }
    }
}

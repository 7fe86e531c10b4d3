//! HTTP exchanges as values: the core asks, an adapter performs.

use std::fmt;

use bytes::Bytes;

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
    pub body: Bytes,
    /// The largest response body to accept, in bytes; a longer one is [`HttpFailure::TooLarge`].
    pub max_response: usize,
}

/// Shows neither header values nor body nor query: all of them may hold credentials.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &url)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
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
    /// No connection came about (name, TCP, proxy or TLS): the request has certainly not been sent.
    #[error("no connection to the server: {0}")]
    Connect(String),
    /// The connection broke after the request had begun to leave.
    #[error("the exchange broke off: {0}")]
    Broken(String),
    /// The response is larger than the request allowed.
    #[error("the response is too large")]
    TooLarge,
}

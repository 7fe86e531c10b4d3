//! TCP connections, straight or through a proxy.

use std::fmt;
use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use async_io::Async;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _};
use mezon_protocol::{Error, ErrorKind, Secret};
use rustls::ClientConfig;
use ureq_proto::http::Uri;

/// The longest answer of a proxy to `CONNECT`.
const MAX_HEAD: usize = 16 * 1024;

/// A TCP connection.
pub(crate) type Stream = Async<TcpStream>;

/// How connections are made.
#[derive(Debug, Default)]
pub(crate) struct Net {
    pub(crate) proxy: Option<Proxy>,
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

impl Net {
    /// A TCP connection to a host name or an IP address without brackets.
    pub(crate) async fn connect(&self, host: &str, port: u16) -> io::Result<Stream> {
        let stream = match &self.proxy {
            None => open(host, port).await?,
            Some(proxy) => proxy.connect(host, port).await?,
        };
        // without it a small frame waits for the acknowledgement of the one before
        stream.get_ref().set_nodelay(true)?;
        Ok(stream)
    }
}

/// Tries the addresses of a host one after the other.
async fn open(host: &str, port: u16) -> io::Result<Stream> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in async_net::resolve((host, port)).await? {
        match Async::<TcpStream>::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// An HTTP proxy that opens tunnels by `CONNECT`.
pub(crate) struct Proxy {
    host: String,
    port: u16,
    /// The value of `Proxy-Authorization`.
    authorization: Option<Secret>,
}

impl Proxy {
    /// `http://user:password@host:port`; user and password may be left out.
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        // the URL may hold a password: it is not repeated in the error
        let invalid = || Error::unsent(ErrorKind::Config("the proxy must be http://[user:password@]host:port".into()));
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http")).ok_or_else(invalid)?;
        if authority.host().is_empty() {
            return Err(invalid());
        }
        let credentials = authority.as_str().rsplit_once('@').map(|(credentials, _)| credentials);
        Ok(Self {
            host: authority.host().trim_matches(['[', ']']).to_owned(),
            port: authority.port_u16().ok_or_else(invalid)?,
            authorization: credentials
                .map(|credentials| format!("Basic {}", BASE64_STANDARD.encode(percent_decoded(credentials))).into()),
        })
    }

    async fn connect(&self, host: &str, port: u16) -> io::Result<Stream> {
        let mut stream = open(&self.host, self.port).await?;
        let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(authorization) = &self.authorization {
            request.push_str(&format!("Proxy-Authorization: {}\r\n", authorization.expose()));
        }
        request.push_str("\r\n");
        stream.write_all(Secret::from(request).expose().as_bytes()).await?;

        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            // one at a time, so that nothing of the tunnel is swallowed
            stream.read_exact(&mut byte).await?;
            head.push(byte[0]);
            if head.len() > MAX_HEAD {
                return Err(io::Error::other("the proxy's answer is too long"));
            }
        }
        match status(&head) {
            Some(200..=299) => Ok(stream),
            Some(status) => Err(io::Error::other(format!("the proxy answered with status {status}"))),
            None => Err(io::Error::other("the proxy does not speak HTTP")),
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// The status of an HTTP/1 response.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.strip_prefix(b"HTTP/1.")?;
    std::str::from_utf8(line.get(2..5)?).ok()?.parse().ok()
}

/// As it was before it was put into a URL.
fn percent_decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

//! HTTP proxies that open tunnels by `CONNECT`: what is said to them and what they answer, without I/O.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::error::{Error, ErrorKind};
use crate::secret::Secret;

/// The longest answer to `CONNECT`.
const MAX_HEAD: usize = 16 * 1024;

/// A proxy, and how to ask it for a tunnel.
///
/// An adapter opens a TCP connection to [`host`](Self::host) and [`port`](Self::port), writes
/// [`request`](Self::request), and gives what it reads to a [`ProxyAnswer`].
pub struct Proxy {
    host: String,
    port: u16,
    /// The value of `Proxy-Authorization`.
    authorization: Option<Secret>,
}

impl Proxy {
    /// `http://user:password@host:port`; user and password may be left out.
    ///
    /// # Errors
    ///
    /// `Config`. The URL may hold a password: it is not repeated.
    pub fn parse(url: &str) -> Result<Self, Error> {
        Self::read(url).ok_or_else(|| {
            Error::unsent(ErrorKind::Config("the proxy must be http://[user:password@]host:port".into()))
        })
    }

    fn read(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        let (credentials, address) = match authority.rsplit_once('@') {
            Some((credentials, address)) => (Some(credentials), address),
            None => (None, authority),
        };
        let (host, port) = address.rsplit_once(':')?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = match bare {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)),
        };
        if !scheme.eq_ignore_ascii_case("http") || !is_host {
            return None;
        }
        let authorization = credentials.map(|credentials| {
            let decoded: Vec<u8> = percent_encoding::percent_decode_str(credentials).collect();
            format!("Basic {}", BASE64_STANDARD.encode(decoded)).into()
        });
        Some(Self { host: bare.unwrap_or(host).to_owned(), port: port.parse().ok()?, authorization })
    }

    /// The host to connect to: a name, or an IP address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to connect to.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// What asks for a tunnel to a host name or an IP address without brackets.
    pub fn request(&self, host: &str, port: u16) -> Secret {
        let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
        if let Some(authorization) = &self.authorization {
            request.push_str("Proxy-Authorization: ");
            request.push_str(authorization.expose());
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        request.into()
    }
}

/// Shows no credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// What a proxy answers, byte by byte: what follows belongs to the tunnel and is not to be swallowed.
#[derive(Debug, Default)]
pub struct ProxyAnswer {
    head: Vec<u8>,
}

impl ProxyAnswer {
    /// Takes one more byte; true when the tunnel is open.
    ///
    /// # Errors
    ///
    /// Why there will be none.
    pub fn push(&mut self, byte: u8) -> Result<bool, ProxyRefusal> {
        self.head.push(byte);
        if self.head.len() > MAX_HEAD {
            return Err(ProxyRefusal::TooLong);
        }
        if !self.head.ends_with(b"\r\n\r\n") {
            return Ok(false);
        }
        match status(&self.head) {
            Some(200..=299) => Ok(true),
            Some(status) => Err(ProxyRefusal::Status(status)),
            None => Err(ProxyRefusal::NoHttp),
        }
    }
}

/// Why a proxy opens no tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProxyRefusal {
    /// It answered with this status.
    #[error("the proxy answered with status {0}")]
    Status(u16),
    /// Its answer does not end.
    #[error("the proxy's answer is too long")]
    TooLong,
    /// Its answer is none.
    #[error("the proxy does not speak HTTP")]
    NoHttp,
}

/// The status of an HTTP/1 response.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.strip_prefix(b"HTTP/1.")?;
    std::str::from_utf8(line.get(2..5)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(bytes: &[u8]) -> Result<bool, ProxyRefusal> {
        let mut answer = ProxyAnswer::default();
        for byte in &bytes[..bytes.len() - 1] {
            assert!(!answer.push(*byte)?);
        }
        answer.push(bytes[bytes.len() - 1])
    }

    #[test]
    fn it_asks_for_a_tunnel_with_the_password_as_it_was_before_the_url() {
        let proxy = Proxy::parse("http://user:pass%3Aw%40rd@proxy.example.com:3128").unwrap();
        assert_eq!((proxy.host(), proxy.port()), ("proxy.example.com", 3128));
        let request = proxy.request("::1", 443);
        let expected = "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\
            Proxy-Authorization: Basic dXNlcjpwYXNzOndAcmQ=\r\n\r\n";
        assert_eq!(request.expose(), expected);
        assert!(!format!("{proxy:?}").contains("user"));
    }

    #[test]
    fn addresses_in_brackets_lose_them() {
        assert_eq!(Proxy::parse("http://[::1]:3128").unwrap().host(), "::1");
        assert!(Proxy::parse("HTTP://127.0.0.1:3128/").is_ok());
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_repeating_it() {
        for url in [
            "",
            "proxy:3128",
            "socks5://proxy:1080",
            "http://user:a-secret@proxy",
            "http://user:a-secret@:80",
            "http://[proxy]:80",
            "http://pro xy:80",
            "http://proxy:80000",
        ] {
            let error = Proxy::parse(url).err().unwrap();
            assert!(matches!(error.kind(), ErrorKind::Config(_)), "{url}");
            assert!(!error.to_string().contains("a-secret"));
        }
    }

    #[test]
    fn an_answer_ends_with_the_empty_line() {
        assert_eq!(answer(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"), Ok(true));
        assert_eq!(answer(b"HTTP/1.0 407 No\r\n\r\n"), Err(ProxyRefusal::Status(407)));
        assert_eq!(answer(b"SSH-2.0\r\n\r\n"), Err(ProxyRefusal::NoHttp));
        assert_eq!(answer(&[b'x'; MAX_HEAD + 1]), Err(ProxyRefusal::TooLong));
    }
}

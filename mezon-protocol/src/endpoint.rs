//! Where a server is: host, port, and whether TLS is spoken there.
//!
//! The platform names its endpoints in many ways: a URL, a bare host, `host:port`. One function reads them all, for
//! the base of the API (`api_url`), the socket (`ws_url`) and the abridged TCP transport (`tcp_url`) alike.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The longest host name that the domain name system knows, in bytes.
const MAX_HOST: usize = 253;

/// A host, a port, and whether TLS is spoken there.
///
/// ```
/// use mezon_protocol::Endpoint;
///
/// let endpoint = Endpoint::parse("sock.mezon.ai", true)?.expect("not empty");
/// assert_eq!((endpoint.host(), endpoint.port(), endpoint.is_tls()), ("sock.mezon.ai", 443, true));
/// assert_eq!(endpoint.base_url(), "https://sock.mezon.ai");
/// # Ok::<(), mezon_protocol::InvalidEndpoint>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    host: String,
    port: u16,
    tls: bool,
}

/// Why a text names no [`Endpoint`]. The text itself is never shown: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// There is no host, as in `https://` or `:443`.
    #[error("invalid endpoint: the host is missing")]
    NoHost,
    /// A scheme other than `https`, `http`, `wss`, `ws`, `tls` and `tcp`.
    #[error("invalid endpoint: unknown scheme")]
    UnknownScheme,
    /// A user name or a password stands before the host.
    #[error("invalid endpoint: user name and password are not accepted")]
    UserInfo,
    /// The host is longer than 253 bytes, or has a space, a control character or another one that no host name has.
    /// Names in other scripts are taken in their ASCII form (`xn--...`) only.
    #[error("invalid endpoint: the host is no valid name")]
    Host,
    /// An IPv6 address that is none, or that is not in brackets.
    #[error("invalid endpoint: an IPv6 address is wanted in brackets")]
    Ipv6,
    /// The port is no number from 1 to 65535.
    #[error("invalid endpoint: the port must be a number from 1 to 65535")]
    Port,
}

impl Endpoint {
    /// An endpoint from its parts. An IPv6 address is taken with brackets and without.
    ///
    /// # Errors
    ///
    /// If the host is no host name or address, or the port is 0.
    pub fn new(host: &str, port: u16, tls: bool) -> Result<Self, InvalidEndpoint> {
        if port == 0 {
            return Err(InvalidEndpoint::Port);
        }
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let host = if bare.contains(':') { ipv6(bare)? } else { name(host)? };
        Ok(Self { host, port, tls })
    }

    /// Reads a URL, a bare host or `host:port`.
    ///
    /// `https`, `wss` and `tls` mean TLS, `http` and `ws` mean none; `tcp` and no scheme at all leave it to
    /// `default_tls`. Path, query and fragment are dropped. A missing port is 443 with TLS and 80 without. Empty or
    /// blank text gives `None`: the server did not say, and a fallback applies.
    ///
    /// # Errors
    ///
    /// [`InvalidEndpoint`] says what is wrong, without showing the text.
    pub fn parse(text: &str, default_tls: bool) -> Result<Option<Self>, InvalidEndpoint> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let (tls, rest) = split_scheme(text, default_tls);
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.ends_with(':') && path.starts_with("//") {
            return Err(InvalidEndpoint::UnknownScheme);
        }
        if authority.contains('@') {
            return Err(InvalidEndpoint::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let port = if port.is_empty() { default_port(tls) } else { parse_port(port)? };
        Self::new(host, port, tls).map(Some)
    }

    /// The name or the address, in lower case; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, never 0.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// True if TLS is spoken there.
    pub const fn is_tls(&self) -> bool {
        self.tls
    }

    /// `https://host:port` or `http://host:port`, without a slash at the end. IPv6 addresses stand in brackets, and
    /// the port is left out where it is the default one.
    pub fn base_url(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.authority())
    }

    /// `host:port` as a `Host` header wants it: brackets and default port as in [`base_url`](Self::base_url).
    pub fn authority(&self) -> String {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        if self.port == default_port(self.tls) {
            format!("{open}{}{close}", self.host)
        } else {
            format!("{open}{}{close}:{}", self.host, self.port)
        }
    }
}

/// The same as [`base_url`](Endpoint::base_url).
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base_url())
    }
}

/// As [`Endpoint::parse`] with TLS where no scheme says otherwise; empty text is an error.
impl FromStr for Endpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        Self::parse(text, true)?.ok_or(InvalidEndpoint::NoHost)
    }
}

const fn default_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

fn split_scheme(text: &str, default_tls: bool) -> (bool, &str) {
    let schemes = [("wss", true), ("https", true), ("tls", true), ("ws", false), ("http", false), ("tcp", default_tls)];
    if let Some((scheme, rest)) = text.split_once("://") {
        for (name, tls) in schemes {
            if scheme.eq_ignore_ascii_case(name) {
                return (tls, rest);
            }
        }
    }
    (default_tls, text)
}

/// Host (with its brackets, if any) and port; the port is empty when there is none, even after a colon, as some
/// peers write it.
fn split_port(authority: &str) -> Result<(&str, &str), InvalidEndpoint> {
    if authority.starts_with('[') {
        let close = authority.find(']').ok_or(InvalidEndpoint::Ipv6)?;
        let (host, rest) = authority.split_at(close + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, port)),
            None if rest.is_empty() => Ok((host, "")),
            None => Err(InvalidEndpoint::Ipv6),
        };
    }
    let Some((host, port)) = authority.rsplit_once(':') else {
        return Ok((authority, ""));
    };
    // "::1" could be a host with a port as well as an address, so it is neither
    if host.contains(':') { Err(InvalidEndpoint::Ipv6) } else { Ok((host, port)) }
}

fn parse_port(digits: &str) -> Result<u16, InvalidEndpoint> {
    // `parse` would take a plus sign
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidEndpoint::Port);
    }
    digits.parse().map_err(|_| InvalidEndpoint::Port)
}

fn ipv6(text: &str) -> Result<String, InvalidEndpoint> {
    let address: Ipv6Addr = text.parse().map_err(|_| InvalidEndpoint::Ipv6)?;
    Ok(address.to_string())
}

fn name(text: &str) -> Result<String, InvalidEndpoint> {
    if text.is_empty() {
        return Err(InvalidEndpoint::NoHost);
    }
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    if text.len() > MAX_HOST || !text.bytes().all(valid) {
        return Err(InvalidEndpoint::Host);
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_to_name_an_endpoint_is_read() {
        let table = [
            ("https://gw.mezon.ai", false, "gw.mezon.ai", 443, true),
            ("https://gw.mezon.ai:443/", false, "gw.mezon.ai", 443, true),
            ("HTTPS://GW.Mezon.ai:8443/v2?x=1#y", false, "gw.mezon.ai", 8443, true),
            ("http://127.0.0.1:7350/path", true, "127.0.0.1", 7350, false),
            ("http://h", true, "h", 80, false),
            ("wss://sock.mezon.ai/ws?token=a@b", false, "sock.mezon.ai", 443, true),
            ("ws://localhost", true, "localhost", 80, false),
            ("tls://h:7349", false, "h", 7349, true),
            ("tcp://h:7349", true, "h", 7349, true),
            ("tcp://h:7349", false, "h", 7349, false),
            ("sock.mezon.ai", true, "sock.mezon.ai", 443, true),
            ("sock.mezon.ai", false, "sock.mezon.ai", 80, false),
            ("  sock.mezon.ai:7349\n", true, "sock.mezon.ai", 7349, true),
            ("sock.mezon.ai:", true, "sock.mezon.ai", 443, true),
            ("h?u=http://elsewhere", true, "h", 443, true),
            ("h:65535", true, "h", 65535, true),
            ("h:00080", true, "h", 80, true),
            ("[::1]", true, "::1", 443, true),
            ("[::1]:7349", false, "::1", 7349, false),
            ("https://[2001:DB8:0::1]:8080/x", true, "2001:db8::1", 8080, true),
        ];
        for (text, default_tls, host, port, tls) in table {
            let endpoint = Endpoint::parse(text, default_tls).unwrap().unwrap();
            assert_eq!((endpoint.host(), endpoint.port(), endpoint.is_tls()), (host, port, tls), "{text:?}");
        }
    }

    #[test]
    fn blank_text_means_that_nothing_was_said() {
        for text in ["", " ", "\n\t"] {
            assert_eq!(Endpoint::parse(text, true), Ok(None));
        }
        assert_eq!("".parse::<Endpoint>(), Err(InvalidEndpoint::NoHost));
    }

    #[test]
    fn what_is_no_endpoint_is_refused() {
        let long = "a".repeat(254);
        let table = [
            ("https://", InvalidEndpoint::NoHost),
            (":443", InvalidEndpoint::NoHost),
            ("/path", InvalidEndpoint::NoHost),
            ("[]", InvalidEndpoint::Host),
            ("https://user:password@h", InvalidEndpoint::UserInfo),
            ("user@h:80", InvalidEndpoint::UserInfo),
            ("a b", InvalidEndpoint::Host),
            ("a\u{7}b", InvalidEndpoint::Host),
            ("a\r\nx-header: 1", InvalidEndpoint::Port),
            ("a\r\nb", InvalidEndpoint::Host),
            ("a\\b", InvalidEndpoint::Host),
            ("a%2eb", InvalidEndpoint::Host),
            ("münchen.example", InvalidEndpoint::Host),
            (long.as_str(), InvalidEndpoint::Host),
            ("h:0", InvalidEndpoint::Port),
            ("h:65536", InvalidEndpoint::Port),
            ("h:+80", InvalidEndpoint::Port),
            ("h:http", InvalidEndpoint::Port),
            ("h:99999999999999999999", InvalidEndpoint::Port),
            ("ftp://h", InvalidEndpoint::UnknownScheme),
            ("::1", InvalidEndpoint::Ipv6),
            ("[::1", InvalidEndpoint::Ipv6),
            ("[::1]x", InvalidEndpoint::Ipv6),
            ("[fe80::1%eth0]", InvalidEndpoint::Ipv6),
            ("[1:2:3]", InvalidEndpoint::Ipv6),
        ];
        for (text, error) in table {
            assert_eq!(Endpoint::parse(text, true), Err(error), "{text:?}");
        }
    }

    #[test]
    fn no_error_shows_what_was_given() {
        for text in ["https://user:hunter2@h", "hunter2 :1", "hunter2:x", "hunter2://h"] {
            let error = Endpoint::parse(text, true).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn urls_leave_the_default_port_out_and_put_ipv6_in_brackets() {
        let table = [
            ("https://h:443", "https://h", "h"),
            ("http://h:80", "http://h", "h"),
            ("http://h:443", "http://h:443", "h:443"),
            ("https://h:80", "https://h:80", "h:80"),
            ("wss://[::1]", "https://[::1]", "[::1]"),
            ("ws://[::1]:7350", "http://[::1]:7350", "[::1]:7350"),
        ];
        for (text, base_url, authority) in table {
            let endpoint: Endpoint = text.parse().unwrap();
            assert_eq!(endpoint.base_url(), base_url);
            assert_eq!(endpoint.authority(), authority);
            assert_eq!(endpoint.to_string(), base_url);
        }
    }

    #[test]
    fn an_endpoint_is_made_of_its_parts_under_the_same_rules() {
        assert_eq!(Endpoint::new("::1", 80, false), Endpoint::new("[::1]", 80, false));
        assert_eq!(Endpoint::new("h", 0, false), Err(InvalidEndpoint::Port));
        assert_eq!(Endpoint::new("", 1, false), Err(InvalidEndpoint::NoHost));
        assert_eq!(Endpoint::new("a/b", 1, false), Err(InvalidEndpoint::Host));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_what_is_read_is_read_back(text in "\\PC{0,40}", tls: bool) {
            if let Ok(Some(endpoint)) = Endpoint::parse(&text, tls) {
                prop_assert_eq!(Endpoint::parse(&endpoint.base_url(), !tls), Ok(Some(endpoint)));
            }
        }

        #[test]
        fn texts_that_look_like_endpoints_never_panic(text in "(https?://|wss?://|tcp://)?[\\[\\]a-f0-9:.@%/ ]{0,24}") {
            let _ = Endpoint::parse(&text, true);
        }
    }
}

//! TCP connections, straight or through a proxy, made on a thread that may wait.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mezon_protocol::proxy::{Proxy, ProxyAnswer};
use rustls::ClientConfig;

/// How connections are made.
#[derive(Debug)]
pub(crate) struct Net {
    pub(crate) proxy: Option<Proxy>,
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// What the system gets for one address.
    pub(crate) connect_timeout: Duration,
}

impl Net {
    /// A TCP connection to a host name or an IP address without brackets.
    pub(crate) fn connect(&self, host: &str, port: u16, line: &Line) -> io::Result<TcpStream> {
        match &self.proxy {
            None => self.open(host, port, line),
            Some(proxy) => {
                let mut stream = self.open(proxy.host(), proxy.port(), line)?;
                stream.write_all(proxy.request(host, port).expose().as_bytes())?;
                let (mut answer, mut byte) = (ProxyAnswer::default(), [0]);
                loop {
                    // one at a time, so that nothing of the tunnel is swallowed
                    stream.read_exact(&mut byte)?;
                    if answer.push(byte[0]).map_err(io::Error::other)? {
                        return Ok(stream);
                    }
                }
            }
        }
    }

    fn open(&self, host: &str, port: u16, line: &Line) -> io::Result<TcpStream> {
        line.check()?;
        let mut last = io::Error::other("the name leads to no address");
        for address in (host, port).to_socket_addrs()? {
            line.check()?;
            match TcpStream::connect_timeout(&address, self.connect_timeout) {
                Ok(stream) => {
                    // without it a small frame waits for the acknowledgement of the one before
                    stream.set_nodelay(true)?;
                    line.hold(&stream)?;
                    return Ok(stream);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// A connection that one thread opens or uses and another may cut.
#[derive(Default)]
pub(crate) struct Line(Mutex<Hold>);

#[derive(Default)]
enum Hold {
    #[default]
    Nothing,
    Open(TcpStream),
    Cut,
}

impl Line {
    /// Ends whoever waits on the connection, now or later.
    pub(crate) fn cut(&self) {
        if let Hold::Open(stream) = std::mem::replace(&mut *self.lock(), Hold::Cut) {
            // then it has ended already
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// The connection is finished, or belongs to somebody else from now on.
    pub(crate) fn release(&self) {
        let mut hold = self.lock();
        if let Hold::Open(_) = *hold {
            *hold = Hold::Nothing;
        }
    }

    fn check(&self) -> io::Result<()> {
        match *self.lock() {
            Hold::Nothing | Hold::Open(_) => Ok(()),
            Hold::Cut => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    fn hold(&self, stream: &TcpStream) -> io::Result<()> {
        let stream = stream.try_clone()?;
        let mut hold = self.lock();
        if let Hold::Cut = *hold {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        *hold = Hold::Open(stream);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Hold> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

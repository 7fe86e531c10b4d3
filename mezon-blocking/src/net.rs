//! TCP connections, straight or through a proxy, made on a thread that may wait.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, Mutex};

use mezon_client::Net;
use mezon_protocol::proxy::ProxyAnswer;

use crate::runtime::lock;

/// A TCP connection to a host name or an IP address without brackets.
pub(crate) fn connect(net: &Net, host: &str, port: u16, line: &Line) -> io::Result<TcpStream> {
    let Some(proxy) = &net.proxy else { return open(net, host, port, line) };
    let mut stream = open(net, proxy.host(), proxy.port(), line)?;
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

fn open(net: &Net, host: &str, port: u16, line: &Line) -> io::Result<TcpStream> {
    line.check()?;
    let mut last = io::Error::other("the name leads to no address");
    for address in (host, port).to_socket_addrs()? {
        line.check()?;
        match TcpStream::connect_timeout(&address, net.connect_timeout) {
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

/// A connection that one thread opens or uses and another may cut.
#[derive(Debug, Default)]
pub(crate) struct Line(Mutex<Hold>);

#[derive(Debug, Default)]
struct Hold {
    is_cut: bool,
    stream: Option<TcpStream>,
}

impl Line {
    /// Cuts it when the guard goes, as it does with the future that waits for the work to be done: whoever waits on the
    /// connection, now or later, is ended.
    pub(crate) fn cut_on_drop(self: &Arc<Self>) -> impl Send + use<> {
        Cut(Arc::clone(self))
    }

    /// The connection is finished, or belongs to somebody else from now on.
    pub(crate) fn release(&self) {
        lock(&self.0).stream = None;
    }

    fn check(&self) -> io::Result<()> {
        if lock(&self.0).is_cut { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    fn hold(&self, stream: &TcpStream) -> io::Result<()> {
        lock(&self.0).stream = Some(stream.try_clone()?);
        // it may have been cut before there was anything to cut
        self.check()
    }
}

struct Cut(Arc<Line>);

impl Drop for Cut {
    fn drop(&mut self) {
        let mut hold = lock(&self.0.0);
        hold.is_cut = true;
        if let Some(stream) = hold.stream.take() {
            // then it has ended already
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

//! TCP connections, straight or through a proxy.

use std::io;

use async_io::Async;
use futures_lite::{AsyncReadExt as _, AsyncWriteExt as _};
use mezon_client::Net;
use mezon_protocol::proxy::{Proxy, ProxyAnswer};

/// A TCP connection.
pub(crate) type TcpStream = Async<std::net::TcpStream>;

/// A TCP connection to a host name or an IP address without brackets.
pub(crate) async fn connect(net: &Net, host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = match &net.proxy {
        None => open(host, port).await?,
        Some(proxy) => tunnel(proxy, host, port).await?,
    };
    // without it a small frame waits for the acknowledgement of the one before
    stream.get_ref().set_nodelay(true)?;
    Ok(stream)
}

/// Tries the addresses of a host one after the other.
async fn open(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in async_net::resolve((host, port)).await? {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// A tunnel through the proxy.
async fn tunnel(proxy: &Proxy, host: &str, port: u16) -> io::Result<TcpStream> {
    let mut stream = open(proxy.host(), proxy.port()).await?;
    stream.write_all(proxy.request(host, port).expose().as_bytes()).await?;
    let (mut answer, mut byte) = (ProxyAnswer::default(), [0]);
    // one byte at a time, so that nothing of the tunnel is swallowed
    loop {
        stream.read_exact(&mut byte).await?;
        if answer.push(byte[0]).map_err(io::Error::other)? {
            return Ok(stream);
        }
    }
}

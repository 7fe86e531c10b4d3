//! TCP connections, straight or through a proxy.

use std::io;

use mezon_client::Net;
use mezon_protocol::proxy::{Proxy, ProxyAnswer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A TCP connection to a host name or an IP address without brackets.
pub(crate) async fn connect(net: &Net, host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = match &net.proxy {
        None => TcpStream::connect((host, port)).await?,
        Some(proxy) => tunnel(proxy, host, port).await?,
    };
    // without it a small frame waits for the acknowledgement of the one before
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A tunnel through the proxy.
async fn tunnel(proxy: &Proxy, host: &str, port: u16) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect((proxy.host(), proxy.port())).await?;
    stream.write_all(proxy.request(host, port).expose().as_bytes()).await?;
    let mut answer = ProxyAnswer::default();
    // one byte at a time, so that nothing of the tunnel is swallowed
    while !answer.push(stream.read_u8().await?).map_err(io::Error::other)? {}
    Ok(stream)
}

//! HTTP exchanges, by ureq, each on a connection of its own. They are few: a login, two lists, later what does not go
//! over the socket.
//!
//! The connection under ureq is ours: it is made as the socket's is (the same proxy, the same TLS), and another thread can
//! cut it, which is how an exchange ends that has taken too long.

use std::fmt;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mezon_client::{Net, Receive, block_on, handshake_failure, request_headers, response_headers};
use mezon_protocol::exchange::{HttpFailure, HttpRequest, Method};
use rustls::{ClientConnection, StreamOwned};
use ureq::config::{AutoHeaderValue, Config};
use ureq::http::{Request, Uri};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport};
use ureq::{Agent, Error, SendBody};

use crate::net::{Line, connect};

/// What is read of a body at a time.
const READ: usize = 16 * 1024;

/// Performs an exchange. Redirects are not followed, and no time limit is applied: that is the Machine's, whose word
/// cuts the line.
pub(crate) fn perform<X: Receive>(
    net: &Arc<Net>,
    line: &Arc<Line>,
    request: HttpRequest,
    receive: X,
) -> Result<X, HttpFailure> {
    let connected = Arc::new(AtomicBool::new(false));
    let dialer = Dialer { net: Arc::clone(net), line: Arc::clone(line), connected: Arc::clone(&connected) };
    let agent = Agent::with_parts(config(), dialer, NoResolver);
    let result = exchange(&agent, request, receive);
    line.release();
    match result {
        // nothing has left
        Err(HttpFailure::Broken(why)) if !connected.load(Ordering::Relaxed) => Err(HttpFailure::Connect(why)),
        result => result,
    }
}

fn config() -> Config {
    let config = Agent::config_builder().proxy(None).http_status_as_error(false);
    let config = config.max_redirects(0).max_redirects_will_error(false).max_idle_connections(0);
    // what is to be told to the server the core says
    let config = config.user_agent(AutoHeaderValue::None).accept(AutoHeaderValue::None);
    config.accept_encoding(AutoHeaderValue::None).build()
}

fn exchange<X: Receive>(agent: &Agent, request: HttpRequest, mut receive: X) -> Result<X, HttpFailure> {
    let mut outgoing = Request::builder().method(request.method.as_str()).uri(&request.url);
    if let Some(headers) = outgoing.headers_mut() {
        *headers = request_headers(&request.headers)?;
    }
    outgoing = outgoing.header("connection", "close");
    let response = match request.method {
        Method::Get => agent.run(outgoing.body(()).map_err(HttpFailure::broken)?),
        Method::Post | Method::Put => {
            let (length, mut content) = (request.body.len(), request.body.reader());
            let outgoing = outgoing.header("content-length", length).body(SendBody::from_reader(&mut content));
            agent.run(outgoing.map_err(HttpFailure::broken)?)
        }
    };
    let (parts, body) = response.map_err(failure)?.into_parts();
    receive.head(parts.status.as_u16(), response_headers(&parts.headers));
    let (mut body, mut piece) = (body.into_reader(), vec![0; READ]);
    while let count @ 1.. = body.read(&mut piece).map_err(HttpFailure::broken)? {
        block_on(receive.body(&piece[..count]))?;
    }
    Ok(receive)
}

fn failure(error: Error) -> HttpFailure {
    // perhaps that of the body
    if let Error::Io(error) = &error {
        return HttpFailure::of(error);
    }
    let Error::Other(error) = error else { return HttpFailure::broken(error) };
    // the connector's own
    error.downcast().map_or_else(HttpFailure::broken, |failure| *failure)
}

/// Makes the connection of one exchange.
#[derive(Debug)]
struct Dialer {
    net: Arc<Net>,
    line: Arc<Line>,
    /// From then on the request may have been sent.
    connected: Arc<AtomicBool>,
}

impl Connector for Dialer {
    type Out = Connection;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Connection>, Error> {
        let host = details.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let port = details.uri.port_u16().unwrap_or(if details.needs_tls() { 443 } else { 80 });
        let stream = connect(&self.net, host, port, &self.line)?;
        let stream: Box<dyn Stream> = if details.needs_tls() {
            Box::new(secure(&self.net, host, stream).map_err(|failure| Error::Other(failure.into()))?)
        } else {
            Box::new(stream)
        };
        self.connected.store(true, Ordering::Relaxed);
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Connection { stream, is_tls: details.needs_tls(), buffers }))
    }
}

fn secure(
    net: &Net,
    host: &str,
    mut stream: TcpStream,
) -> Result<StreamOwned<ClientConnection, TcpStream>, HttpFailure> {
    let (tls, name) = net.tls_for(host)?;
    let mut connection = ClientConnection::new(tls, name).map_err(HttpFailure::tls)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).map_err(|error| handshake_failure(&error))?;
    }
    Ok(StreamOwned::new(connection, stream))
}

trait Stream: Read + Write + Send + Sync {}
impl Stream for TcpStream {}
impl Stream for StreamOwned<ClientConnection, TcpStream> {}

/// The connection of one exchange.
struct Connection {
    stream: Box<dyn Stream>,
    is_tls: bool,
    buffers: LazyBuffers,
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), Error> {
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(self.stream.flush()?)
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let count = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(count);
        Ok(count > 0)
    }

    fn is_open(&mut self) -> bool {
        // used once
        false
    }

    fn is_tls(&self) -> bool {
        self.is_tls
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

/// Names are looked up where the connection is made, by the proxy if there is one.
#[derive(Debug)]
struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        addresses.push((Ipv4Addr::UNSPECIFIED, 0).into());
        Ok(addresses)
    }
}

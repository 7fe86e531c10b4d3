//! Where the socket is, and the codec that it speaks.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::core::Core;
use crate::config::TransportKind;
use crate::endpoint::{Endpoint, InvalidEndpoint};
use crate::secret::Secret;
use crate::session::Session;
use crate::transport::{Abridged, AbridgedLimits, ClientRequest, Closed, Transport, WebSocket, WebSocketLimits};

impl Core {
    /// Where the session wants the configured transport to connect to.
    pub(super) fn socket_endpoint(&self, session: &Session) -> Result<Endpoint, InvalidEndpoint> {
        match self.shared.config.transport {
            TransportKind::WebSocket => session.ws_endpoint(&self.shared.login),
            TransportKind::Tcp => session.tcp_endpoint(&self.shared.login),
        }
    }

    /// Notes by which credential the socket is opened.
    pub(super) fn choose_credential(&mut self) {
        if let (Some((_, durable)), Some(connection)) = (self.shared.socket_credential(), &mut self.connection) {
            connection.by_session_id = durable;
        }
    }

    /// The codec for the socket that has just been opened.
    pub(super) fn open_transport(&self) -> Result<Box<dyn Transport>, Closed> {
        let session = self.shared.session().map_err(unusable)?;
        let endpoint = self.socket_endpoint(session).map_err(unusable)?;
        let credential = self.shared.socket_credential().map_or(session.token(), |(credential, _)| credential);
        match self.shared.config.transport {
            TransportKind::WebSocket => {
                let token = utf8_percent_encode(credential.expose(), NON_ALPHANUMERIC);
                let target = Secret::from(format!("/ws?lang=en&status=true&token={token}&format=protobuf"));
                let request = ClientRequest::new(endpoint.authority(), target).map_err(unusable)?;
                self.secure(&endpoint, WebSocket::client(&request, WebSocketLimits::default()))
            }
            TransportKind::Tcp => self.secure(&endpoint, Abridged::client(credential, AbridgedLimits::default())),
        }
    }

    /// Puts TLS around the codec where the endpoint has it.
    fn secure(&self, endpoint: &Endpoint, inner: impl Transport + 'static) -> Result<Box<dyn Transport>, Closed> {
        if endpoint.is_tls() { self.with_tls(endpoint, inner) } else { Ok(Box::new(inner)) }
    }

    #[cfg(feature = "tls")]
    fn with_tls(&self, endpoint: &Endpoint, inner: impl Transport + 'static) -> Result<Box<dyn Transport>, Closed> {
        let Some(tls) = &self.shared.config.tls else {
            return Err(Closed::Tls("the configuration has no TLS settings".into()));
        };
        let secure = crate::transport::Tls::client(inner, tls.0.clone(), endpoint.host());
        secure.map(|socket| Box::new(socket) as _).map_err(|error| Closed::Tls(error.to_string()))
    }

    #[cfg(not(feature = "tls"))]
    fn with_tls(&self, _: &Endpoint, _: impl Transport + 'static) -> Result<Box<dyn Transport>, Closed> {
        Err(Closed::Tls("this build has no TLS".into()))
    }
}

fn unusable(why: impl std::fmt::Display) -> Closed {
    Closed::Protocol(why.to_string())
}

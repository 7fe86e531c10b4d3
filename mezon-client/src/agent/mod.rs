//! The events of AI agents: a stream beside the connection, kept open by the driver.
//!
//! ```text
//!   client.agent_events() ──Listening──► Driver: exchanges, time
//!   AgentReceiver ◄──events── Line (with the machine) ◄──pieces── Feed ◄── the exchange
//! ```

mod line;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use mezon_protocol::Error;
use mezon_protocol::rest::agent::{AgentConfig, AgentStreamEvent};

pub(crate) use line::{Feed, Line, Listening};

use crate::builder::seed;
use crate::client::{Anchor, Client};
use crate::events::Source;
use crate::runtime::Runtime;

/// # Events of AI agents
impl<R: Runtime> Client<R> {
    /// Opens the stream of AI agents' events, on the server that
    /// [`Services::agent`](mezon_protocol::rest::Services::agent) names; there is none by default. Needs no login, and
    /// no connection but a driver.
    ///
    /// What comes is [`AgentStreamEvent`]: agents' events, and what becomes of the stream. After an end that nobody
    /// asked for it is opened again, five times in a row at most, after delays that double from 3 s to 30 s. It ends,
    /// with [`Closed`](AgentStreamEvent::Closed) last, when that was in vain or the client is closed; dropping what this
    /// gives closes it. As the [events](Self::events) do, it holds the client.
    ///
    /// There is one stream at a time: a later call opens a fresh one, and the earlier one ends. One that is not read
    /// holds the server back.
    ///
    /// # Errors
    ///
    /// `Config` when the configuration names no server, no bot or no key; `NotConnected` when there is no driver yet,
    /// `Closed` when it has ended.
    #[doc(alias = "connectMezonAgentSSE")]
    #[doc(alias = "connect_ai_agent_sse")]
    #[doc(alias = "disconnect_ai_agent_sse")]
    pub fn agent_events(&self) -> Result<R::Events<AgentReceiver<R>>, Error> {
        self.agent_events_with(self.backend().shared.agents.clone()?)
    }

    /// As [`agent_events`](Self::agent_events), with other settings; begin with [`AgentConfig::of`].
    ///
    /// # Errors
    ///
    /// As [`agent_events`](Self::agent_events).
    pub fn agent_events_with(&self, config: AgentConfig) -> Result<R::Events<AgentReceiver<R>>, Error> {
        config.check()?;
        let line = Arc::new(Line::new(config, seed()));
        self.backend().shared.listen(Listening::new(Arc::clone(&line)))?;
        Ok(AgentReceiver { line, _anchor: self.anchor() }.into())
    }
}

/// The receiver of AI agents' events; adapters give it the form that suits their runtime.
pub struct AgentReceiver<R: Runtime> {
    line: Arc<Line>,
    /// Holds the client.
    _anchor: Arc<Anchor<R>>,
}

impl<R: Runtime> Source for AgentReceiver<R> {
    type Item = AgentStreamEvent;

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<AgentStreamEvent>> {
        self.line.poll_event(cx)
    }
}

impl<R: Runtime> Drop for AgentReceiver<R> {
    fn drop(&mut self) {
        self.line.close();
    }
}

impl<R: Runtime> fmt::Debug for AgentReceiver<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentReceiver").finish_non_exhaustive()
    }
}

//! The driver's work for the stream of agents' events: its exchanges and its time. What there is to do its own machine
//! says.

use std::sync::Arc;
use std::task::{Context, Poll};

use mezon_protocol::Now;
use mezon_protocol::exchange::{HttpFailure, HttpRequest};
use mezon_protocol::rest::agent::{AgentTransmit, StreamEnd};

use super::{Done, Running, TaskKey};
use crate::agent::{Feed, Line, Listening};
use crate::runtime::Runtime;

impl<R: Runtime> Running<R> {
    /// Opens a stream in place of the one that may be open.
    pub(super) fn listen(&mut self, now: Now, listening: Listening) {
        self.tasks.remove(&TaskKey::Agents);
        listening.line().begin(now);
        self.listening = Some(listening);
    }

    /// Says whether there was something to be done.
    pub(super) fn drive_agents(&mut self, cx: &Context<'_>, now: Now) -> bool {
        let Some(listening) = &self.listening else { return false };
        let line = Arc::clone(listening.line());
        let mut progress = false;
        while let Poll::Ready(work) = line.poll_work(cx, now) {
            progress = true;
            match work {
                Some(AgentTransmit::Open { id, request }) => self.open_agents(&line, id, request),
                Some(AgentTransmit::Close { .. }) => {
                    self.tasks.remove(&TaskKey::Agents);
                }
                None => {
                    self.listening = None;
                    break;
                }
            }
        }
        progress
    }

    pub(super) fn on_agents_ended(&self, now: Now, id: u64, result: Result<(), HttpFailure>) {
        let Some(listening) = &self.listening else { return };
        let end = result.map_or_else(|failure| StreamEnd::Failed(failure.to_string()), |()| StreamEnd::Ended);
        listening.line().on_ended(now, id, end);
    }

    fn open_agents(&mut self, line: &Arc<Line>, id: u64, request: HttpRequest) {
        let shared = &self.shared;
        let feed = Feed::new(Arc::clone(shared), Arc::clone(line), id);
        let exchange = Arc::clone(&shared.runtime).exchange(Arc::clone(&shared.net), request, feed);
        self.tasks.insert(TaskKey::Agents, async move { Done::AgentsEnded(id, exchange.await.map(drop)) });
    }
}

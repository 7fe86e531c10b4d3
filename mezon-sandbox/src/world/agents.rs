//! The events of AI agents: streams of server-sent events, over HTTP responses that do not end.

use bytes::Bytes;
use mezon_protocol::rest::agent::AgentEvent;
use mezon_protocol::{Now, UserId};
use percent_encoding::percent_decode_str;

use super::World;
use super::connection::{Action, ConnId, Outgoing};
use super::transcript::What;

/// Where a stream is asked for.
pub(crate) const STREAM: &str = "/api/sse/metadata";

/// # Events of AI agents
impl World {
    /// A client wants the stream of a bot's events of agents: `target` is path and query of its request, with bot and key
    /// in the query. What comes for the connection is [`Action::Piece`] and its end.
    ///
    /// # Errors
    ///
    /// The HTTP status to answer with: 404 for another path than `/api/sse/metadata`, 401 for an unknown bot or a wrong
    /// key.
    pub fn connect_agents(&mut self, now: Now, target: &str) -> Result<ConnId, u16> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != STREAM {
            return Err(404);
        }
        let Some(user) = self.bot_of(query) else {
            self.record(now, What::ConnectRefused { status: 401 });
            return Err(401);
        };
        self.last_conn += 1;
        let conn = ConnId(self.last_conn);
        self.agent_streams.insert(conn, user);
        self.record(now, What::Connected { conn, user });
        Ok(conn)
    }

    /// An agent of a bot has something to tell, such as that its room was started. Gives the number of streams that hear
    /// it; who opens one later does not.
    pub fn agent_event(&mut self, bot: UserId, event: &AgentEvent) -> usize {
        let data = serde_json::to_string(event).expect("an event has nothing that JSON has not");
        let piece = Bytes::from(format!("data: {data}\n\n"));
        let streams = self.agent_streams(bot);
        for conn in &streams {
            self.outgoing.push_back(Outgoing { conn: *conn, action: Action::Piece(piece.clone()) });
        }
        streams.len()
    }

    /// Ends the streams of a bot, in good order as a server does that goes away. Gives their number.
    pub fn drop_agents(&mut self, now: Now, bot: UserId) -> usize {
        let streams = self.agent_streams(bot);
        for conn in &streams {
            self.agent_streams.remove(conn);
            self.outgoing.push_back(Outgoing { conn: *conn, action: Action::Close { code: 1001 } });
            self.record(now, What::Disconnected { conn: *conn, user: bot, how: "dropped on demand".to_owned() });
        }
        streams.len()
    }

    /// The streams of a bot's events of agents that are open, oldest first.
    pub fn agent_streams(&self, bot: UserId) -> Vec<ConnId> {
        self.agent_streams.iter().filter(|(_, user)| **user == bot).map(|(conn, _)| *conn).collect()
    }

    /// The bot that a query names, if the key is its own.
    fn bot_of(&self, query: &str) -> Option<UserId> {
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let bot = UserId::new(value("appid")?.parse().ok()?);
        let token = percent_decode_str(value("token")?).decode_utf8_lossy();
        let key = self.users.get(&bot)?.key.as_ref()?;
        (self.settings.any_key || key.expose() == token).then_some(bot)
    }
}

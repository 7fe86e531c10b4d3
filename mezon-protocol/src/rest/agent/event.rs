//! What AI agents tell.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that happened in the room of an AI agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentEvent {
    /// Its id.
    #[serde(default)]
    pub event_id: String,
    /// What happened.
    #[serde(rename = "event_type")]
    pub kind: AgentEventKind,
    /// When, as the server writes it (ISO 8601).
    #[serde(default)]
    pub timestamp: String,
    /// Where.
    #[serde(default)]
    pub room: AgentRoom,
    /// What else there is to say, such as the summary.
    #[serde(default)]
    pub metadata: Map<String, Value>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AgentEventKind {
    /// The agent's session began (`session_started` elsewhere).
    RoomStarted,
    /// The agent's session ended (`session_ended` elsewhere).
    RoomEnded,
    /// The summary of the session is there.
    RoomSummaryDone,
}

/// The room of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgentRoom {
    /// Its id.
    pub room_id: String,
    /// Its name.
    pub room_name: String,
}

impl AgentEvent {
    /// An event from the data of a server-sent event; `None` for one of another type, and for what is no event at all.
    pub fn parse(data: &str) -> Option<Self> {
        serde_json::from_str(data).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_with_what_it_leaves_out() {
        let data = r#"{"event_id":"e","event_type":"room_summary_done","timestamp":"2026-01-01T00:00:00Z",
            "room":{"room_id":"r","room_name":"n"},"metadata":{"summary":"s"},"more":1}"#;
        let event = AgentEvent::parse(data).unwrap();
        assert_eq!((event.kind, event.room.room_id.as_str()), (AgentEventKind::RoomSummaryDone, "r"));
        assert_eq!(event.metadata["summary"], "s");
        let bare = AgentEvent::parse(r#"{"event_type":"room_started"}"#).unwrap();
        assert_eq!((bare.kind, bare.metadata.len()), (AgentEventKind::RoomStarted, 0));
    }

    #[test]
    fn what_is_no_event_is_none() {
        for data in ["", "x", "[]", "{}", r#"{"event_type":"room_painted"}"#, r#"{"event_type":1}"#] {
            assert_eq!(AgentEvent::parse(data), None);
        }
    }
}

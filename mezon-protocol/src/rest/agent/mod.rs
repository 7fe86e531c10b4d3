//! The events of AI agents: server-sent events over an HTTP response that does not end.
//!
//! Nothing connects by itself, and there is no public server: where it is, [`Services::agent`](super::Services::agent)
//! says.
//!
//! # Driving it
//!
//! [`AgentStream`] is a machine like the [`Machine`](crate::Machine), beside it and independent of it. Whoever drives
//! it performs what [`poll_transmit`](AgentStream::poll_transmit) gives:
//!
//! - [`AgentTransmit::Open`]: begin this HTTP request and tell `handle_opened` its status as soon as the head of the
//!   response is there. Then read the body as it comes, without a time-out, give each piece to `handle_bytes` while
//!   [`wants_read`](AgentStream::wants_read), and tell `handle_ended` when it ends or fails;
//! - [`AgentTransmit::Close`]: break that exchange off.
//!
//! and calls `handle_timeout` at [`poll_timeout`](AgentStream::poll_timeout). The clients of the adapters do so, by their
//! `agent_events`.
//!
//! ```
//! use mezon_protocol::rest::agent::{AgentConfig, AgentStream, AgentStreamEvent, AgentTransmit};
//! use mezon_protocol::{Config, Now};
//!
//! let mut config = Config::bot(17_i64, "the-key")?;
//! config.services.agent = Some("https://agent.test".into());
//! let mut stream = AgentStream::new(AgentConfig::of(&config)?, 1);
//! let now = Now::default();
//! stream.connect(now);
//! let Some(AgentTransmit::Open { id, request }) = stream.poll_transmit() else { panic!() };
//! assert_eq!(request.url, "https://agent.test/api/sse/metadata?appid=17&token=the-key");
//!
//! stream.handle_opened(now, id, 200);
//! stream.handle_bytes(now, id, b"data: {\"event_type\":\"room_started\"}\n\n");
//! assert!(matches!(stream.poll_event(), Some(AgentStreamEvent::Opened { .. })));
//! assert!(matches!(stream.poll_event(), Some(AgentStreamEvent::Event(_))));
//! # Ok::<(), mezon_protocol::Error>(())
//! ```

mod event;
mod sse;
mod stream;

pub use event::{AgentEvent, AgentEventKind, AgentRoom};
pub use sse::{SseEvent, SseLimits, SseParser};
pub use stream::{AgentConfig, AgentState, AgentStream, AgentStreamEvent, AgentTransmit, StreamEnd};

//! Wire types: the protobuf messages of the server, as they are.
//!
//! They follow the server and carry **no stability promise**: a message or a field may appear, change or vanish in any
//! release. Names are the server's own, spelling mistakes included, in the case that Rust asks for.
//!
//! * [`api`]: package `mezon.api`, requests and answers of the API, and the objects in them.
//! * [`realtime`]: package `mezon.realtime`, what travels over the socket; everything is inside an
//!   [`Envelope`](realtime::Envelope).
//!
//! What holds for all of them, where a field does not say otherwise:
//!
//! * ids are `i64`, and 0 means "none";
//! * fields that end in `_seconds` are Unix times in seconds, and 0 means "not set";
//! * an absent number, text or list is the same as 0 or empty, except where the type is an [`Option`];
//! * lists in fields of bytes, such as the reactions of a message, are messages of their own, encoded.
//!
//! The files `mezon.api.rs` and `mezon.realtime.rs` are generated from the `.proto` files in the folder `proto` of the
//! repository by `cargo run -p mezon-proto-gen`. The one message written by hand is [`MeetParticipantEvent`].

mod meet_participant;

pub use meet_participant::MeetParticipantEvent;

/// Package `mezon.api`: requests and answers of the API, and the objects in them.
#[allow(missing_docs, clippy::all, clippy::wildcard_enum_match_arm)]
pub mod api {
    include!("mezon.api.rs");
}

/// Package `mezon.realtime`: what travels over the socket, inside an [`Envelope`](realtime::Envelope).
#[allow(missing_docs, clippy::all, clippy::wildcard_enum_match_arm)]
pub mod realtime {
    pub use super::MeetParticipantEvent;

    include!("mezon.realtime.rs");
}

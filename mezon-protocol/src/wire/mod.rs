//! Frames as bytes: scanning, encoding, raw API frames and their reassembly.
//!
//! Nothing here decodes a message of the server. [`scan`](fn@scan) finds out what a frame is and whom it answers,
//! [`Fields`] reads single fields of a message, [`Encoder`] writes envelopes, [`raw`] has the frames of API answers and
//! [`Reassembly`] puts their pieces together. All of it takes any bytes without panicking.

mod encode;
mod fields;
pub mod raw;
mod reassembly;
mod scan;

pub use encode::{Encoder, chunks};
pub use fields::{Field, Fields, InvalidField, Value, varint};
pub use reassembly::{Outcome, Reassembly, ReassemblyLimits};
pub use scan::{MEMBERS, Malformed, Scan, scan};

#[cfg(test)]
pub(crate) mod testing {
    //! What the tests of several files need.

    use crate::proto::realtime::MessageTypingEvent;

    pub(crate) fn hex(text: &str) -> Vec<u8> {
        let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
        text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
    }

    pub(crate) fn typing(channel_id: i64, sender_id: i64) -> MessageTypingEvent {
        MessageTypingEvent { channel_id, sender_id, ..MessageTypingEvent::default() }
    }
}

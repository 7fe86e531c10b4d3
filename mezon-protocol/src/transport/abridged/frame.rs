//! Frames of the abridged TCP transport, found in a stream and written to it.
//!
//! ```text
//!   00      ping or pong: cid (16 bits, BE)
//!   01..7e  envelope: as many words of 4 bytes, padded with zeros
//!   7f      the same: the number of words follows (24 bits, LE)
//!   82      envelope in a frame of a WebSocket as a server writes it, not padded      from the server only
//!   88      the close frame of a WebSocket; 89 and 8a, its ping and pong, are skipped from the server only
//!   ff      piece of an API answer: header, length of the payload (32 bits, BE)       from the server only
//! ```
//!
//! After anything else the position in the stream is lost. An HTTP answer in the place of a frame is found before it
//! could be taken for one: `H` would begin an envelope whose first field cannot be.

use super::{AbridgedLimits, protocol};
use crate::transport::{ApiChunk, Closed};
use crate::wire::{Fields, raw};

/// The length of the header of a raw frame, with the length of the payload.
pub(super) const RAW_HEADER_BYTES: usize = raw::HEADER_BYTES + 4;

/// The unit of the length of a padded frame, in bytes.
const WORD: usize = 4;

/// The most bytes that a padded frame has with its header.
pub(super) const MAX_PADDED: usize = 4 + 0xff_ffff * WORD;

/// The first byte of a padded frame whose length follows.
const LONG: u8 = 0x7f;

/// What stands at the beginning of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A frame, not necessarily all of it.
    Frame(Head),
    /// An answer of HTTP.
    Http,
    /// Too few bytes to say.
    Nothing,
}

/// A frame by what it says before its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: Kind,
    /// Where the payload begins.
    pub(super) start: usize,
    /// How many bytes the payload has, padding included.
    pub(super) length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A ping or a pong, with its cid.
    Beat(u16),
    /// An envelope with zeros behind it.
    Padded,
    /// An envelope as it is.
    Whole,
    /// A piece of an API answer.
    Raw(raw::Header),
    /// Of no interest.
    Skipped,
    /// The peer closes.
    Close,
}

/// What a server's stream has next.
///
/// # Errors
///
/// How the connection ends when that is no frame, or is too large.
pub(super) fn find_from_server(bytes: &[u8], limits: &AbridgedLimits) -> Result<Found, Closed> {
    let begins_with = |word: &[u8]| bytes.iter().zip(word).all(|(byte, expected)| byte == expected);
    let Some(&first) = bytes.first() else { return Ok(Found::Nothing) };
    for request in [&b"GET "[..], b"POST "] {
        if begins_with(request) {
            return if bytes.len() < request.len() {
                Ok(Found::Nothing)
            } else {
                Err(protocol("the peer is a client"))
            };
        }
    }
    if begins_with(b"HTTP/") {
        return Ok(if bytes.len() < b"HTTP/".len() { Found::Nothing } else { Found::Http });
    }
    let head = match first {
        0x00 => Ok(beat_head(bytes)),
        0x01..=LONG => padded_head(bytes, limits.envelope),
        0x82 => websocket_head(bytes, limits.envelope),
        0x88 => control_head(bytes, Kind::Close),
        0x89 | 0x8a => control_head(bytes, Kind::Skipped),
        raw::FIRST_BYTE => raw_head(bytes, limits.chunk),
        _ => Err(no_frame(first)),
    }?;
    Ok(head.map_or(Found::Nothing, Found::Frame))
}

/// What a client's stream has next, after its token.
///
/// # Errors
///
/// As for [`find_from_server`].
pub(super) fn find_from_client(bytes: &[u8], limits: &AbridgedLimits) -> Result<Found, Closed> {
    let Some(&first) = bytes.first() else { return Ok(Found::Nothing) };
    let head = match first {
        0x00 => Ok(beat_head(bytes)),
        0x01..=LONG => padded_head(bytes, limits.envelope),
        _ => Err(no_frame(first)),
    }?;
    Ok(head.map_or(Found::Nothing, Found::Frame))
}

fn no_frame(first: u8) -> Closed {
    Closed::Protocol(format!("no frame begins with {first:02x}"))
}

fn beat_head(bytes: &[u8]) -> Option<Head> {
    let &[_, high, low] = bytes.first_chunk()?;
    Some(Head { kind: Kind::Beat(u16::from_be_bytes([high, low])), start: 3, length: 0 })
}

/// The head of a padded frame, `None` when more bytes are needed.
pub(super) fn padded_head(bytes: &[u8], limit: usize) -> Result<Option<Head>, Closed> {
    let (start, words) = match *bytes {
        [] => return Ok(None),
        [LONG, low, middle, high, ..] => (4, u32::from_le_bytes([low, middle, high, 0]) as usize),
        [LONG, ..] => return Ok(None),
        [words @ 1..LONG, ..] => (1, usize::from(words)),
        [first, ..] => return Err(no_frame(first)),
    };
    within(words * WORD, limit).map(|length| Some(Head { kind: Kind::Padded, start, length }))
}

fn control_head(bytes: &[u8], kind: Kind) -> Result<Option<Head>, Closed> {
    match bytes.get(1) {
        None => Ok(None),
        Some(length @ 0..=125) => Ok(Some(Head { kind, start: 2, length: usize::from(*length) })),
        Some(126..) => Err(protocol("a control frame is too large")),
    }
}

fn websocket_head(bytes: &[u8], limit: usize) -> Result<Option<Head>, Closed> {
    let Some((&short, rest)) = bytes.get(1..).and_then(<[u8]>::split_first) else { return Ok(None) };
    let (start, length) = match short {
        0..=125 => (2, usize::from(short)),
        126 => match rest.first_chunk() {
            Some(length) => (4, usize::from(u16::from_be_bytes(*length))),
            None => return Ok(None),
        },
        127 => match rest.first_chunk() {
            Some(length) => (10, usize::try_from(u64::from_be_bytes(*length)).unwrap_or(usize::MAX)),
            None => return Ok(None),
        },
        128.. => return Err(protocol("the server masks its frames")),
    };
    within(length, limit).map(|length| Some(Head { kind: Kind::Whole, start, length }))
}

fn raw_head(bytes: &[u8], limit: usize) -> Result<Option<Head>, Closed> {
    let length = bytes.get(raw::HEADER_BYTES..).and_then(<[u8]>::first_chunk);
    let (Some(header), Some(length)) = (raw::Header::read(bytes), length) else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    within(length, limit).map(|length| Some(Head { kind: Kind::Raw(header), start: RAW_HEADER_BYTES, length }))
}

fn within(length: usize, limit: usize) -> Result<usize, Closed> {
    if length > limit { Err(Closed::Protocol(format!("a frame is larger than {limit} bytes"))) } else { Ok(length) }
}

/// The length of an envelope that may have zeros behind it.
///
/// They are found by walking the fields, as the envelope itself may end in zeros. What is no envelope is left as it is.
pub(super) fn envelope_length(payload: &[u8]) -> usize {
    if payload.last() != Some(&0) {
        return payload.len();
    }
    let end = Fields::new(payload).map_while(Result::ok).last().map_or(0, |field| field.end);
    if payload[end..].iter().all(|byte| *byte == 0) { end } else { payload.len() }
}

/// The payload of a client, whose padding nothing tells from its own zeros.
pub(super) fn without_zeros(payload: &[u8]) -> &[u8] {
    let end = payload.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &payload[..end]
}

/// How many bytes [`write_padded`] writes for a payload of this length.
pub(super) const fn padded_length(payload: usize) -> usize {
    let words = words(payload);
    let head = if words < LONG as usize { 1 } else { 4 };
    head + words * WORD
}

/// No frame has 0 words: its first byte would make it a ping.
const fn words(payload: usize) -> usize {
    if payload == 0 { 1 } else { payload.div_ceil(WORD) }
}

/// Appends a padded frame, which has [`MAX_PADDED`] bytes at most.
pub(super) fn write_padded(payload: &[u8], out: &mut Vec<u8>) {
    let words = words(payload.len());
    let end = out.len() + padded_length(payload.len());
    out.reserve(end - out.len());
    let [low, middle, high, ..] = words.to_le_bytes();
    if words < usize::from(LONG) {
        out.push(low);
    } else {
        out.extend_from_slice(&[LONG, low, middle, high]);
    }
    out.extend_from_slice(payload);
    out.resize(end, 0);
}

/// Appends a ping or a pong.
pub(super) fn write_beat(cid: u16, out: &mut Vec<u8>) {
    let [high, low] = cid.to_be_bytes();
    out.extend_from_slice(&[0, high, low]);
}

/// Appends a piece of an API answer, whose payload has less than 4 GiB.
pub(super) fn write_raw(chunk: &ApiChunk, out: &mut Vec<u8>) {
    let header = raw::Header { cid: chunk.cid, code: chunk.code, fin: chunk.fin };
    out.extend_from_slice(&header.to_bytes());
    let length = u32::try_from(chunk.payload.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&chunk.payload);
}

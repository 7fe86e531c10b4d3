//! The file: a magic word, a version, a header, and records one after the other, each with its kind and its length.
//!
//! ```text
//!   "mezonrec"  version (varint)  ┌ kind (1 byte)  length (varint)  message (protobuf) ┐ ...
//!                                 └ the first one is the header                        ┘
//! ```

use std::io::{ErrorKind, Read};

use prost::Message;
use prost::bytes::BufMut;
use prost::encoding::encode_varint;

use super::ReplayError;
use super::record::{CallStep, FromCodec, Header, Input, Taken};

const MAGIC: &[u8; 8] = b"mezonrec";

/// The version of the format that this build writes and reads.
pub const VERSION: u32 = 1;

/// The largest record that is read: a frame or a list of the largest kind, with room to spare.
const MAX_RECORD: u64 = 64 << 20;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Header = 0,
    Input = 1,
    FromCodec = 2,
    CallStep = 3,
    Taken = 4,
}

/// A record after the header.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Record {
    Input(Input),
    FromCodec(FromCodec),
    CallStep(CallStep),
    Taken(Taken),
}

/// Appends what a recording begins with.
pub(crate) fn write_start(out: &mut Vec<u8>, header: &Header) {
    out.put_slice(MAGIC);
    encode_varint(u64::from(VERSION), out);
    write(out, Kind::Header, header);
}

/// Appends a record.
pub(crate) fn write(out: &mut Vec<u8>, kind: Kind, record: &impl Message) {
    out.push(kind as u8);
    encode_varint(record.encoded_len() as u64, out);
    record.encode(out).expect("a Vec grows");
}

/// Reads the records of a recording, one at a time.
pub(crate) struct Reader<R> {
    source: R,
    /// How many bytes have been read.
    at: u64,
    is_torn: bool,
}

impl<R: Read> Reader<R> {
    /// Reads magic, version and header.
    pub(crate) fn new(source: R) -> Result<(Self, Header), ReplayError> {
        let mut reader = Self { source, at: 0, is_torn: false };
        let mut magic = [0; MAGIC.len()];
        for byte in &mut magic {
            *byte = reader.byte()?.ok_or(ReplayError::NotARecording)?;
        }
        if magic != *MAGIC {
            return Err(ReplayError::NotARecording);
        }
        let version = reader.varint()?.ok_or(ReplayError::NotARecording)?;
        if version != u64::from(VERSION) {
            return Err(ReplayError::Version { found: version });
        }
        let at = reader.at;
        let Some((kind, body)) = reader.next_body()? else { return Err(ReplayError::NotARecording) };
        if kind != Kind::Header as u8 {
            return Err(ReplayError::Damaged { at, what: "the first record is no header" });
        }
        let header = Header::decode(&*body).map_err(|_| undecodable(at))?;
        Ok((reader, header))
    }

    /// The next record, `None` at the end. What was cut off in the middle of a record counts as the end.
    pub(crate) fn next(&mut self) -> Result<Option<Record>, ReplayError> {
        let at = self.at;
        let Some((kind, body)) = self.next_body()? else { return Ok(None) };
        let record = match kind {
            kind if kind == Kind::Input as u8 => Input::decode(&*body).map(Record::Input),
            kind if kind == Kind::FromCodec as u8 => FromCodec::decode(&*body).map(Record::FromCodec),
            kind if kind == Kind::CallStep as u8 => CallStep::decode(&*body).map(Record::CallStep),
            kind if kind == Kind::Taken as u8 => Taken::decode(&*body).map(Record::Taken),
            _ => return Err(ReplayError::Damaged { at, what: "a record of an unknown kind" }),
        };
        record.map(Some).map_err(|_| undecodable(at))
    }

    /// True if the recording ended in the middle of a record.
    pub(crate) const fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// How many bytes have been read.
    pub(crate) const fn position(&self) -> u64 {
        self.at
    }

    fn next_body(&mut self) -> Result<Option<(u8, Vec<u8>)>, ReplayError> {
        let at = self.at;
        let Some(kind) = self.byte()? else { return Ok(None) };
        let Some(len) = self.varint()? else { return Ok(self.tear()) };
        if len > MAX_RECORD {
            return Err(ReplayError::Damaged { at, what: "a record is too large" });
        }
        let mut body = Vec::new();
        // room is made as bytes come in, not as the length promises
        let read = self.source.by_ref().take(len).read_to_end(&mut body).map_err(ReplayError::Io)?;
        self.at += read as u64;
        Ok(if (read as u64) < len { self.tear() } else { Some((kind, body)) })
    }

    fn tear<T>(&mut self) -> Option<T> {
        self.is_torn = true;
        None
    }

    fn varint(&mut self) -> Result<Option<u64>, ReplayError> {
        let at = self.at;
        let mut value = 0;
        for index in 0..9 {
            let Some(byte) = self.byte()? else { return Ok(None) };
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                return Ok(Some(value));
            }
        }
        Err(ReplayError::Damaged { at, what: "a number is too large" })
    }

    fn byte(&mut self) -> Result<Option<u8>, ReplayError> {
        let mut byte = [0];
        loop {
            match self.source.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => {
                    self.at += 1;
                    return Ok(Some(byte[0]));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ReplayError::Io(error)),
            }
        }
    }
}

const fn undecodable(at: u64) -> ReplayError {
    ReplayError::Damaged { at, what: "a record cannot be decoded" }
}

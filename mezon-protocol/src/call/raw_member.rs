//! Any member of the Envelope, for what has no call of its own.

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};

use super::{Answer, OneStep, Request};
use crate::error::{Error, ErrorKind};
use crate::machine::Shared;
use crate::proto::realtime::{Envelope, envelope};

/// Sends any member of the Envelope. Ends with the member that answers; with `None` where the server acknowledges
/// without one, or where no answer was wanted.
///
/// It is sent as it is: what the platform does not know, it may answer by closing the connection.
#[derive(Debug)]
pub struct RawMember {
    member: Option<envelope::Message>,
    wants_answer: bool,
}

impl RawMember {
    /// Waits for the answer.
    pub const fn new(member: envelope::Message) -> Self {
        Self { member: Some(member), wants_answer: true }
    }

    /// Ends as soon as the adapter has the bytes. There is no cid then, so whatever the server says to it, nobody
    /// hears.
    #[must_use]
    pub const fn without_answer(mut self) -> Self {
        self.wants_answer = false;
        self
    }
}

impl OneStep for RawMember {
    type Output = Option<envelope::Message>;

    fn request(&mut self, _: &mut Shared) -> Result<Request, Error> {
        let Some(member) = self.member.take() else {
            return Err(Error::unsent(ErrorKind::InvalidArgument("the call has begun already".into())));
        };
        Ok(if self.wants_answer { Request::Member(member) } else { Request::Notice(member) })
    }

    fn output(&mut self, _: &mut Shared, answer: Answer) -> Result<Self::Output, Error> {
        let Answer::Member { field, body } = answer else {
            return Err(Error::answered(ErrorKind::Decode("no member of the Envelope".into())));
        };
        decode(field, &body)
    }
}

/// The member whose bytes these are. One that the schema does not know is none.
fn decode(field: u32, body: &Bytes) -> Result<Option<envelope::Message>, Error> {
    if field == 0 {
        return Ok(None);
    }
    let mut envelope = BytesMut::with_capacity(body.len() + 16);
    encode_key(field, WireType::LengthDelimited, &mut envelope);
    encode_varint(body.len() as u64, &mut envelope);
    envelope.put_slice(body);
    match Envelope::decode(envelope.freeze()) {
        Ok(envelope) => Ok(envelope.message),
        Err(error) => Err(Error::answered(ErrorKind::Decode(format!("a member of the Envelope: {error}")))),
    }
}

//! Raw frames: the pieces of API answers.
//!
//! ```text
//! offset 0    1..3        3..5         5..7                        7..
//!        ff   cid (BE)    code (BE)    00 ff = last piece, else    payload: the rest of the
//!                                      more pieces follow          WebSocket message
//! ```
//!
//! Over TCP the length of the payload follows the header; over WebSocket the message ends it.

use bytes::{BufMut, Bytes};

use crate::transport::ApiChunk;

/// The byte that a raw frame begins with. No envelope does: as a tag it would have a wire type that does not exist.
pub const FIRST_BYTE: u8 = 0xff;

/// The length of the header in bytes, without the length field that TCP adds.
pub const HEADER_BYTES: usize = 7;

/// The last word of the header in the last piece. Any other word means that more pieces follow; it is no bit mask.
const FIN: [u8; 2] = [0x00, 0xff];

/// The header of a raw frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The cid of the request.
    pub cid: u16,
    /// The response code.
    pub code: u16,
    /// True for the last piece.
    pub fin: bool,
}

impl Header {
    /// Reads the header at the start of `bytes`; `None` when they are fewer than [`HEADER_BYTES`], or do not begin with
    /// [`FIRST_BYTE`].
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let &[FIRST_BYTE, cid0, cid1, code0, code1, fin0, fin1] = bytes.first_chunk::<HEADER_BYTES>()? else {
            return None;
        };
        Some(Self {
            cid: u16::from_be_bytes([cid0, cid1]),
            code: u16::from_be_bytes([code0, code1]),
            fin: [fin0, fin1] == FIN,
        })
    }

    /// The bytes of the header.
    #[must_use]
    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let [cid0, cid1] = self.cid.to_be_bytes();
        let [code0, code1] = self.code.to_be_bytes();
        let [fin0, fin1] = if self.fin { FIN } else { [0, 0] };
        [FIRST_BYTE, cid0, cid1, code0, code1, fin0, fin1]
    }
}

/// Reads a raw frame that is a whole WebSocket message, without copying its payload; `None` when it is cut within the
/// header, or is no raw frame.
///
/// ```
/// use bytes::Bytes;
/// use mezon_protocol::wire::raw;
///
/// let chunk = raw::read(&Bytes::from_static(b"\xff\x00\x09\x00\x00\x00\xffabc")).unwrap();
/// assert_eq!((chunk.cid, chunk.code, chunk.fin), (9, 0, true));
/// assert_eq!(chunk.payload, "abc");
/// ```
#[must_use]
pub fn read(message: &Bytes) -> Option<ApiChunk> {
    let Header { cid, code, fin } = Header::read(message)?;
    Some(ApiChunk { cid, code, fin, payload: message.slice(HEADER_BYTES..) })
}

/// Appends a raw frame in the form of a whole WebSocket message.
pub fn write(chunk: &ApiChunk, out: &mut impl BufMut) {
    out.put_slice(&Header { cid: chunk.cid, code: chunk.code, fin: chunk.fin }.to_bytes());
    out.put_slice(&chunk.payload);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::hex;

    #[test]
    fn the_known_frames_are_read_and_written() {
        let table = [
            ("ff0009000000ff0a03616263", 9, 0, true, "0a03616263"),
            ("ff0009000000000a03", 9, 0, false, "0a03"),
            ("ff0009000300ff", 9, 3, true, ""),
            ("ff0008000000ff", 8, 0, true, ""),
            ("ff0102000000ff0801", 258, 0, true, "0801"),
            ("ffffff000000ff0801", 65535, 0, true, "0801"),
            ("ff000e001000ff", 14, 16, true, ""),
            ("ff000fffff00ff78", 15, 65535, true, "78"),
            ("ff001e000000ffffffff", 30, 0, true, "ffffff"),
        ];
        for (bytes, cid, code, fin, payload) in table {
            let chunk = ApiChunk { cid, code, fin, payload: hex(payload).into() };
            assert_eq!(read(&hex(bytes).into()), Some(chunk.clone()), "{bytes}");
            let mut written = Vec::new();
            write(&chunk, &mut written);
            assert_eq!(written, hex(bytes), "{bytes}");
        }
    }

    #[test]
    fn only_the_exact_word_ends_an_answer() {
        for (word, fin) in
            [("00ff", true), ("0000", false), ("0100", false), ("01ff", false), ("ffff", false), ("00fe", false)]
        {
            let header = Header::read(&hex(&format!("ff00180000{word}"))).unwrap();
            assert_eq!(header.fin, fin, "{word}");
        }
    }

    #[test]
    fn a_cut_header_is_no_raw_frame() {
        let frame = hex("ff0009000000ff");
        for length in 0..HEADER_BYTES {
            assert_eq!(read(&Bytes::copy_from_slice(&frame[..length])), None);
        }
        assert_eq!(read(&hex("080900000000ff").into()), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..32)) {
            let expected = bytes.len() >= HEADER_BYTES && bytes[0] == FIRST_BYTE;
            prop_assert_eq!(read(&bytes.into()).is_some(), expected);
        }
    }
}

//! API answers put together from their pieces, within bounds.
//!
//! Pieces of different answers may come interleaved, those of one answer come in order. The code of the last piece is
//! the code of the answer. Nothing in the protocol ends an answer that stops coming: when a request ends without its
//! answer, call [`Reassembly::forget`].

use std::collections::HashMap;

use bytes::Bytes;

use crate::transport::ApiChunk;

/// How much the pieces of unfinished answers may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReassemblyLimits {
    /// Bytes of one answer. Default: 16 MiB.
    pub per_cid: usize,
    /// Bytes of all unfinished answers together. Default: 64 MiB.
    pub total: usize,
}

impl Default for ReassemblyLimits {
    fn default() -> Self {
        Self { per_cid: 16 * 1024 * 1024, total: 64 * 1024 * 1024 }
    }
}

/// What a piece has led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// More pieces are to come.
    Incomplete,
    /// The answer is whole.
    Complete {
        /// The cid of the request.
        cid: u16,
        /// The code of the last piece.
        code: u16,
        /// The payloads, one after the other.
        body: Bytes,
    },
    /// The answer is larger than [`ReassemblyLimits::per_cid`]; what had come of it is dropped. Do not push further
    /// pieces of this cid.
    TooLarge {
        /// The cid of the request.
        cid: u16,
    },
    /// The piece was taken, but all answers together were larger than [`ReassemblyLimits::total`]: those that began
    /// first are dropped, which may include the answer that this piece belongs to. Do not push further pieces of them.
    Evicted {
        /// The cids of the requests, the oldest answer first; at least one.
        cids: Vec<u16>,
    },
}

/// The answers that have come in part.
///
/// It never allocates for a cid that it was not given: push only pieces of requests that are waiting.
#[derive(Debug, Default)]
pub struct Reassembly {
    limits: ReassemblyLimits,
    answers: HashMap<u16, Answer>,
    /// The bytes of all answers.
    bytes: usize,
    /// Counts the answers begun, to tell which is older.
    begun: u64,
}

#[derive(Debug)]
struct Answer {
    number: u64,
    body: Vec<u8>,
}

impl Reassembly {
    /// A reassembly with nothing in it.
    #[must_use]
    pub fn new(limits: ReassemblyLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Takes a piece of an answer that is waited for.
    ///
    /// An answer in one piece is passed on without copying it.
    pub fn push(&mut self, chunk: ApiChunk) -> Outcome {
        let ApiChunk { cid, code, fin, payload } = chunk;
        let held = self.answers.get(&cid).map_or(0, |answer| answer.body.len());
        if held + payload.len() > self.limits.per_cid {
            self.forget(cid);
            return Outcome::TooLarge { cid };
        }
        if fin {
            return Outcome::Complete { cid, code, body: self.complete(cid, payload) };
        }
        self.append(cid, &payload);
        let cids = self.evict();
        if cids.is_empty() { Outcome::Incomplete } else { Outcome::Evicted { cids } }
    }

    /// Drops what has come of an answer, because its request has ended.
    pub fn forget(&mut self, cid: u16) {
        if let Some(answer) = self.answers.remove(&cid) {
            self.bytes -= answer.body.len();
        }
    }

    /// Drops everything, because the connection has ended.
    pub fn clear(&mut self) {
        self.answers = HashMap::new();
        self.bytes = 0;
    }

    /// The bytes held for unfinished answers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn complete(&mut self, cid: u16, payload: Bytes) -> Bytes {
        let Some(Answer { mut body, .. }) = self.answers.remove(&cid) else {
            return payload;
        };
        self.bytes -= body.len();
        if body.is_empty() {
            return payload;
        }
        extend(&mut body, &payload, self.limits.per_cid);
        body.into()
    }

    fn append(&mut self, cid: u16, payload: &[u8]) {
        let answer = self.answers.entry(cid).or_insert_with(|| {
            self.begun += 1;
            Answer { number: self.begun, body: Vec::new() }
        });
        extend(&mut answer.body, payload, self.limits.per_cid);
        self.bytes += payload.len();
    }

    fn evict(&mut self) -> Vec<u16> {
        let mut evicted = Vec::new();
        while self.bytes > self.limits.total {
            // Answers that hold nothing would free nothing.
            let holding = self.answers.iter().filter(|(_, answer)| !answer.body.is_empty());
            let Some((&oldest, _)) = holding.min_by_key(|(_, answer)| answer.number) else { break };
            self.forget(oldest);
            evicted.push(oldest);
        }
        evicted
    }
}

/// Appends like a vector does, by doubling, but reserves nothing beyond the limit.
fn extend(body: &mut Vec<u8>, payload: &[u8], limit: usize) {
    let needed = body.len() + payload.len();
    if needed > body.capacity() {
        let capacity = needed.max((2 * body.capacity()).min(limit));
        body.reserve_exact(capacity - body.len());
    }
    body.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::testing::hex;
    use crate::wire::{chunks, raw};

    const SMALL: ReassemblyLimits = ReassemblyLimits { per_cid: 10, total: 16 };

    fn piece(cid: u16, fin: bool, payload: &'static str) -> ApiChunk {
        ApiChunk { cid, code: 0, fin, payload: payload.into() }
    }

    fn complete(cid: u16, code: u16, body: impl Into<Bytes>) -> Outcome {
        Outcome::Complete { cid, code, body: body.into() }
    }

    fn outcomes(frames: &[&str]) -> Vec<Outcome> {
        let mut reassembly = Reassembly::default();
        let outcomes = frames.iter().map(|frame| reassembly.push(raw::read(&hex(frame).into()).unwrap())).collect();
        assert_eq!(reassembly.bytes(), 0);
        outcomes
    }

    #[test]
    fn an_answer_in_one_piece_is_not_copied() {
        let mut reassembly = Reassembly::default();
        let payload = Bytes::from(vec![1, 2, 3]);
        let outcome = reassembly.push(ApiChunk { cid: 9, code: 5, fin: true, payload: payload.clone() });
        let Outcome::Complete { cid: 9, code: 5, body } = outcome else { panic!("{outcome:?}") };
        assert_eq!(body.as_ptr(), payload.as_ptr());
    }

    #[test]
    fn pieces_are_put_together_in_order() {
        let body = "08e480aefbb0e291d81810e580aefbb0e291d81818818086d08afdf7de1b220e7b2274223a22656469746564227d380240016080f2d6ca06";
        let three = outcomes(&[
            "ff00090000000008e480aefbb0e291d81810e580aefbb0e291d8",
            "ff0009000000001818818086d08afdf7de1b220e7b2274223a22",
            "ff0009000000ff656469746564227d380240016080f2d6ca06",
        ]);
        assert_eq!(three, [Outcome::Incomplete, Outcome::Incomplete, complete(9, 0, hex(body))]);
        let empty_end = outcomes(&[
            "ff000b0000000008e480aefbb0e291d81810e580aefbb0",
            "ff000b00000000e291d81818818086d08afdf7de1b220e",
            "ff000b000000007b2274223a22656469746564227d3802",
            "ff000b0000000040016080f2d6ca06",
            "ff000b000000ff",
        ]);
        assert_eq!(empty_end.last(), Some(&complete(11, 0, hex(body))));
    }

    #[test]
    fn other_words_than_the_last_one_do_not_end_an_answer() {
        let outcomes = outcomes(&["ff00180000010079", "ff0018000000ff7a"]);
        assert_eq!(outcomes, [Outcome::Incomplete, complete(24, 0, "yz")]);
    }

    #[test]
    fn the_code_of_the_last_piece_counts() {
        let outcomes = outcomes(&["ff00090005000061", "ff0009000000ff62", "ff00090000000061", "ff0009000300ff"]);
        assert_eq!(outcomes[1], complete(9, 0, "ab"));
        assert_eq!(outcomes[3], complete(9, 3, "a"));
    }

    #[test]
    fn interleaved_answers_are_kept_apart() {
        let outcomes = outcomes(&[
            "ff00150000000041414141",
            "ff00160000000042424242",
            "ff00150000000041414141",
            "ff00160000000042424242",
            "ff0016000000ff4242",
            "ff0015000000ff4141",
        ]);
        assert_eq!(outcomes[4..], [complete(22, 0, "BBBBBBBBBB"), complete(21, 0, "AAAAAAAAAA")]);
    }

    #[test]
    fn an_answer_of_70000_bytes_comes_out_whole() {
        let body: Bytes = (0..70_000_u32).map(|index| u8::try_from(index * 7 % 256).unwrap()).collect();
        let mut reassembly = Reassembly::default();
        let last = chunks(25, 0, body.clone()).map(|chunk| reassembly.push(chunk)).last();
        assert_eq!(last, Some(complete(25, 0, body)));
    }

    #[test]
    fn an_answer_at_the_limit_passes_and_one_above_it_does_not() {
        let mut reassembly = Reassembly::new(SMALL);
        assert_eq!(reassembly.push(piece(1, false, "12345")), Outcome::Incomplete);
        assert_eq!(reassembly.push(piece(1, true, "67890")), complete(1, 0, "1234567890"));
        assert_eq!(reassembly.push(piece(1, false, "12345")), Outcome::Incomplete);
        assert_eq!(reassembly.push(piece(1, true, "678901")), Outcome::TooLarge { cid: 1 });
        assert_eq!(reassembly.push(piece(1, true, "12345678901")), Outcome::TooLarge { cid: 1 });
        assert_eq!(reassembly.push(piece(1, false, "12345678901")), Outcome::TooLarge { cid: 1 });
        assert_eq!(reassembly.bytes(), 0);
    }

    #[test]
    fn the_oldest_answers_give_way_when_all_are_too_large() {
        let mut reassembly = Reassembly::new(SMALL);
        assert_eq!(reassembly.push(piece(5, false, "123456")), Outcome::Incomplete);
        assert_eq!(reassembly.push(piece(3, false, "123456")), Outcome::Incomplete);
        assert_eq!(reassembly.push(piece(4, false, "1234")), Outcome::Incomplete);
        assert_eq!(reassembly.push(piece(4, false, "5")), Outcome::Evicted { cids: vec![5] });
        assert_eq!(reassembly.bytes(), 11);
        assert_eq!(reassembly.push(piece(3, true, "")), complete(3, 0, "123456"));
    }

    #[test]
    fn the_answer_that_grows_may_be_the_oldest_itself() {
        let mut reassembly = Reassembly::new(SMALL);
        let _ = reassembly.push(piece(5, false, "123456"));
        let _ = reassembly.push(piece(3, false, "1234567890"));
        assert_eq!(reassembly.push(piece(5, false, "7")), Outcome::Evicted { cids: vec![5] });
        assert_eq!(reassembly.bytes(), 10);
    }

    #[test]
    fn an_ending_answer_evicts_nobody() {
        let mut reassembly = Reassembly::new(SMALL);
        let _ = reassembly.push(piece(1, false, "12345678"));
        let _ = reassembly.push(piece(2, false, "12345678"));
        assert_eq!(reassembly.push(piece(2, true, "90")), complete(2, 0, "1234567890"));
        assert_eq!(reassembly.bytes(), 8);
    }

    #[test]
    fn what_nobody_waits_for_is_given_back() {
        let mut reassembly = Reassembly::default();
        let _ = reassembly.push(piece(1, false, "123"));
        let _ = reassembly.push(piece(2, false, "1234"));
        reassembly.forget(1);
        reassembly.forget(1);
        assert_eq!(reassembly.bytes(), 4);
        reassembly.clear();
        assert_eq!(reassembly.bytes(), 0);
        assert_eq!(reassembly.push(piece(2, true, "x")), complete(2, 0, "x"));
    }

    proptest! {
        #[test]
        fn the_bounds_hold_whatever_comes(
            pieces in proptest::collection::vec((0..4_u16, any::<bool>(), 0..14_usize), 0..64),
        ) {
            let mut reassembly = Reassembly::new(SMALL);
            for (cid, fin, length) in pieces {
                let payload = Bytes::from(vec![0; length]);
                let outcome = reassembly.push(ApiChunk { cid, code: 0, fin, payload });
                if let Outcome::Complete { body, .. } = &outcome {
                    prop_assert!(body.len() <= SMALL.per_cid);
                }
                prop_assert!(reassembly.bytes() <= SMALL.total);
                let held: usize = reassembly.answers.values().map(|answer| answer.body.len()).sum();
                prop_assert_eq!(held, reassembly.bytes());
                prop_assert!(reassembly.answers.values().all(|answer| answer.body.capacity() <= SMALL.per_cid));
            }
        }
    }
}

//! Pieces of answers in any order, against a model that only concatenates.

use std::collections::HashMap;

use bytes::Bytes;
use mezon_protocol::transport::ApiChunk;
use mezon_protocol::wire::{Outcome, Reassembly, ReassemblyLimits, raw};

use super::Input;

/// Small, so that the bounds are met.
const LIMITS: ReassemblyLimits = ReassemblyLimits { per_cid: 1000, total: 3000 };

/// Takes raw frames, each with its length before it. A first byte of 0 before a frame says that the request of its cid
/// has ended.
pub fn reassembly(data: &[u8]) {
    let mut input = Input(data);
    let mut reassembly = Reassembly::new(LIMITS);
    let mut model: HashMap<u16, Vec<u8>> = HashMap::new();
    while !input.is_empty() {
        let frame = Bytes::copy_from_slice(input.block());
        let Some(chunk) = raw::read(&frame) else {
            let cid = u16::from(frame.first().copied().unwrap_or(0));
            reassembly.forget(cid);
            model.remove(&cid);
            continue;
        };
        let mut written = Vec::new();
        raw::write(&chunk, &mut written);
        assert_eq!(raw::read(&written.into()), Some(chunk.clone()));
        push(&mut reassembly, &mut model, chunk);

        let held: usize = model.values().map(Vec::len).sum();
        assert_eq!(reassembly.bytes(), held);
        assert!(held <= LIMITS.total);
    }
    reassembly.clear();
    assert_eq!(reassembly.bytes(), 0);
}

fn push(reassembly: &mut Reassembly, model: &mut HashMap<u16, Vec<u8>>, chunk: ApiChunk) {
    let (cid, code, fin) = (chunk.cid, chunk.code, chunk.fin);
    let expected = [model.remove(&cid).unwrap_or_default(), chunk.payload.to_vec()].concat();
    match reassembly.push(chunk) {
        Outcome::Complete { body, .. } if !fin => panic!("{} bytes without the last piece", body.len()),
        outcome @ Outcome::Complete { .. } => {
            assert_eq!(outcome, Outcome::Complete { cid, code, body: expected.into() });
        }
        Outcome::TooLarge { cid: of } => assert!(of == cid && expected.len() > LIMITS.per_cid),
        Outcome::Incomplete => {
            assert!(!fin && expected.len() <= LIMITS.per_cid);
            model.insert(cid, expected);
        }
        Outcome::Evicted { cids } => {
            assert!(!cids.is_empty());
            model.insert(cid, expected);
            for cid in cids {
                assert!(model.remove(&cid).is_some(), "it was held");
            }
        }
    }
}

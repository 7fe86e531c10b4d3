//! Hashing of ids: one multiplication, as a lookup for every message should not cost more than the rest of it.

use std::hash::{BuildHasher, Hasher};

/// Makes [`IdHasher`]s.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BuildIdHasher;

impl BuildHasher for BuildIdHasher {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        IdHasher(0)
    }
}

/// Spreads the bits of an id. Ids are given out by the server, so nobody else can choose them to collide.
#[derive(Debug)]
pub(crate) struct IdHasher(u64);

/// 2^64 divided by the golden ratio: multiplied by it, neighbours land far apart.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(self.0 ^ value) * u128::from(SPREAD);
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }

    fn write_i64(&mut self, value: i64) {
        self.write_u64(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::id::UserId;

    #[test]
    fn ids_of_a_server_are_spread() {
        // of one second and one worker: only bits in the middle differ
        let ids = (0..1000_i64).map(|i| UserId::new(1_840_000_000_000_000_000 + (i << 22)));
        let hashes: Vec<u64> = ids.map(|id| BuildIdHasher.hash_one(id)).collect();
        for bits in [|hash: &u64| hash & 0xfff, |hash: &u64| hash >> 52] {
            let buckets: HashSet<u64> = hashes.iter().map(bits).collect();
            assert!(buckets.len() > 700, "{} of 1000", buckets.len());
        }
    }
}

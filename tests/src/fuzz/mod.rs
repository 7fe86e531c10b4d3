//! The bodies of the fuzz targets. Each takes any bytes, and panics when something holds no longer that must hold
//! whatever a peer sends.
//!
//! `fuzz/` runs them under libFuzzer, and the tests of this package over the corpora in `fuzz/corpus/`.

mod abridged;
mod content;
mod envelope;
mod machine;
mod reassembly;
mod recording;
pub mod seeds;
mod websocket;

pub use abridged::abridged;
pub use content::content;
pub use envelope::envelope;
pub use machine::machine;
pub use reassembly::reassembly;
pub use recording::recording;
pub use websocket::websocket;

/// What runs one input.
pub type Target = fn(&[u8]);

/// The targets by their names.
pub const TARGETS: [(&str, Target); 7] = [
    ("abridged", abridged),
    ("content", content),
    ("envelope", envelope),
    ("machine", machine),
    ("reassembly", reassembly),
    ("recording", recording),
    ("websocket", websocket),
];

/// The bytes of an input, taken from its front. When they are used up there are zeros and empty texts.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// So many bytes, or what is left.
    fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    /// Bytes with their length before them.
    fn block(&mut self) -> &'a [u8] {
        let len = self.word();
        self.bytes(len.into())
    }
}

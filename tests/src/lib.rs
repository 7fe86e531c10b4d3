//! What the tests of this repository share: a Machine driven by hand, the recorded vectors, and the bodies of the fuzz
//! targets, which `cargo test` runs over the committed corpora.

pub mod fuzz;
pub mod hand;
pub mod vectors;

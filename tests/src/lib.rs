//! What the tests of this repository share: a Machine driven by hand, the recorded vectors.

pub mod hand;
pub mod vectors;

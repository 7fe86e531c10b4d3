//! Tools for the tests of the whole.

pub mod backend;
pub mod sim;

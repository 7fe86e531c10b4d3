//! The bots of the examples. Their `main`s are for the command line.
#![allow(dead_code)]

#[path = "../../../examples/scenarios/s03_welcome.rs"]
pub mod s03_welcome;

#[path = "../../../examples/scenarios/s09_door.rs"]
pub mod s09_door;

//! What the examples of the Mezon SDK have in common: run them with `cargo run --example echo` and so on.

// the bot of the README compiles
#![cfg_attr(doctest, doc = include_str!("../README.md"))]

#[path = "scenarios/scenes.rs"]
pub mod scenes;
#[path = "scenarios/shared.rs"]
mod shared;
#[path = "scenarios/stage.rs"]
pub mod stage;
#[path = "scenarios/table.rs"]
mod table;
#[path = "scenarios/web.rs"]
pub mod web;

pub use shared::Shared;
pub use stage::AnyError;
pub use table::Table;

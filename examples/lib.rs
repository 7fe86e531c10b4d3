//! Examples of the Mezon SDK: run them with `cargo run --example echo` and so on.

// the bot of the README compiles
#![cfg_attr(doctest, doc = include_str!("../README.md"))]

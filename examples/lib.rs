//! Examples of the Mezon SDK: run them with `cargo run --example echo` and so on.

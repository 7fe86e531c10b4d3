//! Every call of the API: the table of them against the platform's own, and the words that handles have for some.

#[allow(dead_code, reason = "this test needs only a part of it")]
#[path = "../vectors/json.rs"]
mod json;
mod lists;
mod quick_menu;
mod raw;
mod rest;
mod scene;
#[allow(dead_code, reason = "this test needs only a part of it")]
#[path = "../vectors/schema.rs"]
mod schema;
mod table;
mod words;

//! The bots of the examples. Their `main`s are for the command line.
#![allow(dead_code)]

#[path = "../../../examples/scenarios/s01_ping.rs"]
pub mod s01_ping;

#[path = "../../../examples/scenarios/s02_help.rs"]
pub mod s02_help;

#[path = "../../../examples/scenarios/s03_welcome.rs"]
pub mod s03_welcome;

#[path = "../../../examples/scenarios/s04_form.rs"]
pub mod s04_form;

#[path = "../../../examples/scenarios/s05_poll.rs"]
pub mod s05_poll;

#[path = "../../../examples/scenarios/s06_hunt.rs"]
pub mod s06_hunt;

#[path = "../../../examples/scenarios/s07_tokens.rs"]
pub mod s07_tokens;

#[path = "../../../examples/scenarios/s08_reminders.rs"]
pub mod s08_reminders;

#[path = "../../../examples/scenarios/s09_door.rs"]
pub mod s09_door;

#[path = "../../../examples/scenarios/s10_llm.rs"]
pub mod s10_llm;

#[path = "../../../examples/scenarios/s11_music.rs"]
pub mod s11_music;

#[path = "../../../examples/scenarios/s12_reward.rs"]
pub mod s12_reward;

#[path = "../../../examples/feature_tour.rs"]
pub mod feature_tour;

#[path = "../../../examples/web_service.rs"]
pub mod web_service;

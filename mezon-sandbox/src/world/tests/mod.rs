//! The rules and the faults, in virtual time: one behaviour per test.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks at the events that it is about, among all others")]

mod agents;
mod channels;
mod clans;
mod conversations;
mod expectations;
mod faults;
mod forms;
mod friends;
mod hooks;
mod joins;
mod ledger;
mod membership;
mod menus;
mod people;
mod polls;
mod requests;
mod rig;
mod roles;
mod samples;
mod sessions;
mod settings;
mod threads;
mod uploads;
mod voice;

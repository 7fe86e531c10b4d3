//! The rules and the faults, in virtual time: one behaviour per test.

mod channels;
mod clans;
mod conversations;
mod expectations;
mod faults;
mod forms;
mod friends;
mod hooks;
mod joins;
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
mod voice;

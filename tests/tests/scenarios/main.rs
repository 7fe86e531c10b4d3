//! What bots are for: each bot of the examples is played through here as people would, and held to what it promises,
//! over real sockets. The bots are the files of the examples themselves.

mod bots;
mod door;
mod form;
mod help;
mod hunt;
mod llm;
mod music;
mod ping;
mod poll;
mod reminders;
mod reward;
mod rig;
mod service;
mod tokens;
mod tour;
mod welcome;

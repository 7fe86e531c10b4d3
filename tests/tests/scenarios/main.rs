//! What bots are for: each bot of the examples is played through here as people would, and held to what it promises,
//! over real sockets. The bots are the files of the examples themselves.

mod bots;
mod door;
mod help;
mod ping;
mod poll;
mod reminders;
mod rig;
mod welcome;

//! The objects of bots against the sandbox's world, in virtual time: what they remember, what they ask for, what they do.

mod channels;
mod clans;
mod events;
mod messages;
mod models;
mod people;
mod scene;
mod views;

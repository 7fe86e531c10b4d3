//! A local Mezon for tests and play.
#![deny(missing_docs)]

mod world;

pub use mezon_protocol::Now;
pub use world::{
    Action, ChannelKind, ConnId, Counters, Entry, ExpectationId, InvalidWorld, Joins, Matching, NewChannel, NewClan,
    NewUser, Outcome, Outgoing, Request, Said, Scope, SentEnvelope, Settings, Target, Unmet, What, World, WorldBuilder,
    WorldFile,
};

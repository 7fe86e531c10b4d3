//! The rules and the faults, in virtual time: one behaviour per test.

mod conversations;
mod expectations;
mod faults;
mod joins;
mod membership;
mod requests;
mod rig;
mod samples;
mod sessions;

//! What was recorded is replayed bit for bit, and a recording is nothing to be afraid of.

mod files;
mod kinds;
mod runs;
mod schema;
mod sockets;

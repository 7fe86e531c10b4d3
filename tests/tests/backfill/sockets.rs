//! The same over real sockets, on every runtime.

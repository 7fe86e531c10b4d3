//! Messages in SQLite.

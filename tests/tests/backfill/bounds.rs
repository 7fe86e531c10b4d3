//! Bounds, and what is told of them.

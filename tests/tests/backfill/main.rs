//! Nothing is lost: what is said while the connection is away is given afterwards, once and in order.

mod bounds;
mod simulation;
mod town;

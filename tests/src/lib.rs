//! Tools for the tests of the whole: a Machine driven by hand, a simulated network, the recorded vectors, and the bodies
//! of the fuzz targets.

pub mod backend;
pub mod captured;
pub mod fuzz;
pub mod hand;
pub mod recording;
pub mod sim;
pub mod vectors;

/// A port of this machine where nobody answers. No test that runs beside is given it, as could happen to one that was
/// free a moment ago: the system hands out none below 1024.
pub const DEAD_PORT: u16 = 1;

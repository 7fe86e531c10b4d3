//! Tools for the tests of the whole: a Machine driven by hand, a simulated network, the recorded vectors, and the bodies
//! of the fuzz targets.

pub mod backend;
pub mod captured;
pub mod fuzz;
pub mod hand;
pub mod recording;
pub mod sim;
pub mod vectors;

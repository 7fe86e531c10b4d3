//! Frames as bytes: scanning, encoding, raw API frames and their reassembly.

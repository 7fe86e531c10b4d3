//! The recorded vectors: bytes and JSON that other clients of the platform have produced, one JSON object a line.

use std::path::PathBuf;
use std::{env, fs};

use bytes::Bytes;
use serde_json::Value;

/// The environment variable that names another folder to take the vectors from.
pub const FOLDER_VARIABLE: &str = "MEZON_VECTORS";

/// The requests of other clients.
pub const FRAMES: &str = "frames.jsonl";

/// The frames of the server.
pub const EVENTS: &str = "events.jsonl";

/// What other SDKs build, one JSON object in all.
pub const BUILDERS: &str = "builders.json";

/// The ledger of tokens, one JSON object in all.
pub const LEDGER: &str = "mmn.json";

/// The folder of the copy that belongs to the repository.
pub fn own_folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"))
}

/// The folder to take the vectors from.
pub fn folder() -> PathBuf {
    env::var_os(FOLDER_VARIABLE).map_or_else(own_folder, PathBuf::from)
}

/// The lines of a file.
///
/// # Panics
///
/// When the file is not there, or a line is no JSON.
pub fn lines(folder: PathBuf, file: &str) -> Vec<Value> {
    let text = read(folder, file);
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// The JSON value of a file that has but one.
///
/// # Panics
///
/// When the file is not there, or no JSON.
pub fn value(folder: PathBuf, file: &str) -> Value {
    serde_json::from_str(&read(folder, file)).expect("it is JSON")
}

/// The frames of a line: those under `frames`, or the one under `hex`. None for a line with a text message.
pub fn frames(line: &Value) -> Vec<Bytes> {
    let several = line["frames"].as_array().map_or(&[][..], Vec::as_slice);
    several.iter().chain(line.get("hex")).map(|hex| unhex(text(hex)).into()).collect()
}

/// A JSON text.
///
/// # Panics
///
/// When the value is none.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// Bytes from hexadecimal digits.
///
/// # Panics
///
/// When the text is something else.
pub fn unhex(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn read(folder: PathBuf, file: &str) -> String {
    let path = folder.join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

//! Wire messages as JSON, by the schema alone: none of our own types has a part in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::Value;

/// The message that every frame is.
pub(crate) const ENVELOPE: &str = "mezon.realtime.Envelope";

static SCHEMA: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto");
    let files = protox::compile(proto_files(root.join("mezon")), [root]).expect("the .proto files compile");
    DescriptorPool::from_file_descriptor_set(files).expect("they are complete")
});

/// A type of the schema, by its full name.
pub(crate) fn descriptor(name: &str) -> MessageDescriptor {
    SCHEMA.get_message_by_name(name).unwrap_or_else(|| panic!("{name} is not in the schema"))
}

/// A message as JSON, the way the vectors have it: names of the schema, 64-bit integers as text, no defaults.
pub(crate) fn decode(name: &str, bytes: &[u8]) -> Value {
    let message = DynamicMessage::decode(descriptor(name), bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    to_json(&message)
}

/// JSON as it would come back if it were encoded and decoded: without what is a default.
pub(crate) fn normal(name: &str, json: &Value) -> Value {
    let message = DynamicMessage::deserialize(descriptor(name), json).unwrap_or_else(|error| panic!("{name}: {error}"));
    to_json(&message)
}

/// A member of the Envelope, encoded, as the JSON of the whole.
pub(crate) fn decode_member(field: u32, body: &[u8]) -> Value {
    let mut frame = Vec::new();
    prost::encoding::encode_key(field, prost::encoding::WireType::LengthDelimited, &mut frame);
    prost::encoding::encode_varint(body.len() as u64, &mut frame);
    frame.extend(body);
    decode(ENVELOPE, &frame)
}

/// The JSON of an envelope without its cid.
pub(crate) fn without_cid(envelope: &Value) -> Value {
    let mut envelope = envelope.clone();
    if let Some(members) = envelope.as_object_mut() {
        members.remove("cid");
    }
    envelope
}

pub(crate) fn to_json(message: &DynamicMessage) -> Value {
    let options = SerializeOptions::new().use_proto_field_name(true);
    message.serialize_with_options(serde_json::value::Serializer, &options).expect("a message is JSON")
}

fn proto_files(folder: PathBuf) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            files.extend(proto_files(path));
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files
}

//! Frames made from the schema: one for each member of the Envelope, with every field set.

use prost_reflect::prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};
use serde_json::json;

use crate::json;

/// How deep messages within messages are filled.
pub(crate) const DEPTH: u32 = 4;

/// Lines as the recorded ones are, for all members.
pub(crate) fn lines() -> impl Iterator<Item = serde_json::Value> {
    let envelope = json::descriptor(json::ENVELOPE);
    let members: Vec<_> = envelope.fields().filter(|field| field.containing_oneof().is_some()).collect();
    members.into_iter().map(move |member| {
        let mut frame = DynamicMessage::new(envelope.clone());
        frame.set_field(&member, value(&member, DEPTH));
        let bytes = frame.encode_to_vec();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({
            "id": format!("schema/{}", member.name()), "kind": "push", "event": member.name(),
            "field_number": member.number(), "hex": hex, "decoded": json::to_json(&frame),
        })
    })
}

pub(crate) fn filled(descriptor: MessageDescriptor, depth: u32) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        let is_message = matches!(field.kind(), Kind::Message(_));
        if depth > 0 || !is_message {
            let value = value(&field, depth.saturating_sub(1));
            message.set_field(&field, value);
        }
    }
    message
}

fn value(field: &FieldDescriptor, depth: u32) -> Value {
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else { panic!("a map has entries") };
        let key = MapKey::String(entry.map_entry_key_field().name().to_owned());
        return Value::Map([(key, scalar(&entry.map_entry_value_field(), 1, depth))].into());
    }
    if field.is_list() {
        return Value::List((1..=2).map(|place| scalar(field, place, depth)).collect());
    }
    scalar(field, 1, depth)
}

/// A value that no other field of the message has, nor another element of the list.
fn scalar(field: &FieldDescriptor, place: u32, depth: u32) -> Value {
    let number = field.number() * 1000 + place;
    let large = i64::from(number) + (1 << 60);
    match field.kind() {
        Kind::Double => Value::F64(f64::from(number) + 0.5),
        Kind::Float => Value::F32(number as f32 + 0.5),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(-(number as i32)),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(large),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(number),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(large as u64),
        Kind::Bool => Value::Bool(true),
        Kind::String => Value::String(format!("{} {place}", field.name())),
        Kind::Bytes => Value::Bytes(number.to_be_bytes().to_vec().into()),
        Kind::Enum(_) => Value::EnumNumber(1),
        Kind::Message(descriptor) => Value::Message(filled(descriptor, depth)),
    }
}

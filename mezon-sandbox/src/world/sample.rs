//! Sample answers: the message that answers a call, filled in by reflection over the schema.
//!
//! No field stays empty: what the request names is echoed, ids of people and places are those of the caller, other ids
//! are new, times are now, texts are readable. A message inside of itself ends the recursion and stays absent.

use std::collections::HashMap;
use std::sync::LazyLock;

use bytes::Bytes;
use mezon_protocol::api::{self, Method, Visit};
use mezon_protocol::{Now, UserId};
use prost::{Message as _, Name as _};
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage as _, Value,
};

use super::World;
use super::describe::seconds;
use super::refusal::{Refusal, UNIMPLEMENTED};

/// Every message of the platform, as the generator wrote it.
static SCHEMA: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let schema = include_bytes!("schema.binpb");
    DescriptorPool::decode(schema.as_slice()).expect("the generator writes a set of descriptors that belong together")
});

/// What each call asks with and is answered by.
static SHAPES: LazyLock<HashMap<&'static str, Shape>> = LazyLock::new(|| {
    let mut shapes = Shapes::default();
    api::visit(&mut shapes);
    shapes.0
});

struct Shape {
    request: MessageDescriptor,
    response: MessageDescriptor,
}

#[derive(Default)]
struct Shapes(HashMap<&'static str, Shape>);

impl Visit for Shapes {
    fn visit<M: Method>(&mut self) {
        let find = |name: String| SCHEMA.get_message_by_name(&name).expect("the schema has all messages of the calls");
        let shape = Shape { request: find(M::Request::full_name()), response: find(M::Response::full_name()) };
        self.0.insert(M::RPC.name, shape);
    }
}

impl World {
    /// A sample of the answer to a call.
    pub(super) fn sample(&mut self, now: Now, user: UserId, name: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let shape = SHAPES.get(name).ok_or_else(|| Refusal::new(UNIMPLEMENTED, format!("{name}: no such method")))?;
        let request = DynamicMessage::decode(shape.request.clone(), body).map_err(|_| Refusal::undecodable(name))?;
        let mut sampler = Sampler { world: self, now, user, request, within: Vec::new() };
        Ok(sampler.message(&shape.response).encode_to_vec())
    }
}

struct Sampler<'a> {
    world: &'a mut World,
    now: Now,
    user: UserId,
    request: DynamicMessage,
    /// The messages that are being filled, outermost first.
    within: Vec<String>,
}

impl Sampler<'_> {
    fn message(&mut self, descriptor: &MessageDescriptor) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        self.within.push(descriptor.full_name().to_owned());
        for field in descriptor.fields() {
            let taken = field.containing_oneof().is_some_and(|oneof| oneof.fields().any(|one| message.has_field(&one)));
            if taken {
                continue;
            }
            if let Some(value) = self.echo(&field).or_else(|| self.field(&field)) {
                message.set_field(&field, value);
            }
        }
        self.within.pop();
        message
    }

    /// What the request has under the same name, if it is of the same kind.
    fn echo(&self, field: &FieldDescriptor) -> Option<Value> {
        let asked = self.request.descriptor().get_field_by_name(field.name())?;
        let alike = asked.kind() == field.kind() && asked.cardinality() == field.cardinality();
        (alike && self.request.has_field(&asked)).then(|| self.request.get_field(&asked).into_owned())
    }

    fn field(&mut self, field: &FieldDescriptor) -> Option<Value> {
        if field.is_map() {
            let Kind::Message(entry) = field.kind() else { return None };
            let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
            let key = if key.kind() == Kind::Int64 { MapKey::I64(1) } else { MapKey::String("sample".to_owned()) };
            let value = self.value(&value, field.name())?;
            return Some(Value::Map(HashMap::from([(key, value)])));
        }
        let value = self.value(field, field.name())?;
        Some(if field.is_list() { Value::List(vec![value]) } else { value })
    }

    /// One value; `name` is that of the field, or of the one around it where the schema wraps values.
    fn value(&mut self, field: &FieldDescriptor, name: &str) -> Option<Value> {
        Some(match field.kind() {
            Kind::Message(inner) => return self.nested(&inner, name).map(Value::Message),
            Kind::Enum(kind) => Value::EnumNumber(kind.values().map(|value| value.number()).max().unwrap_or_default()),
            Kind::String => Value::String(self.text(name)),
            Kind::Bytes => {
                Value::Bytes(Bytes::from_static(if name == "content" { br#"{"t":"sample"}"# } else { b"[]" }))
            }
            Kind::Bool => Value::Bool(true),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(self.number(name)),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.number(name).unsigned_abs()),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                Value::I32(if is_time(name) { i32::try_from(self.seconds()).unwrap_or(i32::MAX) } else { 1 })
            }
            Kind::Uint32 | Kind::Fixed32 => Value::U32(if is_time(name) { self.seconds() } else { 1 }),
            Kind::Float => Value::F32(1.0),
            Kind::Double => Value::F64(1.0),
        })
    }

    fn nested(&mut self, inner: &MessageDescriptor, name: &str) -> Option<DynamicMessage> {
        if self.within.iter().any(|outer| outer == inner.full_name()) {
            return None;
        }
        let wrapper = inner.full_name().starts_with("google.protobuf.");
        match inner.get_field_by_name("value").filter(|_| wrapper) {
            Some(value) => {
                let mut message = DynamicMessage::new(inner.clone());
                message.set_field(&value, self.value(&value, name)?);
                Some(message)
            }
            None => Some(self.message(inner)),
        }
    }

    fn number(&mut self, name: &str) -> i64 {
        if is_id(name) {
            self.id(name)
        } else if is_time(name) {
            i64::from(self.seconds())
        } else {
            1
        }
    }

    fn id(&mut self, name: &str) -> i64 {
        match name {
            "user_id" | "user_ids" | "sender_id" | "creator_id" | "owner_id" => self.user.get(),
            "clan_id" | "clan_ids" => self.clan().unwrap_or_else(|| self.world.ids.next(self.now)),
            "channel_id" | "channel_ids" => self.channel().unwrap_or_else(|| self.world.ids.next(self.now)),
            _ => self.world.ids.next(self.now),
        }
    }

    fn clan(&self) -> Option<i64> {
        self.world.users.get(&self.user)?.clans.first().map(|clan| clan.get())
    }

    fn channel(&self) -> Option<i64> {
        let clan = self.world.users.get(&self.user)?.clans.first()?;
        self.world.clans.get(clan)?.channels.first().map(|channel| channel.get())
    }

    fn text(&mut self, name: &str) -> String {
        let address = ["url", "link", "logo", "avatar", "icon", "banner", "image", "src", "source"];
        if is_id(name) {
            self.id(name).to_string()
        } else if is_time(name) {
            self.seconds().to_string()
        } else if name == "content" {
            r#"{"t":"sample"}"#.to_owned()
        } else if address.iter().any(|part| name.contains(part)) {
            format!("https://cdn.mezon.test/{name}")
        } else {
            format!("sample {}", name.replace('_', " "))
        }
    }

    fn seconds(&self) -> u32 {
        seconds(self.now)
    }
}

fn is_id(name: &str) -> bool {
    name == "id" || ["_id", "_ids", "Id"].iter().any(|end| name.ends_with(end))
}

fn is_time(name: &str) -> bool {
    name == "exp" || name == "timestamp" || name.ends_with("_seconds") || name.ends_with("_time")
}

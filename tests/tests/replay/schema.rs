//! What the server may push, by the schema: nothing in it that is called a secret is recorded.

use std::fs;
use std::path::Path;

use mezon_protocol::replay::check;
use mezon_protocol::{Config, TransportKind};
use mezon_sandbox::World;
use mezon_tests::sim::Sim;
use prost_reflect::prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor, Value};

const SECRET: &str = "this-is-not-for-recordings";

/// How deep messages within messages are filled.
const DEPTH: u32 = 5;

/// True for what is called as secrets are.
fn is_secret(message: &str, field: &str) -> bool {
    let is_called_so = ["token", "secret", "password", "private_key", "session_id", "credential"];
    is_called_so.iter().any(|name| field.contains(name)) || (message == "Webhook" && field == "url")
}

/// A message in which all secrets are set, and nothing else; none if there are none.
fn filled(descriptor: &MessageDescriptor, depth: u32) -> Option<DynamicMessage> {
    let mut message = DynamicMessage::new(descriptor.clone());
    let mut has_any = false;
    for field in descriptor.fields().filter(|field| !field.is_map()) {
        let value = match field.kind() {
            Kind::String if is_secret(descriptor.name(), field.name()) => Some(Value::String(SECRET.into())),
            Kind::Bytes if is_secret(descriptor.name(), field.name()) => Some(Value::Bytes(SECRET.into())),
            Kind::Message(inner) if depth > 0 => filled(&inner, depth - 1).map(Value::Message),
            _ => None,
        };
        if let Some(value) = value {
            let value = if field.is_list() { Value::List(vec![value]) } else { value };
            message.set_field(&field, value);
            has_any = true;
        }
    }
    has_any.then_some(message)
}

fn envelope() -> MessageDescriptor {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto");
    let files = ["api", "realtime"].map(|folder| fs::read_dir(root.join("mezon").join(folder)).unwrap());
    let files = files.into_iter().flatten().map(|entry| entry.unwrap().path());
    let files = protox::compile(files, [root.clone()]).unwrap();
    let pool = DescriptorPool::from_file_descriptor_set(files).unwrap();
    pool.get_message_by_name("mezon.realtime.Envelope").unwrap()
}

#[test]
fn no_secret_that_the_server_pushes_is_recorded() {
    let mut world = World::builder();
    let bot = world.bot("bot", "the-key");
    let mut config = Config::bot(bot, "the-key").unwrap().use_tls(false);
    config.transport = TransportKind::Tcp;
    let (mut sim, recording) = Sim::recorded(config, world.build(), 1);
    sim.connect();
    let envelope = envelope();
    let mut members = Vec::new();
    for member in envelope.fields() {
        let Kind::Message(descriptor) = member.kind() else { continue };
        let Some(filled) = filled(&descriptor, DEPTH) else { continue };
        let mut frame = DynamicMessage::new(envelope.clone());
        frame.set_field(&member, Value::Message(filled));
        sim.push_frame(frame.encode_to_vec());
        sim.run_for(sim.latency);
        members.push(member.name().to_owned());
    }
    println!("{members:?}");
    assert!(["refresh_session_event", "webhook_event"].iter().all(|name| members.iter().any(|member| member == name)));
    sim.machine.end_recording();
    let recording = recording.bytes();
    check(&recording[..]).unwrap();
    let leaked = recording.windows(SECRET.len()).position(|window| window == SECRET.as_bytes());
    let before = |at: usize| String::from_utf8_lossy(&recording[at.saturating_sub(20)..at]).into_owned();
    assert_eq!(leaked.map(before), None);
}

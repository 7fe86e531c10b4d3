//! The streams of agents' events.

use mezon_protocol::rest::agent::{AgentEvent, SseParser};

use super::rig::{KEY, Rig};
use crate::world::{Action, ConnId};

fn open(rig: &mut Rig, key: &str) -> Result<ConnId, u16> {
    let target = format!("/api/sse/metadata?appid={}&token={key}", rig.bot);
    rig.world.connect_agents(rig.now, &target)
}

#[test]
fn who_has_the_key_hears_what_agents_tell_from_then_on() {
    let mut rig = Rig::new();
    let event = AgentEvent::parse(r#"{"event_type":"room_started","event_id":"one"}"#).unwrap();
    assert_eq!(rig.world.agent_event(rig.bot, &event), 0);
    let conn = open(&mut rig, KEY).unwrap();
    assert_eq!((rig.world.agent_event(rig.bot, &event), rig.world.agent_event(rig.alice, &event)), (1, 0));

    let outgoing = rig.world.poll_transmit().unwrap();
    let Action::Piece(piece) = outgoing.action else { panic!("{outgoing:?}") };
    let mut parser = SseParser::default();
    parser.receive(&piece);
    let heard = parser.poll_event().and_then(|heard| AgentEvent::parse(&heard.data));
    assert_eq!((outgoing.conn, heard), (conn, Some(event)));
    assert!(rig.world.poll_transmit().is_none());
}

#[test]
fn a_stream_ends_by_either_side() {
    let mut rig = Rig::new();
    let (first, second) = (open(&mut rig, KEY).unwrap(), open(&mut rig, KEY).unwrap());
    rig.world.disconnected(rig.now, first);
    assert_eq!(rig.world.agent_streams(rig.bot), [second]);
    assert_eq!(rig.world.drop_agents(rig.now, rig.bot), 1);
    let end = rig.world.poll_transmit().unwrap();
    assert_eq!((end.conn, end.action), (second, Action::Close { code: 1001 }));
    assert!(rig.world.agent_streams(rig.bot).is_empty());
}

#[test]
fn others_are_refused() {
    let mut rig = Rig::new();
    assert_eq!(open(&mut rig, "another-key"), Err(401));
    for (target, status) in
        [("/api/sse/metadata", 401), ("/api/sse/metadata?appid=x&token=y", 401), ("/ws?token=x", 404)]
    {
        assert_eq!(rig.world.connect_agents(rig.now, target), Err(status), "{target}");
    }
}

//! Voice rooms, streams, media.

use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::{ChannelId, Now};

use super::rig::Rig;
use crate::world::{ChannelKind, NewChannel, What};

fn room(rig: &mut Rig) -> ChannelId {
    rig.world.create_channel(Now::default(), rig.clan, rig.alice, NewChannel::voice("lounge"))
}

#[test]
fn coming_and_going_is_told_with_the_first_and_the_last() {
    let mut rig = Rig::new();
    let room = room(&mut rig);
    let conn = rig.connect_and_join();
    for user in [rig.alice, rig.alice, rig.bob] {
        rig.world.join_voice(rig.now, user, room);
    }
    for user in [rig.alice, rig.bob, rig.bob] {
        rig.world.leave_voice(rig.now, user, room);
    }
    let pushes = rig.pushes(conn);
    let names = pushes.iter().map(|push| match push {
        Message::VoiceStartedEvent(_) => "started",
        Message::VoiceJoinedEvent(event) => event.participant.as_str(),
        Message::VoiceLeavedEvent(_) => "left",
        Message::VoiceEndedEvent(_) => "ended",
        _ => "?",
    });
    let names: Vec<&str> = names.collect();
    assert_eq!(names, ["started", "alice", "bob", "left", "left", "ended"]);
}

#[test]
fn who_is_in_the_rooms_of_a_clan_is_listed() {
    let mut rig = Rig::new();
    let room = room(&mut rig);
    let conn = rig.connect_and_join();
    rig.world.join_voice(rig.now, rig.alice, room);
    let request = wire::ListChannelUsersRequest { clan_id: rig.clan.get(), limit: 500, ..Default::default() };
    let users = rig.api::<api::ListChannelVoiceUsers>(conn, request.clone()).voice_channel_users;
    assert_eq!(users[0].user_ids, [rig.alice.to_string()]);
    assert_eq!((users[0].channel_id, users[0].room_name.as_str()), (room.get(), format!("room-{room}").as_str()));
    let many = wire::ListChannelUsersRequest { limit: 501, ..request };
    assert_eq!(rig.refused::<api::ListChannelVoiceUsers>(conn, many), 3);
    let out =
        wire::MeetParticipantRequest { user_id: rig.alice.get(), channel_id: room.get(), clan_id: rig.clan.get() };
    rig.pushes(conn);
    rig.api::<api::RemoveParticipantMezonMeet>(conn, out);
    assert_eq!(rig.world.voice_users(room), []);
    assert!(matches!(rig.pushes(conn).first(), Some(Message::MeetParticipantEvent(_))));
}

#[test]
fn a_client_enters_a_room_by_an_event() {
    let mut rig = Rig::new();
    let room = room(&mut rig);
    let conn = rig.connect_and_join();
    let event = realtime::VoiceJoinedEvent { voice_channel_id: room.get(), ..realtime::VoiceJoinedEvent::default() };
    assert!(rig.ask(conn, Message::VoiceJoinedEvent(Box::new(event))).is_some());
    assert_eq!(rig.world.voice_users(room), [rig.bot]);
}

#[test]
fn a_stream_has_events_of_its_own() {
    let mut rig = Rig::new();
    let new = NewChannel::of_kind(ChannelKind::Streaming, "stage");
    let stage = rig.world.create_channel(rig.now, rig.clan, rig.alice, new);
    let conn = rig.connect_and_join();
    rig.world.join_voice(rig.now, rig.bob, stage);
    let request = wire::ListChannelUsersRequest { channel_id: stage.get(), ..Default::default() };
    let watching = rig.api::<api::ListStreamingChannelUsers>(conn, request).streaming_channel_users;
    assert_eq!(watching[0].user_id, rig.bob.get());
    rig.world.leave_voice(rig.now, rig.bob, stage);
    let pushes = rig.pushes(conn);
    assert!(
        matches!(pushes.as_slice(), [Message::StreamingJoinedEvent(_), Message::StreamingLeavedEvent(_)]),
        "{pushes:?}"
    );
}

#[test]
fn media_plays_in_the_room_of_that_code_until_it_ends() {
    let mut rig = Rig::new();
    let room = room(&mut rig);
    let conn = rig.connect_and_join();
    let token = rig.login().token;
    let media = |name: &str| {
        let room = format!("room-{room}");
        serde_json::json!({"room_name": room, "participant_identity": "1", "participant_name": "bot",
            "url": "https://x.test/song.mp3", "name": name})
    };
    let body = media("song").to_string().into_bytes();
    assert_eq!(rig.http("/api/playmedia", &token, body.clone()).status, 200);
    assert_eq!(rig.world.voice_users(room), [rig.bot]);
    assert!(rig.world.transcript().any(|entry| matches!(&entry.what, What::Played { name, .. } if name == "song")));
    rig.world.finish_media(rig.now, rig.bot, room);
    assert!(rig.pushes(conn).iter().any(|push| matches!(push, Message::VoiceLeavedEvent(_))));
    assert_eq!(rig.http("/api/playmedia", "", body).status, 401);
    assert_eq!(rig.http("/api/playmedia", &token, media("").to_string().into_bytes()).status, 400);
}

#[test]
fn tokens_for_rooms_are_made() {
    let mut rig = Rig::new();
    let room = room(&mut rig);
    let conn = rig.connect_and_join();
    let request = wire::GenerateMeetTokenRequest { channel_id: room.get(), room_name: "r".to_owned() };
    assert!(!rig.api::<api::GenerateMeetToken>(conn, request).token.is_empty());
    assert_ne!(rig.api::<api::CreateExternalMezonMeet>(conn, ()).meet_id, 0);
    let foreign = wire::GenerateMeetTokenRequest { channel_id: 5, ..Default::default() };
    assert_eq!(rig.refused::<api::GenerateMeetToken>(conn, foreign), 3);
}

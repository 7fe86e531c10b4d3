//! Polls, pins and topics: what hangs on a message.

use std::time::Duration;

use mezon_protocol::MessageId;
use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::envelope::Message;

use super::rig::Rig;
use crate::world::ConnId;

fn create(rig: &mut Rig, conn: ConnId, kind: wire::PollType) -> wire::CreatePollResponse {
    let request = wire::CreatePollRequest {
        channel_id: rig.general.get(),
        clan_id: rig.clan.get(),
        question: "Tea?".to_owned(),
        answers: vec!["yes".to_owned(), "no".to_owned()],
        expire_hours: 2,
        r#type: kind as i32,
    };
    rig.api::<api::CreatePoll>(conn, request)
}

fn vote(poll: &wire::CreatePollResponse, answers: &[i32]) -> wire::VotePollRequest {
    wire::VotePollRequest {
        poll_id: poll.poll_id,
        message_id: poll.message_id,
        channel_id: 0,
        answer_indices: answers.to_vec(),
    }
}

fn get(rig: &mut Rig, conn: ConnId, poll: &wire::CreatePollResponse) -> wire::GetPollResponse {
    rig.api::<api::GetPoll>(conn, wire::GetPollRequest { poll_id: poll.poll_id, ..Default::default() })
}

#[test]
fn a_poll_is_a_message_of_code_18_which_every_vote_edits() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let poll = create(&mut rig, conn, wire::PollType::Single);
    assert!(rig.pushes(conn).iter().any(|push| matches!(push, Message::ChannelMessage(m) if m.code == 18)));
    let message = MessageId::new(poll.message_id);
    rig.world.vote(rig.now, rig.alice, message, &[0]);
    rig.world.vote(rig.now, rig.bob, message, &[0]);
    rig.world.vote(rig.now, rig.bob, message, &[1]);
    assert_eq!(rig.api::<api::VotePoll>(conn, vote(&poll, &[1])).my_answer_indices, [1]);
    let state = get(&mut rig, conn, &poll);
    assert_eq!((state.answer_counts.as_slice(), state.total_votes, state.is_closed), ([1, 2].as_slice(), 3, false));
    assert_eq!(state.voter_details[0].user_ids, [rig.alice.get()]);
    let edits = rig.pushes(conn).into_iter().filter(|push| matches!(push, Message::ChannelMessage(m) if m.code == 1));
    assert_eq!(edits.count(), 4);
    let content = &rig.world.stored(message).unwrap().content;
    assert!(content.contains(r#""answer_counts":[1,2]"#), "{content}");
}

#[test]
fn what_a_poll_does_not_take_is_refused() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let single = create(&mut rig, conn, wire::PollType::Single);
    let several = create(&mut rig, conn, wire::PollType::Multiple);
    assert_eq!(rig.refused::<api::VotePoll>(conn, vote(&single, &[0, 1])), 3);
    assert_eq!(rig.refused::<api::VotePoll>(conn, vote(&single, &[2])), 3);
    assert_eq!(rig.api::<api::VotePoll>(conn, vote(&several, &[0, 1])).my_answer_indices, [0, 1]);
    let lonely =
        wire::CreatePollRequest { channel_id: rig.general.get(), question: "?".to_owned(), ..Default::default() };
    assert_eq!(rig.refused::<api::CreatePoll>(conn, lonely), 3);
}

#[test]
fn a_poll_is_closed_by_its_creator_or_by_time() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let (first, second) =
        (create(&mut rig, conn, wire::PollType::Single), create(&mut rig, conn, wire::PollType::Single));
    let close = wire::ClosePollRequest { poll_id: first.poll_id, ..Default::default() };
    let alice = rig.connect_person(rig.alice);
    assert_eq!(rig.refused::<api::ClosePoll>(alice, close), 7);
    rig.api::<api::ClosePoll>(conn, close);
    assert!(get(&mut rig, conn, &first).is_closed && !get(&mut rig, conn, &second).is_closed);
    assert_eq!(rig.refused::<api::VotePoll>(conn, vote(&first, &[0])), 9);
    rig.wait(Duration::from_secs(2 * 3600));
    assert!(get(&mut rig, conn, &second).is_closed);
}

#[test]
fn a_pin_is_listed_told_and_taken_off() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let message = rig.world.say(rig.now, rig.alice, rig.general, "rules");
    rig.pushes(conn);
    let request =
        wire::PinMessageRequest { message_id: message.get(), channel_id: rig.general.get(), clan_id: rig.clan.get() };
    rig.api::<api::CreatePinMessage>(conn, request);
    let pushes = rig.pushes(conn);
    assert!(matches!(pushes.as_slice(), [Message::LastPinMessageEvent(event)] if event.operation == 1), "{pushes:?}");
    assert_eq!(rig.refused::<api::CreatePinMessage>(conn, request), 6);
    let pins = rig.api::<api::GetPinMessagesList>(conn, wire::PinMessageRequest { message_id: 0, ..request });
    let [pin] = pins.pin_messages_list.as_slice() else { panic!("{pins:?}") };
    assert_eq!(
        (pin.message_id, pin.username.as_str(), pin.content.as_str()),
        (message.get(), "alice", r#"{"t":"rules"}"#)
    );
    let off = wire::DeletePinMessage { id: pin.id, channel_id: rig.general.get(), ..Default::default() };
    rig.api::<api::DeletePinMessage>(conn, off);
    assert!(
        matches!(rig.pushes(conn).as_slice(), [Message::UnpinMessageEvent(event)] if event.message_id == message.get())
    );
    assert_eq!(rig.api::<api::GetPinMessagesList>(conn, request).pin_messages_list, []);
}

#[test]
fn a_topic_marks_its_message_and_counts_what_is_said_in_it() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let root = rig.world.say(rig.now, rig.alice, rig.general, "what about tea?");
    rig.pushes(conn);
    let request =
        wire::SdTopicRequest { message_id: root.get(), clan_id: rig.clan.get(), channel_id: rig.general.get() };
    let topic = rig.api::<api::CreateSdTopic>(conn, request);
    let pushes = rig.pushes(conn);
    assert!(matches!(pushes.as_slice(), [Message::ChannelMessage(_), Message::SdTopicEvent(_)]), "{pushes:?}");
    assert!(rig.world.stored(root).unwrap().content.contains(&format!(r#""tp":"{}""#, topic.id)));
    assert_eq!(rig.api::<api::CreateSdTopic>(conn, request).id, topic.id, "one for each message");

    let mut send = super::rig::text_send(rig.clan, rig.general, 2, "yes");
    send.topic_id = topic.id;
    rig.ask(conn, super::rig::send_message(send));
    let counted = rig.pushes(conn).into_iter().find_map(|push| match push {
        Message::TopicInMessageEvent(event) => Some((event.rpl, event.tp_id)),
        _ => None,
    });
    assert_eq!(counted, Some((1, topic.id.to_string())));
    let detail = rig.api::<api::GetTopicDetail>(conn, wire::SdTopicDetailRequest { topic_id: topic.id });
    assert_eq!(detail.last_sent_message.unwrap().content, r#"{"t":"yes"}"#);
    rig.world.say(rig.now, rig.bob, rig.general, "something else");
    let page = wire::ListChannelMessagesRequest {
        channel_id: rig.general.get(),
        limit: 1,
        topic_id: topic.id,
        ..wire::ListChannelMessagesRequest::default()
    };
    assert_eq!(rig.api::<api::ListChannelMessages>(conn, page).messages[0].content, r#"{"t":"yes"}"#);
    let list = wire::ListSdTopicRequest { clan_id: rig.clan.get(), ..Default::default() };
    assert_eq!(rig.api::<api::ListSdTopic>(conn, list).count, 1);
    rig.api::<api::DeleteSdTopic>(conn, wire::DeleteSdTopicRequest { id: topic.id, ..Default::default() });
    assert_eq!(rig.api::<api::ListSdTopic>(conn, list).count, 0);
    assert!(!rig.world.stored(root).unwrap().content.contains("tp"));
}

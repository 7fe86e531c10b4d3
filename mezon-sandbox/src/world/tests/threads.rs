//! Threads: found, left, put to rest and woken.

use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::{self, envelope::Message};

use super::rig::{MUST_JOIN, Rig, ack_of, error_of, send_message, text_send};

#[test]
fn threads_are_listed_below_their_channel_and_found_by_a_part_of_their_name() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let more = rig.world.open_thread(rig.now, rig.alice, rig.general, "Bug 12", [rig.bot]);
    let list = wire::ListThreadRequest { channel_id: rig.general.get(), limit: 1, page: 1, ..Default::default() };
    assert_eq!(rig.api::<api::ListThreadDescs>(conn, list).channeldesc[0].channel_id, more.get());
    let second = wire::ListThreadRequest { page: 2, ..list };
    assert_eq!(rig.api::<api::ListThreadDescs>(conn, second).channeldesc[0].channel_id, rig.thread.get());
    let search =
        wire::SearchThreadRequest { channel_id: rig.general.get(), label: "bug".to_owned(), ..Default::default() };
    assert_eq!(rig.api::<api::SearchThread>(conn, search).channeldesc.len(), 1);
    let leave = wire::LeaveThreadRequest { clan_id: rig.clan.get(), channel_id: more.get() };
    rig.api::<api::LeaveThread>(conn, leave);
    let settings =
        wire::ChannelSettingListRequest { clan_id: rig.clan.get(), parent_id: rig.general.get(), ..Default::default() };
    let settings = rig.api::<api::ListChannelSetting>(conn, settings);
    assert_eq!((settings.thread_count, settings.channel_setting_list.len()), (2, 2));
    let general = wire::LeaveThreadRequest { clan_id: rig.clan.get(), channel_id: rig.general.get() };
    assert_eq!(rig.refused::<api::LeaveThread>(conn, general), 3);
}

#[test]
fn a_thread_that_fell_asleep_has_to_be_joined_again_and_wakes_with_a_message() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.join_channel(conn, rig.thread);
    let say = |rig: &mut Rig| {
        let send = send_message(text_send(rig.clan, rig.thread, 6, "hello"));
        rig.ask(conn, send)
    };
    ack_of(say(&mut rig));
    rig.pushes(conn);
    rig.world.put_to_sleep(rig.thread);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::ChannelArchiveEvent(event)] if event.active == 0));
    assert_eq!(error_of(say(&mut rig)), (3, MUST_JOIN.to_owned()));
    rig.join_channel(conn, rig.thread);
    ack_of(say(&mut rig));
    let woken =
        rig.pushes(conn).into_iter().any(|push| matches!(push, Message::ChannelUpdatedEvent(e) if e.status == 1));
    assert!(woken);
}

#[test]
fn a_thread_is_archived_and_activated_by_calls() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.world.wake_thread(rig.thread);
    let archive = wire::ArchiveChannelRequest { clan_id: rig.clan.get(), channel_id: rig.thread.get() };
    rig.api::<api::ArchiveChannel>(conn, archive);
    let list = |rig: &mut Rig| {
        let request = wire::ListArchivedChannelDescsRequest { clan_id: rig.clan.get() };
        rig.api::<api::ListArchivedChannelDescs>(conn, request).channeldesc.len()
    };
    assert_eq!(list(&mut rig), 1);
    let wake = realtime::ActiveArchivedThread { clan_id: rig.clan.get(), channel_id: rig.thread.get() };
    rig.api::<api::ActiveArchivedThread>(conn, wake);
    assert_eq!(list(&mut rig), 0);
}

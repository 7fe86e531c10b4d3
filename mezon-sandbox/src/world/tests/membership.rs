//! Coming and going while the world runs.

use mezon_protocol::ChannelId;
use mezon_protocol::proto::api;
use mezon_protocol::proto::realtime::envelope::Message;

use super::rig::Rig;
use crate::world::{NewChannel, NewClan, NewUser};

#[test]
fn a_bot_that_is_added_to_a_clan_is_told_whatever_it_joined() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let clan = rig.world.create_clan(rig.now, rig.alice, NewClan::new("Clan B"));
    rig.world.add_to_clan(rig.now, clan, rig.bot);
    rig.world.add_to_clan(rig.now, clan, rig.bot);
    let pushes = rig.pushes(conn);
    let [Message::AddClanUserEvent(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((event.clan_id, event.user.as_ref().unwrap().user_id), (clan.get(), rig.bot.get()));
}

#[test]
fn a_stranger_who_comes_into_the_clan_is_told_to_those_who_joined_it() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let carol = rig.world.add_user(rig.now, NewUser::person("carol"));
    rig.world.add_to_clan(rig.now, rig.clan, carol);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::AddClanUserEvent(_)]));
    rig.world.remove_from_clan(rig.now, rig.clan, carol);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::UserClanRemovedEvent(_)]));
}

#[test]
fn a_bot_that_is_removed_from_a_clan_is_told_and_hears_no_more() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    rig.join_channel(conn, rig.thread);
    rig.world.remove_from_clan(rig.now, rig.clan, rig.bot);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::UserClanRemovedEvent(_)]));
    rig.world.say(rig.now, rig.alice, rig.general, "x");
    assert_eq!(rig.heard(conn), []);
    let joins = rig.world.joins(rig.bot);
    assert!(!joins.clans.contains(&rig.clan) && joins.channels.is_empty());
}

#[test]
fn a_bot_that_is_added_to_a_private_channel_is_told_and_may_join_it() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let hidden = rig.world.create_channel(rig.now, rig.clan, rig.alice, NewChannel::private("hidden", []));
    assert_eq!(rig.pushes(conn), [], "nobody sees it but alice");
    rig.world.add_to_channel(rig.now, hidden, rig.bot);
    let pushes = rig.pushes(conn);
    let [Message::UserChannelAddedEvent(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    let channel = event.channel_desc.as_ref().unwrap();
    assert_eq!((channel.channel_id, channel.channel_private, event.clan_id), (hidden.get(), 1, rig.clan.get()));
    rig.join_channel(conn, hidden);
    rig.world.remove_from_channel(rig.now, hidden, rig.bot);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::UserChannelRemovedEvent(_)]));
    assert!(!rig.world.joins(rig.bot).channels.contains(&hidden));
}

#[test]
fn clients_change_the_members_of_groups_but_not_of_direct_channels() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let group = rig.world.create_group(rig.now, rig.alice, "friends", [rig.bot]);
    let add = |channel: ChannelId| api::AddChannelUsersRequest {
        channel_id: channel.get(),
        user_ids: vec![rig.bob.get(), 5],
    };
    let (to_group, to_dm, to_general) = (add(group), add(rig.dm), add(rig.general));
    assert_eq!(rig.call(conn, "AddChannelUsers", &to_group).0, 0);
    assert!(rig.world.can_see(rig.bob, group));
    assert_eq!(rig.call(conn, "AddChannelUsers", &to_dm).0, 3);
    assert_eq!(rig.call(conn, "AddChannelUsers", &to_general).0, 3);
    let remove = api::RemoveChannelUsersRequest { channel_id: group.get(), user_ids: vec![rig.bob.get()] };
    assert_eq!(rig.call(conn, "RemoveChannelUsers", &remove).0, 0);
    assert!(!rig.world.can_see(rig.bob, group));
}

#[test]
fn a_new_channel_and_its_end_are_told_to_those_who_joined_the_clan() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let channel = rig.world.create_channel(rig.now, rig.clan, rig.alice, NewChannel::text("new"));
    let pushes = rig.pushes(conn);
    let [Message::ChannelCreatedEvent(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((event.channel_id, event.channel_label.as_str()), (channel.get(), "new"));
    rig.world.delete_channel(channel, rig.alice);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::ChannelDeletedEvent(_)]));
    assert_eq!(rig.world.channel_named("new"), None);
}

#[test]
fn a_bot_in_a_new_thread_or_group_is_told() {
    let mut rig = Rig::new();
    let conn = rig.connect_and_join();
    let new = NewChannel::thread(rig.general, "side", [rig.bot]);
    rig.world.create_channel(rig.now, rig.clan, rig.alice, new);
    let pushes = rig.pushes(conn);
    assert!(
        matches!(pushes.as_slice(), [Message::ChannelCreatedEvent(_), Message::UserChannelAddedEvent(_)]),
        "{pushes:?}"
    );
    rig.world.create_group(rig.now, rig.alice, "friends", [rig.bot]);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::UserChannelAddedEvent(_)]));
}

#[test]
#[should_panic(expected = "there is no user 5 in this world")]
fn acting_for_somebody_who_does_not_exist_is_a_bug_of_the_caller() {
    let mut rig = Rig::new();
    rig.world.say(rig.now, mezon_protocol::UserId::new(5), rig.general, "x");
}

#[test]
#[should_panic(expected = "cannot say this: channel not found")]
fn a_person_says_nothing_where_it_does_not_belong() {
    let mut rig = Rig::new();
    rig.world.say(rig.now, rig.bob, rig.secret, "x");
}

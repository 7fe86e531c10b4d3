//! Friends and blocks.

use mezon_protocol::api;
use mezon_protocol::proto::api as wire;
use mezon_protocol::proto::realtime::envelope::Message;

use super::rig::Rig;
use crate::world::ConnId;

const SENT: i32 = 1;
const RECEIVED: i32 = 2;
const BLOCKED: i32 = 3;

fn states(rig: &mut Rig, conn: ConnId) -> Vec<(String, i32)> {
    let list = rig.api::<api::ListFriends>(conn, wire::ListFriendsRequest::default());
    list.friends.into_iter().map(|friend| (friend.user.unwrap().username, friend.state)).collect()
}

#[test]
fn an_invitation_is_sent_received_and_accepted_by_adding_back() {
    let mut rig = Rig::new();
    let bot = rig.connect_and_join();
    let alice = rig.connect_person(rig.alice);
    let add = wire::AddFriendsRequest { usernames: vec!["nobody".to_owned(), "alice".to_owned()], ids: Vec::new() };
    assert_eq!(rig.api::<api::AddFriends>(bot, add).ids, [0, rig.alice.get()], "0 stands for an unknown name");
    let pushes = rig.pushes(alice);
    let [Message::Notifications(event)] = pushes.as_slice() else { panic!("{pushes:?}") };
    assert_eq!((event.notifications[0].code, event.notifications[0].sender_id), (-2, rig.bot.get()));
    assert_eq!(states(&mut rig, bot), [("alice".to_owned(), SENT)]);
    assert_eq!(states(&mut rig, alice), [("testbot".to_owned(), RECEIVED)]);

    let accept = wire::AddFriendsRequest { ids: vec![rig.bot.get()], usernames: Vec::new() };
    rig.api::<api::AddFriends>(alice, accept);
    assert!(rig.world.are_friends(rig.alice, rig.bot) && rig.world.are_friends(rig.bot, rig.alice));
    assert_eq!(states(&mut rig, bot), [("alice".to_owned(), 0)]);
    let inbox = rig.api::<api::ListNotifications>(alice, wire::ListNotificationsRequest::default());
    assert_eq!(inbox.notifications.len(), 1);
    let delete = wire::DeleteNotificationsRequest { ids: vec![inbox.notifications[0].id], category: 0 };
    rig.api::<api::DeleteNotifications>(alice, delete);
    assert_eq!(rig.api::<api::ListNotifications>(alice, wire::ListNotificationsRequest::default()).notifications, []);
}

#[test]
fn a_person_who_asks_for_friendship_is_notified_to_the_bot_and_told_when_it_accepts() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.world.befriend(rig.now, rig.bob, rig.bot);
    assert!(matches!(rig.pushes(conn).as_slice(), [Message::Notifications(_)]));
    let bob = rig.connect_person(rig.bob);
    rig.api::<api::AddFriends>(conn, wire::AddFriendsRequest { ids: vec![rig.bob.get()], usernames: Vec::new() });
    let pushes = rig.pushes(bob);
    assert!(matches!(pushes.as_slice(), [Message::AddFriend(event)] if event.username == "testbot"), "{pushes:?}");
}

#[test]
fn deleting_ends_it_on_both_sides_and_is_told() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.world.befriend(rig.now, rig.bob, rig.bot);
    rig.world.befriend(rig.now, rig.bot, rig.bob);
    let bob = rig.connect_person(rig.bob);
    rig.api::<api::DeleteFriends>(conn, wire::DeleteFriendsRequest { ids: vec![rig.bob.get()], usernames: Vec::new() });
    assert!(matches!(rig.pushes(bob).as_slice(), [Message::RemoveFriend(event)] if event.user_id == rig.bot.get()));
    assert!(!rig.world.are_friends(rig.bob, rig.bot));
    assert_eq!(states(&mut rig, bob), []);
}

#[test]
fn who_is_blocked_can_ask_for_nothing_until_the_block_is_lifted() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    let block = wire::BlockFriendsRequest { ids: Vec::new(), usernames: vec!["bob".to_owned()] };
    rig.api::<api::BlockFriends>(conn, block.clone());
    assert_eq!(states(&mut rig, conn), [("bob".to_owned(), BLOCKED)]);
    rig.world.befriend(rig.now, rig.bob, rig.bot);
    assert_eq!(rig.pushes(conn), [], "it does not reach who has blocked");
    rig.api::<api::UnblockFriends>(conn, block);
    assert_eq!(states(&mut rig, conn), []);
    rig.world.befriend(rig.now, rig.bob, rig.bot);
    assert_eq!(states(&mut rig, conn), [("bob".to_owned(), RECEIVED)]);
    let own = wire::AddFriendsRequest { ids: vec![rig.bot.get()], usernames: Vec::new() };
    assert_eq!(rig.refused::<api::AddFriends>(conn, own), 3);
}

#[test]
fn a_list_may_be_of_one_state_and_come_in_pages() {
    let mut rig = Rig::new();
    let conn = rig.connect();
    rig.world.befriend(rig.now, rig.bob, rig.bot);
    rig.world.befriend(rig.now, rig.bot, rig.alice);
    let sent = wire::ListFriendsRequest { state: SENT, ..Default::default() };
    assert_eq!(rig.api::<api::ListFriends>(conn, sent).friends.len(), 1);
    let first = rig.api::<api::ListFriends>(conn, wire::ListFriendsRequest { limit: 1, ..Default::default() });
    let rest = wire::ListFriendsRequest { limit: 1, cursor: first.cursor.clone(), ..Default::default() };
    let rest = rig.api::<api::ListFriends>(conn, rest);
    assert_eq!((first.friends.len(), rest.friends.len(), rest.cursor.as_str()), (1, 1, ""));
    assert_ne!(first.friends, rest.friends);
}

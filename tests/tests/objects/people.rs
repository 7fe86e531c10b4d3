//! People: direct messages, groups, friends, and the own account.

use mezon_protocol::call::FriendState;
use mezon_protocol::object::{Presence, ProfileChange, Who};
use mezon_protocol::route::{ChannelKind, Mode};
use mezon_protocol::{ErrorKind, UserId};

use super::scene::scene;

/// Row 40.
#[test]
fn direct_channels_are_opened_found_again_and_listed() {
    let mut scene = scene();
    let (bot, alice) = (scene.sim.bot.clone(), scene.alice);
    assert_eq!(bot.dm(alice).direct_channel_id(), None);
    let channel = scene.ok(bot.create_dm_channel(alice));
    assert_eq!(channel.kind(), Some(ChannelKind::DIRECT));
    assert_eq!(bot.dm(alice).direct_channel_id(), Some(channel.id()));
    let sent = scene.ok(bot.dm(alice).send("hi"));
    assert_eq!((sent.sent().route.channel, sent.sent().route.mode), (channel.id(), Mode::DIRECT));
    let channels = scene.ok(bot.dm_channels());
    assert_eq!(channels.iter().map(|channel| channel.id()).collect::<Vec<_>>(), [channel.id()]);
    assert_eq!(bot.user(alice).username(), "alice", "the list tells who it is");
}

#[test]
fn a_group_is_created_written_to_and_left() {
    let mut scene = scene();
    let bot = scene.sim.bot.clone();
    let group = scene.ok(bot.create_group([scene.alice, scene.bob]));
    assert_eq!(group.kind(), Some(ChannelKind::GROUP));
    let sent = scene.ok(group.send("hi all"));
    assert_eq!(sent.sent().route.mode, Mode::GROUP);
    scene.ok(bot.leave_group(group.id()));
    let kind = scene.kind_of(bot.create_group([]));
    assert!(matches!(kind, ErrorKind::InvalidArgument(_)), "{kind:?}");
}

/// Rows 83, 84, 85.
#[test]
fn friends_are_asked_accepted_listed_by_state_and_removed() {
    let mut scene = scene();
    let (bot, alice, bob, me) = (scene.sim.bot.clone(), scene.alice, scene.bob, scene.sim.bot_id);
    scene.ok(bot.add_friend("bob"));
    scene.sim.act(|world, now| world.befriend(now, alice, me));
    let friends = scene.ok(bot.list_friends(100, None, ""));
    assert_eq!((friends.len(), friends.next_cursor()), (2, None));
    let asked = scene.ok(bot.list_friends(100, Some(FriendState::InviteReceived), ""));
    assert_eq!(asked.iter().map(|friend| friend.id()).collect::<Vec<_>>(), [alice]);
    assert_eq!(asked[0].user().username(), "alice");
    scene.ok(bot.accept_friend(alice));
    let friends = scene.ok(bot.list_friends(100, Some(FriendState::Friend), ""));
    assert_eq!(friends.iter().map(|friend| friend.id()).collect::<Vec<_>>(), [alice], "bob has not answered");
    scene.ok(friends[0].remove());
    scene.ok(bot.user(bob).block());
    let left = scene.ok(bot.list_friends(100, None, ""));
    assert_eq!(
        left.iter().map(|friend| (friend.id(), friend.state())).collect::<Vec<_>>(),
        [(bob, FriendState::Blocked)]
    );
    scene.ok(bot.unblock(bob));

    let kind = scene.kind_of(bot.add_friend("nobody of this name"));
    assert!(matches!(kind, ErrorKind::NotFound { .. }), "{kind:?}");
    scene.ok(bot.add_friend(Who::Id(alice)));
}

/// Row 83.
#[test]
fn friends_come_in_pages() {
    let mut scene = scene();
    let (bot, alice, bob) = (scene.sim.bot.clone(), scene.alice, scene.bob);
    scene.ok(bot.add_friend(alice));
    scene.ok(bot.add_friend(bob));
    let first = scene.ok(bot.list_friends(1, None, ""));
    let cursor = first.next_cursor().expect("there is one more").to_owned();
    let second = scene.ok(bot.list_friends(1, None, cursor));
    let ids: Vec<UserId> = first.iter().chain(second.iter()).map(|friend| friend.id()).collect();
    assert!(ids.contains(&alice) && ids.contains(&bob), "{ids:?}");
}

#[test]
fn profile_and_status_are_changed() {
    let mut scene = scene();
    let bot = scene.sim.bot.clone();
    let change = ProfileChange { display_name: Some("The Bot".into()), ..ProfileChange::default() };
    scene.ok(bot.update_profile(change));
    let account = scene.ok(bot.account());
    assert_eq!(account.user.unwrap().display_name, "The Bot");
    scene.ok(bot.set_presence(Presence::Idle));
    scene.ok(bot.set_custom_status("thinking"));
    scene.ok(bot.update_status(Some("here")));
    scene.ok(bot.update_status(None));
    assert!(scene.ok(bot.is_clan_name_taken("Clan A")));
    assert!(!scene.ok(bot.is_clan_name_taken("Clan Z")));
}

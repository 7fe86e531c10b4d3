//! What events change in memory, before anybody sees them.

use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::route::ChannelKind;
use mezon_protocol::{Event, EventKind, Interest, UserId};
use mezon_sandbox::{NewChannel, NewClan};

use super::scene::{Scene, scene, scene_with};

fn push(scene: &mut Scene, event: Message) {
    let bot = scene.sim.bot_id;
    assert!(scene.sim.act(|world, _| world.push_event(bot, event)));
    scene.pass();
}

fn name_of(scene: &Scene, channel: mezon_protocol::ChannelId) -> Option<String> {
    scene.sim.bot.channels().get(channel).map(|channel| channel.name().to_owned())
}

#[test]
fn a_created_channel_is_known_changed_in_its_place_and_forgotten_when_it_is_deleted() {
    let mut scene = scene();
    let (clan, alice) = (scene.clan, scene.alice);
    let channel = scene.sim.act(|world, now| world.create_channel(now, clan, alice, NewChannel::text("news")));
    scene.pass();
    assert_eq!(name_of(&scene, channel).as_deref(), Some("news"));
    let said = scene.hear_in(alice, channel, "hello");

    let update = realtime::ChannelUpdatedEvent {
        clan_id: clan.get(),
        channel_id: channel.get(),
        channel_label: "old news".into(),
        channel_type: ChannelKind::TEXT.0,
        ..Default::default()
    };
    push(&mut scene, Message::ChannelUpdatedEvent(Box::new(update)));
    assert_eq!(name_of(&scene, channel).as_deref(), Some("old news"));
    let messages = scene.sim.bot.channel(channel).messages();
    assert!(messages.contains(said.id()), "its messages are not lost");

    scene.sim.act(|world, _| world.delete_channel(channel, alice));
    scene.pass();
    assert_eq!(name_of(&scene, channel), None);
    assert!(messages.is_empty());
}

#[test]
fn who_writes_is_known_with_the_names_that_they_have_in_each_clan() {
    let mut scene = scene();
    let (alice, clan) = (scene.alice, scene.clan);
    let heard = scene.hear("hello");
    let user = heard.sender();
    assert_eq!((user.username(), user.nick(clan)), ("alice", "Al"));
    assert_eq!(user.info().unwrap().name(clan), "Al");
    let ids: Vec<UserId> = scene.clan().users().map(|user| user.id());
    assert_eq!(ids, [alice]);

    let nick = realtime::ClanProfileUpdatedEvent {
        user_id: alice.get(),
        clan_id: clan.get(),
        clan_nick: "Ally".into(),
        ..Default::default()
    };
    push(&mut scene, Message::ClanProfileUpdatedEvent(Box::new(nick)));
    assert_eq!(scene.sim.bot.user(alice).nick(clan), "Ally");
}

#[test]
fn who_writes_directly_is_known_with_the_channel() {
    let mut scene = scene();
    let (bot, stranger) = (scene.sim.bot_id, scene.stranger);
    scene.sim.act(|world, now| world.dm(now, stranger, bot, "hi"));
    scene.sim.run_for(std::time::Duration::from_secs(2));
    let channel = scene.sim.world().direct_channel(stranger, bot);
    assert!(channel.is_some());
    assert_eq!(scene.sim.bot.user(stranger).direct_channel_id(), channel);
}

#[test]
fn who_leaves_the_clan_is_forgotten_unless_there_is_a_direct_channel() {
    let mut scene = scene();
    let (alice, bob, clan, general) = (scene.alice, scene.bob, scene.clan, scene.general);
    scene.hear("hello");
    scene.hear_in(bob, general, "hello");
    scene.ok(scene.sim.bot.create_dm_channel(alice));
    scene.sim.act(|world, now| {
        world.remove_from_clan(now, clan, alice);
        world.remove_from_clan(now, clan, bob);
    });
    scene.pass();
    let users = scene.sim.bot.users();
    assert!(users.contains(alice) && !users.contains(bob));
    assert!(scene.clan().users().is_empty());
}

#[test]
fn who_joins_the_clan_is_known() {
    let mut scene = scene();
    let (stranger, clan) = (scene.stranger, scene.clan);
    scene.sim.act(|world, now| world.add_to_clan(now, clan, stranger));
    scene.pass();
    assert_eq!(scene.clan().users().get(stranger).map(|user| user.username().to_owned()).as_deref(), Some("stranger"));
}

#[test]
fn a_clan_that_the_bot_joins_is_known_by_its_name_and_forgotten_when_it_leaves() {
    let mut scene = scene();
    let (alice, bot) = (scene.alice, scene.sim.bot_id);
    let clan = scene.sim.act(|world, now| {
        let clan = world.create_clan(now, alice, NewClan::new("Clan B"));
        world.add_to_clan(now, clan, bot);
        clan
    });
    scene.sim.run_for(std::time::Duration::from_secs(1));
    assert_eq!(scene.sim.bot.clans().get(clan).map(|clan| clan.name().to_owned()).as_deref(), Some("Clan B"));
    scene.ok(scene.sim.bot.clan(clan).load_channels());
    scene.sim.act(|world, now| world.remove_from_clan(now, clan, bot));
    scene.pass();
    assert!(!scene.sim.bot.clans().contains(clan));
    assert!(scene.sim.bot.clan(clan).channels().is_empty());
}

#[test]
fn memory_is_up_to_date_before_the_event_is_seen() {
    let mut scene = scene();
    scene.sim.takes_events = false;
    let (clan, alice) = (scene.clan, scene.alice);
    let channel = scene.sim.act(|world, now| world.create_channel(now, clan, alice, NewChannel::text("news")));
    scene.pass();
    assert_eq!(name_of(&scene, channel), None, "nobody has taken the event");
    scene.sim.takes_events = true;
    scene.pass();
    let events = scene.sim.take_events();
    assert!(events.iter().any(|event| event.kind() == Some(EventKind::ChannelCreated)));
    assert_eq!(name_of(&scene, channel).as_deref(), Some("news"));
}

#[test]
fn what_nobody_wants_is_not_remembered() {
    let mut scene = scene_with(|config| config.interest(Interest::NONE));
    let (alice, general) = (scene.alice, scene.general);
    scene.sim.act(|world, now| world.say(now, alice, general, "hello"));
    scene.pass();
    assert!(scene.channel().messages().is_empty());
    assert!(!scene.sim.take_events().iter().any(|event| matches!(event, Event::Message(_))));
}

//! The types of the wire, where a handle gives them as they are.

use std::time::Duration;

use mezon_protocol::Event;
use mezon_protocol::proto::api;

use super::scene::scene;

/// Row 63.
#[test]
fn a_channel_is_described_with_all_that_the_wire_has() {
    let mut scene = scene();
    let channel: api::ChannelDescription = scene.ok(scene.channel().fetch());
    assert_eq!((channel.channel_id, channel.clan_id), (scene.general.get(), scene.clan.get()));
    assert_eq!((channel.channel_label.as_str(), channel.r#type, channel.channel_private), ("general", 1, 0));
}

/// Row 64.
#[test]
fn a_clan_is_described_with_all_that_the_wire_has() {
    let mut scene = scene();
    let clans: Vec<api::ClanDesc> = scene.ok(scene.sim.bot.list_clans());
    let names: Vec<_> = clans.iter().map(|clan| (clan.clan_id, clan.clan_name.as_str())).collect();
    assert_eq!(names, [(scene.clan.get(), "Clan A")]);
}

/// Row 65.
#[test]
fn tokens_that_were_sent_are_described_with_all_that_the_wire_has() {
    let mut scene = scene();
    let (alice, bot) = (scene.alice, scene.sim.bot_id);
    let transaction = scene.sim.act(|world, now| world.send_tokens(now, alice, bot, 5, "thanks"));
    scene.sim.run_for(Duration::from_millis(500));
    let events = scene.sim.take_events();
    let sent = events.iter().find_map(|event| if let Event::TokensSent(sent) = event { Some(sent) } else { None });
    let sent = sent.expect("it was pushed");
    assert_eq!((sent.sender_id, sent.receiver_id, sent.amount), (alice.get(), bot.get(), 5));
    assert_eq!((sent.note.as_str(), sent.transaction_id.as_str()), ("thanks", transaction.as_str()));
}

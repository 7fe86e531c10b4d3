//! What is remembered, and what is fetched.

use mezon_protocol::memory::CacheLimits;
use mezon_protocol::{ChannelId, ClanId, ErrorKind, UserId};

use super::scene::{scene, scene_with};

/// Rows 35, 46, 132, 133.
#[test]
fn clans_are_known_after_connecting_and_are_found_by_integer_and_by_text() {
    let scene = scene();
    let (clans, id) = (scene.sim.bot.clans(), scene.clan.get());
    for clan in [clans.get(id), clans.get(id.to_string()), clans.get(scene.clan), clans.first()] {
        let clan = clan.expect("it was listed on connecting");
        assert_eq!((clan.id(), clan.name()), (scene.clan, "Clan A"));
    }
    assert_eq!((clans.len(), clans.values().len(), clans.contains(id)), (1, 1, true));
    assert!(clans.get("Clan A").is_none(), "no id");
    assert!(clans.get(7_i64).is_none());
    assert_eq!(scene.asked("ListClanDescs"), 1, "by the connection itself");
}

/// Rows 43, 45.
#[test]
fn a_clan_that_is_not_remembered_is_looked_for_once_in_the_list_of_all() {
    let mut scene = scene();
    let clans = scene.sim.bot.clans();
    clans.clear();
    assert!(clans.is_empty() && clans.get(scene.clan).is_none());
    let clan = scene.ok(clans.fetch(scene.clan.to_string()));
    assert_eq!((clan.name(), scene.asked("ListClanDescs")), ("Clan A", 2));
    assert_eq!(clans.get(scene.clan).map(|clan| clan.name().to_owned()).as_deref(), Some("Clan A"));
    scene.ok(clans.fetch(scene.clan));
    assert_eq!(scene.asked("ListClanDescs"), 2, "it is remembered");

    let kind = scene.kind_of(clans.fetch(7_i64));
    assert!(matches!(kind, ErrorKind::NotFound { .. }), "{kind:?}");
    assert_eq!(scene.asked("ListClanDescs"), 3);
}

/// Rows 36, 43, 44.
#[test]
fn channels_are_fetched_by_integer_or_text_and_then_remembered() {
    let mut scene = scene();
    let channels = scene.sim.bot.channels();
    assert!(channels.get(scene.general).is_none(), "channels are not listed before somebody asks");
    let channel = scene.ok(channels.fetch(scene.general.get().to_string()));
    assert_eq!((channel.id(), channel.name()), (scene.general, "general"));
    assert_eq!(channel.clan().map(|clan| clan.name().to_owned()).as_deref(), Some("Clan A"));
    scene.ok(channels.fetch(scene.general.get()));
    assert_eq!(scene.asked("ListChannelDetail"), 1);
    assert_eq!(channels.get(scene.general).map(|channel| channel.name().to_owned()).as_deref(), Some("general"));
    assert!(channels.remove(scene.general) && !channels.remove(scene.general));
}

/// Row 43.
#[test]
fn text_that_is_no_id_is_an_argument_error_and_asks_nobody() {
    let mut scene = scene();
    for called in [scene.sim.bot.channels().fetch("general"), scene.sim.bot.channels().fetch("")] {
        let kind = scene.kind_of(called);
        assert!(matches!(kind, ErrorKind::InvalidArgument(_)), "{kind:?}");
    }
    assert_eq!(scene.asked("ListChannelDetail"), 0);
    assert!(scene.sim.bot.channels().get("general").is_none());
}

/// Row 43.
#[test]
fn fetches_of_one_thing_at_the_same_time_are_one_request() {
    let mut scene = scene();
    let channels = scene.sim.bot.channels();
    let called: Vec<_> = (0..5).map(|_| channels.fetch(scene.general)).collect();
    let other = channels.fetch(scene.voice);
    for called in called {
        assert_eq!(scene.ok(called).name(), "general");
    }
    assert_eq!(scene.ok(other).name(), "stage");
    assert_eq!(scene.asked("ListChannelDetail"), 2);
}

/// Row 43.
#[test]
fn errors_are_shared_but_not_remembered() {
    let mut scene = scene();
    let channels = scene.sim.bot.channels();
    let not_found = |kind: ErrorKind| assert!(matches!(kind, ErrorKind::NotFound { .. }), "{kind:?}");
    let (first, second) = (channels.fetch(99_i64), channels.fetch(99_i64));
    not_found(scene.kind_of(first));
    not_found(scene.kind_of(second));
    assert_eq!(scene.asked("ListChannelDetail"), 1);
    not_found(scene.kind_of(channels.fetch(99_i64)));
    assert_eq!(scene.asked("ListChannelDetail"), 2);
    scene.sim.world().refuse_call("ListChannelDetail", 13, "try later", 1);
    let kind = scene.kind_of(channels.fetch(scene.general));
    assert!(matches!(kind, ErrorKind::Refused { code: 13, .. }), "{kind:?}");
    scene.ok(channels.fetch(scene.general));
}

#[test]
fn a_fetch_that_is_cancelled_leaves_the_question_to_those_who_wait_for_the_same() {
    let mut scene = scene();
    let channels = scene.sim.bot.channels();
    let (first, second) = (channels.fetch(scene.general), channels.fetch(scene.general));
    scene.sim.tell(|_, _| ());
    scene.sim.tell(|machine, now| machine.cancel(now, first.ticket));
    assert_eq!(scene.ok(second).name(), "general");
}

/// Rows 47, 48, 127, 134.
#[test]
fn the_channels_of_a_clan_are_loaded_once_and_by_many_at_the_same_time() {
    let mut scene = scene();
    let clan = scene.ok(scene.sim.bot.clans().fetch(scene.clan));
    assert!(clan.channels().is_empty());
    let (first, second) = (clan.load_channels(), clan.load_channels());
    let before = scene.asked("ListChannelDescs");
    let names: Vec<_> = scene.ok(first).iter().map(|channel| channel.name().to_owned()).collect();
    assert!(names.contains(&"general".to_owned()) && names.contains(&"stage".to_owned()), "{names:?}");
    assert_eq!(scene.ok(second).len(), names.len());
    assert_eq!(scene.ok(clan.load_channels()).len(), names.len());
    assert_eq!(scene.asked("ListChannelDescs"), before + 1);

    assert_eq!(clan.channels().get(scene.general.to_string()).map(|channel| channel.id()), Some(scene.general));
    assert!(scene.sim.bot.channels().contains(scene.general), "the client knows them as well");
    let fetched = scene.ok(clan.channels().fetch(scene.general));
    assert_eq!((fetched.name(), scene.asked("ListChannelDetail")), ("general", 0));
    scene.ok(clan.reload_channels());
    assert_eq!(scene.asked("ListChannelDescs"), before + 2);
}

#[test]
fn a_load_that_failed_is_tried_again() {
    let mut scene = scene();
    scene.sim.world().refuse_call("ListChannelDescs", 13, "try later", 1);
    let clan = scene.clan();
    assert!(scene.end(clan.load_channels()).is_err());
    assert!(!scene.ok(clan.load_channels()).is_empty());
}

#[test]
fn channels_are_loaded_again_after_a_reconnect_as_something_may_have_been_missed() {
    let mut scene = scene();
    let clan = scene.clan();
    scene.ok(clan.load_channels());
    let bot = scene.sim.bot_id;
    scene.sim.act(|world, now| world.abort(now, bot));
    scene.sim.run_for(std::time::Duration::from_secs(10));
    let before = scene.asked("ListChannelDescs");
    scene.ok(clan.load_channels());
    assert_eq!(scene.asked("ListChannelDescs"), before + 1);
}

/// Rows 37, 43.
#[test]
fn a_user_who_is_not_known_is_a_handle_without_profile_and_no_channel_is_opened() {
    let mut scene = scene();
    let users = scene.sim.bot.users();
    assert!(users.get(scene.stranger).is_none());
    let user = scene.ok(users.fetch(scene.stranger));
    assert_eq!((user.id(), user.username(), user.info()), (scene.stranger, "", None));
    assert_eq!(scene.asked("CreateChannelDesc"), 0);
    let text = UserId::new(12).to_string();
    assert_eq!(scene.ok(users.fetch(text)).id(), UserId::new(12));
}

/// Row 135.
#[test]
fn a_member_of_a_clan_is_fetched_with_names_nickname_and_roles() {
    let mut scene = scene();
    let users = scene.clan().users();
    assert!(users.get(scene.alice).is_none());
    let alice = scene.ok(users.fetch(scene.alice));
    assert_eq!((alice.username(), alice.nick(scene.clan)), ("alice", "Al"));
    assert_eq!(users.get(scene.bob).map(|user| user.username().to_owned()).as_deref(), Some("bob"), "listed with her");
    let kind = scene.kind_of(users.fetch(scene.stranger));
    assert!(matches!(kind, ErrorKind::NotFound { .. }), "{kind:?}");
    assert!(scene.sim.bot.users().contains(scene.alice), "a view over the client's users");
}

#[test]
fn views_count_list_filter_and_map() {
    let mut scene = scene();
    let channels = scene.sim.bot.channels();
    scene.ok(scene.clan().load_channels());
    assert_eq!(channels.len(), channels.values().len());
    assert_eq!(channels.filter(|channel| channel.name() == "stage").len(), 1);
    assert!(channels.map(|channel| channel.id()).contains(&scene.general));
    let general = channels.get(scene.general).unwrap();
    channels.clear();
    assert!(channels.is_empty() && channels.set(&general) && channels.contains(scene.general));
    assert!(!channels.set(&scene.sim.bot.channel(ChannelId::new(5))), "nothing is known of it");
    assert!(scene.sim.bot.clan(ClanId::new(5)).channels().is_empty());
}

#[test]
fn with_memory_off_everything_is_asked_for_and_nothing_kept() {
    let mut scene = scene_with(|config| config.cache(CacheLimits::OFF));
    let channels = scene.sim.bot.channels();
    for _ in 0..2 {
        assert_eq!(scene.ok(channels.fetch(scene.general)).name(), "general");
    }
    assert_eq!(scene.asked("ListChannelDetail"), 2);
    assert!(channels.is_empty() && scene.sim.bot.clans().is_empty());
    assert_eq!(scene.ok(scene.sim.bot.clans().fetch(scene.clan)).name(), "Clan A");
    let sent = scene.ok(scene.channel().send("hi"));
    assert!(scene.channel().messages().get(sent.id()).is_none());
    scene.ok(sent.edit("ho"));
    assert_eq!(scene.text_of(sent.id()).as_deref(), Some("ho"));
}

//! Clicks, choices and quick menus: what they say, and how they are answered.

use std::time::Duration;

use mezon_protocol::component_id;
use mezon_protocol::content::Reference;
use mezon_protocol::interaction::{ComponentId, Entry, Filter, Guard, Lanes, Outcome, Standby};
use mezon_protocol::object::{ButtonClick, Message, QuickMenuEvent, SelectChanged, SentMessage};
use mezon_protocol::proto::realtime::{self, envelope};
use mezon_protocol::{ChannelId, Event, MessageId, UserId};
use mezon_sandbox::What;
use mezon_tests::backend::Collector;

use crate::scene::{SECOND, Scene, build, ready};

const LOOKUP: &str = "ListChannelDetail";

component_id! {
    /// The buttons of a form.
    enum Button("expert", 1) {
        Save = "s" { record: i64 },
        Cancel = "c",
    }
}

fn send_menu(scene: &mut Scene) -> SentMessage<Collector> {
    let sending = scene.sim.bot.channel(scene.general).send("a menu");
    let sent = scene.sim.finish(sending).unwrap();
    scene.sim.run_for(SECOND);
    scene.sim.take_events();
    sent
}

/// Lets somebody click, and gives what the bot gets of it.
fn click(scene: &mut Scene, user: UserId, message: MessageId, button: &str, extra: &str) -> ButtonClick<Collector> {
    scene.sim.act(|world, _| world.click(user, message, button, extra));
    scene.sim.run_for(SECOND / 100);
    let events = scene.sim.take_events();
    let [Event::ButtonClicked(click)] = &events[..] else { panic!("{events:?}") };
    click.clone()
}

/// Pushes an event, and gives what the bot gets.
fn push(scene: &mut Scene, event: envelope::Message) -> Event<Collector> {
    let bot = scene.sim.bot_id;
    assert!(scene.sim.act(|world, _| world.push_event(bot, event)));
    scene.sim.run_for(SECOND / 100);
    let mut events = scene.sim.take_events();
    assert_eq!(events.len(), 1, "{events:?}");
    events.remove(0)
}

fn next_message(scene: &mut Scene, channel: ChannelId) -> Message<Collector> {
    scene.sim.run_for(SECOND);
    let message = |event| match event {
        Event::Message(message) => Some(message),
        _ => None,
    };
    let message = scene.sim.take_events().into_iter().find_map(message).expect("a message");
    assert_eq!(message.channel_id(), channel);
    message
}

/// What was whispered last, and to whom.
fn whisper(scene: &Scene) -> (String, Vec<UserId>) {
    let world = scene.sim.world();
    let whispered = |what: &What| match what {
        What::Whispered { said, receivers } => Some((said.text.clone(), receivers.clone())),
        _ => None,
    };
    world.transcript().rev().find_map(|entry| whispered(&entry.what)).expect("a whisper")
}

/// Row 101.
#[test]
fn a_click_says_who_clicked_what_and_what_the_form_holds() {
    let mut scene = ready();
    let (menu, alice) = (send_menu(&mut scene), scene.alice);
    let id = Button::Save { record: 7 }.encode().unwrap();
    let extra = r#"{"country":"vn","plan":["pro","free"],"price":"1.5"}"#;
    let click = click(&mut scene, alice, menu.id(), &id, extra);
    assert_eq!((click.user_id(), click.message_id(), click.button_id()), (alice, menu.id(), id.as_str()));
    assert_eq!(click.as_proto().sender_id, scene.sim.bot_id.get(), "the sender is the bot itself");
    assert_eq!(click.component::<Button>(), Ok(Button::Save { record: 7 }));
    assert_eq!((click.is_select_change(), click.value()), (false, None));
    assert_eq!(click.form().choices("plan").unwrap().unwrap(), ["pro", "free"]);
    assert_eq!(click.form().number("price"), Ok(Some(1.5)));
    assert_eq!(click.form().text("untouched"), Ok(None));
}

#[test]
fn a_choice_in_a_select_is_told_from_a_submit() {
    let mut scene = ready();
    let (menu, alice) = (send_menu(&mut scene), scene.alice);
    let choice = click(&mut scene, alice, menu.id(), "country", "vn");
    assert_eq!((choice.is_select_change(), choice.value().as_deref()), (true, Some("vn")));
    let submit = click(&mut scene, alice, menu.id(), &Button::Cancel.encode().unwrap(), "");
    assert_eq!((submit.is_select_change(), submit.value()), (false, None));
    assert_eq!(submit.component(), Ok(Button::Cancel));
}

#[test]
fn a_click_in_a_channel_that_was_seen_is_answered_without_a_lookup_and_else_with_one() {
    let mut scene = ready();
    let menu = send_menu(&mut scene);
    let before = scene.sim.world().counters().calls(LOOKUP);
    let click = click_on(&mut scene, menu.id());
    for call in [click.edit_message("edited"), click.edit_message("edited again")] {
        scene.sim.finish(call).unwrap();
    }
    assert_eq!(scene.sim.world().counters().calls(LOOKUP), before);
    assert_eq!(scene.sim.world().text_of(menu.id()).as_deref(), Some("edited again"));

    // a client that was started anew has seen nothing
    let mut fresh = build(|config| config);
    let (bot, general) = (fresh.sim.bot_id, fresh.general);
    let posted = fresh.sim.act(|world, now| world.say(now, bot, general, "of before"));
    fresh.sim.connect();
    fresh.sim.take_events();
    let click = click_on(&mut fresh, posted);
    for text in ["after the restart", "and again"] {
        let edit = click.edit_message(text);
        fresh.sim.finish(edit).unwrap();
    }
    assert_eq!(fresh.sim.world().counters().calls(LOOKUP), 1);
    assert_eq!(fresh.sim.world().text_of(posted).as_deref(), Some("and again"));
}

fn click_on(scene: &mut Scene, message: MessageId) -> ButtonClick<Collector> {
    let alice = scene.alice;
    click(scene, alice, message, "any", "")
}

#[test]
fn a_click_is_answered_by_reply_whisper_edit_and_delete() {
    let mut scene = ready();
    let (menu, bob, general) = (send_menu(&mut scene), scene.bob, scene.general);
    let click = click(&mut scene, bob, menu.id(), "any", "");

    let reply = click.reply("done");
    scene.sim.finish(reply).unwrap();
    let references = next_message(&mut scene, general).references();
    let [Reference { message_id, sender_id, .. }] = references[..] else { panic!("{references:?}") };
    assert_eq!((message_id, sender_id), (menu.id(), scene.sim.bot_id));

    let whispering = click.reply_ephemeral("only you");
    scene.sim.finish(whispering).unwrap();
    assert_eq!(whisper(&scene), ("only you".to_owned(), vec![bob]));

    let editable = click.editable();
    for vote in 1..=20 {
        let set = editable.set(format!("{vote} votes"));
        scene.sim.finish(set).unwrap();
        scene.sim.run_for(SECOND / 20);
    }
    let flush = editable.flush();
    scene.sim.finish(flush).unwrap();
    assert_eq!(scene.sim.world().text_of(menu.id()).as_deref(), Some("20 votes"));
    assert!(scene.edits(menu.id()).len() <= 4);

    let delete = click.delete_message();
    scene.sim.finish(delete).unwrap();
    assert_eq!(scene.sim.world().text_of(menu.id()), None);
}

#[test]
fn a_select_of_the_old_way_is_a_handle_too() {
    let mut scene = ready();
    let menu = send_menu(&mut scene);
    let event = realtime::DropdownBoxSelected {
        message_id: menu.id().get(),
        channel_id: scene.general.get(),
        selectbox_id: "country".into(),
        sender_id: scene.sim.bot_id.get(),
        user_id: scene.alice.get(),
        values: vec!["vn".into(), "jp".into()],
    };
    let event = push(&mut scene, envelope::Message::DropdownBoxSelected(Box::new(event)));
    let Event::DropdownSelected(change) = event else { panic!("{event:?}") };
    let change: SelectChanged<_> = change;
    assert_eq!((change.select_id(), change.value(), change.values().len()), ("country", Some("vn"), 2));
    assert_eq!((change.user_id(), change.message_id()), (scene.alice, menu.id()));
    let edit = change.edit_message("vn, jp");
    scene.sim.finish(edit).unwrap();
    assert_eq!(scene.sim.world().text_of(menu.id()).as_deref(), Some("vn, jp"));
    assert!(!format!("{change:?}").contains("vn"), "what was chosen is private");
}

fn quick_menu(scene: &mut Scene, target: Option<MessageId>) -> QuickMenuEvent<Collector> {
    let message = realtime::ChannelMessageSend {
        id: target.map_or(0, MessageId::get),
        clan_id: scene.clan.get(),
        channel_id: scene.general.get(),
        mode: 2,
        is_public: true,
        content: r#"{"t":"well done"}"#.into(),
        ..Default::default()
    };
    let event = realtime::QuickMenuDataEvent {
        menu_name: "reward 5000".into(),
        message: Some(message),
        sender_id: scene.bob.get(),
        message_sender_id: target.map_or(0, |_| scene.alice.get()),
    };
    let event = push(scene, envelope::Message::QuickMenuEvent(Box::new(event)));
    let Event::QuickMenuTriggered(chosen) = event else { panic!("{event:?}") };
    chosen
}

/// Row 104.
#[test]
fn a_quick_menu_entry_answers_the_message_that_it_was_chosen_on_from_the_event_alone() {
    let mut scene = ready();
    let (alice, bob, general) = (scene.alice, scene.bob, scene.general);
    let target = scene.sim.act(|world, now| world.say(now, alice, general, "well done"));
    scene.sim.run_for(SECOND);
    scene.sim.take_events();
    let lookups = scene.sim.world().counters().calls(LOOKUP);
    let chosen = quick_menu(&mut scene, Some(target));
    assert_eq!((chosen.menu_name(), chosen.user_id()), ("reward 5000", bob));
    assert_eq!((chosen.message_id(), chosen.author_id()), (target, alice));
    assert_eq!((chosen.content().as_text(), chosen.clan_id()), ("well done", scene.clan));

    let reply = chosen.reply("rewarded");
    scene.sim.finish(reply).unwrap();
    let references = next_message(&mut scene, general).references();
    assert_eq!((references[0].message_id, references[0].sender_id), (target, alice));
    assert_eq!(references[0].content, r#"{"t":"well done"}"#);

    let refusal = chosen.reply_ephemeral("you may not");
    scene.sim.finish(refusal).unwrap();
    assert_eq!(whisper(&scene), ("you may not".to_owned(), vec![bob]));
    let receipt = chosen.author().send("you got 5000");
    scene.sim.finish(receipt).unwrap();
    assert_eq!(scene.sim.world().counters().calls(LOOKUP), lookups);
}

#[test]
fn a_quick_menu_entry_without_a_message_is_answered_in_the_channel() {
    let mut scene = ready();
    let general = scene.general;
    let chosen = quick_menu(&mut scene, None);
    assert!(chosen.message_id().is_none());
    let reply = chosen.reply("hello");
    scene.sim.finish(reply).unwrap();
    assert!(next_message(&mut scene, general).references().is_empty());
    let bare = push(&mut scene, envelope::Message::QuickMenuEvent(Box::default()));
    let Event::QuickMenuTriggered(bare) = bare else { panic!("{bare:?}") };
    let reply = bare.reply("to nowhere");
    assert!(scene.sim.finish(reply).is_err());
}

/// C17: the next click on this message by this user, the next message in this channel by this user.
#[test]
fn a_standby_with_a_filter_finds_the_next_click_and_the_next_message() {
    let mut scene = ready();
    let (menu, alice, bob) = (send_menu(&mut scene), scene.alice, scene.bob);
    let (general, now) = (scene.general, scene.sim.now().elapsed);
    let mut standby: Standby<Event<Collector>> = Standby::new(10);
    let minute = 60 * SECOND;
    let mut wait = |filter: Filter| standby.wait(now, minute, move |event| filter.matches(event)).unwrap();
    let click_of_alice = wait(Filter::clicks_on(menu.id()).by(alice).on_button("go"));
    let answer_of_bob = wait(Filter::messages_in(general).by(bob));
    let own = wait(Filter::messages_in(general).by(scene.sim.bot_id).with_own());
    let never = wait(Filter::messages_in(general).by(scene.sim.bot_id));

    let sending = scene.sim.bot.channel(general).send("own");
    scene.sim.act(|world, now| {
        world.click(bob, menu.id(), "go", "");
        world.click(alice, menu.id(), "stop", "");
        world.click(alice, menu.id(), "go", "");
        world.say(now, alice, general, "no");
        world.say(now, bob, general, "yes");
    });
    scene.sim.finish(sending).unwrap();
    scene.sim.run_for(SECOND);
    for event in scene.sim.take_events() {
        standby.feed(&event);
    }
    let mut matched = Vec::new();
    while let Some((id, outcome)) = standby.poll() {
        assert!(matches!(outcome, Outcome::Matched(_)));
        matched.push(id);
    }
    matched.sort();
    assert_eq!(matched, [click_of_alice, answer_of_bob, own]);
    standby.handle_timeout(now + minute);
    assert!(matches!(standby.poll(), Some((id, Outcome::TimedOut)) if id == never));
    assert!(standby.is_empty());
}

/// C18: two clicks 5 ms apart are one execution; C19: the clicks of one user are handled in order.
#[test]
fn clicks_are_guarded_and_kept_in_order() {
    let mut scene = ready();
    let (menu, alice, bob) = (send_menu(&mut scene), scene.alice, scene.bob);
    let mut guard = Guard::default();
    let mut lanes = Lanes::default();
    let clicks = [(alice, "save"), (alice, "save"), (bob, "save"), (alice, "next")];
    for (user, button) in clicks {
        let click = click(&mut scene, user, menu.id(), button, "");
        if guard.enter(scene.sim.now().elapsed, click.key()) == Entry::Admitted {
            lanes.push(click.user_id(), click).unwrap();
        }
        scene.sim.run_for(Duration::from_millis(5));
    }
    let mut handled = Vec::new();
    while let Some((user, click)) = lanes.start() {
        guard.finish(scene.sim.now().elapsed, &click.key());
        handled.push((user, click.button_id().to_owned()));
        lanes.finish(&user);
    }
    assert_eq!(handled, [(alice, "save".into()), (bob, "save".into()), (alice, "next".into())]);
}

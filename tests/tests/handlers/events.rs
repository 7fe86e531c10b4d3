//! Every event, by its own handler, by its name, and by the handler of all.

use std::sync::mpsc::Sender;

use mezon_client::Client;
use mezon_protocol::event::Cause;
use mezon_protocol::proto::realtime::{self, envelope};
use mezon_protocol::{__members_of_the_envelope, Event, EventKind};

use crate::adapters::Adapter;
use crate::town::{SOON, Town, reports};

macro_rules! members {
    (
        handles { $($handles:tt)* }
        boxed { $($boxed:tt)* }
    ) => {
        members! { @rows $($handles)* $($boxed)* }
    };
    (@rows $(
        $kind:ident = $field:literal, $wire:tt, $direction:ident $(($on:ident $(, $alias:literal)*))?,
            $generated:ident($type:ty), $doc:literal;
    )*) => {
        /// Registers two handlers for each event that is pushed, by the method of its own.
        fn listen_to_each<R: Adapter>(client: &Client<R>, tell: &Sender<EventKind>) {
            $($(
                for _ in 0..2 {
                    let tell = tell.clone();
                    client.$on(move |_| tell.send(EventKind::$kind));
                }
            )?)*
        }

        /// Every member of the Envelope, with nothing in it.
        fn members() -> Vec<(EventKind, envelope::Message)> {
            vec![$((EventKind::$kind, envelope::Message::$generated(Box::default()))),*]
        }
    };
}

__members_of_the_envelope!(members);

/// Rows 90, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 126.
pub fn every_push_reaches_its_handler<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, kinds) = reports();
    listen_to_each(&town.client, &tell);
    let (tell, all) = reports();
    town.client.on_event(move |event| event.kind().map_or(Ok(()), |kind| tell.send(kind)));
    let running = town.run();
    let mut count = 0;
    for (kind, member) in members().into_iter().filter(|(kind, _)| kind.is_push()) {
        assert!(town.client.has_listeners(kind));
        town.push(member);
        assert_eq!(kinds.take(2), [kind; 2], "both of its handlers");
        assert_eq!(all.next(), kind);
        count += 1;
    }
    assert!(count > 70, "{count} kinds of pushes");
    assert!(kinds.rest().is_empty());
    town.end(running);
}

/// Row 126.
pub fn what_this_build_does_not_know_reaches_those_who_want_everything<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, unknown) = reports();
    town.client.on_event(move |event| match event {
        Event::Unknown { field, bytes } => tell.send((field, bytes.to_vec())),
        _ => Ok(()),
    });
    let running = town.run();
    // field 900, three bytes
    assert!(town.sandbox.with(|world, _| world.send_bytes(town.bot, &[0xa2, 0x38, 3, 7, 8, 9][..])));
    assert_eq!(unknown.next(), (900, vec![7, 8, 9]));
    town.end(running);
}

/// Rows 86, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125.
pub fn handlers_are_registered_by_names_of_events<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, kinds) = reports();
    let names = [
        ("CHANNEL_MESSAGE", EventKind::Message),
        ("MESSAGE_REACTION_EVENT", EventKind::Reaction),
        ("MESSAGE_TYPING_EVENT", EventKind::Typing),
        ("CHANNEL_CREATED_EVENT", EventKind::ChannelCreated),
        ("CHANNEL_UPDATED_EVENT", EventKind::ChannelUpdated),
        ("CHANNEL_DELETED_EVENT", EventKind::ChannelDeleted),
        ("CHANNEL_PRESENCE_EVENT", EventKind::ChannelPresence),
        ("USER_CHANNEL_ADDED_EVENT", EventKind::UsersAddedToChannel),
        ("USER_CHANNEL_REMOVED_EVENT", EventKind::UsersRemovedFromChannel),
        ("USER_CLAN_REMOVED_EVENT", EventKind::UsersRemovedFromClan),
        ("CLAN_UPDATED_EVENT", EventKind::ClanUpdated),
        ("CLAN_EVENT_CREATED", EventKind::CalendarEventChanged),
        ("VOICE_STARTED_EVENT", EventKind::VoiceStarted),
        ("VOICE_ENDED_EVENT", EventKind::VoiceEnded),
        ("VOICE_JOINED_EVENT", EventKind::UserJoinedVoice),
        ("VOICE_LEAVED_EVENT", EventKind::UserLeftVoice),
        ("GIVE_COFFEE", EventKind::CoffeeGiven),
    ];
    for (name, kind) in names {
        let tell = tell.clone();
        town.client.on(name, move |event| tell.send((name, event.kind() == Some(kind)))).unwrap();
    }
    assert!(town.client.on("CHANNEL_MASSAGE", |_| ()).is_err());
    let running = town.run();
    for (name, kind) in names {
        let (_, member) = members().into_iter().find(|(of, _)| *of == kind).unwrap();
        town.push(member);
        assert_eq!(kinds.next(), (name, true));
    }
    town.end(running);
}

/// Rows 91, 101, 104, 105, 106, 107, 108.
pub fn handlers_are_given_typed_events<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, told) = reports();
    let (say, tell_click, tell_menu) = (tell.clone(), tell.clone(), tell.clone());
    town.client.on_message(move |message| say.send(format!("{} says {}", message.sender_id(), message.text())));
    town.client.on_button_clicked(move |click| tell_click.send(format!("{} clicks", click.user_id())));
    town.client.on_quick_menu_triggered(move |entry| tell_menu.send(entry.menu_name().to_owned()));
    for (on, tell) in [("created", tell.clone()), ("updated", tell.clone()), ("deleted", tell.clone())] {
        match on {
            "created" => town.client.on_channel_created(move |event| tell.send(format!("{on} {}", event.channel_id))),
            "updated" => town.client.on_channel_updated(move |event| tell.send(format!("{on} {}", event.channel_id))),
            _ => town.client.on_channel_deleted(move |event| tell.send(format!("{on} {}", event.channel_id))),
        };
    }
    let (added, removed, joined) = (tell.clone(), tell.clone(), tell);
    town.client.on_users_added_to_channel(move |event| {
        let users: Vec<_> = event.user_ids().collect();
        added.send(format!("{users:?} to {}", event.channel_id()))
    });
    town.client.on_users_removed_from_channel(move |event| {
        let users: Vec<_> = event.user_ids().collect();
        removed.send(format!("{users:?} from {}", event.channel_id()))
    });
    town.client.on_user_joined_clan(move |event| joined.send(format!("to clan {}", event.clan_id)));

    let running = town.run();
    let Town { sandbox, bot, alice, bob, clan, general, .. } = &town;
    sandbox.say(*alice, *general, "hello");
    assert_eq!(told.next(), format!("{alice} says hello"));
    let menu = sandbox.with(|world, now| world.say(now, *bot, *general, "a menu"));
    sandbox.click(*bob, menu, "button", "");
    assert_eq!(told.next(), format!("{bob} clicks"));
    sandbox.quick_menu(*bob, *bot, "reward", *general, Some(menu));
    assert_eq!(told.next(), "reward");
    let new = mezon_sandbox::NewChannel::text("new");
    let channel = sandbox.with(|world, now| world.create_channel(now, *clan, *alice, new));
    assert_eq!(told.next(), format!("created {channel}"));
    let updated = realtime::ChannelUpdatedEvent { channel_id: channel.get(), ..Default::default() };
    town.push(envelope::Message::ChannelUpdatedEvent(Box::new(updated)));
    assert_eq!(told.next(), format!("updated {channel}"));
    sandbox.with(|world, _| world.delete_channel(channel, *alice));
    assert_eq!(told.next(), format!("deleted {channel}"));
    let thread = sandbox.open_thread(*alice, *general, "thread", [*bot]);
    let came = told.take(2);
    assert!(came.iter().any(|line| line.ends_with(&format!("to {thread}"))), "{came:?}");
    let bot = *bot;
    let hears =
        sandbox.until("the thread to be joined", SOON, move |world| world.joins(bot).channels.contains(&thread));
    hears.wait().unwrap();
    sandbox.leave(*alice, thread);
    assert_eq!(told.next(), format!("{:?} from {thread}", [alice]));
    let new = mezon_sandbox::NewUser::person("carol");
    let carol = sandbox.with(|world, now| world.add_user(now, new));
    sandbox.join_clan(carol, *clan);
    assert_eq!(told.next(), format!("to clan {clan}"));
    town.end(running);
}

/// C1.
pub fn the_life_of_the_connection_reaches_its_handlers<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, life) = reports();
    let (connecting, connected, ready, fatal) = (tell.clone(), tell.clone(), tell.clone(), tell.clone());
    town.client.on_connecting(move |attempt| connecting.send(format!("connecting {attempt}")));
    town.client.on_connected(move || connected.send("connected".to_owned()));
    town.client.on_ready(move |gap| ready.send(format!("ready, away: {}", gap.is_some())));
    town.client.on_disconnected(move |cause| tell.send(format!("disconnected, by us: {}", cause == Cause::Closed)));
    town.client.on_fatal(move |_| fatal.send("fatal".to_owned()));
    let running = town.start();
    assert_eq!(life.take(3), ["connecting 0", "connected", "ready, away: false"]);
    town.sandbox.abort(town.bot);
    assert_eq!(life.take(3), ["disconnected, by us: false", "connecting 1", "connected"]);
    assert_eq!(life.next(), "ready, away: true");
    town.client.close();
    running.end().unwrap();
    assert_eq!(life.rest(), ["disconnected, by us: true"]);
}

//! S8.

use std::time::{Duration, Instant, UNIX_EPOCH};

use mezon_blocking::{Client, Sent, UserId};
use mezon_protocol::machine::{BackoffPolicy, Rate};
use mezon_protocol::proto::realtime::envelope::Message as Member;
use mezon_sandbox::{NewUser, World};

use crate::bots::s08_reminders::{remind, until};
use crate::rig::{SOON, Town, sent};

const SECOND: Duration = Duration::from_secs(1);

/// Requests in a second.
const RATE: u32 = 200;

const TEXT: &str = "Stand up!";

/// People whom the bot has never seen, and as many with whom it has a channel already.
fn people(town: &Town, count: usize) -> Vec<UserId> {
    town.sandbox.with(|world, now| {
        let add = |n| {
            let user = world.add_user(now, NewUser::person(format!("user {n}")));
            if n % 2 == 0 {
                world.open_dm(now, user, town.bot);
            }
            user
        };
        (0..count).map(add).collect()
    })
}

fn client(town: &Town, patience: Duration) -> Client {
    let mut config = town.config().unwrap();
    config.call_timeout = patience;
    config.socket_rates = vec![Rate::new(RATE, SECOND)];
    config.backoff = BackoffPolicy { first: SECOND / 10, ..BackoffPolicy::default() };
    Client::login(config).unwrap()
}

/// How many direct messages a user got.
fn received(world: &World, town: &Town, user: UserId) -> usize {
    world.direct_channel(user, town.bot).map_or(0, |channel| world.messages_in(channel).len())
}

fn reached(world: &World) -> usize {
    world.said_by_clients().filter(|said| said.clan.is_none()).count()
}

#[test]
fn three_hundred_are_reminded_within_the_rate_and_through_a_lost_connection() {
    let town = Town::open().unwrap();
    let mut users = people(&town, 298);
    let strangers = [UserId::new(7), UserId::new(8)];
    users.splice(100..100, strangers);
    let client = client(&town, SOON);
    let (requests, begun) = (sent(&town.sandbox).len(), Instant::now());

    let report = std::thread::scope(|scope| {
        let reminding = scope.spawn(|| remind(&client, &users, town.general, TEXT));
        town.sandbox.until("half of them are reached", SOON * 3, |world| reached(world) > 150).wait().unwrap();
        town.sandbox.with(|world, now| {
            world.refuse_connect(503, 2);
            world.abort(now, town.bot)
        });
        reminding.join().unwrap()
    });

    let missed: Vec<UserId> = report.missed.iter().map(|(user, _)| *user).collect();
    assert_eq!(missed, strangers, "{report:?}");
    assert!(report.missed.iter().all(|(_, error)| error.to_string().contains("user not found")), "{report:?}");
    assert_eq!(report.reached + report.missed.len() + report.unknown.len(), 300, "{report:?}");
    assert!(report.unknown.len() <= 1 && report.channel.is_none(), "{report:?}");
    town.sandbox.with(|world, _| {
        assert!(world.counters().connects == 2 && world.counters().connects_refused == 2);
        for user in users.iter().filter(|user| !strangers.contains(user)) {
            let is_unknown = report.unknown.iter().any(|(unknown, _)| unknown == user);
            let count = received(world, &town, *user);
            assert!(count == 1 || (is_unknown && count == 0), "{count} messages for {user}");
        }
    });

    let is_send = |member: &Member| matches!(member, Member::ChannelMessageSend(_));
    let to_all = |member: &Member| matches!(member, Member::ChannelMessageSend(send) if send.mention_everyone);
    let sent = sent(&town.sandbox).split_off(requests);
    let sends = sent.iter().filter(|(_, member)| is_send(member)).count();
    let least = SECOND * (u32::try_from(sends).unwrap() - RATE) / RATE;
    assert!(begun.elapsed() >= least, "{sends} messages within {:?}", begun.elapsed());
    assert_eq!(sent.iter().filter(|(_, member)| to_all(member)).count(), 1);
    client.shutdown(SOON);
}

#[test]
fn who_may_have_it_or_not_is_listed_and_not_written_to_again() {
    let town = Town::open().unwrap();
    let client = client(&town, SECOND * 6);
    town.sandbox.with(|world, _| world.swallow_acks(2));
    let report = remind(&client, &[town.alice, town.bob], town.general, TEXT);
    assert!(matches!(&report.channel, Some(error) if error.sent() == Sent::Unknown), "{report:?}");
    assert!(matches!(&report.unknown[..], [(user, _)] if *user == town.alice), "{report:?}");
    assert_eq!((report.reached, report.missed.len()), (1, 0));
    let counts = town.sandbox.with(|world, _| [town.alice, town.bob].map(|user| received(world, &town, user)));
    assert_eq!(counts, [1, 1]);
    client.shutdown(SOON);
}

#[test]
fn the_time_of_the_day_comes_today_or_tomorrow() {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    let (five_past_nine, noon) = (minutes(9 * 60 + 5), minutes(12 * 60));
    let midnight = UNIX_EPOCH + minutes(20_000 * 24 * 60);
    assert_eq!(until(five_past_nine, midnight), five_past_nine);
    assert_eq!(until(five_past_nine, midnight + five_past_nine), Duration::ZERO);
    assert_eq!(until(five_past_nine, midnight + noon), minutes(21 * 60 + 5));
    assert_eq!(until(noon, midnight + five_past_nine), noon - five_past_nine);
}

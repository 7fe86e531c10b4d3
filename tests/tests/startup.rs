//! How long a client of many clans takes from nothing to Ready, in real time over real sockets. The figure is printed, not
//! asserted: it is the machine's as much as ours.

use std::time::Instant;

use mezon_protocol::{ChannelId, ClanId};
use mezon_sandbox::{Sandbox, World};
use mezon_tokio::{Client, Config};

const CLANS: usize = 200;
const CHANNELS: usize = 200;

#[tokio::test]
async fn a_bot_in_200_clans_of_200_channels_becomes_ready_without_listing_them() {
    let mut world = World::builder();
    let bot = world.bot("bot", "the-key");
    let alice = world.person("alice");
    let direct = world.dm(alice, bot);
    let clans: Vec<ClanId> = (0..CLANS).map(|clan| world.clan(&format!("clan {clan}"))).collect();
    let mut last = ChannelId::NONE;
    for clan in &clans {
        world.everyone_in(*clan);
        for channel in 0..CHANNELS {
            last = world.channel(*clan, &format!("channel {channel}"));
        }
    }
    let sandbox = Sandbox::start(world.build()).unwrap();
    let config = Config::bot(bot, "the-key").unwrap().host("127.0.0.1").port(sandbox.port()).use_tls(false);

    let start = Instant::now();
    let client = Client::login(config.without_rate_limits()).await.unwrap();
    println!("Ready after {:?} with {CLANS} clans of {CHANNELS} channels", start.elapsed());

    let joins = sandbox.joins(bot);
    assert_eq!(joins.clans.len(), CLANS + 1);
    assert!(joins.channels.contains(&direct));
    assert_eq!(sandbox.with(|world, _| world.counters().calls("ListChannelDescs")), 1, "only that of direct messages");
    client.channel(last).send("no list was needed to write here").await.unwrap();
}

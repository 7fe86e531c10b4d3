//! Lists by page, from a world that has more than one page of them.

use mezon_protocol::api::{ListChannelMessages, Pages};
use mezon_protocol::proto::api as wire;

use crate::scene::Scene;

/// All of it, each message once and in order, though the pages overlap.
#[test]
fn a_history_is_read_to_its_end() {
    let Scene { mut sim, alice } = Scene::with(|_| {});
    sim.connect();
    let route = sim.finish(sim.bot.user(alice).open_direct()).unwrap();
    let direct = sim.bot.channel_at(route);
    let mut sent = Vec::new();
    for number in 0..12 {
        let message = sim.finish(direct.send(format!("message {number}"))).unwrap();
        sent.push(message.id().get());
    }
    let request = wire::ListChannelMessagesRequest { channel_id: route.channel.get(), limit: 5, ..Default::default() };
    let mut read: Vec<Vec<i64>> = Vec::new();
    let mut next = Some(Pages::<ListChannelMessages>::new(request));
    while let Some(pages) = next {
        let page = sim.finish(sim.bot.api().page(pages)).unwrap();
        read.push(page.items.iter().map(|message| message.message_id).collect());
        next = page.next;
    }
    assert!(read.len() >= 3, "several pages: {read:?}");
    let all: Vec<i64> = read.into_iter().rev().flatten().collect();
    assert_eq!(all, sent);
}

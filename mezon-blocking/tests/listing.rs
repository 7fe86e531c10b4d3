//! Lists that come in pages, over a real connection.
#![allow(clippy::unwrap_used)]

mod town;

use std::collections::BTreeSet;

use mezon_blocking::protocol::api::ListChannelMessages;
use mezon_blocking::protocol::proto::api::ListChannelMessagesRequest;
use town::Town;

/// Three pages and a bit of messages, each of which comes once.
#[test]
fn a_list_goes_on_over_its_pages() {
    let town = Town::new();
    let client = town.login();
    let said: BTreeSet<_> =
        (0..170).map(|k| town.sandbox.say(town.alice, town.general, &format!("{k}")).get()).collect();

    let channel_id = town.general.get();
    let request = ListChannelMessagesRequest { channel_id, limit: 50, ..Default::default() };
    let history = client.list::<ListChannelMessages>(request);
    let ids: Vec<_> = history.map(|message| message.unwrap().message_id).collect();
    assert_eq!(ids.len(), said.len());
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), said);
}

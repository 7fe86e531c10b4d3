//! Lists that come in pages, over a real connection.
#![allow(clippy::unwrap_used)]

mod town;

use std::collections::BTreeSet;

use mezon_tokio::protocol::api::ListChannelMessages;
use mezon_tokio::protocol::proto::api::ListChannelMessagesRequest;
use town::Town;

/// Three pages and a bit of messages, each of which comes once.
#[tokio::test]
async fn a_list_goes_on_over_its_pages() {
    let town = Town::new();
    let client = town.login().await;
    let said: BTreeSet<_> =
        (0..170).map(|k| town.sandbox.say(town.alice, town.general, &format!("{k}")).get()).collect();

    let channel_id = town.general.get();
    let request = ListChannelMessagesRequest { channel_id, limit: 50, ..Default::default() };
    let mut history = client.list::<ListChannelMessages>(request);
    let mut ids = Vec::new();
    while let Some(message) = history.next_item().await.unwrap() {
        ids.push(message.message_id);
    }
    assert_eq!(ids.len(), said.len());
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), said);
}

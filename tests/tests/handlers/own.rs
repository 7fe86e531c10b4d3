//! What the bot does itself.

use mezon_protocol::EventKind;

use crate::adapters::Adapter;
use crate::town::{SOON, Town, reports};

/// C13.
pub fn what_the_bot_does_itself_is_passed_over_unless_that_is_wanted<R: Adapter>() {
    let town = Town::<R>::new();
    let (tell, heard) = reports();
    let (told, raw) = (tell.clone(), tell.clone());
    town.client.on_message(move |message| tell.send(format!("says {}", message.text())));
    let tell = told.clone();
    town.client.on_message_updated(move |message| tell.send(format!("edits {}", message.text())));
    let tell = told.clone();
    town.client.on_message_deleted(move |_| tell.send("deletes".to_owned()));
    town.client.on_reaction(move |reaction| told.send(format!("reacts {}", reaction.emoji())));
    let running = town.run();

    let bot = town.client.bot();
    let act = |text: &str| {
        let wait = |call| futures_lite::future::block_on(R::ended(call)).unwrap();
        let sent = wait(bot.channel(town.general).send(text));
        futures_lite::future::block_on(R::ended(sent.edit("edited"))).unwrap();
        town.sandbox.react(town.bot, sent.id(), "👋");
        futures_lite::future::block_on(R::ended(sent.delete())).unwrap();
    };
    act("own");
    town.say("hers");
    assert_eq!(heard.next(), "says hers");
    let hers = town.say("hers too");
    town.sandbox.react(town.alice, hers, "🍵");
    assert_eq!(heard.take(2), ["says hers too", "reacts 🍵"]);

    town.client.handle_own(true);
    act("own");
    assert_eq!(heard.take(4), ["says own", "edits edited", "reacts 👋", "deletes"]);

    town.client.handle_own(false);
    town.client.on(EventKind::Message, move |_| raw.send("raw".to_owned())).unwrap();
    let own = futures_lite::future::block_on(R::ended(bot.channel(town.general).send("own"))).unwrap();
    town.sandbox.expect_message(town.general, "own", SOON).wait().unwrap();
    assert_eq!(heard.next(), "raw", "the events themselves carry it, marked: {own:?}");
    town.end(running);
}

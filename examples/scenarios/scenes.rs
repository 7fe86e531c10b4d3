//! What people say and do to show what the bots of the scenarios can, when there are no credentials for the platform.

use std::time::Duration;

use mezon_sandbox::{Expectation, Matching, NewUser, Said, World};
use mezon_tokio::MessageId;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::sleep;

use crate::stage::{AnyError, SOON, Town, showing};

type Played = Result<(), AnyError>;

pub async fn ping(town: &Town) -> Played {
    let in_channel = town.sandbox.say(town.alice, town.general, "*ping");
    for ping in [in_channel, town.sandbox.dm(town.bob, town.bot, "*ping")] {
        let pong = town.reply(ping).await?;
        town.edit(pong.message, " ms").await?;
    }
    Ok(())
}

pub async fn help(town: &Town) -> Played {
    let mention = |text| town.sandbox.mention(town.alice, town.general, town.bot, text);
    let wrong = town.sandbox.say(town.alice, town.general, "*expert abc");
    for asked in [mention(""), mention("expert 12 Nguyễn Văn A"), wrong] {
        town.reply(asked).await?;
    }
    Ok(())
}

pub async fn welcome(town: &Town) -> Played {
    let carol = town.sandbox.with(|world, now| world.add_user(now, NewUser::person("carol")));
    town.sandbox.join_clan(carol, town.clan);
    town.sandbox.expect_dm(carol, Matching::any(), SOON).await?;
    let why = town.sandbox.dm(carol, town.bot, "I was looking for the kitchen.");
    town.reply(why).await?;
    Ok(())
}

pub async fn form(town: &Town) -> Played {
    let asked = town.sandbox.say(town.alice, town.general, "*expert add");
    let form = town.reply(asked).await?.message;
    let save = |level| {
        let fields = town.sandbox.fill(town.alice, form).text("name", "Bob").choose("field", "rust");
        fields.text("level", level).submit(&format!("expert:1:{asked}:{}:1", town.alice));
    };
    save("many");
    town.edit(form, "is not a valid number").await?;
    // for as long a second click would count as a double click
    sleep(Duration::from_millis(600)).await;
    save("7");
    town.edit(form, "level 7").await?;
    Ok(())
}

pub async fn poll(town: &Town) -> Played {
    let asked = town.sandbox.say(town.alice, town.general, "*poll Tea or coffee? | tea | coffee");
    let poll = town.reply(asked).await?.message;
    town.sandbox.fill(town.bob, poll).choose("answer", "tea").submit("poll:1:v");
    town.edit(poll, "tea: 1").await?;
    town.sandbox.fill(town.alice, poll).submit("poll:1:f");
    town.edit(poll, "tea: 1").await?;
    Ok(())
}

pub async fn hunt(town: &Town) -> Played {
    let asked = town.sandbox.say(town.alice, town.general, "*hunt");
    let menu = town.reply(asked).await?.message;
    for (button, outcome) in [("hunt:1:a", "❤❤"), ("hunt:1:a", "❤"), ("hunt:1:f", "fled")] {
        town.sandbox.fill(town.alice, menu).submit(button);
        town.edit(menu, outcome).await?;
    }
    Ok(())
}

pub async fn llm(town: &Town) -> Played {
    let asked = town.sandbox.dm(town.alice, town.bot, "Say that again: all that glitters is not gold. ");
    let answer = town.reply(asked).await?;
    town.edit(answer.message, "gold. Say").await?;
    Ok(())
}

pub async fn music(town: &Town) -> Played {
    let say = |text| town.sandbox.say(town.alice, town.general, text);
    town.sandbox.join_voice(town.alice, town.room);
    for song in ["*play Clair de lune", "*play Gymnopédie"] {
        town.reply(say(song)).await?;
    }
    say("*skip");
    let plays = |world: &World| world.tail(1).contains("Gymnopédie");
    town.sandbox.until("the next song plays", SOON, plays).await?;
    town.sandbox.leave_voice(town.alice, town.room);
    let (bot, room) = (town.bot, town.room);
    let is_gone = move |world: &World| !world.voice_users(room).contains(&bot);
    Ok(town.sandbox.until("the bot has left", SOON, is_gone).await?)
}

pub async fn reward(town: &Town) -> Played {
    town.sandbox.with(|world, now| world.create_role(now, town.clan, "patron", [town.bob]));
    let idea = town.sandbox.say(town.alice, town.general, "There is a button for that, by the way.");
    let reward = |by| town.sandbox.quick_menu(by, town.bot, "reward 5000", town.general, Some(idea));
    reward(town.alice);
    town.sandbox.expect_whisper(town.alice, Matching::contains("patron"), SOON).await?;
    reward(town.bob);
    town.reply(idea).await?;
    town.sandbox.expect_dm(town.alice, Matching::contains("5000"), SOON).await?;
    town.sandbox.slash(town.alice, town.general, town.bot, "/points");
    town.sandbox.expect_whisper(town.alice, "You have 5000 points.", SOON).await?;
    Ok(())
}

/// Alice pays in, and some of it is paid out again.
pub async fn tokens(town: &Town) -> Result<(), AnyError> {
    town.sandbox.send_tokens(town.alice, town.bot, 5000, "for my account");
    town.sandbox.expect_dm(town.alice, "Thank you for 5000₫. You have 5000₫.", SOON).await?;
    let withdrawal = town.sandbox.say(town.alice, town.general, "*withdraw 2000");
    town.sandbox.expect_reply(withdrawal, showing("Paid: "), SOON).await?;
    Ok(())
}

/// A language model that repeats the question five times, sixty words in a second.
pub fn parrot(question: &str) -> Receiver<String> {
    let (words, answer) = channel(64);
    let question = question.repeat(5);
    tokio::spawn(async move {
        for word in question.split_inclusive(' ') {
            sleep(Duration::from_secs(1) / 60).await;
            if words.send(word.to_owned()).await.is_err() {
                break;
            }
        }
    });
    answer
}

impl Town {
    /// The bot replies to a message.
    fn reply(&self, to: MessageId) -> Expectation<Said> {
        self.sandbox.expect_reply(to, Matching::any(), SOON)
    }

    /// The bot edits a message, which then has this in it.
    fn edit(&self, message: MessageId, part: &str) -> Expectation<Said> {
        self.sandbox.expect_edit(message, showing(part), SOON)
    }
}

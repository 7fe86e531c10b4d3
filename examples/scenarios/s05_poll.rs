//! S5, a poll: `*poll Question | answer | answer`. However many vote at once, the message is edited at most every 400 ms,
//! and last with the final count. Votes are in a file before they count: `cargo run --example s05_poll`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mezon_examples::{AnyError, Table, scenes, stage};
use mezon_tokio::{Bot, Button, ButtonClick, ChannelId, Client, Command, CommandCall, Commands, ComponentId, Content};
use mezon_tokio::{Embed, MessageId, Radio, SecondClick, UserId, component_id};
use serde::{Deserialize, Serialize};

component_id! { pub enum Press("poll", 1) { Vote = "v", Finish = "f" } }
pub type Polls = Arc<Table<MessageId, Poll>>;

#[derive(Clone, Serialize, Deserialize)]
pub struct Poll {
    channel: ChannelId,
    owner: UserId,
    closes: SystemTime,
    lines: Vec<String>, // the question, then the answers
    votes: BTreeMap<UserId, String>,
}

pub async fn bot(client: Client, polls: Polls, lasts: Duration) -> Result<(), AnyError> {
    let command = Command::new("poll").about("Asks everybody").args::<(String,)>(&["question | answer | answer"]);
    let (opened, used) = (polls.clone(), polls.clone());
    client.commands(Commands::new("*").command(command, move |call| open(call, opened.clone(), lasts)));
    client.on_component(move |click, press| on_press(click, press, used.clone()));
    client.second_clicks(SecondClick::Handle); // one may change one's mind as fast as one likes
    let closing = close_in_time(client.bot(), polls, lasts.min(Duration::from_secs(1)));
    tokio::select! { ended = client.run() => Ok(ended?), failed = closing => failed }
}

async fn open(call: CommandCall, polls: Polls, lasts: Duration) -> Result<(), AnyError> {
    let lines = call.args().text().split('|').map(|line| line.trim().to_owned()).collect();
    let (channel, owner, closes) = (call.channel_id(), call.sender_id(), SystemTime::now() + lasts);
    let poll = Poll { channel, owner, closes, lines, votes: BTreeMap::new() };
    let sent = call.message().reply(card(&poll, true)?).await?;
    Ok(polls.put(sent.id(), poll)?)
}

async fn on_press(click: ButtonClick, press: Press, polls: Polls) -> Result<(), AnyError> {
    let (id, user) = (click.message_id(), click.user_id());
    let vote = click.form().text("answer")?.map(|answer| (user, answer));
    let edit = match press {
        Press::Vote => polls.change(&id, |poll| poll.votes.extend(vote))?.map(|poll| card(&poll, true)),
        Press::Finish if polls.get(&id).is_some_and(|poll| poll.owner != user) => None,
        Press::Finish => polls.take(&id)?.map(|poll| card(&poll, false)),
    };
    match edit {
        Some(card) => Ok(click.editable().set(card?).await?),
        None => Ok(click.reply_ephemeral("It is closed, or it is not yours to finish.").await.map(|_| ())?),
    }
}

async fn close_in_time(bot: Bot, polls: Polls, pace: Duration) -> Result<(), AnyError> {
    loop {
        tokio::time::sleep(pace).await;
        for (id, poll) in polls.take_where(|poll| poll.closes <= SystemTime::now())? {
            bot.channel(poll.channel).message(id).editable().set(card(&poll, false)?).await?;
        }
    }
}

fn card(poll: &Poll, is_open: bool) -> Result<Content, AnyError> {
    let answers = || poll.lines.iter().skip(1);
    let votes = |answer| poll.votes.values().filter(|vote| *vote == answer).count();
    let counts = answers().map(|answer| format!("\n{answer}: {}", votes(answer))).collect::<String>();
    let count = Content::text(format!("{}{counts}", poll.lines[0]));
    let form = Embed::new().input("Your answer", Radio::new("answer", answers().map(|answer| (answer, answer))));
    let buttons = [Button::new(Press::Vote.encode()?, "Vote"), Button::new(Press::Finish.encode()?, "Finish")];
    Ok(if is_open { count.embed(form).row(buttons.to_vec()) } else { count })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let scene_file = std::env::temp_dir().join(format!("polls-{}", std::process::id()));
    let file = if stage::has_credentials() { Path::new("target/polls") } else { &scene_file };
    let polls = Arc::new(Table::open(file)?);
    let played = stage::play(|client| bot(client, polls, Duration::from_secs(604_800)), scenes::poll).await;
    if !stage::has_credentials() {
        std::fs::remove_file(scene_file)?; // the bot of a scene is not started again
    }
    played
}

//! S10, a language model that answers in direct messages: "…" at once, then its words as they come, in edits of which only
//! the latest counts; what is too long goes on in a further message. It types meanwhile. What is asked while it answers
//! waits, or takes the place of the answer, as you like: `cargo run --example s10_llm`.

use std::sync::Arc;
use std::time::Duration;

use mezon_examples::{AnyError, scenes, stage};
use mezon_tokio::{Client, Content, Error, Message};
use tokio::sync::mpsc::Receiver;
use tokio::time::interval;

/// Answers a question by words, which come one by one.
pub type Model = Arc<dyn Fn(&str) -> Receiver<String> + Send + Sync>;

#[derive(Clone)]
pub struct Settings {
    pub model: Model,
    /// How often it shows that it types.
    pub typing: Duration,
    /// Whether a new question ends the answer to the last.
    pub interruptible: bool,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

pub async fn bot(client: Client, settings: Settings) -> Result<(), Error> {
    let ears = client.clone();
    client.on_message(move |question| on_question(question, ears.clone(), settings.clone()));
    client.run().await
}

/// Messages of one channel come one after the other, so a further question waits by itself.
async fn on_question(question: Message, client: Client, settings: Settings) -> Result<(), Error> {
    if !question.is_direct() {
        return Ok(());
    }
    let words = (settings.model)(&question.text());
    let next = client.next_message(question.channel_id(), None, DAY);
    tokio::select! {
        answered = answer(&question, words, settings.typing) => answered,
        Some(_) = next, if settings.interruptible => Ok(()),
    }
}

async fn answer(question: &Message, mut words: Receiver<String>, typing: Duration) -> Result<(), Error> {
    let (channel, mut text, mut pulse) = (question.channel(), String::new(), interval(typing));
    let mut parts = vec![question.reply("…").await?.editable()];
    loop {
        tokio::select! {
            word = words.recv() => match word {
                Some(word) => text.push_str(&word),
                None => break,
            },
            _ = pulse.tick() => {
                channel.typing().await?;
                continue;
            }
        }
        // what stands in earlier messages stays as it is
        let last = parts.len() - 1;
        for (n, content) in Content::text(&text).split(Content::DEFAULT_LIMIT)?.into_iter().enumerate().skip(last) {
            match parts.get(n) {
                Some(part) => part.set(content).await?,
                None => parts.push(channel.send(content).await?.editable()),
            }
        }
    }
    parts[parts.len() - 1].flush().await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let settings = Settings { model: Arc::new(scenes::parrot), typing: Duration::from_secs(4), interruptible: true };
    stage::play(|client| bot(client, settings), scenes::llm).await
}

//! S4, a form: `*expert add` shows fields of every kind. What is wrong with them is told all at once, and what was typed
//! stays. The buttons carry whose record it is, so it works after a restart, too: `cargo run --example s04_form`.

use std::collections::BTreeMap;

use mezon_examples::{AnyError, Shared, scenes, stage};
use mezon_tokio::protocol::interaction::{Date, FormErrors};
use mezon_tokio::{Button, ButtonClick, ButtonStyle, Client, Command, CommandCall, Commands, ComponentId, Content};
use mezon_tokio::{DatePicker, Embed, Form, Input, MessageId, Radio, Select, UserId, component_id};

component_id! { pub struct Press("expert", 1) { record: MessageId, owner: UserId, save: bool } }
pub type Experts = Shared<BTreeMap<MessageId, Expert>>;

#[derive(Debug, PartialEq)]
pub struct Expert {
    pub name: String,
    pub level: u32,
    pub field: Option<String>,
    pub days: Vec<String>,
    pub since: Option<Date>,
}

pub async fn bot(client: Client, experts: Experts) -> Result<(), AnyError> {
    client.commands(Commands::new("*").command(Command::new("expert add").about("Adds an expert"), add));
    client.on_component(move |click, press| on_press(click, press, experts.clone()));
    Ok(client.run().await?)
}

async fn add(call: CommandCall) -> Result<(), AnyError> {
    let form = card(call.id(), call.sender_id(), &Form::default(), "All about the expert:".into())?;
    Ok(call.reply(form).await.map(drop)?)
}

async fn on_press(click: ButtonClick, press: Press, experts: Experts) -> Result<(), AnyError> {
    let (form, Press { record, owner, save }) = (click.form(), press);
    let answer = match read(&form) {
        _ if click.user_id() != owner => {
            return Ok(click.reply_ephemeral("This is somebody else's form.").await.map(drop)?);
        }
        _ if !save => "Cancelled.".into(),
        Err(errors) => card(record, owner, &form, errors.to_string())?,
        Ok(expert) => {
            let receipt = format!("{} is an expert of level {} now.", expert.name, expert.level);
            experts.lock().insert(record, expert);
            receipt.into()
        }
    };
    Ok(click.edit_message(answer).await?)
}

fn read(form: &Form) -> Result<Expert, FormErrors> {
    let mut fields = form.reader();
    let (name, level, since) = (fields.text("name"), fields.number("level"), fields.date("since"));
    let (field, days) = (fields.text("field"), fields.choices("days"));
    ["name", "level"].into_iter().for_each(|id| fields.require(id));
    fields.finish()?;
    Ok(Expert { name: name.unwrap_or_default(), level: level.unwrap_or_default(), field, days, since })
}

fn card(record: MessageId, owner: UserId, typed: &Form, problems: String) -> Result<Content, AnyError> {
    let text = |id| typed.text(id).ok().flatten().unwrap_or_default();
    let fields = [("Rust", "rust"), ("Networks", "net")];
    let chosen = fields.into_iter().filter(|(_, value)| *value == text("field"));
    let form = Embed::new()
        .description(problems)
        .input("Name", Input::new("name").default_value(text("name")))
        .input("Level", Input::new("level").kind("number").default_value(text("level")))
        .input("Field", chosen.fold(Select::new("field", fields), Select::selected))
        .input("Days", Radio::several("days", [("Monday", "mo"), ("Tuesday", "tu"), ("Friday", "fr")], 3))
        .input("Since", DatePicker::new("since").value(text("since")));
    let id = |save| Press { record, owner, save }.encode();
    let buttons = [Button::new(id(true)?, "Save").style(ButtonStyle::Success), Button::new(id(false)?, "Cancel")];
    Ok(Content::text("").embed(form).row(buttons.to_vec()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    stage::play(|client| bot(client, Experts::default()), scenes::form).await
}

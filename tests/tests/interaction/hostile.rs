//! Whatever people write, click and fill in: no panic, and what was made is read back.

use std::borrow::Cow;

use mezon_protocol::command::{Command, Router, Source};
use mezon_protocol::content::Mention;
use mezon_protocol::interaction::{ComponentId, Date, Form};
use mezon_protocol::route::Mode;
use mezon_protocol::{ChannelId, ClanId, Now, UserId, component_id};
use proptest::prelude::*;

component_id! {
    struct Fields("fields", 1) { a: String, b: Option<String>, c: i64, d: Option<u8> }
}

struct Said(String, Vec<Mention>);

impl Source for Said {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }

    fn mentions(&self) -> Vec<Mention> {
        self.1.clone()
    }

    fn own_id(&self) -> UserId {
        UserId::new(1)
    }

    fn user_id(&self) -> UserId {
        UserId::new(2)
    }

    fn channel_id(&self) -> ChannelId {
        ChannelId::new(3)
    }

    fn clan_id(&self) -> ClanId {
        ClanId::new(4)
    }

    fn mode(&self) -> Mode {
        Mode::CHANNEL
    }

    fn is_ephemeral(&self) -> bool {
        self.0.len() % 2 == 0
    }
}

/// Commands, and texts like them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[*@/!]?(bot |give |x )?[\\PC\"“” \\\\]{0,30}", "\\*give [0-9@ \"]{0,20}"]
}

fn mention() -> impl Strategy<Value = Mention> {
    (0..3_i64, 0..40_u32, 0..40_u32)
        .prop_map(|(user, start, end)| Mention::user(user.into()).named("bot").at(start..end))
}

fn router() -> Router {
    Router::new("*")
        .prefix("!")
        .mention_prefix()
        .command(Command::new("help"))
        .command(Command::new("x"))
        .command(Command::new("give").args::<(UserId, Option<i64>, String)>(&["to", "amount", "note"]))
        .command(Command::new("bot give").args::<(Vec<Mention>,)>(&["all"]))
}

proptest! {
    #[test]
    fn any_text_with_any_mentions_is_routed_without_a_panic(
        text in text(),
        mentions in proptest::collection::vec(mention(), 0..4),
    ) {
        if let Ok(Some(found)) = router().route(&Said(text, mentions), Now::default()) {
            let all = found.args.text().to_owned();
            prop_assert!(found.args.words().iter().all(|word| word.text().len() <= all.len()));
            let _ = found.args.parse::<(f64, char, bool)>();
            let rest: Result<(Option<String>,), _> = found.args.parse();
            prop_assert!(rest.is_ok());
        }
    }

    #[test]
    fn what_is_put_into_the_id_of_a_component_comes_out_again(
        a in ".{0,20}", b in proptest::option::of(".{0,10}"), c: i64, d: Option<u8>,
    ) {
        let fields = Fields { a, b, c, d };
        if let Ok(id) = fields.encode() {
            prop_assert!(id.len() <= 100);
            prop_assert_eq!(Fields::parse(&id), Ok(fields));
        }
    }

    #[test]
    fn any_id_is_parsed_without_a_panic(id in prop_oneof![any::<String>(), "fields:[0-9]{0,3}(:[%A-F0-9=é-]{0,5}){0,5}"]) {
        if let Ok(fields) = Fields::parse(&id) {
            prop_assert!(fields.encode().is_ok() || id.len() >= 100);
        }
    }

    #[test]
    fn any_extra_data_is_a_form(data in prop_oneof![any::<String>(), "[\\[{]\"id\":[\"0-9tnul\\[\\]{}]{0,12}[}\\]]"]) {
        let form = Form::parse(&data);
        let _ = (form.text("id"), form.number::<i64>("id"), form.date("id"), form.choices("id"), form.flag("id"));
        prop_assert!(form.is_empty() || form.is_select_change() || form.ids().count() > 0);
        prop_assert!(form.value().is_none() || form.is_select_change());
    }

    #[test]
    fn a_date_that_is_read_is_written_as_it_was(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}") {
        if let Ok(date) = text.parse::<Date>() {
            prop_assert_eq!(date.to_string(), text);
        }
    }
}

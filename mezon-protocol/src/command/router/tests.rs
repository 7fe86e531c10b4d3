//! Tests of routing.

use std::borrow::Cow;
use std::time::Duration;

use super::*;
use crate::command::{ArgProblem, Denied, Scope};
use crate::command_args;
use crate::content::Mention;
use crate::id::ChannelId;
use crate::route::Mode;

const BOT: UserId = UserId::new(1);

command_args! {
    /// Who gets how much, and why.
    struct Transfer { to: UserId, amount: u64, note: Option<String> }
}

#[derive(Clone)]
struct Said {
    text: String,
    mentions: Vec<Mention>,
    user: i64,
    channel: i64,
    clan: i64,
    mode: Mode,
    is_ephemeral: bool,
}

fn said(text: &str) -> Said {
    Said {
        text: text.to_owned(),
        mentions: Vec::new(),
        user: 2,
        channel: 3,
        clan: 4,
        mode: Mode::CHANNEL,
        is_ephemeral: false,
    }
}

/// With a mention of the bot over the first word.
fn to_bot(text: &str) -> Said {
    let len = text.find(' ').unwrap_or(text.len()) as u32;
    Said { mentions: vec![Mention::user(BOT).named("bot").at(0..len)], ..said(text) }
}

impl Source for Said {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.text)
    }

    fn mentions(&self) -> Vec<Mention> {
        self.mentions.clone()
    }

    fn own_id(&self) -> UserId {
        BOT
    }

    fn user_id(&self) -> UserId {
        self.user.into()
    }

    fn channel_id(&self) -> ChannelId {
        self.channel.into()
    }

    fn clan_id(&self) -> ClanId {
        self.clan.into()
    }

    fn mode(&self) -> Mode {
        self.mode
    }

    fn is_ephemeral(&self) -> bool {
        self.is_ephemeral
    }
}

fn router() -> Router {
    Router::new("*")
        .prefix("!")
        .prefix("*!")
        .mention_prefix()
        .command(Command::new("help").about("Shows this"))
        .command(Command::new("ping").alias("p").about("Answers with pong"))
        .command(Command::new("expert").args::<(i64, String)>(&["level", "name"]).about("Makes an expert"))
        .command(Command::new("expert add").args::<()>(&[]))
        .command(Command::new("transfer").args::<Transfer>(&[]))
        .command(Command::new("secret").hidden())
}

fn route(source: &Said) -> Result<Option<Match>, Refusal> {
    router().route(source, Now::default())
}

/// The command that is found, and the text of its arguments.
fn found(source: &Said) -> Option<(String, String)> {
    route(source).unwrap().map(|found| (found.command().to_owned(), found.args.text().to_owned()))
}

fn some(command: &str, args: &str) -> Option<(String, String)> {
    Some((command.to_owned(), args.to_owned()))
}

#[test]
fn commands_are_found_by_prefix_name_and_alias() {
    for text in ["*ping", "!ping", "*!ping", "*p", "*PING", "  *ping"] {
        assert_eq!(found(&said(text)), some("ping", ""), "{text}");
    }
    assert_eq!(found(&said("*ping  a b ")), some("ping", "a b"));
}

#[test]
fn what_is_no_command_is_passed_over_silently() {
    for text in ["", "ping", "*", "* ping", "*pong", "**ping", "a *ping", "@bot ping", "*\"ping\"", "/ping"] {
        assert_eq!(found(&said(text)), None, "{text}");
    }
    let mut reporting = router().report_unknown();
    let refusal = reporting.route(&said("*pong"), Now::default()).unwrap_err();
    assert_eq!(refusal.to_string(), "there is no command \"pong\"");
    assert_eq!(reporting.route(&said("pong"), Now::default()), Ok(None));
}

#[test]
fn a_mention_of_the_bot_is_a_prefix_and_alone_asks_for_help() {
    assert_eq!(found(&to_bot("@bot ping")), some("ping", ""));
    assert_eq!(found(&to_bot("@bot")), some("help", ""));
    assert_eq!(found(&to_bot("@bot expert 12 Nguyễn Văn A")), some("expert", "12 Nguyễn Văn A"));
    assert_eq!(found(&to_bot("@bot thanks")), None);
    let mut other = to_bot("@eve ping");
    other.mentions[0].user_id = UserId::new(9);
    assert_eq!(found(&other), None);
}

#[test]
fn a_mention_without_offsets_is_known_by_its_name() {
    let unplaced = |text| Said { mentions: vec![Mention::user(BOT).named("bot")], ..said(text) };
    assert_eq!(found(&unplaced("@bot ping")), some("ping", ""));
    assert_eq!(found(&unplaced("@bots ping")), None);
    assert_eq!(found(&unplaced("hello @bot ping")), None);
}

#[test]
fn a_name_may_have_two_words() {
    assert_eq!(found(&said("*expert add")), some("expert add", ""));
    assert_eq!(found(&said("*Expert  ADD")), some("expert add", ""));
    assert_eq!(found(&said("*expert 1 add")), some("expert", "1 add"));
}

#[test]
fn arguments_are_read_into_types() {
    let parsed = route(&said("*expert 12 Nguyễn Văn A")).unwrap().unwrap().args.parse();
    assert_eq!(parsed, Ok((12_i64, "Nguyễn Văn A".to_owned())));
    let text = "*transfer @Bob B 5 for the tea";
    let source = Said { mentions: vec![Mention::user(UserId::new(7)).at(10..16)], ..said(text) };
    let transfer: Transfer = route(&source).unwrap().unwrap().args.parse().unwrap();
    assert_eq!(transfer, Transfer { to: UserId::new(7), amount: 5, note: Some("for the tea".into()) });
}

#[test]
fn a_command_is_not_run_with_wrong_arguments_and_the_answer_says_why() {
    let refusal = route(&said("!expert abc")).unwrap_err();
    let Refusal::Arguments { command, usage, error } = &refusal else { panic!("{refusal:?}") };
    assert_eq!((command.as_str(), usage.as_str()), ("expert", "!expert <level> <name...>"));
    assert_eq!(error.problem, ArgProblem::invalid("a whole number", "abc"));
    let shown = "argument 1 (level) must be a whole number, not \"abc\"\nusage: !expert <level> <name...>";
    assert_eq!(refusal.to_string(), shown);
    let missing = route(&to_bot("@bot expert 12")).unwrap_err().to_string();
    assert_eq!(missing, "argument 2 (name) is missing\nusage: *expert <level> <name...>");
    let wrong = route(&said("*transfer bob 5")).unwrap_err().to_string();
    assert_eq!(wrong, "argument 1 (to) must be a user, not \"bob\"\nusage: *transfer <to> <amount> [note...]");
    let long = route(&said(&format!("*expert {}", "x".repeat(3000)))).unwrap_err().to_string();
    assert!(long.len() < 200, "{long}");
}

#[test]
fn own_messages_are_skipped_unless_wanted() {
    let own = Said { user: BOT.get(), ..said("*ping") };
    assert_eq!(found(&own), None);
    assert!(router().with_own().route(&own, Now::default()).unwrap().is_some());
}

#[test]
fn slash_commands_come_as_ephemeral_messages() {
    let slash = Said { is_ephemeral: true, ..said("/expert 1 A") };
    let matched = route(&slash).unwrap().unwrap();
    assert_eq!((matched.command(), matched.is_ephemeral), ("expert", true));
    assert!(!route(&said("*ping")).unwrap().unwrap().is_ephemeral);
}

#[test]
fn conditions_say_who_may_use_a_command_and_where() {
    let denied = |command: Command, source: Said| {
        let mut router = Router::new("*")
            .command(command)
            .roles(|clan, user, role| (clan.get(), user.get(), role.get()) == (4, 2, 8));
        match router.route(&source, Now::default()) {
            Ok(found) => {
                assert!(found.is_some());
                None
            }
            Err(Refusal::Denied { why, .. }) => Some(why),
            Err(refusal) => panic!("{refusal}"),
        }
    };
    let command = || Command::new("x");
    let stranger = || Said { user: 5, ..said("*x") };
    assert_eq!(denied(command().only_users([UserId::new(2)]), said("*x")), None);
    assert_eq!(denied(command().only_users([UserId::new(2)]), stranger()), Some(Denied::User));
    assert_eq!(denied(command().only_roles([RoleId::new(8), RoleId::new(9)]), said("*x")), None);
    assert_eq!(denied(command().only_roles([RoleId::new(9)]), said("*x")), Some(Denied::Role));
    assert_eq!(denied(command().only_roles([RoleId::new(8)]), stranger()), Some(Denied::Role));
    assert_eq!(denied(command().only_clans([ClanId::new(9)]), said("*x")), Some(Denied::Clan));
    assert_eq!(denied(command().only_channels([ChannelId::new(9)]), said("*x")), Some(Denied::Channel));
    assert_eq!(denied(command().direct_only(), said("*x")), Some(Denied::NotDirect));
    let direct = Said { mode: Mode::DIRECT, clan: 0, ..said("*x") };
    assert_eq!(denied(command().direct_only(), direct), None);
    let group = Said { mode: Mode::GROUP, clan: 0, ..said("*x") };
    assert_eq!(denied(command().direct_only(), group), Some(Denied::NotDirect), "a group has clan 0 too");
    let mut without_lookup = Router::new("*").command(command().only_roles([RoleId::new(8)]));
    assert!(without_lookup.route(&said("*x"), Now::default()).is_err());
}

#[test]
fn a_cooldown_counts_per_user_per_channel_or_for_all_and_from_uses_that_were_allowed() {
    let second = Duration::from_secs(1);
    let at = |seconds: u32| Now::new(seconds * second, Duration::ZERO);
    let use_at = |router: &mut Router, source: &Said, seconds: u32| match router.route(source, at(seconds)) {
        Ok(found) => found.map(|_| Duration::ZERO),
        Err(Refusal::Cooldown { remaining, .. }) => Some(remaining),
        Err(_) => None,
    };
    let (other_user, other_channel) = (Said { user: 9, ..said("*x 1") }, Said { channel: 9, ..said("*x 1") });
    for (scope, user_waits, channel_waits) in
        [(Scope::User, false, true), (Scope::Channel, true, false), (Scope::Everyone, true, true)]
    {
        let mut router = Router::new("*").command(Command::new("x").args::<(u8,)>(&["n"]).cooldown(scope, 10 * second));
        assert_eq!(use_at(&mut router, &said("*x wrong"), 0), None);
        assert_eq!(use_at(&mut router, &said("*x 1"), 1), Some(Duration::ZERO));
        assert_eq!(use_at(&mut router, &said("*x 1"), 4), Some(7 * second));
        assert_eq!(use_at(&mut router, &other_user, 4), Some(if user_waits { 7 } else { 0 } * second), "{scope:?}");
        assert_eq!(use_at(&mut router, &other_channel, 4), Some(if channel_waits { 7 } else { 0 } * second));
        assert_eq!(use_at(&mut router, &said("*x 1"), 11), Some(Duration::ZERO));
    }
}

#[test]
fn the_help_text_is_made_from_the_commands() {
    let expected = "\
*help                              Shows this
*ping                              Answers with pong
*expert <level> <name...>          Makes an expert
*expert add
*transfer <to> <amount> [note...]";
    assert_eq!(router().help(), expected);
    assert_eq!(router().help_for("P").unwrap(), "*ping\nAnswers with pong\nalso: p");
    assert_eq!(router().help_for("nothing"), None);
}

#[test]
#[should_panic(expected = "there is a command \"ping\" already")]
fn two_commands_of_one_name_are_a_mistake_of_the_programmer() {
    let _ = router().command(Command::new("ping"));
}

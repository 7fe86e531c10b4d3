//! What can be typed, and what comes of it.

use mezon_protocol::proto::realtime;
use mezon_sandbox::Request;
use prost::Message as _;

use super::*;

fn world() -> World {
    let mut builder = World::builder();
    let alice = builder.person("alice");
    builder.bot("helper", "key");
    let clan = builder.clan("Clan A");
    builder.everyone_in(clan);
    builder.channel(clan, "general");
    builder.add_channel(clan, mezon_sandbox::NewChannel::private("hidden", []));
    let _ = alice;
    builder.build()
}

fn typed(world: &mut World, line: &str) -> Result<String, String> {
    perform(world, Now::default(), Command::parse(line)?)
}

#[test]
fn the_last_argument_takes_the_rest_of_the_line() {
    assert_eq!(
        Command::parse("  say alice  general hello,  world "),
        Ok(Command::Say { who: "alice".to_owned(), channel: "general".to_owned(), text: "hello,  world".to_owned() })
    );
}

#[test]
fn what_is_missing_or_unknown_is_told() {
    assert_eq!(Command::parse("say alice"), Err("a channel is missing; type help".to_owned()));
    assert_eq!(Command::parse("dm alice  "), Err("the text is missing; type help".to_owned()));
    assert_eq!(Command::parse("dance"), Err("dance: no such command; type help".to_owned()));
    let mut world = world();
    assert_eq!(typed(&mut world, "say carol general x"), Err("there is no carol; type who".to_owned()));
    assert_eq!(typed(&mut world, "say alice nowhere x"), Err("there is no channel nowhere; type who".to_owned()));
    assert_eq!(typed(&mut world, "say alice hidden x"), Err("alice is not in hidden".to_owned()));
    assert_eq!(typed(&mut world, "reply alice x"), Err("the bot has said nothing yet".to_owned()));
}

#[test]
fn people_act_in_the_world() {
    let mut world = world();
    for line in ["say alice general hello", "mention alice #general help", "dm alice psst", "thread alice general side"]
    {
        assert_eq!(typed(&mut world, line), Ok(String::new()), "{line}");
    }
    let tail = world.tail(10);
    for part in [r#"#general alice says "hello""#, r#"alice says "@helper help""#, r#"says "psst""#] {
        assert!(tail.contains(part), "{tail}");
    }
    assert!(world.channel_named("side").is_some());
}

/// Lets the bot say something, as its client would over HTTP.
fn bot_says(world: &mut World, content: &str) {
    let (bot, general) = (world.user_named("helper").unwrap(), world.channel_named("general").unwrap());
    let clan_id = world.clan_of(general).unwrap().get();
    let send = realtime::ChannelMessageSend {
        clan_id,
        channel_id: general.get(),
        content: content.to_owned(),
        mode: 2,
        is_public: true,
        ..realtime::ChannelMessageSend::default()
    };
    let login = format!(r#"{{"account":{{"appid":"{bot}","token":"key"}}}}"#).into_bytes();
    let session = http(world, "/v2/apps/authenticate/token", "", login);
    let session: serde_json::Value = serde_json::from_slice(&session).unwrap();
    let token = session["token"].as_str().unwrap().to_owned();
    http(world, "/mezon.api.Mezon/SendChannelMessage", &token, send.encode_to_vec());
}

fn http(world: &mut World, path: &str, token: &str, body: Vec<u8>) -> Vec<u8> {
    let headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
    let request = Request { method: "POST".to_owned(), path: path.to_owned(), headers, body: body.into() };
    let response = world.handle_http(Now::default(), &request);
    assert_eq!(response.status, 200, "{:?}", response.body);
    response.body.to_vec()
}

#[test]
fn the_form_of_the_last_message_is_filled_in_and_its_buttons_pressed() {
    let mut world = world();
    bot_says(
        &mut world,
        r#"{"t":"","embed":[{"fields":[
            {"name":"Who","value":"","inputs":{"id":"who","type":3,"component":{}}},
            {"name":"Plan","value":"","inputs":{"id":"plan","type":2,"component":{"options":[
                {"label":"A","value":"a"},{"label":"B","value":"b"}]}}}]}],
           "components":[{"components":[{"id":"save","type":1,"component":{"label":"Save"}}]}]}"#,
    );
    assert!(world.tail(1).contains("\n    [Save]"), "{}", world.tail(1));
    assert_eq!(typed(&mut world, r#"fill alice save who="Alice A" plan=b"#), Ok(String::new()));
    let tail = world.tail(2);
    assert!(tail.contains(r#"alice clicks "plan" b"#), "{tail}");
    assert!(tail.contains(r#"alice clicks "save" {"plan":"b","who":"Alice A"}"#), "{tail}");
    assert_eq!(typed(&mut world, "choose alice plan a"), Ok(String::new()));
    assert!(world.tail(1).ends_with(r#"alice clicks "plan" a"#));
    for (line, part) in [
        ("fill alice save nothing=1", "no component"),
        ("fill alice gone", "no component"),
        ("choose alice plan c", "no option"),
        ("fill alice save who", "write id=value"),
        ("fill alice save who=\"x", "not closed"),
        ("vote alice 1", "is no poll"),
        ("vote alice one", "no number"),
        ("voice alice general", "no voice room"),
    ] {
        let told = typed(&mut world, line).unwrap_err();
        assert!(told.contains(part), "{line}: {told}");
    }
}

#[test]
fn commands_menus_and_tokens_reach_the_bot() {
    let mut world = world();
    bot_says(&mut world, r#"{"t":"hello"}"#);
    for line in ["slash alice general /help", "menu alice reward", "tokens alice 5 thanks"] {
        assert_eq!(typed(&mut world, line), Ok(String::new()), "{line}");
    }
    assert!(world.tail(2).contains(r#"alice whispers to helper "/help""#), "{}", world.tail(2));
}

#[test]
fn questions_are_answered() {
    let mut world = world();
    assert_eq!(typed(&mut world, "joins"), Ok("nothing".to_owned()));
    assert_eq!(typed(&mut world, "drop"), Ok("the bot is not connected".to_owned()));
    assert_eq!(typed(&mut world, "balance alice"), Ok("1000000 tokens".to_owned()));
    assert_eq!(typed(&mut world, "balance"), Ok("0 tokens".to_owned()));
    assert!(typed(&mut world, "tokens alice 1000001").unwrap_err().contains("Not enough"));
    assert!(typed(&mut world, "who").unwrap().contains("Clan A: #general"));
    assert!(typed(&mut world, "help").unwrap().contains("say WHO CHANNEL TEXT"));
}

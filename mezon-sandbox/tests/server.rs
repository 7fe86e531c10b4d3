//! The sandbox over real sockets, used by a client of bare hands: blocking I/O and the client's side of the codec.
#![allow(clippy::unwrap_used)]

use std::future::Future as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::pin::pin;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake};
use std::time::Duration;

use bytes::Bytes;
use mezon_protocol::proto::realtime::{self, envelope::Message};
use mezon_protocol::proto::{api, realtime as rt};
use mezon_protocol::transport::{
    Abridged, AbridgedLimits, ClientRequest, Closed, Frame, Incoming, Transport, WebSocket, WebSocketLimits,
};
use mezon_protocol::{ChannelId, ClanId, Secret, UserId};
use mezon_sandbox::{LedgerCall, LedgerFault, Matching, Sandbox, What, World};
use prost::Message as _;

const KEY: &str = "a-key";
/// Long enough for the slowest machine; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(20);

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

struct Town {
    sandbox: Sandbox,
    alice: UserId,
    bot: UserId,
    clan: ClanId,
    general: ChannelId,
}

fn world() -> (World, UserId, UserId, ClanId, ChannelId) {
    let mut builder = World::builder();
    let (alice, bot) = (builder.person("alice"), builder.bot("helper", KEY));
    let clan = builder.clan("Clan A");
    builder.everyone_in(clan);
    let general = builder.channel(clan, "general");
    (builder.build(), alice, bot, clan, general)
}

impl Town {
    fn new() -> Self {
        let (world, alice, bot, clan, general) = world();
        Self { sandbox: Sandbox::start(world).unwrap(), alice, bot, clan, general }
    }

    fn tcp(&self) -> TcpStream {
        let stream = TcpStream::connect(self.sandbox.addr()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn login(&self) -> api::Session {
        login(self.tcp(), self.bot)
    }

    fn connect(&self) -> Client<TcpStream> {
        Client::connect(self.tcp(), &self.login().token).unwrap()
    }
}

/// One request on a connection of its own: status and body.
fn post(mut stream: impl Stream, path: &str, headers: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    assert!(head.to_lowercase().contains("\r\ndate: "), "{head}");
    (head[9..12].parse().unwrap(), answer[end + 4..].to_vec())
}

fn login(stream: impl Stream, bot: UserId) -> api::Session {
    let body = format!(r#"{{"account":{{"appid":"{bot}","token":"{KEY}"}}}}"#);
    let headers = "accept: application/x-protobuf\r\ncontent-type: application/json\r\n";
    let (status, body) = post(stream, "/v2/apps/authenticate/token", headers, body.as_bytes());
    assert_eq!(status, 200);
    api::Session::decode(&body[..]).unwrap()
}

fn said(clan: ClanId, channel: ChannelId, text: &str) -> rt::ChannelMessageSend {
    rt::ChannelMessageSend {
        clan_id: clan.get(),
        channel_id: channel.get(),
        content: format!(r#"{{"t":"{text}"}}"#),
        mode: 2,
        is_public: true,
        ..Default::default()
    }
}

struct Client<S> {
    stream: S,
    codec: Box<dyn Transport>,
}

impl<S: Stream> Client<S> {
    fn connect(stream: S, token: &str) -> Result<Self, Closed> {
        let target = Secret::from(format!("/ws?lang=en&status=true&token={token}&format=protobuf"));
        let request = ClientRequest::new("127.0.0.1", target).unwrap();
        Self::open(stream, Box::new(WebSocket::client(&request, WebSocketLimits::default())))
    }

    /// The same over abridged TCP, where the client learns of a refusal only afterwards.
    fn connect_abridged(stream: S, token: &str) -> Self {
        let limits = AbridgedLimits { outgoing: 1 << 20, ..AbridgedLimits::default() };
        Self::open(stream, Box::new(Abridged::client(&Secret::from(token), limits))).unwrap()
    }

    fn open(stream: S, codec: Box<dyn Transport>) -> Result<Self, Closed> {
        let mut client = Self { stream, codec };
        client.write();
        match client.next() {
            Some(Incoming::Open) => Ok(client),
            Some(Incoming::Closed(closed)) => Err(closed),
            other => panic!("{other:?}"),
        }
    }

    fn write(&mut self) {
        let mut out = Vec::new();
        self.codec.output(&mut out);
        self.stream.write_all(&out).unwrap();
        self.stream.flush().unwrap();
    }

    /// What comes next; `None` when the stream ends without a close.
    fn next(&mut self) -> Option<Incoming> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(incoming) = self.codec.poll_incoming() {
                return Some(incoming);
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => return None,
                Ok(count) => self.codec.receive(&buffer[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn send(&mut self, cid: i32, message: Message) {
        let bytes = realtime::Envelope { cid, message: Some(message) }.encode_to_vec();
        self.codec.send(Frame::Envelope(Bytes::from(bytes))).unwrap();
        self.write();
    }

    /// The next envelope.
    fn envelope(&mut self) -> realtime::Envelope {
        match self.next() {
            Some(Incoming::Frame(Frame::Envelope(bytes))) => realtime::Envelope::decode(bytes).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    fn join(&mut self, clan: ClanId) {
        self.send(1, Message::ClanJoin(Box::new(rt::ClanJoin { clan_id: clan.get(), ..Default::default() })));
        assert_eq!(self.envelope().cid, 1);
    }

    fn say(&mut self, clan: ClanId, channel: ChannelId, text: &str, reply_to: i64) {
        let references = match reply_to {
            0 => Vec::new(),
            id => vec![api::MessageRef { message_ref_id: id, ..Default::default() }],
        };
        let send = rt::ChannelMessageSend { references, ..said(clan, channel, text) };
        self.send(2, Message::ChannelMessageSend(Box::new(send)));
    }
}

#[test]
fn a_bot_logs_in_joins_hears_and_replies() {
    let town = Town::new();
    let session = town.login();
    assert_eq!(session.api_url, town.sandbox.url());
    assert_eq!(session.ws_url, format!("ws://127.0.0.1:{}", town.sandbox.port()));
    let mut client = Client::connect(town.tcp(), &session.token).unwrap();
    client.join(town.clan);
    assert!(town.sandbox.joins(town.bot).clans.contains(&town.clan));

    let question = town.sandbox.say(town.alice, town.general, "ping");
    let Some(Message::ChannelMessage(heard)) = client.envelope().message else { panic!("no message") };
    assert_eq!(heard.message_id, question.get());
    client.say(town.clan, town.general, "pong", heard.message_id);
    let said = town.sandbox.expect_reply(question, "pong", PATIENCE).wait().unwrap();
    assert_eq!(said.sender, town.bot);
}

#[test]
fn api_calls_are_answered_on_the_same_port_several_on_one_connection() {
    let town = Town::new();
    let token = town.login().token;
    let mut stream = town.tcp();
    for _ in 0..2 {
        let path = "/mezon.api.Mezon/ListClanDescs";
        let headers = format!("host: x\r\nauthorization: Bearer {token}\r\ncontent-length: 0");
        let head = format!("POST {path} HTTP/1.1\r\n{headers}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        let head = String::from_utf8(answer).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
        let list = api::ClanDescList::decode(&body[..]).unwrap();
        assert_eq!(list.clandesc[0].clan_id, town.clan.get());
    }
    town.sandbox.with(|world, _| assert_eq!(world.counters().calls("ListClanDescs"), 2));
}

#[test]
fn refused_upgrades_are_answered_with_their_status() {
    let town = Town::new();
    let refused = Client::connect(town.tcp(), "nonsense").err();
    assert_eq!(refused, Some(Closed::Status { status: 401, retry_after: None }));
    town.sandbox.with(|world, _| world.refuse_connect(503, 1));
    let token = town.login().token;
    let refused = Client::connect(town.tcp(), &token).err();
    assert_eq!(refused, Some(Closed::Status { status: 503, retry_after: None }));
    assert!(Client::connect(town.tcp(), &token).is_ok());
}

#[test]
fn a_drop_closes_with_its_code_and_an_abort_without() {
    let town = Town::new();
    let mut client = town.connect();
    assert_eq!(town.sandbox.drop_connection(town.bot, 1012), 1);
    assert_eq!(client.next(), Some(Incoming::Closed(Closed::Peer { code: Some(1012) })));
    let mut client = town.connect();
    assert_eq!(town.sandbox.abort(town.bot), 1);
    assert_eq!(client.next(), None);
}

#[test]
fn a_connection_that_is_closed_at_once_was_open_before() {
    let town = Town::new();
    town.sandbox.with(|world, _| world.close_at_once(1));
    let mut client = town.connect();
    assert_eq!(client.next(), Some(Incoming::Closed(Closed::Peer { code: Some(1001) })));
}

#[test]
fn a_half_open_connection_answers_nothing_not_even_a_close() {
    let town = Town::new();
    let mut client = town.connect();
    client.join(town.clan);
    town.sandbox.half_open(town.bot);
    client.send(9, Message::Ping(Box::default()));
    client.codec.close();
    client.write();
    client.stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let quiet = client.stream.read(&mut [0; 16]).unwrap_err().kind();
    assert!(matches!(quiet, std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut), "{quiet}");
    let bot = town.bot;
    let left =
        town.sandbox.until("the end of the connection", PATIENCE, move |world| world.newest_connection(bot).is_none());
    drop(client);
    left.wait().unwrap();
}

#[test]
fn a_close_by_the_client_is_answered_and_noticed() {
    let town = Town::new();
    let mut client = town.connect();
    client.codec.close();
    client.write();
    assert_eq!(client.next(), Some(Incoming::Closed(Closed::Peer { code: Some(1000) })));
    let bot = town.bot;
    town.sandbox.until("no connection", PATIENCE, move |world| world.newest_connection(bot).is_none()).wait().unwrap();
}

#[test]
fn delayed_acks_arrive_by_the_clock_of_the_machine() {
    let town = Town::new();
    let mut client = town.connect();
    client.join(town.clan);
    town.sandbox.with(|world, _| world.delay_acks(Duration::from_millis(30)));
    client.say(town.clan, town.general, "late", 0);
    assert_eq!(client.envelope().cid, 0, "the echo");
    assert_eq!(client.envelope().cid, 2);
}

#[test]
fn delayed_answers_over_http_come_late() {
    let town = Town::new();
    let delay = Duration::from_millis(30);
    town.sandbox.with(|world, _| world.delay_http(delay));
    let begin = std::time::Instant::now();
    town.login();
    assert!(begin.elapsed() >= delay);
}

#[test]
fn an_answer_larger_than_a_chunk_arrives_in_pieces_and_a_busy_stream_in_order() {
    let town = Town::new();
    let mut client = town.connect();
    client.join(town.clan);
    for number in 0..2000 {
        town.sandbox.say(town.alice, town.general, &format!("{number} {}", "x".repeat(500)));
    }
    for number in 0..2000 {
        let Some(Message::ChannelMessage(heard)) = client.envelope().message else { panic!("no message") };
        assert!(heard.content.starts_with(&format!(r#"{{"t":"{number} x"#)), "{number}: {}", heard.content);
    }
    let list = api::ListChannelMessagesRequest { channel_id: town.general.get(), limit: 100, ..Default::default() };
    let call =
        rt::ApiRequestEvent { api_index: 30, api_name: "ListChannelMessages".to_owned(), body: list.encode_to_vec() };
    client.send(7, Message::ApiRequestEvent(Box::new(call)));
    let mut body = Vec::new();
    loop {
        let Some(Incoming::Frame(Frame::Api(chunk))) = client.next() else { panic!("no answer") };
        assert_eq!((chunk.cid, chunk.code), (7, 0));
        body.extend_from_slice(&chunk.payload);
        if chunk.fin {
            break;
        }
    }
    assert!(body.len() > 3 * 4096);
    assert_eq!(api::ChannelMessageList::decode(&body[..]).unwrap().messages.len(), 100);
}

#[test]
fn an_expectation_that_is_not_met_says_what_happened_instead() {
    let town = Town::new();
    town.sandbox.say(town.alice, town.general, "hello?");
    let unmet =
        town.sandbox.expect_message(town.general, Matching::any(), Duration::from_millis(20)).wait().unwrap_err();
    assert!(unmet.to_string().contains(r##"#general alice says "hello?""##), "{unmet}");
}

#[test]
fn the_transcript_can_be_followed() {
    let town = Town::new();
    let lines = town.sandbox.follow();
    town.sandbox.say(town.alice, town.general, "hello");
    assert!(lines.recv_timeout(PATIENCE).unwrap().ends_with(r##"#general alice says "hello""##));
}

#[test]
fn a_line_that_meets_an_expectation_is_told_to_followers_before() {
    /// Takes the line when the expectation is met, on the thread that says so.
    struct Look(Mutex<Receiver<String>>, Mutex<Option<String>>);
    impl Wake for Look {
        fn wake(self: Arc<Self>) {
            *self.1.lock().unwrap() = self.0.lock().unwrap().try_recv().ok();
        }
    }
    let town = Town::new();
    let mut client = town.connect();
    client.join(town.clan);
    let mut expected = pin!(town.sandbox.expect_message(town.general, "pong", PATIENCE));
    let look = Arc::new(Look(Mutex::new(town.sandbox.follow()), Mutex::default()));
    let waker = Arc::clone(&look).into();
    assert!(expected.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    client.say(town.clan, town.general, "pong", 0);
    // by the answer it has been met
    while client.envelope().cid == 0 {}
    town.sandbox.with(|_, _| {});
    let line = look.1.lock().unwrap().take().unwrap();
    assert!(line.ends_with(r##"#general helper says "pong""##), "{line}");
}

#[test]
fn an_expectation_that_was_dropped_takes_no_message_from_others() {
    let town = Town::new();
    let headers = format!("authorization: Bearer {}\r\n", town.login().token);
    let dropped = town.sandbox.expect_message(town.general, "pong", PATIENCE);
    let kept = town.sandbox.expect_message(town.general, "pong", PATIENCE);
    drop(dropped);
    // over HTTP, as there the server does nothing else before it takes the message
    let send = said(town.clan, town.general, "pong").encode_to_vec();
    let (status, _) = post(town.tcp(), "/mezon.api.Mezon/SendChannelMessage", &headers, &send);
    assert_eq!(status, 200);
    kept.wait().unwrap();
}

#[test]
fn a_function_that_panics_ends_its_own_expectation_and_nothing_else() {
    let town = Town::new();
    let mut client = town.connect();
    client.join(town.clan);
    let on_server = || std::thread::current().name() == Some("mezon-sandbox");
    let condition = town.sandbox.until("peace", Duration::from_millis(10), move |_| {
        assert!(!on_server(), "boom");
        false
    });
    let unmet = condition.wait().unwrap_err().expected;
    assert!(unmet.starts_with("expected peace within 10ms") && unmet.ends_with("panicked: boom"), "{unmet}");

    let exploding = || Matching::when("no bang", |_| panic!("bang {}", 1));
    let message = town.sandbox.expect_message(town.general, exploding(), PATIENCE);
    let calm = town.sandbox.expect_message(town.general, Matching::any(), PATIENCE);
    client.say(town.clan, town.general, "hello", 0);
    let unmet = message.wait().unwrap_err();
    assert!(unmet.expected.ends_with("panicked: bang 1") && unmet.tail.ends_with(r#"says "hello""#), "{unmet}");
    calm.wait().unwrap();
    client.say(town.clan, town.general, "unclaimed", 0);
    while client.envelope().cid == 0 {}
    let late = town.sandbox.expect_message(town.general, exploding(), PATIENCE);
    assert!(late.wait().unwrap_err().expected.ends_with("panicked: bang 1"));
    // the server keeps time
    town.sandbox.until("never", Duration::from_millis(10), |_| false).wait().unwrap_err();
}

#[test]
fn dropping_the_sandbox_ends_connections_and_expectations() {
    let town = Town::new();
    let mut client = town.connect();
    let expected = town.sandbox.expect_message(town.general, Matching::any(), PATIENCE);
    drop(town);
    assert_eq!(client.next(), None);
    assert_eq!(expected.wait().unwrap_err().expected, "the sandbox has ended");
}

#[test]
fn tls_stands_in_front_of_both_sides() {
    use rustls::pki_types::{PrivateKeyDer, ServerName};
    use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned};

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = Arc::new(client);

    let (world, alice, bot, clan, general) = world();
    let sandbox = Sandbox::builder().host("localhost").tls(Arc::new(server)).start(world).unwrap();
    assert!(sandbox.url().starts_with("https://localhost:"));
    let tls = || {
        let tcp = TcpStream::connect(sandbox.addr()).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        StreamOwned::new(ClientConnection::new(Arc::clone(&client), name).unwrap(), tcp)
    };
    let session = login(tls(), bot);
    assert_eq!(session.ws_url, format!("wss://localhost:{}", sandbox.port()));
    let mut client = Client::connect(tls(), &session.token).unwrap();
    client.join(clan);
    sandbox.say(alice, general, "through TLS");
    assert!(matches!(client.envelope().message, Some(Message::ChannelMessage(_))));
}

#[test]
fn abridged_tcp_is_served_on_the_same_port() {
    let town = Town::new();
    let session = town.login();
    assert_eq!(session.tcp_url, format!("127.0.0.1:{}", town.sandbox.port()));
    let mut client = Client::connect_abridged(town.tcp(), &session.token);
    client.codec.send(Frame::Ping(300)).unwrap();
    client.write();
    assert_eq!(client.next(), Some(Incoming::Frame(Frame::Pong(300))));
    client.join(town.clan);
    let question = town.sandbox.say(town.alice, town.general, "ping");
    let Some(Message::ChannelMessage(heard)) = client.envelope().message else { panic!("no message") };
    assert_eq!(heard.message_id, question.get());
    client.say(town.clan, town.general, "pong", heard.message_id);
    town.sandbox.expect_reply(question, "pong", PATIENCE).wait().unwrap();
    // when the world closes, the stream just ends
    town.sandbox.with(|world, now| world.drop_connection(now, town.bot, 1001));
    while let Some(incoming) = client.next() {
        assert!(matches!(incoming, Incoming::Frame(_)), "{incoming:?}");
    }
}

#[test]
fn a_refused_token_is_answered_by_http_over_abridged_tcp() {
    let town = Town::new();
    let mut client = Client::connect_abridged(town.tcp(), "no-token");
    assert_eq!(client.next(), Some(Incoming::Closed(Closed::Status { status: 401, retry_after: None })));
}

#[test]
fn a_token_may_come_in_pieces_and_a_frame_above_the_cap_ends_the_connection() {
    let town = Town::new();
    let mut stream = town.tcp();
    let mut greeting = Vec::new();
    let mut codec = Abridged::client(&Secret::from(town.login().token), AbridgedLimits::default());
    codec.output(&mut greeting);
    for piece in greeting.chunks(40) {
        stream.write_all(piece).unwrap();
        std::thread::yield_now();
    }
    let mut client = Client { stream, codec: Box::new(codec) };
    assert_eq!(client.next(), Some(Incoming::Open));
    client.join(town.clan);

    let mut client = Client::connect_abridged(town.tcp(), &town.login().token);
    client.say(town.clan, town.general, &"a".repeat(5000), 0);
    assert_eq!(client.next(), None);
}

#[test]
fn what_is_public_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Sandbox>();
    sent::<World>();
    sent::<mezon_sandbox::Expectation<()>>();
}

#[test]
fn people_fill_in_a_form_and_a_webhook_posts_on_the_same_port() {
    let town = Town::new();
    let mut client = town.connect();
    client.join(town.clan);
    let form = r#"{"t":"","embed":[{"fields":[{"name":"Days","value":"","inputs":{"id":"days","type":3,"component":{}}}]}],
        "components":[{"components":[{"id":"save","type":1,"component":{"label":"Save"}}]}]}"#;
    let (bot, general) = (town.bot, town.general);
    let message = town.sandbox.with(|world, now| world.say_content(now, bot, general, form, Vec::new()));
    assert!(matches!(client.envelope().message, Some(Message::ChannelMessage(_))));
    town.sandbox.fill(town.alice, message).text("days", "3").submit("save");
    let Some(Message::MessageButtonClicked(click)) = client.envelope().message else { panic!("no click") };
    assert_eq!((click.button_id.as_str(), click.extra_data.as_str()), ("save", r#"{"days":"3"}"#));
    let id = town.sandbox.send_tokens(town.alice, town.bot, 5, "thanks");
    let Some(Message::TokenSentEvent(sent)) = client.envelope().message else { panic!("no tokens") };
    assert_eq!(sent.transaction_id, id);

    let request = api::WebhookCreateRequest {
        webhook_name: "news".to_owned(),
        channel_id: general.get(),
        ..api::WebhookCreateRequest::default()
    };
    let headers = format!("authorization: Bearer {}\r\n", town.login().token);
    let made = post(town.tcp(), "/mezon.api.Mezon/GenerateWebhook", &headers, &request.encode_to_vec());
    let url = api::WebhookGenerateResponse::decode(&made.1[..]).unwrap().url;
    let path = url.strip_prefix(town.sandbox.url()).expect("the webhook is on the sandbox's own port").to_owned();
    let body = br#"{"type": "hook", "message": {"t": "read all about it"}}"#;
    assert_eq!(post(town.tcp(), &path, "content-type: application/json\r\n", body).0, 200);
    town.sandbox.expect_message(general, "read all about it", PATIENCE).wait().unwrap();
}

#[test]
fn a_form_that_the_bot_takes_back_while_it_is_filled_in_fits_no_more() {
    let town = Town::new();
    let form = r#"{"components":[{"components":[
        {"id":"plan","type":2,"component":{"options":[{"label":"Pro","value":"pro"}]}},
        {"id":"save","type":1,"component":{"label":"Save"}}]}]}"#;
    let (bot, general) = (town.bot, town.general);
    let post = || town.sandbox.with(|world, now| world.say_content(now, bot, general, form, Vec::new()));
    let message = post();
    let mut filling = town.sandbox.fill(town.alice, message);
    town.sandbox.delete(bot, message);
    assert!(filling.put("plan", "pro").unwrap_err().to_string().ends_with("is gone"));
    assert!(filling.press("save").unwrap_err().to_string().ends_with("is gone"));
}

#[test]
fn the_ledger_is_on_the_same_port_and_may_break_a_connection() {
    let town = Town::new();
    let config = town.sandbox.config(town.bot);
    assert_eq!((config.port, config.use_tls), (town.sandbox.port(), false));
    let ledger = config.services.ledger.expect("there is one");
    let path = ledger.strip_prefix(town.sandbox.url()).expect("it is on the sandbox's own port");
    let ask = |path: &str| {
        let body = br#"{"jsonrpc":"2.0","method":"health.check","id":1}"#;
        post(town.tcp(), path, "content-type: application/json\r\n", body)
    };
    assert_eq!(ask(path).0, 200);
    let hash = town.sandbox.send_tokens(town.alice, town.bot, 5, "thanks");
    town.sandbox
        .until("the transfer is confirmed", PATIENCE, move |world| {
            world.transcript().any(|entry| matches!(entry.what, What::Paid { .. }))
        })
        .wait()
        .unwrap();
    assert_eq!(town.sandbox.balance(town.bot).to_string(), "5");
    let entries = town.sandbox.ledger().entries;
    assert!(entries[0].hash == hash && entries[0].slot.is_some());
    town.sandbox.with(|world, _| world.ledger_fault(LedgerCall::Health, LedgerFault::BreakAnswer, 1));
    let mut tcp = town.tcp();
    let body = r#"{"jsonrpc":"2.0","method":"health.check","id":1}"#;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    tcp.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The connection ends, in whatever way.
    let _ = tcp.read_to_end(&mut answer);
    assert!(answer.is_empty(), "{}", String::from_utf8_lossy(&answer));
}

use super::*;

const EVENT: &[u8] = b"data: {\"event_type\":\"room_started\",\"event_id\":\"e\"}\n\n";

fn config() -> AgentConfig {
    let mut config = Config::bot(17_i64, "k/ey").unwrap();
    config.services.agent = Some("https://agent.test/".into());
    AgentConfig::of(&config).unwrap()
}

fn at(millis: u64) -> Now {
    Now::new(Duration::from_millis(millis), Duration::ZERO)
}

fn opened(stream: &mut AgentStream, now: Now) -> u64 {
    let Some(AgentTransmit::Open { id, .. }) = stream.poll_transmit() else { panic!("it wants to open") };
    stream.handle_opened(now, id, 200);
    id
}

fn events(stream: &mut AgentStream) -> Vec<AgentStreamEvent> {
    std::iter::from_fn(|| stream.poll_event()).collect()
}

#[test]
fn what_it_needs_is_asked_for_before_anything_is_sent() {
    let mut bot = Config::bot(17_i64, "key").unwrap();
    assert!(matches!(AgentConfig::of(&bot).unwrap_err().kind(), ErrorKind::Config(_)));
    bot.services.agent = Some("https://agent.test".into());
    assert!(AgentConfig::of(&bot).is_ok());
    for account in [Account::Bot { id: 17.into(), api_key: "".into() }, Account::User] {
        bot.account = account;
        assert!(AgentConfig::of(&bot).is_err());
    }
}

#[test]
fn the_request_says_who_asks_and_is_not_printed() {
    let mut config = config();
    config.query.push(("room".into(), "a b".into()));
    let request = config.request();
    assert_eq!(request.url, "https://agent.test/api/sse/metadata?appid=17&token=k%2Fey&room=a%20b");
    assert!(!format!("{request:?} {config:?}").contains("ey&"));
    assert!(!format!("{config:?}").contains("k/ey"));
}

#[test]
fn events_come_as_they_arrive_and_what_is_none_is_skipped() {
    let mut stream = AgentStream::new(config(), 1);
    stream.connect(at(0));
    stream.connect(at(0));
    let id = opened(&mut stream, at(10));
    assert!(stream.poll_transmit().is_none(), "one connection, however often it is asked for");
    stream.handle_bytes(at(20), id, &EVENT[..9]);
    stream.handle_bytes(at(30), id, &EVENT[9..]);
    stream.handle_bytes(at(40), id, b"data: no event\n\n");
    stream.handle_bytes(at(50), id + 1, EVENT);
    let events = events(&mut stream);
    assert_eq!(events[0], AgentStreamEvent::Opened { again: false });
    assert!(matches!(&events[1..], [AgentStreamEvent::Event(event)] if event.event_id == "e"), "{events:?}");
    assert_eq!(stream.poll_timeout(), None, "no time-out for what has no end");
}

#[test]
fn it_is_opened_again_after_growing_delays_and_given_up_after_five() {
    let mut stream = AgentStream::new(config(), 1);
    stream.connect(at(0));
    let id = opened(&mut stream, at(0));
    let mut now = at(1000);
    stream.handle_ended(now, id, StreamEnd::Ended);
    let mut delays = Vec::new();
    while let Some(due) = stream.poll_timeout() {
        delays.push(due - now.elapsed);
        now = Now::new(due, Duration::ZERO);
        stream.handle_timeout(now);
        let Some(AgentTransmit::Open { id, .. }) = stream.poll_transmit() else { panic!("it wants to open") };
        stream.handle_ended(now, id, StreamEnd::Failed("refused".into()));
    }
    assert_eq!(stream.state(), AgentState::Closed);
    assert_eq!(delays.len(), 5);
    for (delay, seconds) in delays.iter().zip([3, 6, 12, 24, 30]) {
        let base = Duration::from_secs(seconds);
        assert!((base..=base + Duration::from_secs(1)).contains(delay), "{delays:?}");
    }
    let events = events(&mut stream);
    assert_eq!(events.last(), Some(&AgentStreamEvent::Closed));
    let attempts = events.iter().filter(|event| matches!(event, AgentStreamEvent::Reconnecting { .. }));
    assert_eq!(attempts.count(), 5);
}

#[test]
fn an_opening_begins_the_count_anew() {
    let mut stream = AgentStream::new(config(), 1);
    stream.connect(at(0));
    let mut now = at(0);
    for _ in 0..20 {
        let id = opened(&mut stream, now);
        stream.handle_ended(now, id, StreamEnd::Ended);
        let due = stream.poll_timeout().expect("it will be opened again");
        assert!(due - now.elapsed <= Duration::from_secs(4));
        now = Now::new(due, Duration::ZERO);
        stream.handle_timeout(now);
    }
    let id = opened(&mut stream, now);
    assert!(events(&mut stream).contains(&AgentStreamEvent::Opened { again: true }));
    stream.handle_bytes(now, id, EVENT);
    assert_eq!(events(&mut stream).len(), 1);
}

#[test]
fn zero_attempts_are_without_end_and_delays_stay_bounded() {
    let mut stream = AgentStream::new(AgentConfig { max_attempts: 0, ..config() }, 1);
    stream.connect(at(0));
    let mut now = at(0);
    for _ in 0..100 {
        let Some(AgentTransmit::Open { id, .. }) = stream.poll_transmit() else { panic!("it wants to open") };
        stream.handle_opened(now, id, 503);
        assert!(matches!(stream.poll_transmit(), Some(AgentTransmit::Close { .. })));
        let due = stream.poll_timeout().expect("it will be opened again");
        assert!(due - now.elapsed <= Duration::from_secs(31));
        now = Now::new(due, Duration::ZERO);
        stream.handle_timeout(now);
    }
}

#[test]
fn closing_is_final_and_late_words_reach_nobody() {
    let mut stream = AgentStream::new(config(), 1);
    stream.connect(at(0));
    let id = opened(&mut stream, at(0));
    stream.close();
    assert!(matches!(stream.poll_transmit(), Some(AgentTransmit::Close { id: closed }) if closed == id));
    stream.handle_bytes(at(1), id, EVENT);
    stream.handle_ended(at(1), id, StreamEnd::Ended);
    stream.handle_timeout(at(100_000));
    assert_eq!(events(&mut stream), [AgentStreamEvent::Opened { again: false }, AgentStreamEvent::Closed]);
    assert_eq!((stream.poll_timeout(), stream.state()), (None, AgentState::Closed));
}

#[test]
fn without_reconnecting_an_end_is_the_end() {
    let mut stream = AgentStream::new(AgentConfig { auto_reconnect: false, ..config() }, 1);
    stream.connect(at(0));
    let id = opened(&mut stream, at(0));
    stream.handle_ended(at(1), id, StreamEnd::Ended);
    assert_eq!(events(&mut stream)[1..], [AgentStreamEvent::Lost(StreamEnd::Ended), AgentStreamEvent::Closed]);
}

#[test]
fn neither_an_opening_nor_a_silence_lasts_for_ever() {
    let idle_timeout = Some(Duration::from_secs(60));
    let mut stream = AgentStream::new(AgentConfig { idle_timeout, ..config() }, 1);
    stream.connect(at(0));
    assert_eq!(stream.poll_timeout(), Some(Duration::from_secs(30)));
    stream.handle_timeout(at(29_999));
    assert!(events(&mut stream).is_empty(), "early is harmless");
    stream.handle_timeout(at(30_000));
    assert_eq!(events(&mut stream)[0], AgentStreamEvent::Lost(StreamEnd::Timeout));

    let due = stream.poll_timeout().unwrap();
    stream.handle_timeout(Now::new(due, Duration::ZERO));
    while !matches!(stream.poll_transmit(), Some(AgentTransmit::Open { .. })) {}
    let id = stream.last_id;
    stream.handle_opened(at(40_000), id, 200);
    stream.handle_bytes(at(50_000), id, b":\n");
    assert_eq!(stream.poll_timeout(), Some(Duration::from_secs(110)));
    stream.handle_timeout(at(110_000));
    assert!(events(&mut stream).contains(&AgentStreamEvent::Lost(StreamEnd::Timeout)));
}

#[test]
fn a_slow_user_holds_the_server_back() {
    let mut stream = AgentStream::new(config(), 1);
    stream.connect(at(0));
    let id = opened(&mut stream, at(0));
    while stream.wants_read() {
        stream.handle_bytes(at(1), id, EVENT);
    }
    assert_eq!(events(&mut stream).len(), MAX_WAITING);
    assert!(stream.wants_read());
}

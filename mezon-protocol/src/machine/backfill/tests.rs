//! The rules of the backfill, each in a few lines, against a server of one clan.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;

use super::*;
use crate::id::{ChannelId, MessageId};
use crate::proto::api;
use crate::route::{ChannelKind, Mode, Route};

const CLAN: i64 = 1;
const GENERAL: i64 = 10;
const RANDOM: i64 = 11;
/// When the connection drops, on the server's clock.
const DROP: u64 = 10_000;
const NOW: Duration = Duration::from_secs(1);

/// A server that has messages, a connection to it, and what was given to the user.
struct Rig {
    backfill: Backfill,
    /// By channel and id: code, when created, when updated.
    messages: BTreeMap<(i64, i64), (i32, u32, u32)>,
    now: Duration,
    asked: Vec<Ask>,
    given: Vec<(i64, i64, &'static str)>,
    report: Option<BackfillReport>,
    last_id: i64,
}

impl Rig {
    fn new(policy: BackfillPolicy) -> Self {
        Self {
            backfill: Backfill::new(policy, &[]),
            messages: BTreeMap::new(),
            now: NOW,
            asked: Vec::new(),
            given: Vec::new(),
            report: None,
            last_id: 100,
        }
    }

    /// Somebody says something that we do not hear.
    fn say(&mut self, channel: i64) -> i64 {
        self.last_id += 1;
        let time = DROP as u32 - 200 + self.last_id as u32;
        self.messages.insert((channel, self.last_id), (0, time, time));
        self.last_id
    }

    /// Somebody says something that we hear.
    fn say_live(&mut self, channel: i64) -> i64 {
        let id = self.say(channel);
        self.push(channel, id);
        id
    }

    fn push(&mut self, channel: i64, id: i64) {
        let body = self.row(channel, id);
        let head = Head::peek(&body).unwrap();
        if let Some(body) = self.backfill.handle_message(&head, body) {
            self.note(&body, "live");
        }
    }

    fn row(&self, channel: i64, id: i64) -> Bytes {
        let (code, created, updated) = self.messages[&(channel, id)];
        let message = api::ChannelMessage {
            clan_id: CLAN,
            channel_id: channel,
            message_id: id,
            code,
            create_time_seconds: created,
            update_time_seconds: updated,
            mode: 2,
            ..Default::default()
        };
        message.encode_to_vec().into()
    }

    fn note(&mut self, body: &Bytes, how: &'static str) {
        let head = Head::read(body).unwrap();
        self.given.push((head.channel.get(), head.id.get(), how));
    }

    fn reconnect(&mut self) {
        self.backfill.handle_drop(DROP, true);
        self.backfill.handle_open();
    }

    fn ready(&mut self) {
        self.backfill.handle_ready(DROP + 100, [ClanId::new(CLAN)]);
        self.drain();
    }

    fn ask(&mut self) -> Option<Numbered> {
        let (number, ask) = self.backfill.poll_ask(self.now, |_| true)?;
        self.asked.push(ask);
        Some((number, ask))
    }

    /// Answers one request.
    fn serve(&mut self) -> bool {
        let Some((number, ask)) = self.ask() else { return false };
        self.answer(number, ask);
        true
    }

    fn answer(&mut self, number: u64, ask: Ask) {
        match ask {
            Ask::Channels { .. } => {
                let listed = self.list();
                self.backfill.handle_list(number, &listed, true);
            }
            Ask::Topics { .. } => self.backfill.handle_list(number, &[], true),
            Ask::Page { .. } => {
                let page = Page::read(&self.page(ask, |_| {}).encode_to_vec().into()).unwrap();
                self.backfill.handle_page(number, page);
            }
        }
        self.drain();
    }

    fn list(&self) -> Vec<Listed> {
        let channels: BTreeSet<_> = self.messages.keys().map(|(channel, _)| *channel).collect();
        let listed = |channel: i64| {
            let (id, at) = self.newest(channel);
            let route = Route::of_message(channel.into(), CLAN.into(), Mode::CHANNEL, true);
            Listed { stream: Stream::channel(channel.into()), route, newest: id.into(), at }
        };
        channels.into_iter().map(listed).collect()
    }

    fn newest(&self, channel: i64) -> (i64, u32) {
        self.messages.range((channel, 0)..(channel + 1, 0)).next_back().map_or((0, 0), |(key, row)| (key.1, row.1))
    }

    fn page(&self, ask: Ask, tamper: impl FnOnce(&mut api::ChannelMessageList)) -> api::ChannelMessageList {
        let Ask::Page { stream, anchor, direction, .. } = ask else { panic!("{ask:?}") };
        let channel = stream.channel.get();
        let ids = self.messages.range((channel, 0)..(channel + 1, 0)).map(|((_, id), _)| *id);
        let mut ids: Vec<i64> = match direction {
            1 => ids.filter(|id| *id > anchor.get()).take(50).collect(),
            _ => ids.filter(|id| anchor.is_none() || *id < anchor.get()).collect(),
        };
        let ids = ids.split_off(ids.len().saturating_sub(50));
        let decode = |id: i64| api::ChannelMessage::decode(self.row(channel, id)).unwrap();
        let newest = self.newest(channel).0;
        let last_sent_message = Some(api::ChannelMessageHeader { id: newest, ..Default::default() });
        let messages = ids.into_iter().map(decode).collect();
        let mut list = api::ChannelMessageList { messages, last_sent_message, ..Default::default() };
        tamper(&mut list);
        list
    }

    fn serve_all(&mut self) {
        while self.serve() {}
    }

    fn drain(&mut self) {
        while let Some(missed) = self.backfill.poll_missed() {
            match missed {
                Missed::Live(body) => self.note(&body, "live"),
                Missed::Row { body, .. } => self.note(&body, "row"),
                Missed::Edited { body, .. } => self.note(&body, "edited"),
                Missed::Removed { stream, id, .. } => self.given.push((stream.channel.get(), id.get(), "removed")),
            }
        }
        if let Some(report) = self.backfill.poll_report() {
            assert!(self.report.replace(report).is_none(), "reported twice");
        }
    }

    /// What was given since the last time, of one channel.
    fn take(&mut self, channel: i64) -> Vec<(i64, &'static str)> {
        let taken: Vec<_> =
            self.given.iter().filter(|(of, ..)| *of == channel).map(|(_, id, how)| (*id, *how)).collect();
        self.given.retain(|(of, ..)| *of != channel);
        taken
    }

    fn pages(&self) -> usize {
        self.asked.iter().filter(|ask| matches!(ask, Ask::Page { .. })).count()
    }
}

fn rig() -> Rig {
    Rig::new(BackfillPolicy::default())
}

/// Two messages were given in the channel before the connection drops.
fn heard(policy: BackfillPolicy) -> Rig {
    let mut rig = Rig::new(policy);
    rig.say_live(GENERAL);
    rig.say_live(GENERAL);
    rig.take(GENERAL);
    rig
}

#[test]
fn what_was_missed_comes_before_what_is_live_and_nothing_twice() {
    let mut rig = heard(BackfillPolicy::default());
    rig.reconnect();
    let missed = [rig.say(GENERAL), rig.say(GENERAL)];
    let early = rig.say_live(GENERAL);
    rig.ready();
    let live = rig.say_live(GENERAL);
    assert_eq!(rig.take(GENERAL), [], "not before what was missed");
    rig.serve_all();
    // the page had all of them, as they were said before it was made
    let all = [missed[0], missed[1], early, live].map(|id| (id, "row"));
    assert_eq!(rig.take(GENERAL), all);
    let after = rig.say_live(GENERAL);
    assert_eq!(rig.take(GENERAL), [(after, "live")]);
    assert_eq!(rig.report.unwrap().messages, 4);
}

#[test]
fn a_channel_with_nothing_new_is_not_asked_for() {
    let mut rig = heard(BackfillPolicy::default());
    rig.reconnect();
    rig.ready();
    let (number, ask) = rig.ask().unwrap();
    let listed = rig.list();
    let live = rig.say_live(GENERAL);
    assert_eq!(rig.take(GENERAL), [], "it is not known whether it missed something");
    rig.backfill.handle_list(number, &listed, true);
    rig.drain();
    assert_eq!((rig.take(GENERAL), ask), (vec![(live, "live")], Ask::Channels { clan: CLAN.into(), page: 1 }));
    assert_eq!((rig.pages(), rig.report), (0, Some(BackfillReport::default())));
}

#[test]
fn a_live_copy_that_comes_after_its_page_is_dropped_once() {
    let mut rig = heard(BackfillPolicy::default());
    rig.reconnect();
    rig.ready();
    let id = rig.say(GENERAL);
    rig.serve_all();
    assert_eq!(rig.take(GENERAL), [(id, "row")]);
    rig.push(GENERAL, id);
    assert_eq!(rig.take(GENERAL), []);
    rig.push(GENERAL, id);
    assert_eq!(rig.take(GENERAL), [(id, "live")], "what is pushed again is the server's business");
}

#[test]
fn edits_and_removals_are_found_among_the_last_that_were_given() {
    for recheck in [25, 0] {
        let mut rig = Rig::new(BackfillPolicy { recheck, ..BackfillPolicy::default() });
        let ids: Vec<i64> = (0..5).map(|_| rig.say_live(GENERAL)).collect();
        rig.take(GENERAL);
        rig.reconnect();
        rig.messages.insert((GENERAL, ids[1]), (0, 9_900, DROP as u32 + 7));
        rig.messages.remove(&(GENERAL, ids[2]));
        rig.messages.remove(&(GENERAL, ids[4]));
        let new = rig.say(GENERAL);
        rig.ready();
        rig.serve_all();
        let expected = [(ids[1], "edited"), (ids[2], "removed"), (ids[4], "removed"), (new, "row")];
        assert_eq!(rig.take(GENERAL), if recheck == 0 { &expected[3..] } else { &expected[..] });
        assert_eq!(rig.pages(), 1, "one page tells all");
    }
}

#[test]
fn an_edit_that_was_seen_is_not_told_again() {
    let mut rig = heard(BackfillPolicy::default());
    let edited = rig.last_id;
    rig.messages.insert((GENERAL, edited), (1, 9_900, DROP as u32));
    rig.push(GENERAL, edited);
    rig.messages.insert((GENERAL, edited), (0, 9_900, DROP as u32));
    rig.take(GENERAL);
    rig.reconnect();
    rig.ready();
    let new = rig.say(GENERAL);
    rig.serve_all();
    assert_eq!(rig.take(GENERAL), [(new, "row")]);
}

#[test]
fn pages_may_be_in_any_order_and_hold_rows_that_are_no_messages() {
    let mut rig = heard(BackfillPolicy::default());
    let known = rig.last_id;
    rig.reconnect();
    let missed: Vec<i64> = (0..120).map(|_| rig.say(GENERAL)).collect();
    rig.ready();
    while let Some((number, ask)) = rig.ask() {
        if !matches!(ask, Ask::Page { .. }) {
            rig.answer(number, ask);
            continue;
        }
        let list = rig.page(ask, |list| {
            list.messages.truncate(49);
            list.messages.reverse();
            let third = list.messages.len() / 3;
            list.messages.rotate_left(third);
            let row = |message_id, code| api::ChannelMessage { message_id, code, ..Default::default() };
            let last = list.messages.iter().map(|row| row.message_id).max().unwrap_or(known);
            list.messages.insert(0, row(last, 1));
            list.messages.extend([row(last + 1_000_000, 3), row(last + 500_000, 14), row(1, 4), row(last + 7, 2)]);
            list.messages.push(row(known, 0));
            list.last_sent_message = None;
        });
        let page = Page::read(&list.encode_to_vec().into()).unwrap();
        rig.backfill.handle_page(number, page);
        rig.drain();
    }
    assert_eq!(rig.take(GENERAL), missed.into_iter().map(|id| (id, "row")).collect::<Vec<_>>());
}

#[test]
fn of_a_channel_that_was_never_heard_what_was_said_since_the_drop_is_given() {
    let mut rig = rig();
    for _ in 0..90 {
        rig.say(RANDOM);
    }
    let old: BTreeSet<i64> = rig.messages.keys().map(|(_, id)| *id).collect();
    rig.last_id = 200;
    rig.reconnect();
    let missed: Vec<_> = (0..120).map(|_| (rig.say(RANDOM), "row")).collect();
    rig.ready();
    let live = rig.say_live(RANDOM);
    rig.serve_all();
    let given = rig.take(RANDOM);
    assert_eq!(given[..120], missed);
    assert!(given[120] == (live, "row") && given.len() == 121 && old.len() == 90);
}

#[test]
fn what_is_beyond_the_bounds_is_told_by_channel() {
    let policy = BackfillPolicy { per_channel: 60, total: 100, ..BackfillPolicy::default() };
    let mut rig = heard(policy);
    rig.say_live(RANDOM);
    rig.take(RANDOM);
    rig.reconnect();
    for _ in 0..70 {
        rig.say(GENERAL);
        rig.say(RANDOM);
    }
    rig.ready();
    let live = rig.say_live(GENERAL);
    rig.serve_all();
    let (general, random) = (rig.take(GENERAL), rig.take(RANDOM));
    assert_eq!((general.len() + random.len(), general.last()), (101, Some(&(live, "live"))));
    let report = rig.report.unwrap();
    assert_eq!((report.messages, report.beyond.len()), (100, 2));
    for (beyond, given) in report.beyond.iter().zip([&general, &random]) {
        let last = given.iter().rfind(|(_, how)| *how == "row").unwrap();
        assert_eq!((beyond.after.get(), beyond.reason), (last.0, BeyondReason::Limit));
        assert!(beyond.until > beyond.after);
    }
}

#[test]
fn after_a_long_absence_what_is_too_old_is_left_out() {
    let mut rig = heard(BackfillPolicy { max_age: Duration::from_secs(50), ..BackfillPolicy::default() });
    rig.last_id = 200;
    rig.reconnect();
    let missed: Vec<i64> = (0..100).map(|_| rig.say(GENERAL)).collect();
    rig.ready();
    rig.serve_all();
    let given = rig.take(GENERAL);
    assert_eq!(given, missed[49..].iter().map(|id| (*id, "row")).collect::<Vec<_>>());
    let beyond = rig.report.unwrap().beyond[0];
    assert_eq!((beyond.after.get(), beyond.until.get(), beyond.reason), (102, missed[48], BeyondReason::Age));
}

#[test]
fn what_cannot_be_held_back_is_fetched() {
    let mut rig = heard(BackfillPolicy { hold_bytes: 1000, ..BackfillPolicy::default() });
    rig.reconnect();
    let mut all = vec![rig.say(GENERAL)];
    rig.ready();
    assert!(rig.serve());
    let (number, ask) = rig.ask().unwrap();
    let page = Page::read(&rig.page(ask, |_| {}).encode_to_vec().into()).unwrap();
    all.extend((0..30).map(|_| rig.say_live(GENERAL)));
    rig.backfill.handle_page(number, page);
    rig.drain();
    rig.serve_all();
    let given: Vec<i64> = rig.take(GENERAL).into_iter().map(|(id, _)| id).collect();
    assert_eq!(given, all);
    assert!(rig.report.is_some());
}

#[test]
fn a_drop_in_the_middle_begins_again_where_it_was() {
    let mut rig = heard(BackfillPolicy::default());
    rig.reconnect();
    let missed: Vec<i64> = (0..120).map(|_| rig.say(GENERAL)).collect();
    rig.ready();
    rig.say_live(GENERAL);
    rig.serve();
    rig.serve();
    let (late, ask) = rig.ask().unwrap();
    let first = rig.take(GENERAL);
    rig.reconnect();
    rig.answer(late, ask);
    assert_eq!(rig.take(GENERAL), [], "the answer is of no interest any more");
    rig.ready();
    rig.serve_all();
    let given: Vec<i64> = first.into_iter().chain(rig.take(GENERAL)).map(|(id, _)| id).collect();
    assert_eq!(given[..120], missed);
    assert_eq!(given.len(), 121);
}

#[test]
fn a_failure_is_retried_and_then_told() {
    let mut rig = heard(BackfillPolicy::default());
    rig.reconnect();
    rig.say(GENERAL);
    rig.ready();
    rig.serve();
    let mut tries = 0;
    while rig.report.is_none() {
        while let Some((number, _)) = rig.ask() {
            tries += 1;
            rig.backfill.handle_failure(rig.now, number, Trouble::Passing(Duration::ZERO));
            rig.drain();
        }
        rig.now = rig.backfill.poll_timeout().unwrap_or(rig.now);
    }
    let beyond = rig.report.take().unwrap().beyond;
    assert_eq!((tries, beyond.len(), beyond[0].reason), (5, 1, BeyondReason::Failed));
    assert!(rig.now >= NOW + Duration::from_secs(15), "{:?}", rig.now);
    let live = rig.say_live(GENERAL);
    assert_eq!(rig.take(GENERAL), [(live, "live")]);
}

#[test]
fn a_channel_that_we_have_left_is_passed_over() {
    let mut rig = heard(BackfillPolicy::default());
    rig.reconnect();
    rig.say(GENERAL);
    rig.ready();
    rig.serve();
    let (number, _) = rig.ask().unwrap();
    rig.backfill.handle_failure(rig.now, number, Trouble::Refused);
    rig.drain();
    assert_eq!(rig.report.unwrap().beyond, []);
}

#[test]
fn when_a_list_cannot_be_had_every_known_channel_is_asked_for() {
    let mut rig = heard(BackfillPolicy::default());
    rig.reconnect();
    let missed = rig.say(GENERAL);
    rig.ready();
    let (number, _) = rig.ask().unwrap();
    rig.backfill.handle_failure(rig.now, number, Trouble::Senseless);
    rig.serve_all();
    assert_eq!(rig.take(GENERAL), [(missed, "row")]);
}

#[test]
fn channels_take_turns_and_few_requests_are_under_way() {
    let mut rig = heard(BackfillPolicy::default());
    rig.say_live(RANDOM);
    rig.reconnect();
    for _ in 0..200 {
        rig.say(GENERAL);
        rig.say(RANDOM);
    }
    rig.ready();
    rig.serve();
    let first = [rig.ask().unwrap(), rig.ask().unwrap()];
    assert!(rig.ask().is_none(), "two are under way");
    for (number, ask) in first {
        rig.answer(number, ask);
    }
    rig.serve_all();
    let turns: Vec<ChannelId> = rig
        .asked
        .iter()
        .filter_map(|ask| if let Ask::Page { stream, .. } = ask { Some(stream.channel) } else { None })
        .collect();
    assert_eq!(turns.len(), 9);
    assert!(turns.windows(2).all(|pair| pair[0] != pair[1]), "{turns:?}");
}

#[test]
fn it_keeps_to_its_part_of_the_rate() {
    let mut rig = heard(BackfillPolicy::default());
    rig.backfill.limiter = Limiter::new([Rate::new(1, Duration::from_secs(1))]);
    rig.reconnect();
    rig.say(GENERAL);
    rig.ready();
    assert!(rig.serve());
    assert!(!rig.serve());
    assert_eq!(rig.backfill.poll_timeout(), Some(NOW + Duration::from_secs(1)));
    rig.now += Duration::from_secs(1);
    assert!(rig.serve());
    assert_eq!(Backfill::new(BackfillPolicy::default(), &[Rate::new(60, NOW)]).limiter.next_start(), Duration::ZERO);
}

#[test]
fn nothing_is_asked_for_that_is_not_joined() {
    let mut rig = heard(BackfillPolicy::default());
    rig.reconnect();
    rig.say(GENERAL);
    rig.ready();
    assert_eq!(rig.backfill.poll_ask(NOW, |_| false), None);
    assert_eq!(rig.backfill.poll_timeout(), None, "the end of a join is news by itself");
    assert!(rig.serve());
}

#[test]
fn kinds_of_channels_can_be_left_out() {
    let mut rig = heard(BackfillPolicy { channels: false, ..BackfillPolicy::default() });
    rig.reconnect();
    rig.say(GENERAL);
    rig.ready();
    let live = rig.say_live(GENERAL);
    rig.serve_all();
    assert_eq!((rig.take(GENERAL), rig.pages()), (vec![(live, "live")], 0));
    let policy = BackfillPolicy { threads: false, ..BackfillPolicy::default() };
    assert!(!policy.wants(ChannelKind::THREAD) && policy.wants(ChannelKind::DIRECT));
}

#[test]
fn when_it_is_off_nothing_is_remembered_or_held() {
    let mut rig = heard(BackfillPolicy::OFF);
    rig.reconnect();
    rig.say(GENERAL);
    let live = rig.say_live(GENERAL);
    rig.ready();
    rig.serve_all();
    assert_eq!((rig.take(GENERAL), rig.asked.len()), (vec![(live, "live")], 0));
}

#[test]
fn streams_that_are_forgotten_give_nothing_twice() {
    let mut rig = Rig::new(BackfillPolicy { max_channels: 1, ..BackfillPolicy::default() });
    rig.last_id = 199;
    rig.say_live(GENERAL);
    rig.say_live(RANDOM);
    rig.given.clear();
    rig.reconnect();
    let missed = [(rig.say(GENERAL), "row")];
    rig.ready();
    rig.serve_all();
    assert_eq!((rig.take(GENERAL), rig.take(RANDOM)), (missed.to_vec(), vec![]));
}

#[test]
fn a_message_that_was_overtaken_before_the_drop_is_given_after_it() {
    let mut rig = heard(BackfillPolicy::default());
    let lost = rig.say(GENERAL);
    rig.say_live(GENERAL);
    rig.take(GENERAL);
    rig.reconnect();
    let missed = rig.say(GENERAL);
    rig.ready();
    rig.serve_all();
    assert_eq!(rig.take(GENERAL), [(lost, "row"), (missed, "row")]);
}

#[test]
fn when_the_message_to_begin_at_is_gone_the_newest_page_tells() {
    let mut rig = heard(BackfillPolicy { recheck: 0, ..BackfillPolicy::default() });
    rig.reconnect();
    let missed = rig.say(GENERAL);
    rig.ready();
    rig.serve();
    let (number, _) = rig.ask().unwrap();
    rig.backfill.handle_page(number, Page::default());
    rig.serve_all();
    assert_eq!(rig.take(GENERAL), [(missed, "row")]);
    assert_eq!(MessageId::new(missed), MessageId::new(rig.last_id));
}

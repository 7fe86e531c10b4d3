//! Files that are cut off, damaged, or changed.

use std::io::{self, Write};
use std::time::Duration;

use mezon_protocol::machine::State;
use mezon_protocol::replay::{Player, ReplayError, VERSION, check};
use mezon_protocol::{Config, Machine, Now};
use mezon_tests::recording::Recording;

use crate::runs::{recorded, recorded_for};

fn recording() -> Vec<u8> {
    recorded(5, |_| {})
}

/// Where each record begins, and its kind.
fn records(bytes: &[u8]) -> Vec<(usize, u8)> {
    let (mut at, mut records) = (9, Vec::new());
    while at < bytes.len() {
        records.push((at, bytes[at]));
        let (len, size) = mezon_protocol::wire::varint(&bytes[at + 1..]).unwrap();
        at += 1 + size + usize::try_from(len).unwrap();
    }
    records
}

#[test]
fn a_recording_that_breaks_off_is_replayed_up_to_its_last_whole_step() {
    let bytes = recording();
    let whole = check(&bytes[..]).unwrap();
    let cuts = records(&bytes).into_iter().map(|(at, _)| at).filter(|at| at % 7 == 0);
    for cut in cuts.map(|at| at + 1).chain(bytes.len() - 3..bytes.len()).filter(|cut| *cut > 300) {
        let summary = check(&bytes[..cut]).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert!(summary.is_torn && summary.steps < whole.steps, "cut at {cut}");
    }
}

#[test]
fn what_is_no_recording_or_of_another_version_is_refused_by_its_name() {
    let bytes = recording();
    for nothing in [&b""[..], b"mezonre", b"MThd\0\0\0\x06\0\x01", &bytes[..8], &bytes[1..]] {
        assert!(matches!(check(nothing), Err(ReplayError::NotARecording)));
    }
    let mut newer = bytes.clone();
    newer[8] = u8::try_from(VERSION).unwrap() + 1;
    let error = check(&newer[..]).unwrap_err();
    assert!(matches!(error, ReplayError::Version { found } if found == u64::from(VERSION) + 1));
    assert!(error.to_string().contains("version 2"), "{error}");
    let mut unknown = bytes.clone();
    let (at, _) = records(&bytes)[5];
    unknown[at] = 99;
    assert!(matches!(check(&unknown[..]), Err(ReplayError::Damaged { .. })));
}

/// A later version may say more, as long as an older one does not misread what it knows.
#[test]
fn settings_and_fields_that_this_build_does_not_know_are_skipped() {
    let bytes = recording();
    let records = records(&bytes);
    let (len, size) = mezon_protocol::wire::varint(&bytes[records[0].0 + 1..]).unwrap();
    let header = &bytes[records[0].0 + 1 + size..records[1].0];
    // field 99 of the header, and field 99 of its settings, which is field 4
    let unknown = [0x98, 0x06, 1, 0x22, 3, 0x98, 0x06, 1];
    let longer = len + unknown.len() as u64;
    let len = [longer as u8 | 0x80, (longer >> 7) as u8];
    let changed = [&bytes[..=records[0].0], &len, header, &unknown, &bytes[records[1].0..]].concat();
    assert_eq!(check(&changed[..]).unwrap(), check(&bytes[..]).unwrap());
}

#[test]
fn a_record_is_as_large_as_it_is_and_not_as_it_says() {
    let header = recording()[..records(&recording())[1].0].to_vec();
    let says = |len: &[u8]| check(&[&header[..], &[1], len, b"xyz"].concat()[..]);
    assert!(says(&[0x80, 0x80, 0x80, 0x20]).unwrap().is_torn, "64 MiB");
    let error = says(&[0x81, 0x80, 0x80, 0x20]).unwrap_err();
    assert!(matches!(error, ReplayError::Damaged { .. }), "{error}");
}

#[test]
fn nothing_that_becomes_of_a_file_makes_its_reader_panic() {
    let bytes = recorded_for(3, 10);
    let mut rng = fastrand::Rng::with_seed(9);
    for _ in 0..300 {
        let mut damaged = bytes.clone();
        for _ in 0..rng.usize(1..4) {
            damaged[rng.usize(9..bytes.len())] = rng.u8(..);
        }
        mezon_tests::fuzz::recording(&damaged[..rng.usize(9..bytes.len())]);
    }
}

/// As if the Machine had decided otherwise: each change is noticed in its step, and nothing before it.
#[test]
fn a_decision_that_is_not_as_it_was_is_noticed_at_the_right_step() {
    const INPUT: u8 = 1;
    const TAKEN: u8 = 4;
    let bytes = recording();
    let mut step = 0;
    let mut noticed = 0;
    for (at, kind) in records(&bytes) {
        step += u64::from(kind == INPUT);
        // what was taken ends with the digest, the id or the text of it
        let (len, size) = mezon_protocol::wire::varint(&bytes[at + 1..]).unwrap();
        let last = at + size + usize::try_from(len).unwrap();
        if kind != TAKEN || len < 7 || at % 5 != 0 {
            continue;
        }
        let mut changed = bytes.clone();
        changed[last] ^= 1;
        match check(&changed[..]) {
            Err(ReplayError::Different { step: at, difference }) => {
                assert_eq!(at, step, "{difference}");
                assert!(!difference.recorded.is_empty() && difference.recorded != difference.replayed, "in words");
                noticed += 1;
            }
            other => panic!("a change in step {step} was not noticed: {other:?}"),
        }
    }
    assert!(noticed > 100, "{noticed}");
}

#[test]
fn a_step_that_is_missing_is_noticed() {
    let bytes = recording();
    let records = records(&bytes);
    let is_answer = |range: &&[(usize, u8)]| range[0].1 == 2 && range[1].1 == 3;
    let lost = records.windows(2).find(is_answer).unwrap();
    let without = [&bytes[..lost[0].0], &bytes[lost[1].0..]].concat();
    let error = check(&without[..]).unwrap_err();
    assert!(matches!(error, ReplayError::Different { .. }), "{error}");
}

#[test]
fn one_can_stop_at_a_step_and_look_at_the_machine() {
    let bytes = recording();
    let mut player = Player::new(&bytes[..]).unwrap();
    assert!(player.made_by().starts_with("mezon-rust/"));
    let first = player.step().unwrap().unwrap();
    assert_eq!((first.number(), first.input().as_str()), (1, "connect"));
    assert_eq!(player.machine().state(), State::Connecting);
    let mut lines = 0;
    while let Some(step) = player.step().unwrap() {
        lines += step.lines(false).count();
        assert!(step.differences().is_empty());
    }
    assert!(lines > 100);
    assert_eq!(player.machine().state(), State::Closed);
}

/// What is wanted most of a recording is what came just before the end.
#[test]
fn when_whoever_drives_the_machine_panics_the_recording_is_there_up_to_that() {
    let recording = Recording::default();
    let sink = recording.clone();
    let panicked = std::panic::catch_unwind(move || {
        let mut machine = Machine::recorded(config(), 1, Now::default(), sink).unwrap();
        machine.connect(Now::default());
        machine.handle_timeout(Now::default());
        panic!("on purpose");
    });
    assert!(panicked.is_err());
    let summary = check(&recording.bytes()[..]).unwrap();
    assert_eq!((summary.steps, summary.is_torn), (2, false));
}

#[test]
fn a_disk_that_is_full_ends_the_recording_and_the_machine_goes_on() {
    /// Takes the beginning.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            if self.0 == 1 { Ok(bytes.len()) } else { Err(io::ErrorKind::StorageFull.into()) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    let mut machine = Machine::recorded(config(), 1, Now::default(), Full(0)).unwrap();
    let mut now = Now::default();
    machine.connect(now);
    for _ in 0..10 {
        now = now + Duration::from_secs(5);
        machine.handle_timeout(now);
        while machine.poll_transmit().is_some() {}
    }
    assert_eq!(machine.state(), State::Disconnected, "nobody answered the login");
    machine.end_recording();
}

fn config() -> Config {
    Config::bot(17_i64, "the-key").unwrap()
}

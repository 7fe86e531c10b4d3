//! Plays a recording, one step after the other.

use std::fmt;
use std::io::{BufReader, Read};
use std::time::Duration;

use super::format::{Reader, Record};
use super::record::{Input, Out};
use super::settings::narrow;
use super::{Difference, ReplayError, words};
use crate::machine::Machine;
use crate::time::Now;
use crate::transport::SendError;

/// Plays a recording to the end, and compares everything that the Machine gives with what was recorded.
///
/// ```no_run
/// use mezon_protocol::replay;
/// use std::fs::File;
///
/// let summary = replay::check(File::open("a-good-night.mezonrec")?)?;
/// println!("{} steps, {} outputs", summary.steps, summary.outputs);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ReplayError::Different`] at the first step that is not as it was recorded, or what is wrong with the recording.
pub fn check(recording: impl Read) -> Result<Summary, ReplayError> {
    let mut player = Player::new(recording)?;
    let mut summary = Summary::default();
    while let Some(step) = player.step()? {
        summary.steps += 1;
        summary.outputs += step.outputs();
        summary.time = step.at.elapsed;
        if let Some(difference) = step.differences.into_iter().next() {
            return Err(ReplayError::Different { step: step.number, difference });
        }
    }
    summary.is_torn = player.is_torn();
    Ok(summary)
}

/// What was played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// How many commands and inputs there were.
    pub steps: u64,
    /// How many outputs were compared.
    pub outputs: u64,
    /// When the last step was, as [`Now::elapsed`] counts.
    pub time: Duration,
    /// The recording breaks off in the middle of a step, which was left out.
    pub is_torn: bool,
}

/// A recording that is played step by step. Between two steps its [machine](Self::machine) can be looked at.
pub struct Player<R> {
    reader: Reader<BufReader<R>>,
    machine: Machine,
    now: Now,
    steps: u64,
    made_by: String,
    /// The input of the step that is next.
    ahead: Option<Input>,
}

impl<R: Read> Player<R> {
    /// Reads the beginning of a recording.
    ///
    /// # Errors
    ///
    /// If it is no recording, of another version, damaged or cannot be read.
    pub fn new(recording: R) -> Result<Self, ReplayError> {
        let (mut reader, header) = Reader::new(BufReader::new(recording))?;
        let now = Now::new(Duration::from_nanos(header.elapsed), Duration::from_nanos(header.unix));
        let at = reader.position();
        let settings = header.settings.ok_or(ReplayError::Damaged { at, what: "the header has no configuration" })?;
        let machine = Machine::playing(settings.config(), header.seed, now).map_err(ReplayError::Config)?;
        let ahead = match reader.next()? {
            None => None,
            Some(Record::Input(input)) => Some(input),
            Some(_) => return Err(ReplayError::Damaged { at, what: "it does not begin with an input" }),
        };
        Ok(Self { reader, machine, now, steps: 0, made_by: header.made_by, ahead })
    }

    /// Plays the next step; `None` at the end. It goes on after a step with differences, but is likely to find more of
    /// them then.
    ///
    /// # Errors
    ///
    /// If the recording is damaged or cannot be read.
    pub fn step(&mut self) -> Result<Option<Step>, ReplayError> {
        let Some(input) = self.ahead.take() else { return Ok(None) };
        let at = self.reader.position();
        let records = self.read_step(input)?;
        if self.reader.is_torn() && self.ahead.is_none() {
            return Ok(None);
        }
        self.steps += 1;
        let damaged = ReplayError::Damaged { at, what: "a step makes no sense" };
        let differences = self.play(&records).ok_or(damaged)?;
        Ok(Some(Step { number: self.steps, at: self.now, records, differences }))
    }

    /// True if the recording broke off in the middle of a step, as after a crash of the system. That step is left out.
    pub const fn is_torn(&self) -> bool {
        self.reader.is_torn()
    }

    /// The Machine as it is after the last step.
    pub const fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The library that made the recording, with its version.
    pub fn made_by(&self) -> &str {
        &self.made_by
    }

    /// An input, and everything up to the next one.
    fn read_step(&mut self, input: Input) -> Result<Vec<Record>, ReplayError> {
        let mut records = vec![Record::Input(input)];
        while let Some(record) = self.reader.next()? {
            if let Record::Input(next) = record {
                self.ahead = Some(next);
                break;
            }
            records.push(record);
        }
        Ok(records)
    }

    /// None if the step makes no sense.
    fn play(&mut self, records: &[Record]) -> Option<Vec<Difference>> {
        let (mut given, mut incoming, mut outs) = (None, Vec::new(), Vec::new());
        let script = self.machine.script()?;
        for record in records.iter().cloned() {
            match record {
                Record::Input(input) => given = Some(input),
                Record::FromCodec(from) => incoming.push(from.arrived?.into_incoming(&mut script.blanks)?),
                Record::CallStep(step) => script.steps.push_back(step),
                Record::Taken(taken) => outs.push(taken.out?),
            }
        }
        let given = given?;
        self.now = moved(self.now, given.elapsed, given.drift);
        let (recorded, replayed) = (given.before.unwrap_or_default(), self.machine.before());
        if recorded != replayed {
            self.machine.script()?.differ(words::before(&recorded), words::before(&replayed));
        }
        if !self.machine.play(self.now, given.what?, incoming) {
            return None;
        }
        for out in outs {
            self.take(&out)?;
        }
        let script = self.machine.script()?;
        for step in std::mem::take(&mut script.steps) {
            script.differ(words::record(&Record::CallStep(step), false), words::nothing());
        }
        Some(std::mem::take(&mut script.differences))
    }

    /// Takes from the Machine what was taken when it was recorded.
    fn take(&mut self, recorded: &Out) -> Option<()> {
        let machine = &mut self.machine;
        match recorded {
            Out::OpenSocket(_) | Out::CloseSocket(_) | Out::Http(_) | Out::CancelHttp(_) => {
                drop(machine.poll_transmit())
            }
            Out::Reply(_) => drop(machine.poll_reply()),
            Out::Push(_) | Out::Life(_) | Out::NoEvent(()) => drop(machine.poll_event()),
            Out::News(_) => drop(machine.poll_news()),
            Out::NoFrame(()) => machine.play_frame(Ok(())),
            Out::Frame(frame) => machine.play_frame(match frame.refused.map(|refused| refused.limit) {
                None => Ok(()),
                Some(None) => Err(SendError::NotOpen),
                Some(Some(limit)) => Err(SendError::TooLarge { limit: narrow(limit) }),
            }),
        }
        let script = machine.script()?;
        let replayed = script.taken.drain(..).next();
        if replayed.as_ref() != Some(recorded) {
            script.differ(words::out(recorded), replayed.as_ref().map_or_else(words::nothing, words::out));
        }
        Some(())
    }
}

impl<R> fmt::Debug for Player<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Player").field("steps", &self.steps).field("now", &self.now).finish_non_exhaustive()
    }
}

/// One command or input, and what came of it.
#[derive(Debug)]
pub struct Step {
    number: u64,
    at: Now,
    records: Vec<Record>,
    differences: Vec<Difference>,
}

impl Step {
    /// Its number, from 1 on.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// When it was.
    pub const fn at(&self) -> Now {
        self.at
    }

    /// The command or input, in words.
    pub fn input(&self) -> String {
        self.records.first().map(|record| words::record(record, false)).unwrap_or_default()
    }

    /// What came of it when it was recorded, in words: frames that were read, steps of calls, outputs that were taken. With
    /// the messages in them, as they were decoded, if `whole`.
    pub fn lines(&self, whole: bool) -> impl Iterator<Item = String> + '_ {
        let in_vain = |record: &&Record| {
            let Record::Taken(taken) = record else { return false };
            matches!(taken.out, Some(Out::NoFrame(()) | Out::NoEvent(())))
        };
        let counts = self.records.iter().skip(1).filter(move |record| !in_vain(record));
        counts.map(move |record| words::record(record, whole))
    }

    /// What the Machine does otherwise now; nothing if all is well.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    fn outputs(&self) -> u64 {
        self.records.iter().filter(|record| matches!(record, Record::Taken(_))).count() as u64
    }
}

/// The number, the time, the input and the lines below it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}: {}", self.number, self.at.elapsed, self.input())?;
        self.lines(false).try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// The moment of an input, from that of the one before.
fn moved(now: Now, elapsed: i64, drift: i64) -> Now {
    let by = |time: Duration, nanos: i64| {
        let by = Duration::from_nanos(nanos.unsigned_abs());
        if nanos < 0 { time.saturating_sub(by) } else { time.saturating_add(by) }
    };
    Now::new(by(now.elapsed, elapsed), by(by(now.unix, elapsed), drift))
}

#![doc = include_str!("../../docs/recording.md")]

mod arrival;
mod format;
pub(crate) mod note;
mod player;
mod record;
mod recorder;
mod redact;
mod script;
mod settings;
mod words;

use std::io;

pub use format::VERSION;
pub use player::{Player, Step, Summary, check};
pub use words::Difference;

pub(crate) use arrival::arrival;
pub(crate) use record::{Before, EditRecord, Effect, Ended, FrameOut, FromCodec, HttpEnd, Out, Submit, What};
pub(crate) use recorder::Recorder;
pub(crate) use redact::{StandIns, recorded_session};
pub(crate) use script::{Script, Scripted};
pub(crate) use settings::nanos;

use crate::call::{AnyCall, Flow, Ticket};
use crate::error::Error;

/// Why a recording cannot be replayed, or has not been replayed as it was recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// It does not begin as recordings do.
    #[error("this is no recording")]
    NotARecording,
    /// It is written in a version of the format that this build does not read.
    #[error("the recording has version {found} of the format, this build reads version {VERSION}")]
    Version {
        /// Its version.
        found: u64,
    },
    /// It cannot be understood.
    #[error("the recording is damaged at byte {at}: {what}")]
    Damaged {
        /// Where, in bytes from its beginning.
        at: u64,
        /// In which way.
        what: &'static str,
    },
    /// It cannot be read.
    #[error("the recording cannot be read")]
    Io(#[source] io::Error),
    /// Its configuration cannot be right.
    #[error("the recorded configuration is not valid")]
    Config(#[source] Error),
    /// The Machine does something else than what was recorded.
    #[error("step {step} is not as it was recorded ({difference})")]
    Different {
        /// The number of the step, from 1 on.
        step: u64,
        /// The first thing in it that differs.
        difference: Difference,
    },
}

/// What goes on beside the work of a Machine.
#[derive(Default)]
pub(crate) enum Tape {
    #[default]
    Off,
    Recording(Box<Recorder>),
    Playing(Box<Script>),
}

impl Tape {
    pub(crate) const fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// The recorder, if there is one; to be put back, as it looks at the Machine that has it.
    pub(crate) fn take_recorder(&mut self) -> Option<Box<Recorder>> {
        if !matches!(self, Self::Recording(_)) {
            return None;
        }
        let Self::Recording(recorder) = std::mem::take(self) else { return None };
        Some(recorder)
    }

    /// A call is about to take a step. Gives what it is told, if that is to be recorded.
    pub(crate) fn step_begins(&mut self, is_recorded: bool, told: impl FnOnce() -> String) -> Option<String> {
        match self {
            Self::Recording(recorder) if is_recorded => {
                recorder.step_begins();
                Some(told())
            }
            Self::Off | Self::Recording(_) | Self::Playing(_) => None,
        }
    }

    /// A call has taken its step.
    pub(crate) fn step_ended(&mut self, ticket: Ticket, told: Option<String>, flow: &Flow, call: &dyn AnyCall) {
        if let (Self::Recording(recorder), Some(told)) = (self, told) {
            recorder.step_ended(ticket, told, flow, call);
        }
    }

    /// Notes what a call has done.
    pub(crate) fn effect(&mut self, effect: impl FnOnce(&mut StandIns) -> Effect) {
        if let Self::Recording(recorder) = self {
            recorder.effect(effect);
        }
    }
}

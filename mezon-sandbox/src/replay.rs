//! `mezon-sandbox replay`: a recording in words.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use mezon_protocol::replay::{Player, Step};

/// Steps that are shown before the one that was asked for.
const BEFORE: u64 = 5;

/// What is to be shown.
pub(crate) struct Replay {
    pub(crate) file: PathBuf,
    /// Only this step and those before it that lead to it.
    pub(crate) step: Option<u64>,
    /// The messages in it, too.
    pub(crate) verbose: bool,
}

impl Replay {
    /// Prints the steps, up to the end or to the first that is not as it was recorded, which is an error.
    pub(crate) fn run(&self, out: impl Write) -> Result<(), Box<dyn Error>> {
        let mut out = BufWriter::new(out);
        let path = self.file.display();
        let file = File::open(&self.file).map_err(|error| format!("{path}: {error}"))?;
        let mut player = Player::new(file).map_err(|error| match error.source() {
            Some(cause) => format!("{path}: {error}: {cause}"),
            None => format!("{path}: {error}"),
        })?;
        writeln!(out, "{path}: recorded by {}", player.made_by())?;
        let mut steps = 0;
        while let Some(step) = player.step()? {
            steps = step.number();
            let is_asked_for = self.step.is_none_or(|asked| (asked.saturating_sub(BEFORE)..=asked).contains(&steps));
            if is_asked_for || !step.differences().is_empty() {
                self.show(&mut out, &step)?;
            }
            if let Some(difference) = step.differences().first() {
                writeln!(out, "state: {:?}", player.machine().state())?;
                out.flush()?;
                return Err(format!("step {steps} is not as it was recorded: {difference}").into());
            }
            if self.step == Some(steps) {
                writeln!(out, "state: {:?}, {:?}", player.machine().state(), player.machine().stats())?;
            }
        }
        if let Some(asked) = self.step.filter(|asked| !(1..=steps).contains(asked)) {
            return Err(format!("{path}: there is no step {asked}, but steps 1 to {steps}").into());
        }
        let torn = if player.is_torn() { "; it breaks off in the middle of a step" } else { "" };
        writeln!(out, "{steps} steps, all as they were recorded{torn}")?;
        Ok(out.flush()?)
    }

    fn show(&self, out: &mut impl Write, step: &Step) -> std::io::Result<()> {
        writeln!(out, "{} at {:?}: {}", step.number(), step.at().elapsed, step.input())?;
        for line in step.lines(self.verbose) {
            writeln!(out, "    {line}")?;
        }
        for difference in step.differences() {
            writeln!(out, "    !! {difference}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/recordings/tokio-1.mezonrec");

    fn shown(file: &str, step: Option<u64>, verbose: bool) -> (String, Result<(), String>) {
        let mut out = Vec::new();
        let result = Replay { file: file.into(), step, verbose }.run(&mut out).map_err(|error| error.to_string());
        (String::from_utf8(out).unwrap(), result)
    }

    #[test]
    fn a_recording_is_told_in_words() {
        let (text, result) = shown(RECORDING, None, false);
        result.unwrap();
        for line in ["recorded by mezon-rust/", "\n1 at 0ns: ", "event: ready\n", "all as they were recorded\n"] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(!text.contains("hello, round"), "messages are shown only if that is wanted");
        assert!(shown(RECORDING, None, true).0.contains("hello, round"));
    }

    #[test]
    fn one_step_is_shown_with_what_led_to_it_and_the_state_after_it() {
        let (text, result) = shown(RECORDING, Some(9), false);
        result.unwrap();
        let steps = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count();
        assert_eq!(steps, 7, "six steps and the end: {text}");
        assert!(text.contains("state: "));
    }

    #[test]
    fn a_step_that_is_not_there_is_an_error() {
        for step in [0, 100_000] {
            let error = shown(RECORDING, Some(step), false).1.unwrap_err();
            assert!(error.contains(&format!("there is no step {step}, but steps 1 to ")), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error_that_names_the_file() {
        for file in ["no/such/file", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), env!("CARGO_MANIFEST_DIR")] {
            let error = shown(file, None, false).1.unwrap_err();
            assert!(error.starts_with(&format!("{file}: ")), "{error}");
        }
    }
}

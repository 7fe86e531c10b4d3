//! `mezon-sandbox replay`: a recording in words.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write, stdout};
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
    pub(crate) fn run(&self) -> Result<(), Box<dyn Error>> {
        let mut out = BufWriter::new(stdout().lock());
        let path = self.file.display();
        let file = File::open(&self.file).map_err(|error| format!("{path}: {error}"))?;
        let mut player = Player::new(file)?;
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

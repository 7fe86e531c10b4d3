//! This program once more, as a process that does one thing and can be killed.

use std::env;
use std::process::{Child, Command, Stdio};

/// How a process is told what it is to do.
const TASK: &str = "MEZON_TEST_PROCESS";

/// Killed when it is dropped.
pub struct Process(Child);

impl Process {
    /// Runs one test in a process of its own, which finds this as its [`task`].
    pub fn start(test: &str, task: &str) -> Self {
        let mut program = Command::new(env::current_exe().unwrap());
        program.args(["--exact", test, "--test-threads=1"]).env(TASK, task).stdout(Stdio::null());
        Self(program.spawn().unwrap())
    }

    /// True if it has done what it was to do.
    pub fn is_done(&mut self) -> bool {
        let status = self.0.try_wait().unwrap();
        assert!(status.is_none_or(|status| status.success()), "{status:?}");
        status.is_some()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What this process is to do, if it was started for that.
pub fn task() -> Option<String> {
    env::var(TASK).ok()
}

//! Recordings in memory.
//!
//! `MEZON_REPLAY=1 cargo test -p mezon-tests` records every run of the simulation, and replays it at its end.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use mezon_protocol::replay::check;
use mezon_protocol::{Config, Machine, Now};

/// Where a recording is written to, and read from.
#[derive(Clone, Debug, Default)]
pub struct Recording(Arc<(Mutex<Written>, Condvar)>);

#[derive(Debug, Default)]
struct Written {
    bytes: Vec<u8>,
    is_over: bool,
}

impl Recording {
    /// What has been written so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.written().bytes.clone()
    }

    /// What has been written when the recording is over, which is waited for.
    pub fn whole(&self) -> Vec<u8> {
        let written = self.0.1.wait_while(self.written(), |written| !written.is_over);
        written.unwrap_or_else(PoisonError::into_inner).bytes.clone()
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Recording {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.written().bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.written().is_over = true;
        self.0.1.notify_all();
        Ok(())
    }
}

/// A recording that is replayed as soon as it is over.
#[derive(Debug, Default)]
pub struct Checked(Vec<u8>);

/// How many have been replayed, and what went wrong.
static REPLAYED: Mutex<(usize, Vec<String>)> = Mutex::new((0, Vec::new()));

impl Checked {
    /// How many have been replayed so far.
    ///
    /// # Panics
    ///
    /// If one of them was not as it had been.
    pub fn count() -> usize {
        let (count, failures) = &*REPLAYED.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(failures.is_empty(), "of {count} recordings, these do not replay: {failures:#?}");
        *count
    }
}

impl Write for Checked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = check(&self.0[..]);
        let (count, failures) = &mut *REPLAYED.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        failures.extend(result.err().map(|error| error.to_string()));
        Ok(())
    }
}

/// So much of a run is replayed if every one is.
const MAX_REPLAYED: usize = 4 << 20;

/// A machine for a simulation.
///
/// # Panics
///
/// If the configuration cannot work.
pub fn machine(config: Config, seed: u64, now: Now) -> Machine {
    let machine = match std::env::var_os("MEZON_REPLAY") {
        None => Machine::new(config, seed, now),
        Some(_) => Machine::recorded(config, seed, now, Beginning::default()),
    };
    machine.expect("a valid configuration")
}

/// The beginning of a recording, which is replayed when it is over.
#[derive(Default)]
struct Beginning(Vec<u8>);

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() > MAX_REPLAYED {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Beginning {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            check(&self.0[..]).unwrap_or_else(|error| panic!("it does not replay: {error}"));
        }
    }
}

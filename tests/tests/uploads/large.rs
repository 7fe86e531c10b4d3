//! A file of 300 MiB, from a process that may take little memory.
//!
//! The sandbox is in this process, the client in a second one: this same program, told by its environment what to do.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use mezon_protocol::Config;
use mezon_sandbox::{Sandbox, StoredFile};
use mezon_tokio::upload;

use crate::adapters::{Blocking, Host, Smol, Tokio};
use crate::{Reports, stored, town};

const MIB: usize = 1 << 20;
const SIZE: usize = 300 * MIB;
const PART: usize = 10 * MIB;

/// What the client may have in memory at most.
const MEMORY: usize = 64 * MIB;

/// How long one transfer may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Which runtime the second process is to use, and what for: its file, and the port of the sandbox.
const TOLD: [&str; 3] = ["MEZON_TEST_RUNTIME", "MEZON_TEST_FILE", "MEZON_TEST_PORT"];

/// A file of which no two parts are alike, and the digests of its parts.
struct Large(PathBuf, Vec<u64>);

impl Large {
    fn create() -> Self {
        let path = std::env::temp_dir().join(format!("mezon-test-{}-large.bin", std::process::id()));
        let (mut file, mut part, mut digests) = (File::create(&path).unwrap(), vec![0; PART], Vec::new());
        for number in 0..SIZE / PART {
            for (place, block) in part.chunks_mut(4096).enumerate() {
                block[..8].copy_from_slice(&((number * PART + place) as u64).to_le_bytes());
            }
            file.write_all(&part).unwrap();
            digests.push(StoredFile::digest(&part));
        }
        Self(path, digests)
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Row 274.
#[test]
#[cfg(target_os = "linux")]
fn a_large_file_takes_little_memory_and_survives_what_happens() {
    let file = Large::create();
    for runtime in ["tokio", "smol", "blocking"] {
        let (mut world, bot, _) = town();
        world.settings_mut().kept_bytes = 0;
        // a slow disk must not make them expire
        world.settings_mut().signed_url_lifetime = PATIENCE * 12;
        let sandbox = Sandbox::start(world).unwrap();
        sandbox.with(|world, _| {
            world.refuse_puts(500, 1);
            world.break_puts(1);
        });
        // in the middle of it the connection drops, too
        let half = sandbox.until("half of it", PATIENCE, |world| world.counters().puts > 15);
        let values = [runtime.to_owned(), file.0.display().to_string(), sandbox.port().to_string()];
        let mut client = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "large::the_client", "--ignored", "--nocapture"])
            .envs(TOLD.into_iter().zip(values))
            .spawn()
            .unwrap();
        half.wait().unwrap();
        sandbox.with(|world, now| world.abort(now, bot));
        assert!(ended(&mut client).success(), "{runtime}");
        sandbox.with(|world, _| {
            let stored = stored(world);
            assert_eq!(stored.parts.iter().map(|part| part.digest).collect::<Vec<_>>(), file.1, "{runtime}");
            assert_eq!(stored.size(), SIZE as u64);
            assert_eq!(world.counters().puts, 30 + 1);
        });
    }
}

/// How a process has ended; badly if it takes too long.
fn ended(process: &mut Child) -> ExitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = process.try_wait().unwrap() {
            return status;
        }
        if begun.elapsed() > PATIENCE {
            process.kill().unwrap();
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "the second process of the test above"]
fn the_client() {
    let told = TOLD.map(|name| std::env::var(name).unwrap_or_default());
    let [runtime, file, port] = &told;
    let Ok(port) = port.parse() else { return };
    let (_, bot, _) = town();
    let config = Config::bot(bot, "the-key").unwrap().host("127.0.0.1").port(port).use_tls(false);
    match runtime.as_str() {
        "tokio" => uploads::<Tokio>(config, Path::new(file)),
        "smol" => uploads::<Smol>(config, Path::new(file)),
        "blocking" => uploads::<Blocking>(config, Path::new(file)),
        other => panic!("{other}"),
    }
    let peak = peak();
    println!("{runtime}: at most {} MiB in memory", peak / MIB);
    assert!(peak < MEMORY, "{peak}");
}

fn uploads<H: Host>(config: Config, file: &Path) {
    H::connected(config, |client| {
        let reports = Reports::default();
        let upload = upload::file(file).unwrap().on_progress(reports.taker());
        let uploaded = H::wait(client.upload(upload)).unwrap();
        assert_eq!(uploaded.attachment.size, SIZE as u64);
        let reports = reports.all();
        assert!(reports.len() > 100 && reports.contains(&(SIZE as u64, SIZE as u64)), "{}", reports.len());
    });
}

/// The most memory that this process ever had.
fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1024
}

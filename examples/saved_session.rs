//! A script for users that logs in once: it stores its session, and starts from there the next time.
//!
//! ```sh
//! cargo run --example saved_session       # in a sandbox, twice
//! MEZON_ID_TOKEN=... MEZON_USER_ID=... MEZON_USERNAME=... MEZON_PEER_ID=... cargo run --example saved_session
//! ```

use std::fs;
use std::io::Write as _;
use std::path::Path;

use mezon_blocking::{AuthenticateConfig, ClientInitConfig, LightClient, UserId};

mod person;

use person::AnyError;

/// What the script does. Says whether it had to log in.
pub fn run(file: &Path, login: &AuthenticateConfig, peer: UserId) -> Result<bool, AnyError> {
    let (client, has_logged_in) = match restore(file) {
        Some(client) => (client, false),
        None => (LightClient::authenticate(login.clone())?, true),
    };
    // an expired token is renewed by itself, when it is needed
    match client.create_dm(peer) {
        Ok(chat) => drop(chat.send("Hello from a script!")?),
        Err(error) if error.requires_login() && !has_logged_in => {
            // nobody came for longer than the session lasts
            fs::remove_file(file)?;
            return run(file, login, peer);
        }
        Err(error) => return Err(error.into()),
    }
    // it may be another one by now
    store(file, &client.export_session())?;
    Ok(has_logged_in)
}

fn restore(file: &Path) -> Option<LightClient> {
    let stored = fs::read_to_string(file).ok()?;
    match ClientInitConfig::from_json(&stored).and_then(LightClient::init_client) {
        Ok(client) => Some(client),
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            None
        }
    }
}

/// Whoever reads this file is logged in as this user.
fn store(file: &Path, session: &ClientInitConfig) -> Result<(), AnyError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(file)?.write_all(serde_json::to_string(session)?.as_bytes())?)
}

#[allow(dead_code, reason = "tests call what it calls")]
fn main() -> Result<(), AnyError> {
    let person = person::set()?;
    let file = std::env::temp_dir().join(format!("mezon-session-of-{}.json", person.login.user_id));
    // in a sandbox, which ends with this process, the second time is now
    for _ in 0..if person.sandbox.is_some() { 2 } else { 1 } {
        let has_logged_in = run(&file, &person.login, person.peer)?;
        println!("sent, {}", if has_logged_in { "after logging in" } else { "by the session that was stored" });
    }
    if person.sandbox.is_some() {
        fs::remove_file(&file)?;
    }
    Ok(())
}

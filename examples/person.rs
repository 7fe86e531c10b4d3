//! Who logs in to an example for people, and to whom they talk: on the platform if the environment has an id token,
//! otherwise alice in a sandbox of her own, where bob answers whatever she says to him.

use std::sync::Arc;
use std::time::Duration;

use mezon_blocking::{AuthenticateConfig, UserId};
use mezon_sandbox::{Matching, Sandbox, World};

pub type AnyError = Box<dyn std::error::Error + Send + Sync>;

pub struct Person {
    pub login: AuthenticateConfig,
    /// On the platform: `MEZON_PEER_ID`.
    pub peer: UserId,
    pub sandbox: Option<Arc<Sandbox>>,
}

pub fn set() -> Result<Person, AnyError> {
    let var = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    if let Ok(token) = var("MEZON_ID_TOKEN") {
        let user: UserId = var("MEZON_USER_ID")?.parse()?;
        let mut login = AuthenticateConfig::new(token, user, var("MEZON_USERNAME")?);
        // the key of the platform's own gateway, as its web pages show it
        login.server_key = var("MEZON_SERVER_KEY").unwrap_or("HTTP3m3zonPr0dkey".into()).into();
        return Ok(Person { login, peer: var("MEZON_PEER_ID")?.parse()?, sandbox: None });
    }
    let mut world = World::builder();
    let (alice, bob) = (world.person("alice"), world.person("bob"));
    let chat = world.dm(alice, bob);
    let sandbox = Arc::new(Sandbox::start(world.build())?);
    let mut login = AuthenticateConfig::new("any-id-token", alice, "alice");
    login.gateway_url = format!("http://127.0.0.1:{}", sandbox.port());

    let town = Arc::clone(&sandbox);
    std::thread::spawn(move || {
        let by_alice = || Matching::when("a message of alice", move |said| said.sender == alice);
        while let Ok(said) = town.expect_message(chat, by_alice(), Duration::from_secs(3600)).wait() {
            town.say(bob, chat, &format!("You say \"{}\"?", said.text));
        }
    });
    Ok(Person { login, peer: bob, sandbox: Some(sandbox) })
}

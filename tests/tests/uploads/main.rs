//! Uploads and downloads: in virtual time, on the adapters, and of files that are larger than the memory they may take.

mod adapters;
mod large;
mod secrets;
mod side_by_side;
mod steps;

use std::sync::{Arc, Mutex};

use mezon_protocol::{ChannelId, Config, UserId};
use mezon_sandbox::{StoredFile, World};

/// A world with a bot, and a channel in which it is.
pub(crate) fn town() -> (World, UserId, ChannelId) {
    let mut world = World::builder().seed(51);
    let bot = world.bot("bot", "the-key");
    let clan = world.clan("Clan A");
    world.everyone_in(clan);
    let general = world.channel(clan, "general");
    (world.build(), bot, general)
}

/// Small files already go in parts.
pub(crate) fn config(bot: UserId) -> Config {
    let mut config = Config::bot(bot, "the-key").unwrap().use_tls(false).without_rate_limits();
    config.transfers.multipart_from = 1000;
    config.transfers.part_size = 300;
    config
}

/// Bytes of which no two places look alike.
pub(crate) fn noise(count: usize) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(7);
    (0..count).map(|_| rng.u8(..)).collect()
}

/// The only file in the store.
pub(crate) fn stored(world: &World) -> StoredFile {
    let keys = world.file_keys();
    assert_eq!(keys.len(), 1, "{keys:?}");
    world.file(keys[0]).unwrap().clone()
}

/// What was reported of the progress.
#[derive(Clone, Default)]
pub(crate) struct Reports(Arc<Mutex<Vec<(u64, u64)>>>);

impl Reports {
    pub(crate) fn taker(&self) -> impl Fn(u64, u64) + Send + Sync + 'static {
        let reports = self.clone();
        move |sent, total| reports.0.lock().unwrap().push((sent, total))
    }

    pub(crate) fn all(&self) -> Vec<(u64, u64)> {
        self.0.lock().unwrap().clone()
    }
}

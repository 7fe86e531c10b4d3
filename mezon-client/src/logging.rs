//! Logging for those who have set up none.

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Libraries below that show whole frames and HTTP exchanges.
const TELL_TALES: [&str; 3] = ["tungstenite", "ureq", "ureq_proto"];

/// Writes what is logged, at this level and above, to the standard output, one line each; `None` for
/// [`Level::INFO`]. By default nothing is written.
///
/// The whole process has one subscriber of `tracing`. If it has one already nothing is changed, and false comes back. What
/// is written holds neither tokens nor what people write.
///
/// ```
/// # use mezon_client::{Level, enable_logging};
/// assert!(enable_logging(Level::WARN));
/// assert!(!enable_logging(None), "there is one now");
/// ```
#[doc(alias = "log_level")]
pub fn enable_logging(level: impl Into<Option<Level>>) -> bool {
    let level = level.into().unwrap_or(Level::INFO);
    let targets = Targets::new().with_default(level).with_targets(TELL_TALES.map(|target| (target, LevelFilter::OFF)));
    tracing_subscriber::registry().with(tracing_subscriber::fmt::layer()).with(targets).try_init().is_ok()
}

//! Logging for those who have set up none. One test, as the process has one subscriber.

use tracing::Level;

/// Rows 10, 11.
#[test]
fn nothing_is_written_by_default_and_the_first_to_ask_for_it_sets_the_level() {
    assert!(!tracing::enabled!(Level::ERROR));
    assert!(mezon_tokio::enable_logging(None));
    assert!(tracing::enabled!(Level::INFO) && !tracing::enabled!(Level::DEBUG));
    // not even by those who ask for less; never the libraries that tell too much
    assert!(!mezon_smol::enable_logging(mezon_smol::Level::ERROR));
    assert!(!mezon_blocking::enable_logging(mezon_blocking::Level::TRACE));
    assert!(tracing::enabled!(Level::INFO) && !tracing::enabled!(Level::DEBUG));
    assert!(!tracing::enabled!(target: "tungstenite::protocol", Level::ERROR));
}

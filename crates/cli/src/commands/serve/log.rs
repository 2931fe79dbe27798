//! What a server says of itself, on standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// What is logged: `info`, `warn,restock_personalize=debug`.
const VARIABLE: &str = "RESTOCK_LOG";

/// Begins to log: for people on a terminal, as lines of JSON elsewhere.
pub(super) fn begin() {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false);
    // Fails only if something logs already, and then it does.
    let _ = if io::stderr().is_terminal() {
        log.compact().try_init()
    } else {
        log.json().flatten_event(true).try_init()
    };
}

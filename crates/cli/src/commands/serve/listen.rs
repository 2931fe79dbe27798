//! Where it listens, and until when.

use std::net::SocketAddr;
use std::process::exit;

use crate::output::note;

/// What shells expect of a process that ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// An address and a port.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let text = text.replacen("localhost:", "127.0.0.1:", 1);
    text.parse().map_err(|_| "expected an address and a port: 127.0.0.1:8787, [::1]:0".to_owned())
}

/// Waits for Ctrl-C or the system's wish to end, and then for a second one, which ends at once.
pub(super) async fn until_told(end: impl FnOnce()) {
    signal().await;
    end();
    note("ending; Ctrl-C again ends at once");
    signal().await;
    // What was not committed does not count: the next start settles it.
    exit(INTERRUPTED);
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return interrupt().await };
    tokio::select! {
        () = interrupt() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    interrupt().await;
}

async fn interrupt() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        note(format_args!("Ctrl-C will end the process at once: {error}"));
        std::future::pending::<()>().await;
    }
}

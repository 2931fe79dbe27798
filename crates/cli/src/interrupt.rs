//! Ctrl-C: the running operation is cancelled, a second one ends the process.

use std::process::exit;
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use restock::Cancel;

use crate::output::note;

/// What shells expect of a process that ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Signals this close are one wish to stop: `timeout` and some shells send it to the process and to its group.
const ONE_WISH: Duration = Duration::from_millis(300);

static HANDLER: Once = Once::new();
static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

/// What Ctrl-C cancels, and since when it is cancelled.
#[derive(Debug)]
struct Running {
    cancel: Cancel,
    since: Option<Instant>,
}

/// While it lives, Ctrl-C cancels.
#[derive(Debug)]
pub(crate) struct Guard;

/// Lets Ctrl-C cancel what `cancel` is given to.
pub(crate) fn cancels(cancel: Cancel) -> Guard {
    HANDLER.call_once(|| {
        if let Err(error) = ctrlc::set_handler(interrupted) {
            note(format_args!("Ctrl-C will end the process at once: {error}"));
        }
    });
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = Some(Running { cancel, since: None });
    Guard
}

/// Does something that Ctrl-C cancels.
pub(crate) fn cancellable<T>(work: impl FnOnce(&Cancel) -> T) -> T {
    let cancel = Cancel::new();
    let _guard = cancels(cancel.clone());
    work(&cancel)
}

impl Drop for Guard {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn interrupted() {
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    match &mut *running {
        Some(Running { cancel, since: since @ None }) => {
            *since = Some(Instant::now());
            cancel.cancel();
            note("stopping; Ctrl-C again ends at once");
        }
        Some(Running { since: Some(since), .. }) if since.elapsed() < ONE_WISH => {}
        // What was not committed does not count: the next opening for writing removes it.
        _ => exit(INTERRUPTED),
    }
}

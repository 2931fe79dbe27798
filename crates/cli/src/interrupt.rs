//! Ctrl-C: the running import is cancelled, a second one ends the process.

use std::process::exit;
use std::sync::{Mutex, Once, PoisonError};

use restock::Cancel;

use crate::output::note;

/// What shells expect of a process that ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

static HANDLER: Once = Once::new();
static RUNNING: Mutex<Option<Cancel>> = Mutex::new(None);

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
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = Some(cancel);
    Guard
}

impl Drop for Guard {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn interrupted() {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match running {
        Some(cancel) if !cancel.is_cancelled() => {
            cancel.cancel();
            note("stopping; Ctrl-C again ends at once");
        }
        // What was not committed does not count: the next opening for writing removes it.
        _ => exit(INTERRUPTED),
    }
}

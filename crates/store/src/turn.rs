//! One import, undo, compaction or schema change at a time: the others wait their turn, cancellably.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::sync::{Condvar, Mutex};

/// How often a waiting operation looks whether it was cancelled.
const LOOK: Duration = Duration::from_millis(20);

/// Cancels long operations from another thread. Clones share one flag.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A flag that is not set.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Asks the operation to stop: it fails with [`Error::Cancelled`] and changes nothing.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for code that knows nothing of stores.
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }

    /// The error if it was asked to stop.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// Whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    taken: Mutex<bool>,
    freed: Condvar,
}

/// The turn; dropping it lets the next go.
#[derive(Debug)]
pub(crate) struct Turn(Arc<Turns>);

impl Turns {
    /// Waits for the turn.
    pub fn take(self: &Arc<Turns>, cancel: &Cancel) -> Result<Turn> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while *taken {
            cancel.check()?;
            taken = self.freed.wait_timeout(taken, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        *taken = true;
        Ok(Turn(self.clone()))
    }

    /// The turn, if nobody has it.
    pub fn try_take(self: &Arc<Turns>) -> Option<Turn> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let free = !std::mem::replace(&mut *taken, true);
        free.then(|| Turn(self.clone()))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.freed.notify_one();
    }
}

//! Whose turn it is: calls that name the same event or session go one after another, others side by side.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};

/// The names that calls work on now.
#[derive(Debug, Default)]
pub(super) struct Turns {
    taken: Mutex<BTreeSet<String>>,
    freed: Condvar,
}

/// Names that one call works on; dropping it lets the next go.
#[derive(Debug)]
#[must_use = "what is not kept is not taken"]
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    names: BTreeSet<String>,
}

impl Turns {
    /// Waits until nobody works on any of the names, then takes all of them at once: no two calls can wait for each other.
    pub fn take(&self, names: BTreeSet<String>) -> Turn<'_> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        while !names.is_disjoint(&taken) {
            taken = self.freed.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        taken.extend(names.iter().cloned());
        Turn { turns: self, names }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.turns.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|name| !self.names.contains(name));
        drop(taken);
        self.turns.freed.notify_all();
    }
}

//! Who works on what: a change of a group that waits for the store keeps other changes of it away, and no others.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};

use super::resource::ResourceId;

/// The resources that somebody works on.
#[derive(Debug, Default)]
pub(super) struct Holds {
    held: Mutex<BTreeSet<ResourceId>>,
    freed: Condvar,
}

impl Holds {
    /// Waits until nobody else holds any of these, then holds all of them.
    pub fn take(&self, wanted: Vec<ResourceId>) -> Hold<'_> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        while wanted.iter().any(|id| held.contains(id)) {
            held = self.freed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        held.extend(wanted.iter().cloned());
        Hold { holds: self, ids: wanted }
    }

    /// Whether somebody holds it.
    pub fn has(&self, id: &ResourceId) -> bool {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}

/// Resources that one caller works on; dropping it lets the next go.
#[derive(Debug)]
#[must_use = "what is not kept is not held"]
pub struct Hold<'a> {
    holds: &'a Holds,
    ids: Vec<ResourceId>,
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let mut held = self.holds.held.lock().unwrap_or_else(PoisonError::into_inner);
        for id in &self.ids {
            held.remove(id);
        }
        drop(held);
        self.holds.freed.notify_all();
    }
}

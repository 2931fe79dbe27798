//! The process that opened a store for writing. A fork of it has all its handles, and none of its rights.
//!
//! A fork shares open files and the lock with its parent, and copies of what was in memory: what it wrote, removed
//! or closed in good order would be done to the parent's store. So whatever changes a file asks first.

use std::io;

use crate::error::{Error, Result};

/// A process, by the one number that a fork does not share with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pid: u32,
}

impl Owner {
    /// This process.
    pub fn this_process() -> Owner {
        Owner { pid: std::process::id() }
    }

    /// Whether this is still that process.
    pub fn is_here(self) -> bool {
        std::process::id() == self.pid
    }

    /// The error that a fork gets.
    pub fn check(self) -> Result<()> {
        if self.is_here() { Ok(()) } else { Err(Error::Refused(self.refusal())) }
    }

    /// The same for code that knows files only.
    pub fn check_io(self) -> io::Result<()> {
        if self.is_here() { Ok(()) } else { Err(io::Error::other(self.refusal())) }
    }

    fn refusal(self) -> String {
        format!(
            "the store was opened by process {} and this is its fork {}; open the store again here",
            self.pid,
            std::process::id()
        )
    }
}

//! Who holds the lock of a store, as far as its `LOCK` file tells.

use std::fmt;
use std::time::Duration;

/// How long to look for a holder that can be named. One that has just got the lock has not written its number yet:
/// what stands there is the number of the one before it.
pub(crate) const LOOKED_FOR: Duration = Duration::from_millis(200);

/// What a held lock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// This process has the store open already.
    Here,
    /// A process that is alive.
    Process(u32),
    /// A process that is not alive here.
    Gone(u32),
    /// Nothing.
    Unnamed,
}

impl Holder {
    /// What the holder of a lock writes into it.
    pub fn text() -> String {
        format!("pid {}\n", std::process::id())
    }

    /// What is written in a lock.
    pub fn named_in(text: &str) -> Holder {
        let pid = text.trim().strip_prefix("pid ").and_then(|pid| pid.parse().ok());
        match pid {
            None => Holder::Unnamed,
            Some(pid) if pid == std::process::id() => Holder::Here,
            Some(pid) if is_alive(pid) => Holder::Process(pid),
            Some(pid) => Holder::Gone(pid),
        }
    }

    /// Whether there is nothing more to find out.
    pub fn is_settled(self) -> bool {
        matches!(self, Holder::Here | Holder::Process(_))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Holder::Here => f.write_str("this process already"),
            Holder::Process(pid) => write!(f, "process {pid}"),
            Holder::Gone(pid) => write!(
                f,
                "another process, which process {pid} may have left behind as its fork: that one opened the store, \
                 and does not run here any more"
            ),
            Holder::Unnamed => f.write_str("another process"),
        }
    }
}

#[cfg(unix)]
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let asked = pid.map(rustix::process::test_kill_process);
    // What belongs to others cannot be signalled, and is there.
    asked.is_some_and(|asked| asked != Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_alive(_: u32) -> bool {
    true
}

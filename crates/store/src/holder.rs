//! Who holds the lock of a store, as far as its `LOCK` file tells.

use std::fmt;
use std::time::Duration;

/// How long to look for a holder that can be named. One that has just got the lock has not written its number yet:
/// what stands there is the number of the one before it.
pub(crate) const LOOKED_FOR: Duration = Duration::from_millis(200);

/// What a held lock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// This process has the store open already.
    Here,
    /// A process that is alive.
    Process(u32),
    /// The same, which answers at this URL.
    Server(u32, String),
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

    /// The same of a server.
    pub fn server_text(url: &str) -> String {
        format!("{}url {url}\n", Holder::text())
    }

    /// What is written in a lock.
    pub fn named_in(text: &str) -> Holder {
        let mut lines = text.lines();
        let pid =
            lines.next().and_then(|line| line.strip_prefix("pid ")).and_then(|pid| pid.trim().parse().ok());
        let url = lines.next().and_then(|line| line.strip_prefix("url "));
        match pid {
            None => Holder::Unnamed,
            Some(pid) if pid == std::process::id() => Holder::Here,
            Some(pid) if is_alive(pid) => match url {
                Some(url) => Holder::Server(pid, url.to_owned()),
                None => Holder::Process(pid),
            },
            Some(pid) => Holder::Gone(pid),
        }
    }

    /// Whether there is nothing more to find out.
    pub fn is_settled(&self) -> bool {
        matches!(self, Holder::Here | Holder::Process(_) | Holder::Server(..))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Holder::Here => f.write_str("this process already"),
            Holder::Process(pid) => write!(f, "process {pid}"),
            Holder::Server(pid, url) => write!(
                f,
                "process {pid}, a server at {url} (`restock history` and `undo` ask it with --server {url})"
            ),
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

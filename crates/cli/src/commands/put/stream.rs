//! Puts lines as they come, and acknowledges each when it is durable.

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;
use restock::{LinePut, PutLines};
use serde_json::json;

use super::failed;
use crate::output::{Output, Stdout};

/// Lines of which some are put.
struct Queue {
    lines: PutLines,
    begun: u64,
}

/// Tells of lines in their order, whichever thread is done first.
struct Acknowledgements {
    out: Stdout,
    told: u64,
    /// What is durable and not told, by its place among all.
    waiting: BTreeMap<u64, String>,
}

/// Puts all lines with so many threads, which take turns to begin a put and wait together for the disk.
pub(super) fn run(lines: PutLines, threads: u16, out: &Output) -> Result<()> {
    let queue = Mutex::new(Queue { lines, begun: 0 });
    let acknowledgements =
        Mutex::new(Acknowledgements { out: out.stdout(), told: 0, waiting: BTreeMap::new() });
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| put_lines(&queue, &acknowledgements))).collect();
        let ended =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        // All of them end before the first failure is told: what they have put is acknowledged.
        ended.collect::<Vec<_>>().into_iter().collect()
    })
}

fn put_lines(queue: &Mutex<Queue>, acknowledgements: &Mutex<Acknowledgements>) -> Result<()> {
    loop {
        // A statement of its own: the next thread has its turn before this one waits for the disk.
        let begun = lock(queue).begin()?;
        let Some((place, LinePut { line, put })) = begun else { return Ok(()) };
        let version = put.wait().map_err(restock::Error::from)?.version;
        lock(acknowledgements).add(place, format!("{}\n", json!({"line": line, "version": version})))?;
    }
}

impl Queue {
    fn begin(&mut self) -> Result<Option<(u64, LinePut)>> {
        let Some(begun) = self.lines.next().transpose().map_err(failed)? else { return Ok(None) };
        self.begun += 1;
        Ok(Some((self.begun, begun)))
    }
}

impl Acknowledgements {
    fn add(&mut self, place: u64, text: String) -> Result<()> {
        self.waiting.insert(place, text);
        while let Some(text) = self.waiting.remove(&(self.told + 1)) {
            self.told += 1;
            self.out.write_all(text.as_bytes())?;
        }
        Ok(self.out.flush()?)
    }
}

/// A thread that panics takes the process down when it is joined: until then the others may go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

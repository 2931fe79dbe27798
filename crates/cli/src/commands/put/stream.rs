//! Puts lines as they come, and acknowledges each when it is durable.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;
use restock::{LinePut, PutLines};
use serde_json::json;

use super::failed;
use crate::failure::Failure;
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
    /// Nothing is told behind what could not be: half a line may stand there.
    failed: bool,
    /// What is durable and not told, by its place among all.
    waiting: BTreeMap<u64, String>,
}

/// Puts all lines with so many threads, which take turns to begin a put and wait together for the disk.
pub(super) fn run(lines: PutLines, threads: u16, out: &Output) -> Result<()> {
    let queue = Mutex::new(Queue { lines, begun: 0 });
    let acknowledgements = Acknowledgements::new(out.stdout());
    let acknowledgements = Mutex::new(acknowledgements);
    let stopped = AtomicBool::new(false);
    let put = || {
        let ended = put_lines(&queue, &acknowledgements, &stopped);
        if ended.is_err() {
            stopped.store(true, Ordering::Relaxed);
        }
        ended
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(put)).collect();
        let ended =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        // All of them end before the first failure is told: what they have put is acknowledged.
        ended.collect::<Vec<_>>().into_iter().collect()
    })
}

/// Puts lines until there are no more, or one of the threads fails: what could not be told should not be put.
fn put_lines(
    queue: &Mutex<Queue>,
    acknowledgements: &Mutex<Acknowledgements>,
    stopped: &AtomicBool,
) -> Result<()> {
    while !stopped.load(Ordering::Relaxed) {
        // A statement of its own: the next thread has its turn before this one waits for the disk.
        let begun = lock(queue).begin()?;
        let Some((place, LinePut { line, put })) = begun else { return Ok(()) };
        let version = put.wait().map_err(restock::Error::from)?.version;
        lock(acknowledgements).add(place, format!("{}\n", json!({"line": line, "version": version})))?;
    }
    Ok(())
}

impl Queue {
    fn begin(&mut self) -> Result<Option<(u64, LinePut)>> {
        let Some(begun) = self.lines.next().transpose().map_err(failed)? else { return Ok(None) };
        self.begun += 1;
        Ok(Some((self.begun, begun)))
    }
}

impl Acknowledgements {
    fn new(out: Stdout) -> Self {
        Self { out, told: 0, failed: false, waiting: BTreeMap::new() }
    }

    fn add(&mut self, place: u64, text: String) -> Result<()> {
        self.waiting.insert(place, text);
        if self.failed {
            return Ok(());
        }
        self.tell().map_err(|error| {
            self.failed = true;
            let message = "the lines behind the last one acknowledged may have been put, too";
            Failure::new(format!("cannot tell what was put: {error}; {message}")).into()
        })
    }

    fn tell(&mut self) -> io::Result<()> {
        while let Some(text) = self.waiting.remove(&(self.told + 1)) {
            self.out.write_all(text.as_bytes())?;
            self.told += 1;
        }
        self.out.flush()
    }
}

/// A thread that panics takes the process down when it is joined: until then the others may go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

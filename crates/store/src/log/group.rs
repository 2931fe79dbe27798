//! Group commit: many callers, one write and one sync.
//!
//! Callers append to a buffer under a short lock and then wait. The first to find the sink free takes it,
//! and with it everything buffered so far: it leads, writes and syncs outside the lock, hands the sink
//! back and wakes the others. Who appended meanwhile is in the next group.
//!
//! Invariants: the sink is either in the state or in exactly one leader's hands; `synced <= written <=
//! appended`; after a failure the sink is gone for ever, so nothing is written behind a hole.

use std::io;
use std::sync::PoisonError;

use super::LogError;
use crate::sync::{Condvar, Mutex, MutexGuard, yield_now};

/// A buffer beyond this is not kept for the next group.
const SPARE_MAX_BYTES: usize = 1 << 20;

/// A leader lets others go first at most so many times.
const GATHERINGS: usize = 8;

/// What groups are written to, one after the other.
pub(super) trait Sink {
    /// Writes the frames behind the ones before; the log is durable up to file offset `synced`.
    fn write(&mut self, frames: &mut [u8], synced: u64) -> io::Result<()>;

    /// Makes durable all that was written.
    fn sync(&mut self) -> io::Result<()>;
}

/// A place in the log that a caller may wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    end: u64,
}

/// How far a log has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// End of the last frame, as a file offset.
    pub(super) offset: u64,
    /// Its version.
    pub(super) version: u64,
}

/// How far a caller wants the log to come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    Written,
    Synced,
}

#[derive(Debug)]
pub(super) struct Group<S> {
    state: Mutex<State<S>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<S> {
    /// Missing while somebody leads, and after a failure.
    sink: Option<S>,
    /// Frames from `written` to `appended`, unless a leader has them.
    buffer: Vec<u8>,
    /// An empty buffer of the last group.
    spare: Vec<u8>,
    /// Frames in the buffer.
    frames: usize,
    /// Frames of the last group.
    last_group: usize,
    appended: Position,
    written: u64,
    synced: Position,
    sealed: bool,
    failed: Option<String>,
}

impl<S: Sink> Group<S> {
    /// An empty log whose next frame goes to `start.offset` and has a later version than `start.version`.
    pub(super) fn new(sink: S, start: Position) -> Self {
        let state = State {
            sink: Some(sink),
            buffer: Vec::new(),
            spare: Vec::new(),
            frames: 0,
            last_group: 0,
            appended: start,
            written: start.offset,
            synced: start,
            sealed: false,
            failed: None,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Buffers what `push` appends as the frame of `version`.
    pub(super) fn append(
        &self,
        version: u64,
        push: impl FnOnce(&mut Vec<u8>) -> Result<(), LogError>,
    ) -> Result<Ticket, LogError> {
        let mut state = self.hold();
        state.usable()?;
        if state.sealed {
            return Err(LogError::Sealed);
        }
        let last = state.appended.version;
        if version <= last {
            return Err(LogError::OutOfOrder { last, version });
        }
        state.push(version, push)
    }

    /// Closes the log to further frames, makes the ones it has durable, and then the one that `push`
    /// appends, which gets the last version. In a group of its own: it vouches for all before it.
    pub(super) fn seal(
        &self,
        push: impl FnOnce(&mut Vec<u8>, u64) -> Result<(), LogError>,
    ) -> Result<(), LogError> {
        let mut state = self.hold();
        let first = !std::mem::replace(&mut state.sealed, true);
        drop(state);
        self.sync()?;
        if first {
            let mut state = self.hold();
            state.usable()?;
            let version = state.appended.version;
            state.push(version, |buffer| push(buffer, version))?;
        }
        self.sync()
    }

    /// Returns when the frame of the ticket, and all before it, are durable.
    pub(super) fn wait(&self, ticket: Ticket) -> Result<(), LogError> {
        self.reach(ticket.end, Goal::Synced)
    }

    /// Makes durable all that was appended.
    pub(super) fn sync(&self) -> Result<(), LogError> {
        let end = self.appended().offset;
        self.reach(end, Goal::Synced)
    }

    /// Writes all that was appended, without waiting for the disk.
    pub(super) fn write(&self) -> Result<(), LogError> {
        let end = self.appended().offset;
        self.reach(end, Goal::Written)
    }

    pub(super) fn appended(&self) -> Position {
        self.hold().appended
    }

    #[cfg(test)]
    pub(super) fn synced(&self) -> Position {
        self.hold().synced
    }

    #[cfg(test)]
    pub(super) fn unwritten_bytes(&self) -> u64 {
        let state = self.hold();
        state.appended.offset - state.written
    }

    fn reach(&self, end: u64, goal: Goal) -> Result<(), LogError> {
        let mut state = self.hold();
        loop {
            let reached = match goal {
                Goal::Written => state.written,
                Goal::Synced => state.synced.offset,
            };
            if reached >= end {
                return Ok(());
            }
            state.usable()?;
            state = match state.sink.take() {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(sink) => {
                    state = self.gather(state);
                    let spare = std::mem::take(&mut state.spare);
                    let frames = std::mem::replace(&mut state.buffer, spare);
                    let (target, synced) = (state.appended, state.synced.offset);
                    state.last_group = std::mem::take(&mut state.frames);
                    drop(state);
                    Turn { group: self, sink: Some(sink), frames, target, goal, failure: None }.lead(synced);
                    self.hold()
                }
            };
        }
    }

    /// Where callers are many, lets those that the last group woke append before the next one is closed: else the half
    /// of them waits for two syncs each time. Who calls alone is not held up.
    fn gather<'a>(&'a self, mut state: MutexGuard<'a, State<S>>) -> MutexGuard<'a, State<S>> {
        for _ in 0..GATHERINGS {
            let frames = state.frames;
            if state.last_group < 2 {
                break;
            }
            drop(state);
            yield_now();
            state = self.hold();
            if state.frames == frames {
                break;
            }
        }
        state
    }

    /// Nothing that is done under this lock can stop half way.
    fn hold(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> State<S> {
    fn usable(&self) -> Result<(), LogError> {
        self.failed.as_ref().map_or(Ok(()), |failure| Err(LogError::Poisoned(failure.clone())))
    }

    fn push(
        &mut self,
        version: u64,
        push: impl FnOnce(&mut Vec<u8>) -> Result<(), LogError>,
    ) -> Result<Ticket, LogError> {
        let before = self.buffer.len();
        push(&mut self.buffer)?;
        let end = self.appended.offset + (self.buffer.len() - before) as u64;
        self.appended = Position { offset: end, version };
        self.frames += 1;
        Ok(Ticket { end })
    }
}

/// One leader's turn. However it ends, its drop tells the others.
struct Turn<'a, S> {
    group: &'a Group<S>,
    sink: Option<S>,
    frames: Vec<u8>,
    /// How far the log has come when this turn succeeds.
    target: Position,
    goal: Goal,
    failure: Option<String>,
}

impl<S: Sink> Turn<'_, S> {
    fn lead(mut self, synced: u64) {
        let Some(mut sink) = self.sink.take() else { return };
        // Until the work is done, in case it panics.
        self.failure = Some("the thread that wrote the log panicked".to_owned());
        let mut done = if self.frames.is_empty() { Ok(()) } else { sink.write(&mut self.frames, synced) };
        if done.is_ok() && self.goal == Goal::Synced {
            done = sink.sync();
        }
        self.failure = done.err().map(|error| error.to_string());
        self.sink = Some(sink);
    }
}

impl<S> Drop for Turn<'_, S> {
    fn drop(&mut self) {
        let mut state = self.group.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failed = self.failure.take();
        if state.failed.is_none() {
            state.sink = self.sink.take();
            state.written = self.target.offset;
            if self.goal == Goal::Synced {
                state.synced = self.target;
            }
            if self.frames.capacity() <= SPARE_MAX_BYTES {
                self.frames.clear();
                state.spare = std::mem::take(&mut self.frames);
            }
        }
        drop(state);
        self.group.changed.notify_all();
    }
}

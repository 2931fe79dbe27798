//! A bounded parallel map that keeps the order.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Applies `work` to `items` on `threads` threads, and gives the results to `consume` on this one, in the order of the
/// items. The items are made on a thread of their own; at most `2 * threads + 1` are between their making and the end
/// of their consumption.
///
/// # Errors
/// The first error of `consume`; then no more items are made, and what is under way is dropped.
///
/// # Panics
/// With the panic of `items` or `work`.
pub fn ordered<I, T, E>(
    threads: usize,
    items: impl Iterator<Item = I> + Send,
    work: impl Fn(I) -> T + Sync,
    mut consume: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E>
where
    I: Send,
    T: Send,
{
    let threads = threads.max(1);
    let line = Line::new(2 * threads + 1);
    let outcome = thread::scope(|scope| {
        // However this closure ends, the threads must, or the scope waits for ever.
        let _stop = Stop(&line);
        scope.spawn(|| line.guarded(|| line.produce(items)));
        for _ in 0..threads {
            scope.spawn(|| line.guarded(|| line.labour(&work)));
        }
        while let Some(result) = line.next() {
            consume(result)?;
            line.consumed();
        }
        Ok(())
    });
    if let Some(panic) = line.lock().panic.take() {
        resume_unwind(panic);
    }
    outcome
}

/// What the threads share.
struct Line<I, T> {
    room: usize,
    state: Mutex<State<I, T>>,
    /// There is room, or the line has stopped.
    has_room: Condvar,
    /// There is an item, or there will be none.
    has_item: Condvar,
    /// The next result is there, or there will be none.
    has_result: Condvar,
}

struct State<I, T> {
    items: VecDeque<(usize, I)>,
    /// Results from number `consumed` on, some of them not there yet.
    results: VecDeque<Option<T>>,
    made: usize,
    consumed: usize,
    /// How many are between their making and the end of their consumption.
    under_way: usize,
    ended: bool,
    stopped: bool,
    panic: Option<Box<dyn Any + Send>>,
}

impl<I, T> Line<I, T> {
    fn new(room: usize) -> Self {
        let state = State {
            items: VecDeque::new(),
            results: VecDeque::new(),
            made: 0,
            consumed: 0,
            under_way: 0,
            ended: false,
            stopped: false,
            panic: None,
        };
        Self {
            room,
            state: Mutex::new(state),
            has_room: Condvar::new(),
            has_item: Condvar::new(),
            has_result: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<I, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a thread's part; a panic stops the others and is kept for the caller.
    fn guarded(&self, part: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(part)) {
            self.lock().panic.get_or_insert(panic);
            self.stop();
        }
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.has_room.notify_all();
        self.has_item.notify_all();
        self.has_result.notify_all();
    }

    fn produce(&self, items: impl Iterator<Item = I>) {
        let mut items = items;
        loop {
            // Room first: an item may be large.
            let full = |state: &mut State<I, T>| state.under_way == self.room && !state.stopped;
            let mut state =
                self.has_room.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
            if state.stopped {
                return;
            }
            state.under_way += 1;
            drop(state);
            let item = items.next();
            let mut state = self.lock();
            let Some(item) = item else {
                state.ended = true;
                self.has_item.notify_all();
                self.has_result.notify_all();
                return;
            };
            let number = state.made;
            state.made += 1;
            state.items.push_back((number, item));
            self.has_item.notify_one();
        }
    }

    fn labour(&self, work: impl Fn(I) -> T) {
        loop {
            let idle = |state: &mut State<I, T>| state.items.is_empty() && !state.ended && !state.stopped;
            let mut state =
                self.has_item.wait_while(self.lock(), idle).unwrap_or_else(PoisonError::into_inner);
            if state.stopped {
                return;
            }
            let Some((number, item)) = state.items.pop_front() else { return };
            drop(state);
            let result = work(item);
            let mut state = self.lock();
            let place = number - state.consumed;
            if state.results.len() <= place {
                state.results.resize_with(place + 1, || None);
            }
            if let Some(slot) = state.results.get_mut(place) {
                *slot = Some(result);
            }
            if place == 0 {
                self.has_result.notify_one();
            }
        }
    }

    /// The next result in order, or none when all are consumed or a thread panicked.
    fn next(&self) -> Option<T> {
        let waiting = |state: &mut State<I, T>| {
            let done = state.ended && state.consumed == state.made;
            !matches!(state.results.front(), Some(Some(_))) && !done && !state.stopped
        };
        let mut state =
            self.has_result.wait_while(self.lock(), waiting).unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            return None;
        }
        let result = state.results.pop_front().flatten();
        state.consumed += usize::from(result.is_some());
        result
    }

    fn consumed(&self) {
        self.lock().under_way -= 1;
        self.has_room.notify_one();
    }
}

/// Stops the line when it goes out of scope.
struct Stop<'a, I, T>(&'a Line<I, T>);

impl<I, T> Drop for Stop<'_, I, T> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests;

//! Memory that is used again: the pages of a large buffer cost more than to fill it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::buffer::Buffer;
use arrow::datatypes::{ArrowNativeType, ToByteSlice};
use bytes::Bytes;

use crate::pages::Arena;

/// So many buffers wait to be used again; what is given back beyond them is freed.
const IDLE_MAX: usize = 8;
/// A buffer of more bytes, which long values made, is freed.
const IDLE_BYTES: usize = 8 << 20;
/// So many buffers are out at once if the consumer drops arrays as it goes. If more are, it keeps them.
const OUT_MAX: usize = 10;

/// Lends buffers to arrays, and has them back when the arrays are dropped, wherever that is. Of arrays that are kept it
/// makes copies in an arena, so that the buffers it writes to are few and stay in the processor's cache.
#[derive(Debug)]
pub(crate) struct Recycler<T> {
    home: Arc<Mutex<Home<T>>>,
    arena: Arc<Arena>,
}

#[derive(Debug)]
struct Home<T> {
    idle: Vec<Vec<T>>,
    out: usize,
}

impl<T> Home<T> {
    fn give(&mut self, values: Vec<T>) {
        if self.idle.len() < IDLE_MAX && values.capacity() * size_of::<T>() <= IDLE_BYTES {
            self.idle.push(values);
        }
    }
}

impl<T: ArrowNativeType> Recycler<T> {
    /// What is kept goes to this arena.
    pub(crate) fn new(arena: &Arc<Arena>) -> Self {
        let home = Arc::new(Mutex::new(Home { idle: Vec::new(), out: 0 }));
        Self { home, arena: Arc::clone(arena) }
    }

    /// A buffer, with whatever values it had before.
    pub(crate) fn take(&self) -> Vec<T> {
        lock(&self.home).idle.pop().unwrap_or_default()
    }

    /// The buffer for an array.
    pub(crate) fn lend(&self, values: Vec<T>) -> Buffer {
        let mut home = lock(&self.home);
        if home.out < OUT_MAX {
            home.out += 1;
            return Buffer::from(Bytes::from_owner(Lent { values, home: Arc::clone(&self.home) }));
        }
        drop(home);
        let copy = self.arena.copy(values.to_byte_slice());
        lock(&self.home).give(values);
        copy
    }
}

fn lock<T>(home: &Mutex<Home<T>>) -> MutexGuard<'_, Home<T>> {
    home.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Lent<T> {
    values: Vec<T>,
    home: Arc<Mutex<Home<T>>>,
}

impl<T: ArrowNativeType> AsRef<[u8]> for Lent<T> {
    fn as_ref(&self) -> &[u8] {
        self.values.to_byte_slice()
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        let mut home = lock(&self.home);
        home.out -= 1;
        home.give(std::mem::take(&mut self.values));
    }
}

#[cfg(test)]
mod tests {
    use arrow::buffer::ScalarBuffer;

    use super::*;

    #[test]
    fn a_buffer_comes_back_when_its_last_array_is_dropped() {
        let recycler = Recycler::<i64>::new(&Arc::default());
        let values = vec![1, 2, 3];
        let address = values.as_ptr();
        let array = ScalarBuffer::<i64>::from(recycler.lend(values));
        let other = array.clone();
        drop(array);
        assert!(recycler.take().is_empty());
        assert_eq!(&*other, &[1, 2, 3]);
        drop(other);
        let again = recycler.take();
        assert_eq!(again.as_ptr(), address);
    }

    #[test]
    fn a_large_buffer_is_freed() {
        let recycler = Recycler::<i64>::new(&Arc::default());
        drop(recycler.lend(vec![0; IDLE_BYTES / size_of::<i64>() + 1]));
        assert_eq!(recycler.take().capacity(), 0);
        drop(recycler.lend(vec![0; 8]));
        assert_eq!(recycler.take().capacity(), 8);
    }

    #[test]
    fn arrays_may_outlive_their_recycler_and_idle_buffers_are_few() {
        let recycler = Recycler::<i32>::new(&Arc::default());
        let arrays: Vec<Buffer> = (0..20).map(|value| recycler.lend(vec![value])).collect();
        let last = recycler.lend(vec![7]);
        drop(arrays);
        assert_eq!(lock(&recycler.home).idle.len(), IDLE_MAX);
        drop(recycler);
        assert_eq!(last.typed_data::<i32>(), [7]);
    }

    #[test]
    fn what_is_kept_is_copied_and_the_buffer_is_used_again() {
        let recycler = Recycler::<i32>::new(&Arc::default());
        let kept: Vec<Buffer> = (0..OUT_MAX as i32).map(|value| recycler.lend(vec![value])).collect();
        let values = vec![7, 8];
        let address = values.as_ptr();
        let copied = recycler.lend(values);
        let again = recycler.take();
        assert_eq!(again.as_ptr(), address);
        drop(kept);
        let back = recycler.lend(vec![9]);
        assert_eq!(copied.typed_data::<i32>(), [7, 8]);
        assert_eq!(back.typed_data::<i32>(), [9]);
        assert_eq!(lock(&recycler.home).out, 1);
    }
}

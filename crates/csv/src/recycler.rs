//! Memory that is used again: the pages of a large buffer cost more than to fill it.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::buffer::Buffer;
use arrow::datatypes::{ArrowNativeType, ToByteSlice};
use bytes::Bytes;

/// So many buffers wait to be used again; what is given back beyond them is freed.
const IDLE_MAX: usize = 8;
/// A buffer of more bytes, which long values made, is freed.
const IDLE_BYTES: usize = 8 << 20;

/// Lends buffers to arrays, and has them back when the arrays are dropped, wherever that is.
#[derive(Debug)]
pub(crate) struct Recycler<T>(Arc<Mutex<Vec<Vec<T>>>>);

impl<T> Default for Recycler<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: ArrowNativeType> Recycler<T> {
    /// A buffer, with whatever values it had before.
    pub(crate) fn take(&self) -> Vec<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// The buffer for an array.
    pub(crate) fn lend(&self, values: Vec<T>) -> Buffer {
        Buffer::from(Bytes::from_owner(Lent { values, home: Arc::clone(&self.0) }))
    }
}

struct Lent<T> {
    values: Vec<T>,
    home: Arc<Mutex<Vec<Vec<T>>>>,
}

impl<T: ArrowNativeType> AsRef<[u8]> for Lent<T> {
    fn as_ref(&self) -> &[u8] {
        self.values.to_byte_slice()
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        let mut idle = self.home.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX && self.values.capacity() * size_of::<T>() <= IDLE_BYTES {
            idle.push(std::mem::take(&mut self.values));
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::buffer::ScalarBuffer;

    use super::*;

    #[test]
    fn a_buffer_comes_back_when_its_last_array_is_dropped() {
        let recycler = Recycler::<i64>::default();
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
        let recycler = Recycler::<i64>::default();
        drop(recycler.lend(vec![0; IDLE_BYTES / size_of::<i64>() + 1]));
        assert_eq!(recycler.take().capacity(), 0);
        drop(recycler.lend(vec![0; 8]));
        assert_eq!(recycler.take().capacity(), 8);
    }

    #[test]
    fn arrays_may_outlive_their_recycler_and_idle_buffers_are_few() {
        let recycler = Recycler::<i32>::default();
        let arrays: Vec<Buffer> = (0..20).map(|value| recycler.lend(vec![value])).collect();
        let last = recycler.lend(vec![7]);
        drop(arrays);
        assert_eq!(recycler.0.lock().unwrap().len(), IDLE_MAX);
        drop(recycler);
        assert_eq!(last.typed_data::<i32>(), [7]);
    }
}

//! Locks, conditions and counters that threads meet at: the standard library's, or with the feature `shuttle` those
//! of a scheduler that tries interleavings (`tests/interleavings`).

#[cfg(feature = "shuttle")]
pub(crate) use shuttle::sync::{
    Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic::AtomicU64,
};
#[cfg(feature = "shuttle")]
pub(crate) use shuttle::thread::yield_now;
#[cfg(not(feature = "shuttle"))]
pub(crate) use std::sync::{
    Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic::AtomicU64,
};
#[cfg(not(feature = "shuttle"))]
pub(crate) use std::thread::yield_now;

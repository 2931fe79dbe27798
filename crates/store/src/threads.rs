//! Work on several threads, for callers that may hold the commit lock, be threads of a pool themselves, or have been
//! forked.
//!
//! A thread of Rayon's global pool that waits for its work is given other work of that pool meanwhile: a put, perhaps,
//! that waits for the lock which the first one holds. And the threads of a pool are gone in a forked process. So the
//! store has a pool of its own, on which nothing else runs, in each process, and its readers use none.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// Does a writer's work, which may be parallel, apart from all other work.
pub(crate) fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match pool() {
        // Whoever is no thread of a pool waits and does nothing else.
        Some(pool) if rayon::current_thread_index().is_none() => pool.install(work),
        Some(pool) => joined(thread::scope(|scope| scope.spawn(|| pool.install(work)).join())),
        // No thread could be made.
        None => work(),
    }
}

/// The store's pool of this process.
fn pool() -> Option<Arc<ThreadPool>> {
    static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);
    let mut kept = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    match &*kept {
        Some((of, pool)) if *of == process => return Some(Arc::clone(pool)),
        // The threads of another process's pool, of which this is a fork, are not here to end.
        _ => std::mem::forget(kept.take()),
    }
    let named = ThreadPoolBuilder::new().thread_name(|number| format!("restock-{number}"));
    let pool = Arc::new(named.build().ok()?);
    *kept = Some((process, Arc::clone(&pool)));
    Some(pool)
}

/// The results of a reader's work on parts of `items`, in order: by as many threads as there are processors, if there
/// is more than one part.
pub(crate) fn by_parts<I: Sync, T: Send>(
    items: &[I],
    part: usize,
    work: impl Fn(&[I]) -> T + Sync,
) -> Vec<T> {
    let parts: Vec<&[I]> = items.chunks(part.max(1)).collect();
    let threads = processors().min(parts.len());
    if threads < 2 {
        return parts.into_iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let labour = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(number) else { return done };
            done.push((number, work(part)));
        }
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let threads: Vec<_> = (1..threads).map(|_| scope.spawn(labour)).collect();
        let mut done = labour();
        threads.into_iter().for_each(|thread| done.extend(joined(thread.join())));
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many processors there are: the system is asked once, since that takes longer than many a read.
fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, NonZeroUsize::get))
}

fn joined<T>(joined: thread::Result<T>) -> T {
    joined.unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_in_order() {
        let items: Vec<usize> = (0..1000).collect();
        for part in [1, 7, 999, 1000, 5000] {
            let sums = by_parts(&items, part, |part| part.iter().sum::<usize>());
            assert_eq!(sums, items.chunks(part).map(|part| part.iter().sum()).collect::<Vec<usize>>());
        }
        assert!(by_parts(&items[..0], 7, <[usize]>::len).is_empty());
    }

    /// Threads of the global pool that all wait for a lock do not stop the work of the one that holds it.
    #[test]
    fn work_apart_needs_no_thread_of_the_global_pool() {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};

        let lock = Mutex::new(0);
        (0..64_usize).into_par_iter().for_each(|n| {
            let mut total = lock.lock().unwrap();
            *total += apart(|| (0..100_usize).into_par_iter().map(|m| m * n).sum::<usize>());
        });
        assert_eq!(*lock.lock().unwrap(), 4950 * (63 * 64 / 2));
    }
}

//! Group commit, many threads, and disks that fail.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use super::super::group::{Group, Position, Sink};
use super::*;

/// S7: each of 16 threads sees its own put durable when `wait` returns, and they share syncs.
#[test]
fn sixteen_threads_share_syncs_and_keep_the_order() {
    const THREADS: u64 = 16;
    const PUTS: u64 = 60;
    let storage = FaultyStorage::slow(Duration::from_millis(1));
    let log = writer(&storage);
    let next = Mutex::new(LOG_ID);
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                for _ in 0..PUTS {
                    let (ticket, version) = {
                        let mut next = next.lock().unwrap();
                        let version = *next;
                        *next += 1;
                        (put(&log, version), version)
                    };
                    log.wait(ticket).unwrap();
                    assert!(log.synced_version() >= version);
                }
            });
        }
    });
    assert_frames(&replay(&content(&storage), LOG_ID, 0).unwrap().frames, LOG_ID..LOG_ID + THREADS * PUTS);
    let syncs = storage.faults.data_syncs.load(SeqCst);
    assert!(syncs < THREADS * PUTS / 4, "{syncs} syncs for {} puts", THREADS * PUTS);
}

/// Design section 4, "Failure": each call fails once; what was acknowledged is there, what was not is
/// there in whole or not at all, and after the failure nothing goes on.
#[test]
fn whichever_call_fails_the_writer_is_poisoned_and_what_it_acknowledged_is_kept() {
    for calls in 0.. {
        let storage = FaultyStorage::failing_after(calls, io::ErrorKind::StorageFull);
        let log = match LogWriter::create(&storage, PATH, LOG_ID) {
            Ok(log) => log,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::StorageFull);
                assert!(storage.list("").unwrap().is_empty(), "call {calls} left a file behind");
                continue;
            }
        };
        let (mut acknowledged, mut failed) = (LOG_ID - 1, None);
        for version in LOG_ID..LOG_ID + 12 {
            // Large enough for the fill to grow on the way.
            let done = log
                .append(version, 1, FrameKind::Put, &[version as u8; 20_000])
                .and_then(|ticket| log.wait(ticket));
            match (done, &failed) {
                (Ok(()), None) => acknowledged = version,
                (Ok(()), Some(_)) => panic!("version {version} was taken after a failure"),
                (Err(error @ LogError::Poisoned(_)), None) => failed = Some(error),
                (Err(error), expected) => assert_eq!(Some(error), *expected),
            }
        }
        if let Some(error) = &failed {
            assert!(error.to_string().contains("was to fail"), "{error}");
            for later in [log.sync(), log.flush_buffered(), log.seal()] {
                // What is durable already does not fail afterwards.
                assert_eq!(later.as_ref().err(), Some(error));
            }
            assert_eq!(log.synced_version(), acknowledged);
        }
        let replayed = replay(&content(&storage), LOG_ID, 0).unwrap();
        let last = replayed.frames.last().map_or(LOG_ID - 1, |frame| frame.version);
        assert!((acknowledged..=acknowledged + 1).contains(&last));
        for frame in &replayed.frames {
            assert_eq!(frame.payload, vec![frame.version as u8; 20_000]);
        }
        if !storage.failed() {
            assert_eq!(failed, None);
            assert!(calls > 24, "only {calls} calls were made");
            return;
        }
    }
}

#[test]
fn all_who_wait_learn_of_a_failure() {
    // Creation takes four calls; then the first group fails on its sync, the fifth.
    let storage = FaultyStorage::failing_after(5, io::ErrorKind::Other);
    let log = writer(&storage);
    let tickets: Vec<_> = (7..23).map(|version| put(&log, version)).collect();
    let failed = AtomicU64::new(0);
    thread::scope(|scope| {
        for ticket in tickets {
            let (log, failed) = (&log, &failed);
            scope.spawn(move || {
                assert!(matches!(log.wait(ticket), Err(LogError::Poisoned(_))));
                failed.fetch_add(1, SeqCst);
            });
        }
    });
    assert!(storage.failed());
    assert_eq!(failed.load(SeqCst), 16);
    assert!(matches!(log.append(23, 1, FrameKind::Put, b""), Err(LogError::Poisoned(_))));
}

#[test]
fn a_durable_frame_stays_acknowledged_after_a_later_failure() {
    let storage = FaultyStorage::failing_after(6, io::ErrorKind::Other);
    let log = writer(&storage);
    let first = put(&log, 7);
    log.wait(first).unwrap();
    let second = put(&log, 8);
    assert!(log.wait(second).is_err());
    assert!(storage.failed());
    log.wait(first).unwrap();
    assert_eq!(log.synced_version(), 7);
}

/// What was written at a time, and how far the log was synced then.
type Groups = Arc<Mutex<Vec<(Vec<u8>, u64)>>>;

/// A sink that records what it got, and panics when it is told to.
#[derive(Debug)]
struct Recorder {
    groups: Groups,
    panic_at: usize,
}

impl Sink for Recorder {
    fn write(&mut self, frames: &mut [u8], synced: u64) -> io::Result<()> {
        let mut groups = self.groups.lock().unwrap();
        if groups.len() == self.panic_at {
            drop(groups);
            panic!("as told");
        }
        groups.push((frames.to_vec(), synced));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn recorded(panic_at: usize) -> (Group<Recorder>, Groups) {
    let groups = Groups::default();
    let sink = Recorder { groups: Arc::clone(&groups), panic_at };
    (Group::new(sink, Position { offset: 0, version: 0 }), groups)
}

fn letter(group: &Group<Recorder>, version: u64, letter: u8) -> Ticket {
    let push = |frames: &mut Vec<u8>| {
        frames.push(letter);
        Ok(())
    };
    group.append(version, push).unwrap()
}

#[test]
fn a_group_holds_all_that_was_appended_and_is_stamped_with_what_is_synced() {
    let (group, groups) = recorded(usize::MAX);
    let a = letter(&group, 1, b'a');
    let b = letter(&group, 2, b'b');
    group.wait(a).unwrap();
    group.wait(b).unwrap();
    letter(&group, 3, b'c');
    group.write().unwrap();
    let d = letter(&group, 4, b'd');
    group.wait(d).unwrap();
    letter(&group, 5, b'e');
    group
        .seal(|frames, version| {
            assert_eq!(version, 5);
            frames.push(b'!');
            Ok(())
        })
        .unwrap();
    // `c` was written, not synced, when `d` was; the seal comes in a group of its own.
    let expected: [(&[u8], u64); 5] = [(b"ab", 0), (b"c", 2), (b"d", 2), (b"e", 4), (b"!", 5)];
    assert_eq!(*groups.lock().unwrap(), expected.map(|(frames, synced)| (frames.to_vec(), synced)));
}

#[test]
fn a_panic_of_the_leader_fails_the_others_instead_of_hanging_them() {
    let (group, _groups) = recorded(1);
    let first = letter(&group, 1, b'a');
    group.wait(first).unwrap();
    let second = letter(&group, 2, b'b');
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..4).map(|_| scope.spawn(|| group.wait(second))).collect();
        let answers: Vec<_> = waiting.into_iter().map(thread::ScopedJoinHandle::join).collect();
        assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 1, "one leads and panics");
        assert!(answers.into_iter().flatten().all(|answer| matches!(answer, Err(LogError::Poisoned(_)))));
    });
    group.wait(first).unwrap();
    assert!(matches!(group.sync(), Err(LogError::Poisoned(_))));
}

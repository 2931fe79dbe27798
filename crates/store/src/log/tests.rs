//! Writing and reading back; damage is in `damage`, failing disks and many threads in `group`.

mod damage;
mod group;
mod speed;

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use bytes::Bytes;

use super::group::Ticket;
use super::replay::{Frame, Replay, replay_tail};
use super::*;
use crate::storage::faulty::FaultyStorage;
use crate::storage::{FsStorage, MemoryStorage, Storage};

const PATH: &str = "7.log";
const LOG_ID: u64 = 7;

fn writer(storage: &dyn Storage) -> LogWriter {
    LogWriter::create(storage, PATH, LOG_ID).unwrap()
}

fn content(storage: &dyn Storage) -> Bytes {
    storage.read(PATH).unwrap().into()
}

/// The payload of the frame of a version: of every length and alignment, and never empty of meaning.
fn payload(version: u64) -> Vec<u8> {
    let length = (version * 13 % 61) as usize;
    (0..length).map(|i| (version as usize * 31 + i) as u8).collect()
}

fn put(log: &LogWriter, version: u64) -> Ticket {
    log.append(version, version as u32 % 3 + 1, FrameKind::Put, &payload(version)).unwrap()
}

fn put_all(log: &LogWriter, versions: std::ops::Range<u64>) {
    for version in versions {
        put(log, version);
    }
}

/// Whether the frames are those of these versions, as `put` wrote them.
#[track_caller]
fn assert_frames(frames: &[Frame], versions: impl IntoIterator<Item = u64>) {
    let versions: Vec<u64> = versions.into_iter().collect();
    assert_eq!(frames.iter().map(|frame| frame.version).collect::<Vec<_>>(), versions);
    for frame in frames {
        assert_eq!(frame.payload, payload(frame.version));
        assert_eq!(u64::from(frame.dataset), frame.version % 3 + 1);
        assert_eq!(frame.kind, FrameKind::Put);
    }
}

#[test]
fn frames_come_back_in_order() {
    let folder = tempfile::tempdir().unwrap();
    for storage in [
        Box::new(MemoryStorage::new()) as Box<dyn Storage>,
        Box::new(FsStorage::open(folder.path()).unwrap()),
    ] {
        let log = writer(&*storage);
        assert_eq!((log.offset(), log.synced_version()), (FIRST_FRAME, LOG_ID - 1));
        for version in [7, 8, 11, 40] {
            let ticket = put(&log, version);
            log.wait(ticket).unwrap();
            log.wait(ticket).unwrap();
            assert_eq!(log.synced_version(), version);
        }
        log.append(41, 9, FrameKind::Delete, b"i1").unwrap();
        log.sync().unwrap();
        let replayed = replay(&content(&*storage), LOG_ID, 0).unwrap();
        let (last, puts) = replayed.frames.split_last().unwrap();
        assert_frames(puts, [7, 8, 11, 40]);
        assert_eq!((last.kind, last.dataset, &last.payload[..]), (FrameKind::Delete, 9, &b"i1"[..]));
        assert_eq!((replayed.end, replayed.sealed, replayed.torn), (log.offset(), false, None));
    }
}

#[test]
fn an_empty_log_replays_to_nothing() {
    let storage = MemoryStorage::new();
    let _log = writer(&storage);
    let replayed = replay(&content(&storage), LOG_ID, 0).unwrap();
    assert_eq!(replayed, Replay { frames: vec![], end: FIRST_FRAME, sealed: false, torn: None });
}

#[test]
fn an_existing_file_is_never_taken_for_a_new_log() {
    let storage = MemoryStorage::new();
    let log = writer(&storage);
    let ticket = put(&log, 7);
    log.wait(ticket).unwrap();
    let again = LogWriter::create(&storage, PATH, LOG_ID).unwrap_err();
    assert_eq!(again.kind(), std::io::ErrorKind::AlreadyExists);
    assert_frames(&replay(&content(&storage), LOG_ID, 0).unwrap().frames, [7]);
}

#[test]
fn replay_begins_at_a_start_offset_and_goes_on_from_an_end() {
    let storage = MemoryStorage::new();
    let log = writer(&storage);
    put_all(&log, 7..10);
    log.sync().unwrap();
    let start = log.offset();
    put_all(&log, 10..12);
    log.sync().unwrap();
    assert_frames(&replay(&content(&storage), LOG_ID, start).unwrap().frames, 10..12);

    let first = replay(&content(&storage), LOG_ID, 0).unwrap();
    put_all(&log, 12..20);
    log.seal().unwrap();
    let tail = Bytes::from(storage.read_at(PATH, first.end).unwrap());
    let next = replay_tail(&tail, LOG_ID, first.end, 11).unwrap();
    assert_frames(&next.frames, 12..20);
    assert!(next.sealed);
    // Everything is folded into segments, only the seal is left.
    let end = next.frames.last().unwrap().offset + 40 + (payload(19).len() as u64).next_multiple_of(8);
    let rest = replay(&content(&storage), LOG_ID, end).unwrap();
    assert!(rest.frames.is_empty() && rest.sealed);
}

#[test]
fn a_start_offset_that_is_none_is_refused() {
    let storage = MemoryStorage::new();
    writer(&storage);
    for start in [1, 8, 24, 33, 1 << 40, u64::MAX, u64::MAX - 7] {
        let answer = replay(&content(&storage), LOG_ID, start);
        assert!(matches!(answer, Err(LogError::Damaged { offset, .. }) if offset == start), "{start}");
    }
}

#[test]
fn versions_increase_and_nothing_follows_a_seal() {
    let storage = MemoryStorage::new();
    let log = writer(&storage);
    let refused = |version| log.append(version, 1, FrameKind::Put, b"").unwrap_err();
    assert_eq!(refused(6), LogError::OutOfOrder { last: 6, version: 6 });
    put(&log, 9);
    assert_eq!(refused(9), LogError::OutOfOrder { last: 9, version: 9 });
    assert_eq!(refused(3), LogError::OutOfOrder { last: 9, version: 3 });
    put(&log, 10);
    log.seal().unwrap();
    log.seal().unwrap();
    assert_eq!(refused(11), LogError::Sealed);
    assert_eq!(log.synced_version(), 10);
    let replayed = replay(&content(&storage), LOG_ID, 0).unwrap();
    assert_frames(&replayed.frames, [9, 10]);
    assert!(replayed.sealed);
    assert_eq!(replayed.end, log.offset());
}

#[test]
fn a_payload_over_the_limit_is_refused_and_buffers_nothing() {
    let storage = MemoryStorage::new();
    let log = writer(&storage);
    let large = vec![0; PAYLOAD_LIMIT_BYTES + 1];
    let refused = log.append(7, 1, FrameKind::Put, &large).unwrap_err();
    assert_eq!(refused, LogError::TooLarge { bytes: PAYLOAD_LIMIT_BYTES + 1 });
    let ticket = put(&log, 7);
    log.wait(ticket).unwrap();
    assert_frames(&replay(&content(&storage), LOG_ID, 0).unwrap().frames, [7]);
}

#[test]
fn buffered_frames_are_written_without_a_sync() {
    let storage = FaultyStorage::slow(Duration::ZERO);
    let log = writer(&storage);
    let ticket = put(&log, 7);
    assert_eq!(log.unwritten_bytes(), log.offset() - FIRST_FRAME);
    assert!(replay(&content(&storage), LOG_ID, 0).unwrap().frames.is_empty());
    log.flush_buffered().unwrap();
    assert_eq!((log.unwritten_bytes(), log.synced_version()), (0, 6));
    assert_frames(&replay(&content(&storage), LOG_ID, 0).unwrap().frames, [7]);
    assert_eq!(storage.faults.data_syncs.load(SeqCst), 0);
    log.wait(ticket).unwrap();
    assert_eq!((storage.faults.data_syncs.load(SeqCst), log.synced_version()), (1, 7));
}

#[test]
fn zeros_are_filled_in_ahead_and_only_then_metadata_is_synced() {
    let storage = FaultyStorage::slow(Duration::ZERO);
    let log = writer(&storage);
    let counts = || (storage.faults.syncs.load(SeqCst), storage.faults.data_syncs.load(SeqCst));
    assert_eq!(counts(), (1, 0));
    let mut grown = 0;
    for version in 7..1007 {
        let before = storage.len(PATH).unwrap();
        log.wait(log.append(version, 1, FrameKind::Put, &[1; 16 << 10]).unwrap()).unwrap();
        assert!(storage.len(PATH).unwrap() >= log.offset());
        grown += u64::from(storage.len(PATH).unwrap() > before);
    }
    assert_eq!(counts(), (1 + grown, 1000 - grown));
    // 16 MB: six doublings up to 4 MiB, then 4 MiB a time.
    assert!((6..=12).contains(&grown), "{grown}");
    assert_eq!(replay(&content(&storage), LOG_ID, 0).unwrap().frames.len(), 1000);
}

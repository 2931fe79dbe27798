//! Logs that are cut, flipped, torn, mixed up and made up: the right frames, a prefix of them, or a
//! refusal; never other frames, never a panic.

use std::time::Instant;

use proptest::prelude::*;

use super::super::frame;
use super::*;

/// A log of groups of these many frames, with a few of the zeros behind it. Gives its bytes and the
/// offsets where a group ends.
fn log_of(groups: &[u64], seal: bool) -> (Vec<u8>, Vec<u64>) {
    let storage = MemoryStorage::new();
    let log = writer(&storage);
    let mut version = LOG_ID;
    let mut ends = vec![FIRST_FRAME];
    for frames in groups {
        for _ in 0..*frames {
            put(&log, version);
            version += 1;
        }
        log.sync().unwrap();
        ends.push(log.offset());
    }
    if seal {
        log.seal().unwrap();
    }
    let mut bytes = storage.read(PATH).unwrap();
    bytes.truncate(log.offset() as usize + 128);
    (bytes, ends)
}

fn read(bytes: &[u8]) -> Result<Replay, LogError> {
    replay(&Bytes::copy_from_slice(bytes), LOG_ID, 0)
}

/// That the frames are the first ones written; gives how many.
#[track_caller]
fn assert_prefix(replayed: &Replay) -> u64 {
    let count = replayed.frames.len() as u64;
    assert_frames(&replayed.frames, LOG_ID..LOG_ID + count);
    count
}

#[test]
fn a_log_cut_anywhere_gives_a_prefix() {
    for seal in [false, true] {
        let (bytes, ends) = log_of(&[2, 1, 3], seal);
        for length in 0..bytes.len() {
            match read(&bytes[..length]) {
                Ok(replayed) => {
                    let whole = replayed.end;
                    assert!(whole <= length as u64 && length as u64 >= FIRST_FRAME);
                    assert_eq!(assert_prefix(&replayed) == 6, length as u64 >= ends[3]);
                    let cut = &bytes[whole as usize..length];
                    assert_eq!(replayed.torn.is_some(), cut.iter().any(|byte| *byte != 0), "{length}");
                    assert_eq!(replayed.sealed, seal && length as u64 >= ends[3] + 40);
                }
                Err(LogError::Damaged { offset: 0, .. }) => assert!((length as u64) < FIRST_FRAME),
                Err(error) => panic!("cut at {length}: {error}"),
            }
        }
    }
}

/// Damage before the last group is always told from a torn tail, and with a seal everywhere before it.
#[test]
fn every_flipped_byte_is_refused_or_ends_the_log_within_its_last_group() {
    for seal in [false, true] {
        let (bytes, ends) = log_of(&[2, 1, 3], seal);
        let vouched_for = if seal { ends[3] } else { ends[2] };
        for position in 0..bytes.len() {
            for mask in [0xff, 1, 0x80] {
                let mut flipped = bytes.clone();
                flipped[position] ^= mask;
                let at = position as u64;
                match read(&flipped) {
                    Ok(replayed) => {
                        assert!(at >= vouched_for, "byte {position} is damaged and not refused");
                        let torn = replayed.torn.as_ref().unwrap();
                        assert!(torn.offset <= at);
                        let kept = assert_prefix(&replayed);
                        assert!(kept >= if seal { 6 } else { 3 });
                        assert!(!replayed.sealed);
                    }
                    Err(LogError::Damaged { offset, .. }) => {
                        assert!(at < vouched_for || seal && at >= ends[3] + 40, "byte {position}");
                        assert!(offset <= at);
                    }
                    Err(error) => panic!("byte {position}: {error}"),
                }
            }
        }
    }
}

/// The blocks of an unsynced group reach the disk in any order, or not at all.
#[test]
fn a_group_that_arrived_in_part_is_a_torn_tail() {
    let (bytes, ends) = log_of(&[2, 3], false);
    let starts: Vec<usize> =
        read(&bytes).unwrap().frames.iter().skip(2).map(|frame| frame.offset as usize).collect();
    let bounds: Vec<usize> = starts.iter().copied().chain([ends[2] as usize]).collect();
    for arrived in 0..8_u32 {
        let mut torn = bytes.clone();
        for (frame, range) in bounds.windows(2).enumerate() {
            if arrived & (1 << frame) == 0 {
                torn[range[0]..range[1]].fill(0);
            }
        }
        let replayed = read(&torn).unwrap();
        let whole = arrived.trailing_ones();
        assert_eq!(assert_prefix(&replayed), 2 + u64::from(whole));
        // Behind the hole there is something: 3 of the 8 cases.
        assert_eq!(replayed.torn.is_some(), arrived >> whole != 0, "{arrived:03b}");
    }
}

#[test]
fn a_frame_missing_from_a_synced_group_is_damage() {
    let (mut holed, ends) = log_of(&[2, 1, 1], false);
    holed[FIRST_FRAME as usize..ends[1] as usize].fill(0);
    let Err(LogError::Damaged { offset, detail }) = read(&holed) else { panic!("a hole passes") };
    assert_eq!(offset, FIRST_FRAME);
    assert!(detail.contains("synced"), "{detail}");
}

#[test]
fn a_frame_of_another_log_or_another_place_is_none() {
    let (bytes, ends) = log_of(&[1, 1], false);
    let storage = MemoryStorage::new();
    let other = LogWriter::create(&storage, "other", LOG_ID - 1).unwrap();
    put(&other, 7);
    put(&other, 8);
    put(&other, 9);
    other.sync().unwrap();
    let other = storage.read("other").unwrap();
    // The frame of version 9 has the same place in both logs, and so would have fitted.
    let (from, to) = (ends[2] as usize, other.iter().rposition(|byte| *byte != 0).unwrap() + 1);
    let mut mixed = bytes.clone();
    mixed.resize(to.max(mixed.len()), 0);
    mixed[from..to].copy_from_slice(&other[from..to]);
    let replayed = read(&mixed).unwrap();
    assert_eq!(assert_prefix(&replayed), 2);
    assert_eq!(replayed.torn.unwrap().offset, ends[2]);

    let mut repeated = bytes;
    repeated.extend([0; 512]);
    let last = ends[1] as usize..ends[2] as usize;
    repeated.copy_within(last, ends[2] as usize);
    let replayed = read(&repeated).unwrap();
    assert_eq!((assert_prefix(&replayed), replayed.torn.is_some()), (2, true));
}

#[test]
fn another_file_in_the_place_of_a_log_is_refused() {
    let (bytes, _) = log_of(&[1], true);
    for id in [0, LOG_ID - 1, LOG_ID + 1, u64::MAX] {
        let answer = replay(&Bytes::from(bytes.clone()), id, 0);
        let Err(LogError::Damaged { detail, .. }) = answer else { panic!("log 7 passes for {id}") };
        assert!(detail.contains("this is log 7"), "{detail}");
    }
    for file in [&b""[..], b"ARROW1\0\0and so on, a file of some length", &[0; 100]] {
        assert!(matches!(read(file), Err(LogError::Damaged { offset: 0, .. })));
    }
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let (mut bytes, _) = log_of(&[1], true);
    bytes[8..12].copy_from_slice(&2_u32.to_le_bytes());
    let sum = xxhash_rust::xxh3::xxh3_64(&bytes[..24]);
    bytes[24..32].copy_from_slice(&sum.to_le_bytes());
    assert_eq!(read(&bytes), Err(LogError::NewerFormat { found: 2, supported: 1 }));
}

/// A log of frames as no writer would lay them: correct sums, any fields.
fn forged(frames: &[(u64, FrameKind, u64)]) -> Vec<u8> {
    let mut bytes = log_of(&[], false).0[..FIRST_FRAME as usize].to_vec();
    for (version, kind, synced) in frames {
        let mut one = Vec::new();
        frame::push(&mut one, *version, *version as u32 % 3 + 1, *kind, &payload(*version)).unwrap();
        frame::finish(&mut one, LOG_ID, bytes.len() as u64, *synced);
        bytes.extend(one);
    }
    bytes.extend([0; 64]);
    bytes
}

#[test]
fn valid_frames_that_no_writer_wrote_are_damage() {
    use FrameKind::{Put, Seal};
    assert_frames(&read(&forged(&[(7, Put, 32), (9, Put, 32)])).unwrap().frames, [7, 9]);
    for frames in [
        &[(7, Put, 32), (7, Put, 32)][..],
        &[(9, Put, 32), (8, Put, 32)],
        &[(6, Put, 32)],
        &[(7, Put, 32), (8, Seal, 32)],
        &[(7, Seal, 32), (8, Put, 32)],
    ] {
        assert!(matches!(read(&forged(frames)), Err(LogError::Damaged { .. })), "{frames:?}");
    }
    for kind in [0_u32, 5, u32::MAX] {
        let mut unknown = forged(&[(7, Put, 32)]);
        let first = &mut unknown[FIRST_FRAME as usize..];
        first[36..40].copy_from_slice(&kind.to_le_bytes());
        frame::finish(first, LOG_ID, FIRST_FRAME, 32);
        let Err(LogError::Damaged { detail, .. }) = read(&unknown) else { panic!("kind {kind} passes") };
        assert!(detail.contains("kind"), "{detail}");
    }
    // A sync of what comes later is a lie, whatever the sum says.
    let replayed = read(&forged(&[(7, Put, 4096)])).unwrap();
    assert_eq!((replayed.frames.len(), replayed.torn.is_some()), (0, true));
}

/// Lengths are bounded by the file, and frames laid over each other cost no square of it.
#[test]
fn hostile_bytes_cost_neither_memory_nor_time() {
    let header = &log_of(&[], false).0[..FIRST_FRAME as usize];
    // A header that is plausible everywhere, laid over itself every 32 bytes.
    let bait = |length: u32| {
        let mut bytes = header.to_vec();
        while bytes.len() < 8 << 20 {
            bytes.extend([1; 8]);
            bytes.extend(*b"RSTF");
            bytes.extend(length.to_le_bytes());
            bytes.extend([0; 16]);
        }
        bytes
    };
    for (length, bearable) in [(0, true), (64, true), (512, false), (4 << 20, false), (u32::MAX, true)] {
        let begun = Instant::now();
        match read(&bait(length)) {
            Ok(replayed) => assert!(bearable && replayed.frames.is_empty() && replayed.torn.is_some()),
            Err(LogError::Damaged { offset, .. }) => assert!(!bearable && offset == FIRST_FRAME),
            Err(error) => panic!("{length}: {error}"),
        }
        assert!(begun.elapsed() < Duration::from_secs(2), "{length}: {:?}", begun.elapsed());
    }
}

/// What a frame carries is never taken for frames of its own.
#[test]
fn a_payload_that_is_a_frame_convicts_nothing() {
    let mut bytes = log_of(&[], false).0;
    // A hole of 40 bytes, then a frame of the same unsynced group whose payload claims a sync beyond it.
    let outer = FIRST_FRAME as usize + 40;
    let inner = outer + 40;
    bytes.resize(outer, 0);
    let mut payload = Vec::new();
    frame::push(&mut payload, 9, 1, FrameKind::Put, b"inside").unwrap();
    frame::finish(&mut payload, LOG_ID, inner as u64, inner as u64);
    assert!(
        read(&[&bytes[..], &[0; 40], &payload[..]].concat()).is_err(),
        "it convicts where it is no payload"
    );
    let mut carrier = Vec::new();
    frame::push(&mut carrier, 8, 1, FrameKind::Put, &payload).unwrap();
    frame::finish(&mut carrier, LOG_ID, outer as u64, FIRST_FRAME);
    bytes.extend(carrier);
    let replayed = read(&bytes).unwrap();
    assert_eq!((replayed.frames.len(), replayed.torn.unwrap().offset), (0, FIRST_FRAME));
}

proptest! {
    /// Whatever is overwritten, cut or repeated: the true frames up to somewhere, or a refusal.
    #[test]
    fn no_damage_makes_other_frames(
        groups in prop::collection::vec(1_u64..4, 0..5),
        seal: bool,
        cut in 0.0..1.2_f64,
        smashed in prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..40)), 0..3),
        moved: Option<(prop::sample::Index, prop::sample::Index, u8)>,
    ) {
        let (mut bytes, _) = log_of(&groups, seal);
        let whole = bytes.clone();
        for (place, with) in smashed {
            let at = place.index(bytes.len());
            let end = (at + with.len()).min(bytes.len());
            bytes[at..end].copy_from_slice(&with[..end - at]);
        }
        if let Some((from, to, length)) = moved {
            let from = from.index(bytes.len());
            let end = (from + usize::from(length)).min(bytes.len());
            let to = to.index(bytes.len() - (end - from) + 1);
            bytes.copy_within(from..end, to);
        }
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        match read(&bytes) {
            Ok(replayed) => {
                let count = assert_prefix(&replayed);
                prop_assert!(count <= groups.iter().sum());
                prop_assert!(replayed.end <= bytes.len() as u64);
                prop_assert_eq!(&bytes[..replayed.end as usize], &whole[..replayed.end as usize]);
            }
            Err(LogError::Damaged { offset, .. }) => prop_assert!(offset <= whole.len() as u64),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    /// Bytes that are nothing.
    #[test]
    fn noise_is_no_log(noise in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(read(&noise).is_err());
        let mut headed = log_of(&[], false).0[..FIRST_FRAME as usize].to_vec();
        headed.extend(noise);
        if let Ok(replayed) = read(&headed) {
            prop_assert!(replayed.frames.is_empty());
        }
    }
}

//! Fuzz target: the record log.

use bytes::Bytes;
use restock_schema::{Field, Schema, ValueType};

use super::file::{FIRST_FRAME, header};
use super::frame::{self, FRAME_HEADER_BYTES, FrameHeader, FrameKind};
use super::replay::{Frame, Replay, replay, replay_tail};
use crate::fuzzing::Input;
use crate::put::read_keys;
use crate::row;

/// Replays a log that the bytes describe, part by part: valid frames, seals, and what is none.
pub fn log(data: &[u8]) {
    let mut input = Input::new(data);
    let log_id = 1 + u64::from(input.u8());
    let raw = input.u8();
    let mut file = header(log_id);
    if raw == 0xff {
        file.extend_from_slice(input.rest());
        drop(check(&file, log_id, None));
        return;
    }
    let mut written = Written { file, log_id, version: log_id - 1, frames: Vec::new(), regular: true };
    while !input.is_empty() && written.frames.len() < 200 {
        written.part(&mut input);
    }
    let Written { file, frames, regular, .. } = written;
    let whole = check(&file, log_id, regular.then_some(&frames));
    let step = 1 + file.len() / (8 + usize::from(raw) % 64);
    for length in (0..file.len()).step_by(step) {
        let cut = Bytes::copy_from_slice(&file[..length]);
        if let (Ok(part), Ok(whole)) = (replay(&cut, log_id, 0), &whole) {
            assert!(whole.frames.starts_with(&part.frames), "a part of a log holds other frames");
        }
    }
}

/// Version, dataset, kind and payload.
type WrittenFrame = (u64, u32, FrameKind, Vec<u8>);

struct Written {
    file: Vec<u8>,
    log_id: u64,
    version: u64,
    /// Frames before the first part that is none.
    frames: Vec<WrittenFrame>,
    /// Whether nothing but frames was written.
    regular: bool,
}

impl Written {
    fn part(&mut self, input: &mut Input) {
        let kind = input.u8();
        match kind % 8 {
            0..=2 => self.frame(input, FrameKind::Put),
            3 => self.frame(input, FrameKind::Delete),
            4 => self.frame(input, FrameKind::Seal),
            5 => {
                let length = usize::from(input.u8());
                self.file.extend_from_slice(input.bytes(length));
                self.regular = false;
            }
            6 => {
                self.file.resize(self.file.len() + 8 * usize::from(kind / 8), 0);
                self.regular = false;
            }
            // A frame of another place, or of no kind.
            _ => {
                let from = usize::from(input.u16()) % self.file.len();
                let copied: Vec<u8> = self.file[from / 8 * 8..].iter().take(512).copied().collect();
                self.file.extend_from_slice(&copied);
                self.regular = false;
            }
        }
    }

    fn frame(&mut self, input: &mut Input, kind: FrameKind) {
        let step = input.u8();
        let (dataset, behind) = (u32::from(input.u8()), u64::from(input.u8()));
        let length = usize::from(input.u8());
        let payload = if kind == FrameKind::Seal { &[][..] } else { input.bytes(length) };
        // Mostly the next version; now and then one that does not increase, or is far away.
        let version = match step {
            0 => self.version,
            1 => u64::MAX,
            2 if kind == FrameKind::Seal => self.version.wrapping_add(1),
            _ if kind == FrameKind::Seal => self.version,
            _ => self.version.saturating_add(u64::from(step / 64).max(1)),
        };
        let regular = version > self.version && kind != FrameKind::Seal;
        let mut bytes = Vec::new();
        if frame::push(&mut bytes, version, dataset, kind, payload).is_err() {
            return;
        }
        let offset = self.file.len() as u64;
        let synced = offset.saturating_sub(8 * (behind % 64));
        frame::finish(&mut bytes, self.log_id, offset, if behind == 255 { u64::MAX } else { synced });
        self.file.extend_from_slice(&bytes);
        self.regular &= regular && behind != 255 && offset.is_multiple_of(8);
        if self.regular {
            self.version = version;
            self.frames.push((version, dataset, kind, payload.to_vec()));
        }
    }
}

/// Replays a file, and holds what comes of it against the file and against what was `written`.
fn check(file: &[u8], log_id: u64, written: Option<&Vec<WrittenFrame>>) -> Result<Replay, super::LogError> {
    let bytes = Bytes::copy_from_slice(file);
    let replayed = replay(&bytes, log_id, 0);
    let Ok(whole) = &replayed else {
        assert!(written.is_none(), "a log of frames alone is refused: {replayed:?}");
        return replayed;
    };
    if let Some(written) = written {
        let read = |frame: &Frame| (frame.version, frame.dataset, frame.kind, frame.payload.to_vec());
        assert_eq!(&whole.frames.iter().map(read).collect::<Vec<_>>(), written);
        assert_eq!((whole.end, whole.sealed, &whole.torn), (file.len() as u64, false, &None));
    }
    let mut at = FIRST_FRAME;
    for (number, frame) in whole.frames.iter().enumerate() {
        assert_eq!(frame.offset, at, "frames follow each other without a gap");
        at = written_again(file, frame, log_id);
        let tail = replay_tail(&bytes.slice(at as usize..), log_id, at, frame.version);
        let Ok(tail) = tail else { panic!("a log is read whole and not in two parts: {tail:?}") };
        assert_eq!(tail.frames, whole.frames[number + 1..], "a log read in two parts is another one");
        assert_eq!((tail.end, tail.sealed), (whole.end, whole.sealed));
        payload(frame);
    }
    let seal = if whole.sealed { FRAME_HEADER_BYTES as u64 } else { 0 };
    assert_eq!(at + seal, whole.end);
    replayed
}

/// A frame's bytes are those of its fields; where it ends.
fn written_again(file: &[u8], frame: &Frame, log_id: u64) -> u64 {
    let there = &file[frame.offset as usize..];
    let Some(header) = FrameHeader::read(there) else { panic!("no frame stands at {}", frame.offset) };
    let mut bytes = Vec::new();
    let pushed = frame::push(&mut bytes, frame.version, frame.dataset, frame.kind, &frame.payload);
    assert_eq!(pushed, Ok(()));
    frame::finish(&mut bytes, log_id, frame.offset, header.synced);
    let padding = frame.payload.len()..header.frame_bytes() - FRAME_HEADER_BYTES;
    let is_clean = there[FRAME_HEADER_BYTES..][padding].iter().all(|byte| *byte == 0);
    assert!(!is_clean || there.starts_with(&bytes), "a frame is not what its fields say");
    frame.offset + header.frame_bytes() as u64
}

/// What rows a payload holds as columns it holds when they were written.
fn payload(frame: &Frame) {
    if frame.kind == FrameKind::Delete {
        read_keys(&frame.payload);
        return;
    }
    let field = |name: &str, value_type| Field { nullable: true, ..Field::new(name, value_type) };
    let schema = Schema::new(
        "Rows",
        vec![
            field("S", ValueType::String),
            Field { categorical: true, ..field("C", ValueType::String) },
            field("I", ValueType::Int),
            field("L", ValueType::Long),
            field("F", ValueType::Float),
            field("D", ValueType::Double),
            field("B", ValueType::Boolean),
        ],
    );
    let Ok(schema) = schema else { return };
    let mut rest: &[u8] = &frame.payload;
    let mut rows = Vec::new();
    while !rest.is_empty() {
        let start = rest;
        let Some(cells) = row::decode(schema.fields(), &mut rest) else { return };
        rows.push(&start[..start.len() - rest.len()]);
        let mut again = Vec::new();
        row::encode(cells.iter().copied(), &mut again);
        let mut bytes: &[u8] = &again;
        let cells_again = row::decode(schema.fields(), &mut bytes);
        // As text, since no NaN equals another.
        assert_eq!(format!("{cells_again:?}"), format!("{:?}", Some(cells)));
        assert!(bytes.is_empty());
    }
    if let Some(batch) = row::batch(&schema, rows.iter().copied()) {
        assert_eq!(batch.num_rows(), rows.len());
        for column in batch.columns() {
            assert!(column.to_data().validate_full().is_ok());
        }
    }
}

/// Writes a right header and, into what looks like frames, right sums.
pub(crate) fn repair(bytes: &mut [u8], log_id: u64) {
    if let Some((start, frames)) = bytes.split_at_mut_checked(FIRST_FRAME as usize) {
        start.copy_from_slice(&header(log_id));
        frame::finish(frames, log_id, FIRST_FRAME, FIRST_FRAME);
    }
}

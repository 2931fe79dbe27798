//! Damage to one segment's file: an error that names it, or the right data.

use std::io::Write;

use super::*;
use crate::error::Error;

fn small() -> (Arc<Segment>, MemoryStorage, Schema) {
    let mut bench = Bench::new(schema(), None);
    for part in 0..2u8 {
        let rows: Vec<Row> = (0..5u8)
            .map(|n| {
                let text = (n != 2).then(|| format!("text {part} {n}"));
                (text, Some(n % 2), Some(i32::from(n)), None, Some(1.5), Some(2.5), Some(n == 1))
            })
            .collect();
        bench.append(&batch(&rows));
    }
    bench.finish()
}

fn replaced(storage: &MemoryStorage, segment: &Segment, content: &[u8]) {
    let path = files::segment(segment.id());
    storage.remove(&path).unwrap();
    storage.create(&path).unwrap().write_all(content).unwrap();
}

/// Each column of each batch, or why it cannot be had.
fn columns(segment: &Segment, schema: &Schema) -> Vec<Result<ArrayRef, Error>> {
    let cells = (0..2).flat_map(|batch| schema.fields().iter().map(move |field| (batch, field)));
    cells.map(|(batch, field)| segment.column(batch, field).map(|column| plain(&column))).collect()
}

#[test]
fn every_flipped_byte_is_found_and_no_column_is_wrong() {
    let (segment, storage, schema) = small();
    let whole = content(&storage, &segment);
    let expected: Vec<ArrayRef> = columns(&segment, &schema).into_iter().map(Result::unwrap).collect();
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        replaced(&storage, &segment, &flipped);
        let damaged = Segment::open(&storage, segment.meta()).unwrap();
        for (read, expected) in columns(&damaged, &schema).into_iter().zip(&expected) {
            match read {
                Ok(column) => assert_eq!(&column, expected, "byte {at}"),
                Err(error) => assert!(error.to_string().contains("segments/1.arrow"), "{error}"),
            }
        }
        assert!(damaged.verify().is_err(), "byte {at} of {}", whole.len());
    }
}

#[test]
fn a_file_of_another_length_is_refused_at_opening() {
    let (segment, storage, _) = small();
    let whole = content(&storage, &segment);
    for length in [0, 1, 64, whole.len() / 2, whole.len() - 1] {
        replaced(&storage, &segment, &whole[..length]);
        let error = Segment::open(&storage, segment.meta()).unwrap_err();
        assert!(
            error.to_string().contains(&format!("{length} bytes where {} were written", whole.len())),
            "{error}"
        );
    }
}

/// An old reader and a newer encoding: refused by name, not as damage.
#[test]
fn an_unknown_encoding_is_refused_by_its_name() {
    let (segment, storage, schema) = small();
    let mut newer = content(&storage, &segment);
    let at = newer.windows(5).rposition(|bytes| bytes == b"plain").unwrap();
    newer[at..at + 5].copy_from_slice(b"fancy");
    replaced(&storage, &segment, &newer);
    let footer = &newer[segment.meta().footer_at as usize..];
    let meta = SegmentMeta { footer_sum: xxhash_rust::xxh3::xxh3_64(footer), ..segment.meta() };
    let opened = Segment::open(&storage, meta).unwrap();
    let error = opened.column(0, &schema.fields()[0]).unwrap_err();
    assert!(
        matches!(&error, Error::NewerFormat { found, .. } if found.contains("encoding `fancy`")),
        "{error}"
    );
}

/// What is read was checked once: the checksum table covers every byte before the footer, without a gap.
#[test]
fn a_segment_that_the_manifest_describes_otherwise_is_refused() {
    let (segment, storage, schema) = small();
    let meta = segment.meta();
    let field = &schema.fields()[0];
    for other in [
        SegmentMeta { rows: 11, ..meta.clone() },
        SegmentMeta { footer_sum: 1, ..meta.clone() },
        SegmentMeta { footer_at: meta.footer_at - 64, ..meta.clone() },
    ] {
        assert!(Segment::open(&storage, other).unwrap().column(0, field).is_err());
    }
    assert!(Segment::open(&storage, SegmentMeta { footer_at: meta.bytes, ..meta }).is_err());
}

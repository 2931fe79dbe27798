//! Fuzz target: deletion vectors.

use std::sync::Arc;

use roaring::RoaringBitmap;
use xxhash_rust::xxh3::xxh3_64;

use super::{ENTRY_BYTES, HEADER_BYTES, Vector, VectorFile, VectorFileMeta, VectorRef, write};
use crate::files::{self, VECTORS_MAGIC};
use crate::fuzzing::{Input, storage_with};

const VERSION: u64 = 1;

/// Writes vectors and reads them, or takes the bytes for vectors, for a table, or for a file.
pub fn vectors(data: &[u8]) {
    let mut input = Input::new(data);
    match input.u8() % 4 {
        0 => written(&mut input),
        1 => forged(&mut input),
        _ => {
            let meta = VectorFileMeta { version: VERSION, bytes: 0, vectors: input.u64(), sum: 0 };
            let place = VectorRef { file: VERSION, number: input.u64(), rows: input.u64() };
            let limit = u64::from(input.u32());
            let mut bytes = VECTORS_MAGIC.to_vec();
            bytes.extend_from_slice(input.rest());
            let table = HEADER_BYTES as u128 + ENTRY_BYTES as u128 * u128::from(meta.vectors);
            let table = usize::try_from(table).unwrap_or(usize::MAX).min(bytes.len());
            let meta = VectorFileMeta { bytes: bytes.len() as u64, sum: xxh3_64(&bytes[..table]), ..meta };
            read(&bytes, meta, place, limit);
        }
    }
}

fn written(input: &mut Input) {
    let mut bitmaps = vec![RoaringBitmap::new()];
    while !input.is_empty() && bitmaps.len() < 5 {
        let Some(bitmap) = bitmaps.last_mut() else { return };
        match input.u8() % 4 {
            0 => {
                bitmap.insert(input.u32());
            }
            1 => {
                bitmap.insert(u32::from(input.u8()));
            }
            2 => {
                let from = input.u32();
                bitmap.insert_range(from..from.saturating_add(u32::from(input.u16())));
            }
            _ => bitmaps.push(RoaringBitmap::new()),
        }
    }
    let storage = storage_with("MANIFEST", b"");
    let vectors: Vec<Vector> = bitmaps.iter().cloned().map(Vector::new).collect();
    let Ok(file) = write(&storage, VERSION, &vectors) else { panic!("memory takes every file") };
    let Ok(file) = VectorFile::open(&storage, file.meta().clone()) else { panic!("it was just written") };
    let file = Arc::new(file);
    for (number, bitmap) in bitmaps.iter().enumerate() {
        let place = VectorRef { file: VERSION, number: number as u64, rows: bitmap.len() };
        let read = Vector::stored(file.clone(), place, 1 << 32);
        assert_eq!(read.rows().ok(), Some(bitmap));
    }
}

/// A file of one vector with right sums.
fn forged(input: &mut Input) {
    let limit = u64::from(input.u32());
    let claimed = input.u8();
    let vector = input.rest();
    let rows = match RoaringBitmap::deserialize_from(vector) {
        Ok(bitmap) if claimed < 250 => bitmap.len(),
        _ => u64::from(claimed),
    };
    let offset = (HEADER_BYTES + ENTRY_BYTES) as u64;
    let mut bytes = VECTORS_MAGIC.to_vec();
    for word in [1, offset, vector.len() as u64, rows, xxh3_64(vector)] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    let sum = xxh3_64(&bytes);
    bytes.extend_from_slice(vector);
    let meta = VectorFileMeta { version: VERSION, bytes: bytes.len() as u64, vectors: 1, sum };
    read(&bytes, meta, VectorRef { file: VERSION, number: 0, rows }, limit);
}

/// A vector that is read has the rows it says, in order and within the segment.
fn read(bytes: &[u8], meta: VectorFileMeta, place: VectorRef, limit: u64) {
    let storage = storage_with(&files::vectors(VERSION), bytes);
    let Ok(file) = VectorFile::open(&storage, meta) else { panic!("its length is right") };
    let vector = Vector::stored(Arc::new(file), place, limit);
    let Ok(rows) = vector.rows() else { return };
    assert_eq!(rows.len(), vector.len());
    let (mut count, mut last) = (0, None);
    for row in rows {
        assert!(u64::from(row) < limit && Some(row) > last && rows.contains(row));
        (count, last) = (count + 1, Some(row));
    }
    assert_eq!(count, rows.len());
}

/// Writes right sums into a file of so many vectors; its length and the sum of its table.
pub(crate) fn repair(bytes: &mut [u8], vectors: u64) -> (u64, u64) {
    let length = bytes.len();
    let entries = usize::try_from(vectors).unwrap_or(usize::MAX).min(length / ENTRY_BYTES);
    for at in (0..entries).map(|entry| HEADER_BYTES + ENTRY_BYTES * entry) {
        let mut entry = Input::new(bytes.get(at..).unwrap_or_default());
        let (start, size) = (entry.u64(), entry.u64());
        let vector = start.checked_add(size).and_then(|end| bytes.get(start as usize..end as usize));
        let sum = vector.map_or(0, xxh3_64);
        if let Some(place) = bytes.get_mut(at + 24..at + ENTRY_BYTES) {
            place.copy_from_slice(&sum.to_le_bytes());
        }
    }
    let table = HEADER_BYTES.saturating_add(ENTRY_BYTES * entries).min(length);
    (length as u64, xxh3_64(&bytes[..table]))
}

//! Fuzz target: key indexes.

use std::collections::BTreeMap;
use std::sync::Arc;

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::write::{BLOCK_BYTES, HEADER_BYTES, header};
use super::{KeyIndex, KeysWriter};
use crate::files::{self, KEYS_MAGIC};
use crate::fuzzing::{Input, storage_with};
use crate::ids::SegmentIds;
use crate::segment::KeysMeta;
use crate::storage::MemoryStorage;

const ID: u64 = 1;

/// Writes an index of the bytes as fingerprints and asks it for each, or takes the bytes for one and asks it, too.
pub fn keys(data: &[u8]) {
    let mut input = Input::new(data);
    match input.u8() % 4 {
        0 => written(&mut input),
        1 => {
            // The header that such data should have.
            let (rows, bits) = (u64::from(input.u16()), u32::from(input.u8()));
            let data = input.rest();
            forged(header(rows, bits, data.len() as u64).to_vec(), data, rows);
        }
        2 => {
            let mut header = KEYS_MAGIC.to_vec();
            header.extend_from_slice(input.bytes(HEADER_BYTES - KEYS_MAGIC.len()));
            header.resize(HEADER_BYTES, 0);
            let rows = Input::new(&header[KEYS_MAGIC.len()..]).u64();
            forged(header, input.rest(), rows);
        }
        _ => {
            let (rows, sum) = (input.u64(), input.u64());
            let bytes = input.rest();
            let meta = KeysMeta { bytes: bytes.len() as u64, sum };
            ask(&storage_with(&files::keys(ID), bytes), &meta, rows);
        }
    }
}

/// The rows of each fingerprint, and nothing else, are found.
fn written(input: &mut Input) {
    let entries_max = 1 + usize::from(input.u8());
    let storage = Arc::new(storage_with("MANIFEST", b""));
    let ids = Arc::new(SegmentIds::new(100));
    let mut writer = KeysWriter::new(storage.clone(), ids).with_entries_max(entries_max);
    let mut rows: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    let mut count = 0;
    while !input.is_empty() {
        // Few or many bytes of a fingerprint differ.
        let fingerprint = if input.u8() & 1 == 0 { u64::from(input.u8()) << 56 } else { input.u64() };
        assert!(writer.extend(count, &[fingerprint]).is_ok());
        rows.entry(fingerprint).or_default().push(count);
        count += 1;
    }
    let Ok(meta) = writer.write(ID).and_then(|written| written.synced()) else {
        panic!("memory takes every file")
    };
    let index = ask(&storage, &meta, count.into());
    let Some(index) = index else { panic!("an index that was written is refused") };
    assert!(index.verify().is_ok());
    for fingerprint in rows.keys().flat_map(|known| [*known, known.wrapping_add(1)]) {
        let Ok(entries) = index.find(fingerprint) else { panic!("an index that was written is damaged") };
        let found: Vec<u32> = entries.filter_map(|entry| index.row(entry).ok()).collect();
        assert_eq!(found, rows.get(&fingerprint).cloned().unwrap_or_default());
    }
}

/// A file with right sums for these data.
fn forged(header: Vec<u8>, data: &[u8], rows: u64) {
    let sums: Vec<u8> = data.chunks(BLOCK_BYTES).flat_map(|block| xxh3_64(block).to_le_bytes()).collect();
    let mut sum = Xxh3::new();
    sum.update(&header);
    sum.update(&sums);
    let bytes = [&header, data, &sums].concat();
    let meta = KeysMeta { bytes: bytes.len() as u64, sum: sum.digest() };
    ask(&storage_with(&files::keys(ID), &bytes), &meta, rows);
}

/// Asks an index everything; what it gives lies within its rows, and one that verifies finds its entries.
fn ask(storage: &MemoryStorage, meta: &KeysMeta, rows: u64) -> Option<KeyIndex> {
    let index = KeyIndex::open(storage, ID, meta, rows).ok()?;
    let count = index.len().ok()?;
    let is_whole = index.verify().is_ok();
    for entry in (0..count.min(300)).chain([count, usize::MAX / 16]) {
        let (row, fingerprint) = (index.row(entry), index.fingerprint(entry));
        assert!(entry < count || row.is_err());
        assert!(row.is_ok() || !is_whole || entry >= count);
        assert!(row.is_ok_and(|row| u64::from(row) < rows) || !is_whole || entry >= count);
        let Ok(fingerprint) = fingerprint else { continue };
        for wanted in [fingerprint, !fingerprint, fingerprint.wrapping_add(1)] {
            let found = index.find(wanted);
            assert!(found.is_ok() || !is_whole);
            let Ok(found) = found else { continue };
            assert!(found.start <= found.end && found.end <= count);
            if is_whole && entry < count {
                assert!(found.clone().all(|entry| index.fingerprint(entry).ok() == Some(wanted)));
                assert!(wanted != fingerprint || found.contains(&entry), "an entry is not found");
            }
        }
    }
    Some(index)
}

/// Writes right sums into the file of an index; what a manifest would say of it.
pub(crate) fn repair(bytes: &mut [u8]) -> Option<KeysMeta> {
    let (header, rest) = bytes.split_at_mut_checked(HEADER_BYTES)?;
    let length = usize::try_from(Input::new(&header[32..]).u64()).ok()?;
    let (data, sums) = rest.split_at_mut_checked(length)?;
    for (block, sum) in data.chunks(BLOCK_BYTES).zip(sums.chunks_exact_mut(8)) {
        sum.copy_from_slice(&xxh3_64(block).to_le_bytes());
    }
    let mut sum = Xxh3::new();
    sum.update(header);
    sum.update(sums);
    Some(KeysMeta { bytes: bytes.len() as u64, sum: sum.digest() })
}

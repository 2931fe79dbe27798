//! The key index against a map, by small and spilled writers.

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::write::{BLOCK_BYTES, HEADER_BYTES, header};
use super::*;
use crate::ids::SegmentIds;
use crate::segment::KeysMeta;
use crate::storage::{MemoryStorage, Storage};

const ID: u64 = 7;

fn written(fingerprints: &[u64], batch: usize, entries_max: usize) -> (MemoryStorage, KeysMeta) {
    let storage = MemoryStorage::new();
    storage.create_dir(crate::files::SEGMENTS).unwrap();
    let ids = Arc::new(SegmentIds::new(100));
    let mut writer = KeysWriter::new(Arc::new(storage.clone()), ids).with_entries_max(entries_max);
    let mut row = 0;
    for some in fingerprints.chunks(batch) {
        writer.extend(row, some).unwrap();
        row += some.len() as u32;
    }
    let meta = writer.write(ID).unwrap().synced().unwrap();
    (storage, meta)
}

fn index(storage: &MemoryStorage, meta: &KeysMeta, rows: usize) -> KeyIndex {
    KeyIndex::open(storage, ID, meta, rows as u64).unwrap()
}

/// What a map of fingerprints to rows says, and that nothing else is found.
fn check(fingerprints: &[u64], batch: usize, entries_max: usize) {
    let (storage, meta) = written(fingerprints, batch, entries_max);
    let left = storage.list(crate::files::SEGMENTS).unwrap();
    assert_eq!(left, ["7.keys"], "runs are removed");
    let index = index(&storage, &meta, fingerprints.len());
    index.verify().unwrap();
    let mut map: HashMap<u64, Vec<u32>> = HashMap::new();
    for (row, fingerprint) in fingerprints.iter().enumerate() {
        map.entry(*fingerprint).or_default().push(row as u32);
    }
    let found = |fingerprint: u64| -> Vec<u32> {
        index.find(fingerprint).unwrap().map(|entry| index.row(entry).unwrap()).collect()
    };
    for (fingerprint, rows) in &map {
        assert_eq!(&found(*fingerprint), rows);
    }
    for absent in fingerprints.iter().map(|f| f.wrapping_add(1)).chain([0, 1, u64::MAX, 1 << 63]) {
        assert_eq!(found(absent), map.get(&absent).cloned().unwrap_or_default());
    }
}

proptest! {
    #[test]
    fn finds_the_rows_that_a_map_has(
        fingerprints in prop::collection::vec(prop_oneof![any::<u64>(), 0u64..5, (1u64 << 63)..(1u64 << 63) + 3], 0..300),
        batch in 1usize..40,
        entries_max in prop_oneof![Just(usize::MAX), 1usize..50],
    ) {
        check(&fingerprints, batch, entries_max);
    }
}

#[test]
fn thousands_of_entries_spilled_in_many_runs_are_those_written_at_once() {
    // More than one block of each section, and equal fingerprints across runs.
    let fingerprints: Vec<u64> = (0..40_000u64).map(|n| xxh3_64(&(n % 30_000).to_le_bytes())).collect();
    check(&fingerprints, 1000, usize::MAX);
    check(&fingerprints, 1000, 3000);
    let (one, _) = written(&fingerprints, 1000, usize::MAX);
    let (many, _) = written(&fingerprints, 1000, 3000);
    let bytes = |storage: &MemoryStorage| storage.read("segments/7.keys").unwrap();
    assert!(bytes(&one) == bytes(&many), "runs leave no trace in the file");
}

#[test]
fn one_fingerprint_for_all_rows_is_found_in_row_order() {
    check(&[42; 1000], 100, 150);
}

#[test]
fn integer_ids_have_the_key_bytes_of_the_long() {
    let field = |value_type| Field::new("KEY", value_type);
    assert_eq!(*key_bytes(&field(ValueType::Int), "-7").unwrap(), (-7i64).to_le_bytes());
    assert_eq!(*key_bytes(&field(ValueType::Long), "-7").unwrap(), (-7i64).to_le_bytes());
    assert_eq!(key_bytes(&field(ValueType::String), "-7").unwrap(), &b"-7"[..]);
    assert!(key_bytes(&field(ValueType::Long), "seven").is_err());
}

/// A flipped byte is an error or does not touch the answer; verification always finds it.
#[test]
fn every_flipped_byte_is_noticed() {
    let fingerprints: Vec<u64> = (0..200u64).map(|n| xxh3_64(&(n % 150).to_le_bytes())).collect();
    let (storage, meta) = written(&fingerprints, 50, usize::MAX);
    let content = storage.read("segments/7.keys").unwrap();
    let whole = index(&storage, &meta, 200);
    for at in 0..content.len() {
        let mut flipped = content.clone();
        flipped[at] ^= 0x10;
        storage.remove("segments/7.keys").unwrap();
        std::io::Write::write_all(&mut storage.create("segments/7.keys").unwrap(), &flipped).unwrap();
        let damaged = index(&storage, &meta, 200);
        for fingerprint in &fingerprints {
            match damaged.find(*fingerprint) {
                Ok(entries) => assert_eq!(entries, whole.find(*fingerprint).unwrap(), "byte {at}"),
                Err(error) => assert!(error.to_string().contains("segments/7.keys"), "{error}"),
            }
        }
        assert!(damaged.verify().is_err(), "byte {at}");
    }
}

#[test]
fn a_length_other_than_the_manifests_is_refused_at_opening() {
    let (storage, meta) = written(&[1, 2, 3], 3, usize::MAX);
    assert!(index(&storage, &meta, 4).len().is_err(), "an index of another number of rows");
    let longer = KeysMeta { bytes: meta.bytes + 8, ..meta };
    assert!(KeyIndex::open(&storage, ID, &longer, 3).is_err());
}

/// An index of this header and data, with right sums.
fn forged(header: &[u8], data: &[u8], rows: u64) -> KeyIndex {
    let sums: Vec<u8> = data.chunks(BLOCK_BYTES).flat_map(|block| xxh3_64(block).to_le_bytes()).collect();
    let content = [header, data, &sums].concat();
    let storage = MemoryStorage::new();
    storage.create_dir(crate::files::SEGMENTS).unwrap();
    std::io::Write::write_all(&mut storage.create("segments/7.keys").unwrap(), &content).unwrap();
    let meta = KeysMeta { bytes: content.len() as u64, sum: xxh3_64(&[header, &sums].concat()) };
    KeyIndex::open(&storage, ID, &meta, rows).unwrap()
}

#[test]
fn an_index_of_more_rows_than_32_bits_count_is_refused() {
    for rows in [1 << 32, 1 << 61, u64::MAX] {
        let error = forged(&header(rows, 0, 0), &[], rows).find(1).unwrap_err();
        assert!(error.to_string().contains("segments/7.keys"), "{error}");
    }
}

/// Such a directory rises, as it must, but leads past entries: a record that is there would not be found.
#[test]
fn a_directory_of_other_entries_does_not_verify() {
    let fingerprints: Vec<u64> = (0..40).map(|n| n << 58).collect();
    let (storage, _) = written(&fingerprints, 40, usize::MAX);
    let content = storage.read("segments/7.keys").unwrap();
    let (header, data) = content.split_at(HEADER_BYTES);
    let mut data = data[..data.len() - 8].to_vec();
    forged(header, &data, 40).verify().unwrap();
    assert_eq!(data[4..8], 16u32.to_le_bytes(), "where the second slot begins");
    data[4..8].copy_from_slice(&20u32.to_le_bytes());
    let error = forged(header, &data, 40).verify().unwrap_err();
    assert!(error.to_string().contains("its directory does not fit its entries"), "{error}");
}

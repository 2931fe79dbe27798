//! The manifest's bytes: what is refused, and by which name.

use super::*;
use crate::manifest::{CommitKind, LogMeta, RowCounts};
use crate::storage::MemoryStorage;

fn manifest() -> Manifest {
    let mut manifest = Manifest::new();
    manifest.version = 12;
    manifest.log = Some(LogMeta { first_version: 11, start: 32 });
    manifest.history.push(crate::manifest::Commit {
        version: 12,
        time_ms: 1_700_000_000_000,
        what: CommitKind::DeleteUsers,
        dataset: None,
        dataset_id: 0,
        group: Some("shop".into()),
        label: None,
        rows: RowCounts::default(),
    });
    manifest
}

/// The file with a body of its own, correctly summed.
fn file_of(format: &str, body: &str) -> Vec<u8> {
    let sum = hex::text(xxh3_64(body.as_bytes()));
    format!("restock-store {format} xxh3 {sum} bytes {}\n{body}\n", body.len()).into_bytes()
}

#[test]
fn what_was_written_is_read() {
    let storage = MemoryStorage::new();
    write(&storage, &manifest()).unwrap();
    assert_eq!(read(&storage).unwrap(), manifest());
    write(&storage, &Manifest::new()).unwrap();
    assert_eq!(read(&storage).unwrap(), Manifest::new());
    assert_eq!(storage.list("").unwrap(), ["MANIFEST"]);
}

#[test]
fn a_newer_format_is_named_whatever_the_rest_looks_like() {
    for bytes in [
        file_of("2", "{}"),
        b"restock-store 2\nno JSON, no checksum".to_vec(),
        b"restock-store 77 blake3 0000 parts 3\n\xff\xfe".to_vec(),
    ] {
        let error = decode(&bytes).unwrap_err();
        assert!(
            matches!(&error, Error::NewerFormat { found, .. } if found.starts_with("format ")),
            "{error}"
        );
        assert!(error.to_string().contains("this Restock reads format 1"), "{error}");
    }
}

#[test]
fn an_unknown_feature_is_named() {
    let mut newer = manifest();
    newer.features.push("partitions".into());
    let error = decode(&encode(&newer).unwrap()).unwrap_err();
    assert!(
        matches!(&error, Error::NewerFormat { found, .. } if found == "the feature `partitions`"),
        "{error}"
    );
}

#[test]
fn members_that_are_new_without_a_feature_are_passed_over() {
    let body = serde_json::to_string(&manifest()).unwrap().replacen('{', "{\"note\":[1,2],", 1);
    assert_eq!(decode(&file_of("1", &body)).unwrap(), manifest());
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    let bytes = encode(&manifest()).unwrap();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let error = decode(&flipped).unwrap_err();
            assert!(error.to_string().contains("MANIFEST"), "{error}");
        }
        assert!(decode(&bytes[..at]).is_err());
    }
    assert!(decode(&[bytes, b"\n".to_vec()].concat()).is_err());
}

#[test]
fn json_that_is_no_manifest_is_refused() {
    for body in ["", "[]", "{}", "{\"version\":-1}", "\u{0}"] {
        assert!(matches!(decode(&file_of("1", body)), Err(Error::Damaged { .. })), "{body}");
    }
}

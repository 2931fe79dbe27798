//! Fuzz target: the manifest.

use super::{decode, encode, framed};
use crate::manifest::Manifest;

/// A manifest that is read is read the same after it was written. The bytes are a whole file, or the body of one.
pub fn manifest(data: &[u8]) {
    let Ok(first) = decode(data).or_else(|_| decode(&framed(data))) else { return };
    let Ok(bytes) = encode(&first) else { panic!("a manifest that was read cannot be written") };
    match decode(&bytes) {
        Ok(again) => {
            assert_eq!(again, first);
            assert_eq!(encode(&again).ok(), Some(bytes));
        }
        Err(error) => panic!("a manifest that was written cannot be read: {error}"),
    }
}

/// The file of a body, or the file itself; changed, if it can be read.
pub(crate) fn changed(data: &[u8], change: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let file = if data.starts_with(b"restock-store ") { data.to_vec() } else { framed(data) };
    match decode(&file) {
        Ok(mut manifest) => {
            change(&mut manifest);
            encode(&manifest).unwrap_or(file)
        }
        Err(_) => file,
    }
}

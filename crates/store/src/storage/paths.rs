//! Which paths a [`Storage`](super::Storage) accepts.

use std::io;

/// Refuses a path that could name something outside the store: names come from a manifest that may have
/// been tampered with.
pub(super) fn check_file(path: &str) -> io::Result<()> {
    let harmless = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']);
    if path.split('/').all(harmless) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{path:?} is not a path inside a store")))
}

/// As [`check_file`], for a folder: the empty string is the store's root.
pub(super) fn check_dir(dir: &str) -> io::Result<()> {
    if dir.is_empty() { Ok(()) } else { check_file(dir) }
}

/// The folder that holds `path`.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

//! Locations of jobs: `s3://bucket/key`.

use super::failure::Failure;
use crate::objects::Location;

/// Reads a location as a call gave it.
///
/// # Errors
/// It is no `s3://`, or names no bucket: the service's words for that, and what it is.
pub(super) fn parse(text: &str) -> Result<Location, Failure> {
    let invalid = |why: &str| Failure::new(format!("Invalid Data location. {text}: {why}"));
    let Some(rest) = text.strip_prefix("s3://") else {
        return Err(invalid("only s3:// locations are read and written"));
    };
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        return Err(invalid("there is no bucket in it; expected s3://bucket/key"));
    }
    Ok(Location { bucket: bucket.to_owned(), key: key.to_owned() })
}

/// The object `name` of a folder; the folder's last `/` may be missing.
pub(super) fn within(folder: &Location, name: &str) -> Location {
    let separator = if folder.is_folder() { "" } else { "/" };
    Location { bucket: folder.bucket.clone(), key: format!("{}{separator}{name}", folder.key) }
}

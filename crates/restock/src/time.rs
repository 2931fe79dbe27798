//! Times as people write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::error::{Error, Result};

/// Milliseconds since 1970-01-01 UTC as RFC 3339.
///
/// ```
/// assert_eq!(restock::rfc3339(1_700_000_000_000), "2023-11-14T22:13:20Z");
/// ```
pub fn rfc3339(time_ms: u64) -> String {
    let time = i64::try_from(time_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// Epoch seconds from what a person writes: epoch seconds, a date, or a date and time (UTC unless it names an offset).
///
/// ```
/// assert_eq!(restock::epoch_seconds("2023-11-14").unwrap(), 1_699_920_000);
/// assert_eq!(restock::epoch_seconds("2023-11-14T22:13:20Z").unwrap(), 1_700_000_000);
/// assert_eq!(restock::epoch_seconds("1700000000").unwrap(), 1_700_000_000);
/// ```
///
/// # Errors
/// [`Error::Refused`] for anything else.
pub fn epoch_seconds(text: &str) -> Result<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Ok(seconds);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time.as_second());
    }
    let civil = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|date| date.at(0, 0, 0, 0)));
    let utc = civil.ok().and_then(|civil| civil.to_zoned(TimeZone::UTC).ok());
    utc.map(|zoned| zoned.timestamp().as_second()).ok_or_else(|| {
        Error::Refused(format!(
            "`{text}` is no time; write epoch seconds, 2023-11-14, or 2023-11-14T22:13:20Z"
        ))
    })
}

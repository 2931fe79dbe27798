//! Times as signatures write them: `20261127T140701Z`.

use std::time::{SystemTime, UNIX_EPOCH};

/// Epoch seconds of such a time.
pub(super) fn parse(text: &str) -> Option<i64> {
    let part = |from: usize, to: usize| {
        text.get(from..to).filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if text.len() != 16 || text.get(8..9) != Some("T") || !text.ends_with('Z') {
        return None;
    }
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(9, 11)?, part(11, 13)?, part(13, 15)?);
    restock::epoch_seconds(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()
}

/// Epoch seconds as such a time.
pub(super) fn text(seconds: i64) -> String {
    let ms = u64::try_from(seconds).unwrap_or_default().saturating_mul(1000);
    restock::rfc3339(ms).replace(['-', ':'], "")
}

/// Epoch seconds of now.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

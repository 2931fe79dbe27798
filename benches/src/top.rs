//! The texts that come most often: what a user of scans would write who has much to count.

use std::cmp::Reverse;

use ahash::AHashMap;
use restock::arrow::array::{Array, StringArray};

use crate::answers::{Result, on_threads};

const TOP: usize = 100;
/// The maps of so many parts fit the processor's cache, one after the other.
const PARTS: usize = 64;
const PART_BITS: u32 = PARTS.ilog2();

/// The 100 texts that come most often and their counts; of equal ones the smaller first.
///
/// In two steps: each thread deals its columns' texts to parts by their hashes, then each counts parts of all threads.
pub(crate) fn top(columns: &[&StringArray]) -> Result<Vec<(String, u64)>> {
    let dealt = on_threads(columns, deal)?;
    let parts: Vec<usize> = (0..PARTS).collect();
    let ranked = on_threads(&parts, |parts| {
        let lists = |part: &usize| dealt.iter().filter_map(|dealt| dealt.get(*part)).collect::<Vec<_>>();
        parts.iter().flat_map(|part| most(&lists(part))).collect::<Vec<_>>()
    })?;
    let mut ranked: Vec<(String, u64)> = ranked.into_iter().flatten().collect();
    ranked.sort_unstable_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    ranked.truncate(TOP);
    Ok(ranked)
}

/// Texts of one part.
#[derive(Clone, Default)]
struct Part<'a> {
    /// Of up to fifteen bytes each, the first one lowest, and their number in the highest.
    short: Vec<u128>,
    long: Vec<&'a str>,
}

const WORD: usize = size_of::<u128>();

fn deal<'a>(columns: &[&'a StringArray]) -> Vec<Part<'a>> {
    let rows: usize = columns.iter().map(|column| column.len()).sum();
    let mut parts = vec![Part::default(); PARTS];
    for part in &mut parts {
        part.short.reserve(rows / PARTS * 5 / 4);
    }
    for column in columns {
        let (text, offsets) = (column.value_data(), column.value_offsets());
        for (row, bounds) in offsets.windows(2).enumerate() {
            let &[start, end] = bounds else { continue };
            let (start, len) = (start as usize, (end - start) as usize);
            if column.is_null(row) {
                continue;
            }
            if len >= WORD {
                // Rare here: one part has them all.
                parts.first_mut().into_iter().for_each(|part| part.long.push(column.value(row)));
                continue;
            }
            // What stands behind the text is masked, unless there is nothing.
            let word = match text.get(start..).and_then(|rest| rest.first_chunk()) {
                Some(bytes) => u128::from_le_bytes(*bytes),
                None => column.value(row).bytes().rev().fold(0, |word, byte| (word << 8) | u128::from(byte)),
            };
            let short = (word & ((1 << (8 * len)) - 1)) | ((len as u128) << (8 * (WORD - 1)));
            let mixed = (short as u64 ^ (short >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            if let Some(part) = parts.get_mut((mixed >> (64 - PART_BITS)) as usize) {
                part.short.push(short);
            }
        }
    }
    parts
}

/// The texts of one part that come most often, and all that come as often as the last of them.
fn most(lists: &[&Part<'_>]) -> Vec<(String, u64)> {
    let (mut short, mut long) = (AHashMap::<u128, u64>::new(), AHashMap::<&str, u64>::new());
    for part in lists {
        part.short.iter().for_each(|text| *short.entry(*text).or_insert(0) += 1);
        part.long.iter().for_each(|text| *long.entry(text).or_insert(0) += 1);
    }
    let text = |short: u128| {
        let len = (short >> (8 * (WORD - 1))) as usize;
        String::from_utf8_lossy(short.to_le_bytes().get(..len).unwrap_or_default()).into_owned()
    };
    let short = often(short.into_iter().collect()).into_iter().map(|(word, count)| (text(word), count));
    let long = often(long.into_iter().collect()).into_iter().map(|(text, count)| (text.to_owned(), count));
    short.chain(long).collect()
}

fn often<T>(mut counts: Vec<(T, u64)>) -> Vec<(T, u64)> {
    if counts.len() > TOP {
        let last = counts.select_nth_unstable_by_key(TOP - 1, |(_, count)| Reverse(*count)).1.1;
        counts.retain(|(_, count)| *count >= last);
    }
    counts
}

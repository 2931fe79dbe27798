//! Names a person may have meant.

use std::fmt;

/// The most names that are proposed in place of one.
const PROPOSED_MAX: usize = 3;
/// The most names that are listed of all there are.
const LISTED_MAX: usize = 5;

/// The candidates that differ least from `name`: at most three, best first, none that differs too much.
///
/// Case does not count, and a swap of neighbours is one error. A candidate that only adds to `name`, or lacks its
/// end, is near.
pub fn near_names<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = fold(name);
    let allowed = (wanted.len() / 3).clamp(1, 4);
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let folded = fold(candidate);
            let distance = distance(&wanted, &folded);
            let shorter = wanted.len().min(folded.len());
            let begins = shorter >= 3 && wanted.iter().zip(&folded).all(|(a, b)| a == b);
            (distance <= allowed || begins).then_some((distance, candidate))
        })
        .collect();
    near.sort_by_key(|&(distance, _)| distance);
    near.truncate(PROPOSED_MAX);
    near.into_iter().map(|(_, candidate)| candidate).collect()
}

/// `" (did you mean a, b?)"`, or nothing.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    match near_names(name, candidates) {
        near if near.is_empty() => String::new(),
        near => format!(" (did you mean {}?)", near.join(", ")),
    }
}

/// What there is in place of a name that is not there: the near names, or the first few if none is near.
///
/// Shown, it says how many it leaves out: `` `items`, `users`, and 7 more ``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamesThere {
    listed: Vec<String>,
    more: usize,
}

impl NamesThere {
    /// Of `names`, what to tell whoever asked for `wanted`.
    pub fn instead_of<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> NamesThere {
        let all: Vec<&str> = names.into_iter().collect();
        let mut listed = near_names(wanted, all.iter().copied());
        if listed.is_empty() {
            listed.extend(all.iter().take(LISTED_MAX));
        }
        NamesThere { more: all.len() - listed.len(), listed: listed.into_iter().map(str::to_owned).collect() }
    }

    /// The names listed, the nearest first.
    pub fn listed(&self) -> &[String] {
        &self.listed
    }

    /// How many more there are.
    pub fn more(&self) -> usize {
        self.more
    }
}

impl fmt::Display for NamesThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.listed.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}`{name}`")?;
        }
        if self.more > 0 {
            write!(f, ", and {} more", self.more)?;
        }
        Ok(())
    }
}

fn fold(name: &str) -> Vec<char> {
    // Names in messages are short; a hostile one must not cost quadratic time.
    name.chars().take(64).flat_map(char::to_lowercase).collect()
}

/// Edit distance, a swap of neighbours counting as one.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous_a = None;
    for (i, &ca) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        let mut left = i + 1;
        let mut previous_b = None;
        for (j, &cb) in b.iter().enumerate() {
            let above = last.get(j + 1).copied().unwrap_or(usize::MAX - 1);
            let diagonal = last.get(j).copied().unwrap_or(usize::MAX - 1);
            let mut best = (left + 1).min(above + 1).min(diagonal + usize::from(ca != cb));
            if previous_a == Some(cb)
                && previous_b == Some(ca)
                && let Some(&swapped) = j.checked_sub(1).and_then(|j| before_last.get(j))
            {
                best = best.min(swapped + 1);
            }
            row.push(best);
            left = best;
            previous_b = Some(cb);
        }
        before_last = std::mem::replace(&mut last, row);
        previous_a = Some(ca);
    }
    last.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::{NamesThere, did_you_mean, near_names};

    #[test]
    fn near_names_are_found_best_first_and_far_ones_are_not() {
        let names = ["items", "users", "interactions", "ITEM_ID"];
        assert_eq!(near_names("item", names), ["items", "ITEM_ID"]);
        assert_eq!(near_names("itmes", names), ["items"]);
        assert_eq!(near_names("interaction", names), ["interactions"]);
        assert!(near_names("products", names).is_empty());
        assert_eq!(did_you_mean("usres", names), " (did you mean users?)");
        assert_eq!(did_you_mean("", names), "");
    }

    #[test]
    fn a_list_that_is_cut_says_how_many_it_leaves_out() {
        let names: Vec<String> = (0..12).map(|n| format!("shelf-{n}/items")).collect();
        let there = |wanted: &str, count: usize| {
            NamesThere::instead_of(wanted, names.iter().take(count).map(String::as_str)).to_string()
        };
        assert_eq!(there("products", 2), "`shelf-0/items`, `shelf-1/items`");
        assert!(there("products", 12).ends_with("`shelf-4/items`, and 7 more"), "{}", there("products", 12));
        assert_eq!(there("shelf-7/item", 12).split(',').next(), Some("`shelf-7/items`"), "the nearest first");
        assert!(there("shelf-7/item", 12).ends_with(", and 9 more"));
        assert_eq!(there("products", 0), "");
    }
}

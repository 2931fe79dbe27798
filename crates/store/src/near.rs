//! Names like the one that was not found.

/// How many names an error lists.
const SHOWN: usize = 5;

/// The names nearest to `wanted`: those a typing error away first, or the first few if none is.
pub(crate) fn near<T: ToString>(wanted: &str, names: impl Iterator<Item = T>) -> Vec<String> {
    let mut all: Vec<(usize, String)> =
        names.map(|name| name.to_string()).map(|name| (distance(wanted, &name), name)).collect();
    all.sort();
    let close = wanted.chars().count() / 3 + 1;
    let count = all.iter().filter(|(distance, _)| *distance <= close).count();
    let shown = if count == 0 { SHOWN } else { count.min(SHOWN) };
    all.into_iter().take(shown).map(|(_, name)| name).collect()
}

/// Levenshtein distance, case ignored.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (above, y) in row.iter_mut().skip(1).zip(&b) {
            let cost = (diagonal + usize::from(x != *y)).min(left + 1).min(*above + 1);
            diagonal = *above;
            *above = cost;
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

//! Which commit each row of a segment came with: (first row, commit) runs.

/// The commits of a segment's rows, as runs of rows that came with the same commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Runs {
    /// (first row, commit), rows strictly rising from 0.
    runs: Vec<(u64, u64)>,
    rows: u64,
}

impl Runs {
    /// Adds `rows` rows that came with `commit`.
    pub fn push(&mut self, rows: u64, commit: u64) {
        if rows == 0 {
            return;
        }
        if self.runs.last().is_none_or(|(_, last)| *last != commit) {
            self.runs.push((self.rows, commit));
        }
        self.rows += rows;
    }

    /// The number of rows covered.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The commit of a row, if there is such a row.
    pub fn commit_of(&self, row: u64) -> Option<u64> {
        if row >= self.rows {
            return None;
        }
        let after = self.runs.partition_point(|(first, _)| *first <= row);
        self.runs.get(after.checked_sub(1)?).map(|(_, commit)| *commit)
    }

    /// (first row, end row, commit) of each run.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        let ends = self.runs.iter().skip(1).map(|(first, _)| *first).chain(std::iter::once(self.rows));
        self.runs.iter().zip(ends).map(|((first, commit), end)| (*first, end, *commit))
    }

    /// The text kept in a segment's footer: `rows*commit` for each run, by commas. The commit that writes
    /// the segment is written as `0`, since its number is not known before it is done.
    pub fn to_text(&self) -> String {
        let parts: Vec<String> =
            self.iter().map(|(first, end, commit)| format!("{}*{commit}", end - first)).collect();
        parts.join(",")
    }

    /// Reads the text back, with `own` for the commit that wrote the segment.
    pub fn from_text(text: &str, own: u64) -> Option<Runs> {
        let mut runs = Runs::default();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (rows, commit) = part.split_once('*')?;
            let (rows, commit): (u64, u64) = (rows.parse().ok()?, commit.parse().ok()?);
            runs.rows.checked_add(rows)?;
            runs.push(rows, if commit == 0 { own } else { commit });
        }
        Some(runs)
    }
}

//! What a dataset held before and after.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;
use restock::{Record, Store, Value, View};
use serde_json::json;

use crate::render::{count, shown, table};

/// The rows of a dataset by origin and record ID.
#[derive(Debug, PartialEq)]
pub(super) struct Moment {
    bulk: BTreeMap<String, Record>,
    individual: BTreeMap<String, Record>,
}

impl Moment {
    pub(super) fn of(store: &Path, dataset: &str) -> Result<Moment> {
        let dataset = Store::open_read_only(store)?.snapshot().dataset(dataset)?;
        let id = dataset.record_id().unwrap_or_default().to_owned();
        let rows = |view| -> Result<BTreeMap<String, Record>> {
            let mut rows = BTreeMap::new();
            for batch in dataset.scan().view(view).batches()? {
                for record in restock::records(&batch?)? {
                    let id = record.get(&id).and_then(Value::as_str).unwrap_or_default().to_owned();
                    rows.insert(id, record);
                }
            }
            Ok(rows)
        };
        Ok(Moment { bulk: rows(View::Bulk)?, individual: rows(View::Individual)? })
    }
}

/// What lies between two moments.
pub(super) struct Changes<'a> {
    before: &'a Moment,
    after: &'a Moment,
    /// Record IDs whose bulk row is another one.
    bulk: Vec<&'a str>,
}

impl<'a> Changes<'a> {
    /// The columns that the table shows of a record.
    pub(super) const COLUMNS: [&'static str; 2] = ["TITLE", "PRICE"];

    pub(super) fn between(before: &'a Moment, after: &'a Moment) -> Changes<'a> {
        let ids: BTreeSet<&str> = before.bulk.keys().chain(after.bulk.keys()).map(String::as_str).collect();
        let bulk = ids.into_iter().filter(|id| before.bulk.get(*id) != after.bulk.get(*id)).collect();
        Changes { before, after, bulk }
    }

    pub(super) fn individual_same(&self) -> bool {
        self.before.individual == self.after.individual
    }

    pub(super) fn is_empty(&self) -> bool {
        self.before == self.after
    }

    /// A row for each bulk row that changed, and for each individual row, which none may.
    pub(super) fn print(&self, text: &mut dyn Write) -> io::Result<()> {
        let mut table = table(["ITEM_ID", "ORIGIN", "BEFORE", "AFTER", ""]);
        for id in &self.bulk {
            let (before, after) = (self.before.bulk.get(*id), self.after.bulk.get(*id));
            let what = match (before, after) {
                (None, _) => "appended",
                (_, None) => "removed",
                _ => "replaced",
            };
            table.add_row([id, "bulk", &cells(before), &cells(after), what]);
        }
        for (id, before) in &self.before.individual {
            let after = self.after.individual.get(id);
            let what = if after == Some(before) { "the same" } else { "CHANGED" };
            table.add_row([id.as_str(), "individual", &cells(Some(before)), &cells(after), what]);
        }
        writeln!(text, "{table}")?;
        let same =
            self.after.bulk.len() - self.bulk.iter().filter(|id| self.after.bulk.contains_key(**id)).count();
        writeln!(text, "{} are the same as before.", count(same as u64, "other bulk row"))?;
        if self.individual_same() {
            let rows = count(self.before.individual.len() as u64, "individual row");
            writeln!(text, "No import changed an individual row: all {rows} are exactly as they were put.")?;
        }
        Ok(())
    }

    /// That it is as it was.
    pub(super) fn print_nothing_changed(&self, text: &mut dyn Write) -> io::Result<()> {
        if self.is_empty() {
            let (bulk, individual) = (self.after.bulk.len() as u64, self.after.individual.len() as u64);
            let (bulk, individual) = (count(bulk, "bulk row"), count(individual, "individual row"));
            return writeln!(
                text,
                "All {bulk} are as before that import, and the {individual} as they were put."
            );
        }
        self.print(text)
    }

    pub(super) fn to_json(&self) -> serde_json::Value {
        let changed = self.bulk.iter().map(
            |id| json!({"id": id, "before": self.before.bulk.get(*id), "after": self.after.bulk.get(*id)}),
        );
        changed.collect()
    }
}

/// The columns of a record that the table shows; null is named, for nothing else would tell it from an empty text.
fn cells(record: Option<&Record>) -> String {
    let Some(record) = record else { return "-".to_owned() };
    let values = Changes::COLUMNS.map(|column| match record.get(column) {
        None | Some(Value::Null) => "null".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        Some(value) => shown(value),
    });
    values.join(", ")
}

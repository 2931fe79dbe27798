//! `restock info`

use std::io::{self, Write};

use anyhow::Result;
use comfy_table::Cell;
use restock::{DatasetInfo, StoreInfo};
use serde_json::{Value, json};

use super::target::StoreArg;
use crate::output::Output;
use crate::render::{bytes, count, number_of, right, table, time};

/// Show what a store holds, without reading its data.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  restock info shop.restock\n  restock info shop.restock items\n  restock info shop.restock --json"
)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Everything about one dataset
    #[arg(value_name = "DATASET")]
    dataset: Option<String>,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let store = self.store.read()?;
        let mut info = store.info()?;
        if let Some(name) = &self.dataset {
            store.dataset(name)?;
            info.datasets.retain(|dataset| dataset.name.to_string() == *name);
        }
        let json = json!({
            "version": info.version,
            "format": info.format,
            "undo_depth": info.undo_depth,
            "datasets": info.datasets.iter().map(to_json).collect::<Vec<_>>(),
        });
        let one = self.dataset.is_some();
        Ok(out.result(&json, |text| match info.datasets.as_slice() {
            [dataset] if one => print_one(text, dataset),
            _ => {
                write!(text, "{}: ", self.store.path().display())?;
                print_all(text, &info)
            }
        })?)
    }
}

fn to_json(dataset: &DatasetInfo) -> Value {
    let last_import = dataset.last_import.as_ref().map(|last| {
        json!({"version": last.version, "time": time(last.time_ms), "mode": last.mode, "label": last.label})
    });
    json!({
        "name": dataset.name,
        "type": dataset.dataset_type,
        "record_id": dataset.record_id,
        "rows": dataset.rows,
        "shadowed": dataset.shadowed,
        "deleted": dataset.deleted,
        "segments": dataset.segments,
        "bytes_live": dataset.bytes_live,
        "bytes_dead": dataset.bytes_dead,
        "undo_kept": dataset.undo_kept,
        "last_import": last_import,
    })
}

fn print_all(text: &mut dyn Write, info: &StoreInfo) -> io::Result<()> {
    let datasets = count(info.datasets.len() as u64, "dataset");
    writeln!(text, "version {}, format {}, {datasets}", info.version, info.format)?;
    if info.datasets.is_empty() {
        return Ok(());
    }
    let mut table =
        table(["DATASET", "TYPE", "BULK", "INDIVIDUAL", "MERGED", "LIVE", "FREEABLE", "LAST IMPORT"]);
    for dataset in &info.datasets {
        table.add_row([
            dataset.name.to_string().into(),
            dataset.dataset_type.to_string().into(),
            right(number_of(dataset.rows.bulk)),
            right(number_of(dataset.rows.individual)),
            right(number_of(dataset.rows.merged)),
            right(bytes(dataset.bytes_live)),
            right(bytes(dataset.bytes_dead)),
            Cell::new(last_import(dataset)),
        ]);
    }
    writeln!(text, "{table}")
}

fn print_one(text: &mut dyn Write, dataset: &DatasetInfo) -> io::Result<()> {
    let DatasetInfo { name, dataset_type, rows, shadowed, deleted, segments, undo_kept, .. } = dataset;
    let record_id = dataset.record_id.as_deref().unwrap_or("none");
    writeln!(text, "{name}: type {dataset_type}, record ID {record_id}")?;
    writeln!(
        text,
        "  rows          {} bulk + {} individual = {} merged",
        number_of(rows.bulk),
        number_of(rows.individual),
        number_of(rows.merged)
    )?;
    writeln!(text, "  shadowed      {} by an individual row of the same ID", count(*shadowed, "bulk row"))?;
    writeln!(text, "  deleted       {}, still on disk", count(*deleted, "row"))?;
    writeln!(text, "  live          {} in {}", bytes(dataset.bytes_live), count(*segments, "segment"))?;
    writeln!(
        text,
        "  freeable      {}: `restock compact` frees deleted rows, `restock vacuum` also {} kept for undo",
        bytes(dataset.bytes_dead),
        count(*undo_kept, "import")
    )?;
    writeln!(text, "  last import   {}", last_import(dataset))
}

fn last_import(dataset: &DatasetInfo) -> String {
    let Some(last) = &dataset.last_import else { return "none".to_owned() };
    let label = last.label.as_deref().map(|label| format!(", label {label}")).unwrap_or_default();
    format!("{} {} (version {}{label})", last.mode, time(last.time_ms), last.version)
}

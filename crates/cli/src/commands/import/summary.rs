//! What an import did, for people.

use std::io::{self, Write};
use std::path::Path;

use restock::{ImportMode, ImportReport, Store};

use crate::output::note;
use crate::render::{bytes, command, count, name, number_of};

/// Ignored columns shown on a screen; `--report` and `--json` list them.
const COLUMNS_SHOWN: usize = 50;

/// Prints the report.
pub(super) fn print(text: &mut dyn Write, report: &ImportReport) -> io::Result<()> {
    let ImportReport { mode, dataset, version, seconds, .. } = report;
    let rate = bytes((report.bytes as f64 / seconds.max(1e-6)) as u64);
    if report.dry_run {
        writeln!(
            text,
            "dry run of a {mode} import into `{dataset}`: nothing was changed ({seconds:.2} s, {rate}/s)"
        )?;
    } else {
        writeln!(text, "{mode} import into `{dataset}`: version {version} ({seconds:.2} s, {rate}/s)")?;
    }
    let files = count(report.files, "file");
    let superseded = if report.superseded > 0 { " (their ID came again further on)" } else { "" };
    writeln!(text, "  rows read    {} from {files} ({})", number_of(report.rows_read), bytes(report.bytes))?;
    writeln!(text, "  accepted     {}", number_of(report.accepted))?;
    writeln!(text, "  rejected     {}", number_of(report.rejected))?;
    writeln!(text, "  superseded   {}{superseded}", number_of(report.superseded))?;
    writeln!(text, "  replaced     {}", number_of(report.replaced))?;
    writeln!(text, "  appended     {}", number_of(report.appended))?;
    writeln!(text, "  removed      {}", number_of(report.removed))?;
    if !report.ignored_columns.is_empty() {
        let columns: Vec<String> =
            report.ignored_columns.iter().take(COLUMNS_SHOWN).map(|it| name(it)).collect();
        let more = match report.ignored_columns.len().saturating_sub(COLUMNS_SHOWN) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        writeln!(text, "  ignored      columns {}{more}", columns.join(", "))?;
    }
    for line in &report.notes {
        writeln!(text, "  note         {line}")?;
    }
    Ok(())
}

/// After a FULL that removed rows: what it replaced by what, and the way back.
pub(super) fn tell_removed(path: &Path, report: &ImportReport) {
    if report.mode != ImportMode::Full || report.removed == 0 {
        return;
    }
    let gone = report.gone.map(|gone| format!(", {} are gone", count(gone, "ID"))).unwrap_or_default();
    let before = count(report.removed, "bulk row");
    let after = number_of(report.appended);
    let dataset = &report.dataset;
    if report.dry_run {
        return note(format_args!("it would replace {before} of `{dataset}` by {after}{gone}"));
    }
    let depth = Store::open_read_only(path).and_then(|store| store.info()).map(|info| info.undo_depth);
    let undo = match depth {
        Ok(0) => "nothing is kept for undo (undo-depth 0)".to_owned(),
        _ => {
            format!("to take it back: {}", command(["undo".into(), path.into(), dataset.to_string().into()]))
        }
    };
    note(format_args!("replaced {before} of `{dataset}` by {after}{gone}; {undo}"));
}

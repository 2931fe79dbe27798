//! Files made to break CSV readers, and found ones that do: each is read as the readers agree that measure it, or
//! refused with a place; never a panic, never a silent difference. What is refused stands in `docs/csv-torture.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::*;
use crate::reference;
use crate::{CsvErrorKind, Header, Limits};

const WRITE: &str = "RESTOCK_WRITE_DOCS";

/// As many as fit into a schema's text.
const SCHEMA_COLUMNS: usize = 400;

fn beside_the_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Everything in the folder that is somebody's CSV.
fn files(folder: &Path, found: &mut BTreeMap<String, PathBuf>, root: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files(&path, found, root);
        } else if !["json", "md", "LICENSE", "gitattributes"].iter().any(|end| name.ends_with(end)) {
            found.insert(name, path);
        }
    }
}

/// The rows that two or three of the measuring readers agree on.
fn agreed(entry: &Value) -> Option<Vec<Vec<String>>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let row = |row: &Value| row.as_array().unwrap().iter().take(SCHEMA_COLUMNS).map(text).collect();
    Some(entry.get("rows")?.as_array()?.iter().map(row).collect())
}

fn columns(input: &[u8]) -> usize {
    let (records, _) = reference::records(input, 0, &Options::default());
    records.first().map_or(1, |record| record.fields.len()).clamp(1, 4096)
}

/// Why the file is refused, or its rows.
fn judge(input: &[u8], columns: usize, chunk_bytes: usize) -> Result<Vec<Vec<String>>, (String, String)> {
    let names: Vec<String> = (0..columns).map(|number| format!("c{number}")).collect();
    let schema = strings(&names.iter().take(SCHEMA_COLUMNS).map(String::as_str).collect::<Vec<_>>());
    let limits = Limits { chunk_bytes, ..Limits::default() };
    let options = Options { header: Header::Names(names), limits, ..Options::default() };
    let outcome = run(input, &schema, &options);
    if let Some(error) = &outcome.fatal {
        let kind = if error.kind() == CsvErrorKind::Encoding { "encoding" } else { "file" };
        let (line, byte) = (error.line().unwrap(), error.byte().unwrap());
        return Err((kind.to_owned(), format!("line {line}, byte {byte}: {}", error.message())));
    }
    if let Some(error) = outcome.errors.first() {
        let (records, byte) = (outcome.rejected, error.byte.unwrap());
        let text = format!(
            "line {}, byte {byte}: {} ({records} of {} records)",
            error.line, error.reason, outcome.records_read
        );
        return Err(("records".to_owned(), text));
    }
    let text = |row: Row| row.into_iter().map(Option::unwrap_or_default).collect();
    Ok(outcome.rows.into_iter().map(text).collect())
}

#[test]
fn torture_files_read_as_others_agree_or_are_refused_with_a_place() {
    let root = beside_the_repository("../shared/data/csv-torture");
    if !root.exists() {
        println!("skipped: {} is not there", root.display());
        return;
    }
    let parses = std::fs::read_to_string(root.join("reference-parses.json")).unwrap();
    let parses: BTreeMap<String, Value> = serde_json::from_str(&parses).unwrap();
    let mut found = BTreeMap::new();
    files(&root, &mut found, &root);
    assert!(found.len() > 660);

    let (mut agreeing, mut accepted, mut refused) = (0, 0, Vec::new());
    for (name, path) in found {
        let input = std::fs::read(path).unwrap();
        let rows = parses.get(&name).and_then(agreed);
        let columns = columns(&input);
        let judged = judge(&input, columns, 1 << 20);
        assert_eq!(judge(&input, columns, 61), judged, "{name} in small chunks");
        match (judged, rows) {
            (Ok(ours), Some(theirs)) => {
                assert_eq!(ours, theirs, "{name}");
                agreeing += 1;
            }
            (Ok(_), None) => accepted += 1,
            (Err(why), rows) => refused.push((name, why, rows.is_some())),
        }
    }
    let table = table(agreeing, accepted, &refused);
    let path = beside_the_repository("docs/csv-torture.md");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        table,
        "run the test with {WRITE}=1 to write the page"
    );
}

fn table(agreeing: usize, accepted: usize, refused: &[(String, (String, String), bool)]) -> String {
    let total = agreeing + accepted + refused.len();
    let mut out = format!(
        "# Difficult CSV files, and what becomes of them\n\n\
         {total} files that break CSV readers: the suites csv-spectrum, csvlint, messytables and arrow-csv-fuzz, and the CSV\n\
         files of DuckDB's tests. Each is read with the defaults (comma, double quote, UTF-8), without a header, with as many\n\
         columns as its first record has, whatever its own dialect is. The measure is what Python's csv (strict), Arrow's\n\
         reader and DuckDB (strict) make of them.\n\n\
         | | files |\n|---|---|\n\
         | read, with the rows that two or three of the measuring readers agree on | {agreeing} |\n\
         | read, where these readers do not agree | {accepted} |\n\
         | refused | {} |\n\n\
         This page is written by the test `torture`, which fails when it is no longer true\n\
         (`{WRITE}=1 cargo nextest run -p restock-csv torture` writes it anew).\n",
        refused.len()
    );
    let kinds = [
        (
            "records",
            "Records refused",
            "The other records of these files would be kept by `--on-error skip`. *Agreed* marks files that two or three of
the measuring readers take: they read a lone CR as a line end, which is an error here.",
        ),
        ("encoding", "Other encodings and formats", "Recognised by their first bytes."),
    ];
    for (kind, title, text) in kinds {
        let _ = writeln!(out, "\n## {title}\n\n{text}\n\n| file | first trouble | |\n|---|---|---|");
        for (name, (_, why), agreed) in refused.iter().filter(|(_, (which, _), _)| which == kind) {
            let agreed = if *agreed { "agreed" } else { "" };
            let _ = writeln!(out, "| {name} | {} | {agreed} |", why.replace('|', "\\|"));
        }
    }
    out
}

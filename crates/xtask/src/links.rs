//! Every link from one document of the repository to another leads somewhere.

use std::fs;
use std::path::{Path, PathBuf};

/// Checks the Markdown files of the repository.
pub fn check() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    collect(&root, &mut files).map_err(|e| e.to_string())?;
    let mut broken = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        for target in targets(&text) {
            let place = file.parent().unwrap_or(&root).join(target);
            if !place.exists() {
                let shown = file.strip_prefix(&root).unwrap_or(file);
                broken.push(format!("{}: {target} does not exist", shown.display()));
            }
        }
    }
    eprintln!("links of {} documents checked", files.len());
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if name != "target" && name != ".git" && name != "assets" {
                collect(&entry.path(), files)?;
            }
        } else if name.ends_with(".md") {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// The files that a document's links name, anchors and other sites left out.
fn targets(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for rest in line.split("](").skip(1) {
            let target = rest.split([')', '#', ' ']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:") {
                found.push(target);
            }
        }
    }
    found
}

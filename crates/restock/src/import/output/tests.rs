use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::OutputFile;

fn refused(out: &Path, source: &Path) -> String {
    OutputFile::open(out, &[source]).unwrap_err().to_string()
}

#[test]
fn a_source_is_no_output_under_any_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("in")).unwrap();
    fs::write(at("in/a.csv"), "ITEM_ID\ni1\n").unwrap();
    symlink(at("in/a.csv"), at("link.csv")).unwrap();
    symlink(at("in"), at("folder")).unwrap();
    fs::hard_link(at("in/a.csv"), at("hard.csv")).unwrap();
    for out in ["in/a.csv", "in/../in/a.csv", "link.csv", "hard.csv", "folder/a.csv"] {
        for source in ["in/a.csv", "link.csv", "in/*.csv", "in"] {
            let text = refused(&at(out), &at(source));
            assert!(text.contains("to import from"), "{out} {source}: {text}");
        }
    }
    for out in ["in/new.json", "folder/new.json"] {
        assert!(refused(&at(out), &at("in")).contains("a folder to import from"));
        assert!(!at("in/new.json").exists());
    }
    // A source that is missing hides none beside it.
    let sources = [at("missing.csv"), at("in/a.csv")];
    assert!(OutputFile::open(at("hard.csv"), &sources).is_err());
    assert_eq!(fs::read_to_string(at("in/a.csv")).unwrap(), "ITEM_ID\ni1\n");
    assert!(OutputFile::open(at("in/new.json"), &[at("in/a.csv")]).is_ok());
}

#[test]
fn an_older_file_stays_until_something_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old"), folder.path().join("new"));
    fs::write(&old, "of yesterday, and longer").unwrap();
    for path in [&old, &new] {
        drop(OutputFile::open(path, &[] as &[&Path]).unwrap());
    }
    assert_eq!(fs::read_to_string(&old).unwrap(), "of yesterday, and longer");
    assert!(!new.exists());
    OutputFile::open(&old, &[] as &[&Path]).unwrap().write_all(b"today").unwrap();
    OutputFile::open(&new, &[] as &[&Path]).unwrap().flush().unwrap();
    assert_eq!(fs::read_to_string(&old).unwrap(), "today");
    assert_eq!(fs::read_to_string(&new).unwrap(), "");
}

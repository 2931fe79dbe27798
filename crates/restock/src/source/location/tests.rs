use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Input, resolve, resolve_limited};

fn folder(names: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for name in names {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    dir
}

/// The inputs' paths relative to `dir`.
fn names(dir: &TempDir, sources: &[PathBuf]) -> Vec<String> {
    resolve(sources)
        .unwrap()
        .into_iter()
        .map(|input| match input {
            Input::Stdin => "-".to_owned(),
            Input::File(path) => path.strip_prefix(dir.path()).unwrap().display().to_string(),
        })
        .collect()
}

fn message(sources: &[PathBuf]) -> String {
    resolve(sources).unwrap_err().to_string()
}

#[test]
fn s11_a_folder_gives_its_files_by_path_bytes_without_hidden_ones_and_subfolders() {
    let dir = folder(&["b.csv", "B.csv", "a.csv", "é.csv", ".hidden", "_SUCCESS", "sub/c.csv"]);
    assert_eq!(names(&dir, &[dir.path().to_owned()]), ["B.csv", "a.csv", "b.csv", "é.csv"]);
}

#[test]
fn s11_sources_keep_the_order_given() {
    let dir = folder(&["b.csv", "a.csv", "sub/1.csv", "sub/2.csv"]);
    let at = |name: &str| dir.path().join(name);
    assert_eq!(
        names(&dir, &[at("b.csv"), at("sub"), "-".into(), at("a.csv"), at("b.csv")]),
        ["b.csv", "sub/1.csv", "sub/2.csv", "-", "a.csv", "b.csv"]
    );
}

#[test]
fn s11_a_glob_is_sorted_and_skips_folders_and_hidden_names() {
    let dir = folder(&["x/2.csv", "x/1.csv", "x/_t.csv", "x/.t.csv", "_y/3.csv", "z/1.txt", "q.csv/inner"]);
    assert_eq!(names(&dir, &[dir.path().join("*/*.csv")]), ["x/1.csv", "x/2.csv"]);
    assert_eq!(names(&dir, &[dir.path().join("_y/*.csv")]), ["_y/3.csv"], "the user named that folder");
    assert_eq!(names(&dir, &[dir.path().join("x/[1]?csv")]), ["x/1.csv"]);
    assert!(message(&[dir.path().join("*.csv")]).ends_with("*.csv: no file matches"));
}

#[test]
fn a_glob_of_two_stars_names_each_file_once() {
    let dir = folder(&["a/a/1.csv", "a/b/a/2.csv"]);
    assert_eq!(names(&dir, &[dir.path().join("**/a/**/*.csv")]), ["a/a/1.csv", "a/b/a/2.csv"]);
    assert_eq!(names(&dir, &[dir.path().join("**/**/*.csv")]), ["a/a/1.csv", "a/b/a/2.csv"]);
}

#[test]
fn a_file_whose_literal_name_holds_wildcards_is_that_file() {
    let dir = folder(&["a[1].csv", "a1.csv", "_x.csv"]);
    assert_eq!(names(&dir, &[dir.path().join("a[1].csv")]), ["a[1].csv"]);
    assert_eq!(names(&dir, &[dir.path().join("_x.csv")]), ["_x.csv"], "named, so not skipped");
}

#[test]
fn nothing_found_is_an_error_that_says_what_was_skipped() {
    let dir = folder(&["in/_a.csv", "in/.b.csv"]);
    let text = message(&[dir.path().join("in")]);
    assert!(text.contains("holds no file to import"), "{text}");
    assert!(text.ends_with("2 skipped because a name in the path begins with `.` or `_`"), "{text}");
    assert!(message(&[dir.path().join("in/*.csv")]).contains("no file matches; 2 skipped"));
    assert!(message(&[dir.path().join("in/[.csv")]).contains("not a valid glob"));
    assert!(message(&["s3://bucket/key.csv".into()]).contains("s3:// sources"));
}

#[test]
fn a_missing_file_names_its_neighbours() {
    let dir = folder(&["items.csv", "users.csv"]);
    let text = message(&[dir.path().join("item.csv")]);
    assert!(text.contains("no such file or folder; near names: "), "{text}");
    assert!(text.ends_with("items.csv"), "{text}");
    let text = message(&[dir.path().join("none/at/all.csv")]);
    assert!(text.ends_with("no such file or folder"), "{text}");
}

#[test]
fn too_many_files_and_stdin_twice_are_refused() {
    let dir = folder(&["1.csv", "2.csv", "3.csv"]);
    assert_eq!(resolve_limited(&[dir.path()], 3).unwrap().len(), 3);
    let text = resolve_limited(&[dir.path()], 2).unwrap_err().to_string();
    assert!(text.contains("more than 2 files (limit `files`)"), "{text}");
    let file = dir.path().join("1.csv");
    assert!(resolve_limited(&[&file, &file, &file], 2).is_err());
    assert!(message(&["-".into(), "-".into()]).contains("only once"));
}

#[test]
fn lengths_are_known_for_files_only() {
    let dir = folder(&["1.csv"]);
    assert_eq!(Input::File(dir.path().join("1.csv")).len(), Some(1));
    assert_eq!(Input::Stdin.len(), None);
    assert_eq!(Input::Stdin.name(), "<stdin>");
    assert_eq!(Input::File(Path::new("a/b.csv").to_owned()).name(), "a/b.csv");
}

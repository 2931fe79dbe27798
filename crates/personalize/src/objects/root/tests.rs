use std::io::{Read, Write};

use tempfile::TempDir;

use super::*;

fn at(bucket: &str, key: &str) -> Location {
    Location { bucket: bucket.to_owned(), key: key.to_owned() }
}

/// A root with a bucket, and beside it a secret.
fn root() -> (TempDir, RootFolder) {
    let dir = TempDir::new().unwrap();
    let files = ["in/b.csv", "in/a.csv", "in/.hidden", "in/_SUCCESS", "in/deep/c.csv", "in/A.csv"];
    for file in files {
        let path = dir.path().join("root/bucket").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    fs::write(dir.path().join("secret.csv"), "secret").unwrap();
    let root = RootFolder::open(&dir.path().join("root")).unwrap();
    (dir, root)
}

fn keys(objects: &[Object]) -> Vec<&str> {
    objects.iter().map(|object| object.location.key.as_str()).collect()
}

#[test]
fn a_folder_is_listed_by_key_without_hidden_names() {
    let (_dir, root) = root();
    let folder = at("bucket", "in/");
    assert_eq!(keys(&root.list(&folder, Depth::FirstLevel).unwrap()), ["in/A.csv", "in/a.csv", "in/b.csv"]);
    let all = root.list(&folder, Depth::All).unwrap();
    assert_eq!(keys(&all), ["in/A.csv", "in/a.csv", "in/b.csv", "in/deep/c.csv"]);
    assert_eq!(all.iter().map(|object| object.bytes).collect::<Vec<_>>(), [8, 8, 8, 13]);
    let mut text = String::new();
    root.open(&all[3]).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "in/deep/c.csv");
    assert_eq!(keys(&root.list(&at("bucket", "in/a.csv"), Depth::FirstLevel).unwrap()), ["in/a.csv"]);
}

#[test]
fn what_is_not_there_is_not_found_and_a_folder_says_what_it_is() {
    let (_dir, root) = root();
    for key in ["none.csv", "none/", "in/a.csv/x"] {
        let error = root.list(&at("bucket", key), Depth::FirstLevel).unwrap_err();
        assert!(!matches!(error, ObjectsError::Invalid(_) | ObjectsError::Denied(_)), "{key}: {error}");
    }
    let error = root.list(&at("bucket", "in"), Depth::FirstLevel).unwrap_err();
    assert!(
        matches!(&error, ObjectsError::NotFound(text) if text.contains("end its name with /")),
        "{error}"
    );
}

#[test]
fn nothing_leads_out() {
    let (dir, root) = root();
    let ways = [
        ("bucket", "../../secret.csv"),
        ("..", "secret.csv"),
        ("bucket", "in/./a.csv"),
        ("bucket", "in//a.csv"),
        ("", "a"),
        ("bucket", "a\0b"),
        ("bucket", "/etc/passwd"),
    ];
    for (bucket, key) in ways {
        let location = at(bucket, key);
        assert!(matches!(root.list(&location, Depth::All), Err(ObjectsError::Invalid(_))), "{location}");
        assert!(matches!(root.create(&location), Err(ObjectsError::Invalid(_))), "{location}");
    }
    #[cfg(unix)]
    {
        let bucket = dir.path().join("root/bucket");
        std::os::unix::fs::symlink(dir.path().join("secret.csv"), bucket.join("link.csv")).unwrap();
        std::os::unix::fs::symlink(dir.path(), bucket.join("out")).unwrap();
        for key in ["link.csv", "out/secret.csv", "out/", ""] {
            let location = at("bucket", key);
            assert!(matches!(root.list(&location, Depth::All), Err(ObjectsError::Denied(_))), "{location}");
        }
        assert!(matches!(root.create(&at("bucket", "out/new/x.csv")), Err(ObjectsError::Denied(_))));
        assert!(!dir.path().join("new").exists());
    }
}

#[test]
fn an_object_is_there_once_it_is_whole_and_is_never_overwritten() {
    let (dir, root) = root();
    let location = at("bucket", "out/of/nothing.csv");
    let mut dropped = root.create(&location).unwrap();
    dropped.write_all(b"half").unwrap();
    drop(dropped);
    assert_eq!(fs::read_dir(dir.path().join("root/bucket/out/of")).unwrap().count(), 0);

    let (mut one, mut other) = (root.create(&location).unwrap(), root.create(&location).unwrap());
    one.write_all(b"one").unwrap();
    other.write_all(b"other").unwrap();
    assert!(root.list(&location, Depth::FirstLevel).is_err());
    one.finish().unwrap();
    assert!(matches!(other.finish(), Err(ObjectsError::Exists(_))));
    assert!(matches!(root.create(&location), Err(ObjectsError::Exists(_))));
    assert_eq!(fs::read_to_string(dir.path().join("root/bucket/out/of/nothing.csv")).unwrap(), "one");
    assert_eq!(fs::read_dir(dir.path().join("root/bucket/out/of")).unwrap().count(), 1);
}

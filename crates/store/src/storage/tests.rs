//! Every implementation of the trait answers the same.

use std::io::ErrorKind;

use super::*;

/// Both implementations, empty; the folder lives as long as the test.
fn each(case: impl Fn(&dyn Storage)) {
    case(&MemoryStorage::new());
    let folder = tempfile::tempdir().unwrap();
    case(&FsStorage::create(folder.path().join("a/b")).unwrap());
}

fn write(storage: &dyn Storage, path: &str, bytes: &[u8]) {
    let mut file = storage.create(path).unwrap();
    file.write_all(bytes).unwrap();
    file.sync().unwrap();
}

#[track_caller]
fn refused<T: fmt::Debug>(answer: io::Result<T>, kind: ErrorKind, path: &str) {
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(path), "{error} does not name {path}");
}

#[test]
fn what_is_written_is_read() {
    each(|storage| {
        let mut file = storage.create("MANIFEST").unwrap();
        file.write_all(b"hello ").unwrap();
        file.start_writeback();
        file.write_all(b"world").unwrap();
        file.start_writeback();
        file.start_writeback();
        file.write_at(0, b"J").unwrap();
        file.write_all(b"!").unwrap();
        file.flush().unwrap();
        file.sync_data().unwrap();
        assert_eq!(file.size(), 12);
        assert_eq!(storage.read("MANIFEST").unwrap(), b"Jello world!");
        assert_eq!(storage.read_at("MANIFEST", 6).unwrap(), b"world!");
        assert_eq!(storage.read_at("MANIFEST", 12).unwrap(), b"");
        assert_eq!(storage.read_at("MANIFEST", 1000).unwrap(), b"");
        assert_eq!(storage.len("MANIFEST").unwrap(), 12);
        assert_eq!(&storage.map("MANIFEST").unwrap()[..], b"Jello world!");
    });
}

#[test]
fn a_gap_reads_as_zeros_and_write_at_does_not_move_the_end() {
    each(|storage| {
        let mut file = storage.create("x").unwrap();
        file.write_at(4, b"ab").unwrap();
        assert_eq!(file.size(), 6);
        file.write_all(b"123").unwrap();
        file.write_at(5, b"cd").unwrap();
        assert_eq!(file.size(), 7);
        assert_eq!(storage.read("x").unwrap(), b"123\0acd");
    });
}

#[test]
fn an_existing_file_is_not_created_again() {
    each(|storage| {
        write(storage, "x", b"1");
        refused(storage.create("x"), ErrorKind::AlreadyExists, "x");
        storage.create_dir("dir").unwrap();
        refused(storage.create("dir"), ErrorKind::AlreadyExists, "dir");
        assert_eq!(storage.read("x").unwrap(), b"1");
    });
}

#[test]
fn what_is_missing_is_not_found_and_named() {
    each(|storage| {
        for path in ["gone", "nowhere/gone"] {
            refused(storage.read(path), ErrorKind::NotFound, path);
            refused(storage.read_at(path, 3), ErrorKind::NotFound, path);
            refused(storage.map(path), ErrorKind::NotFound, path);
            refused(storage.len(path), ErrorKind::NotFound, path);
            refused(storage.remove(path), ErrorKind::NotFound, path);
            refused(storage.rename(path, "x"), ErrorKind::NotFound, path);
        }
        refused(storage.create("nowhere/x"), ErrorKind::NotFound, "nowhere");
        refused(storage.list("nowhere"), ErrorKind::NotFound, "nowhere");
        refused(storage.sync_dir("nowhere"), ErrorKind::NotFound, "nowhere");
        refused(storage.create_dir("nowhere/inside"), ErrorKind::NotFound, "nowhere");
        assert!(storage.list("").unwrap().is_empty());
    });
}

#[test]
fn a_path_out_of_the_store_is_refused() {
    each(|storage| {
        for path in ["../x", "a/../../x", "/etc/passwd", "", "a//b", "a/", "./a", "a\\b", "c:x", "a\0"] {
            let refused = |kind: ErrorKind| assert_eq!(kind, ErrorKind::InvalidInput, "{path:?}");
            refused(storage.create(path).unwrap_err().kind());
            refused(storage.read(path).unwrap_err().kind());
            refused(storage.map(path).unwrap_err().kind());
            refused(storage.len(path).unwrap_err().kind());
            refused(storage.remove(path).unwrap_err().kind());
            refused(storage.rename(path, "x").unwrap_err().kind());
            refused(storage.rename("x", path).unwrap_err().kind());
            refused(storage.lock(path, "").unwrap_err().kind());
            if !path.is_empty() {
                refused(storage.list(path).unwrap_err().kind());
                refused(storage.create_dir(path).unwrap_err().kind());
                refused(storage.sync_dir(path).unwrap_err().kind());
            }
        }
    });
}

#[test]
fn a_rename_replaces_and_keeps_mappings() {
    each(|storage| {
        write(storage, "MANIFEST", b"old");
        write(storage, "MANIFEST.new", b"new!");
        let old = storage.map("MANIFEST").unwrap();
        storage.rename("MANIFEST.new", "MANIFEST").unwrap();
        storage.sync_dir("").unwrap();
        assert_eq!(storage.read("MANIFEST").unwrap(), b"new!");
        assert_eq!(storage.list("").unwrap(), ["MANIFEST"]);
        assert_eq!(&old[..], b"old");
    });
}

#[test]
fn a_mapping_outlives_its_file_and_its_storage() {
    let folder = tempfile::tempdir().unwrap();
    let storages: [Box<dyn Storage>; 2] =
        [Box::new(MemoryStorage::new()), Box::new(FsStorage::open(folder.path()).unwrap())];
    for storage in storages {
        write(&*storage, "x", &[7; 10_000]);
        write(&*storage, "empty", b"");
        let (map, empty) = (storage.map("x").unwrap(), storage.map("empty").unwrap());
        assert_eq!(map.as_ptr().align_offset(64), 0, "{storage:?}");
        storage.remove("x").unwrap();
        refused(storage.map("x"), ErrorKind::NotFound, "x");
        drop(storage);
        assert_eq!(map, [7; 10_000].as_slice());
        assert!(empty.is_empty());
    }
}

#[test]
fn folders_list_their_files_only() {
    each(|storage| {
        storage.create_dir("segments").unwrap();
        storage.create_dir("segments").unwrap();
        storage.create_dir("segments/inner").unwrap();
        write(storage, "segments/b", b"");
        write(storage, "segments/a", b"");
        write(storage, "segments/inner/c", b"");
        write(storage, "MANIFEST", b"");
        assert_eq!(storage.list("segments").unwrap(), ["a", "b"]);
        assert_eq!(storage.list("").unwrap(), ["MANIFEST"]);
        storage.remove("segments/a").unwrap();
        storage.sync_dir("segments").unwrap();
        assert_eq!(storage.list("segments").unwrap(), ["b"]);
        assert_eq!(storage.create_dir("MANIFEST").unwrap_err().kind(), ErrorKind::AlreadyExists);
    });
}

#[test]
fn a_second_lock_is_busy_until_the_first_is_dropped() {
    each(|storage| {
        let Lock::Held(guard) = storage.lock("LOCK", "pid 123, the first\n").unwrap() else {
            panic!("a new lock is busy")
        };
        for text in ["pid 123, the first\n", "pid 123 http://localhost\n", "x"] {
            guard.set_text(text).unwrap();
            match storage.lock("LOCK", "pid 4\n").unwrap() {
                Lock::Busy { text: seen } => assert_eq!(seen, text),
                Lock::Held(_) => panic!("two hold the lock"),
            }
        }
        drop(guard);
        assert_eq!(storage.list("").unwrap(), ["LOCK"]);
        let Lock::Held(_guard) = storage.lock("LOCK", "pid 4\n").unwrap() else {
            panic!("a dropped lock is busy")
        };
        assert_eq!(storage.read("LOCK").unwrap(), b"pid 4\n");
    });
}

#[test]
fn files_pass_to_another_store() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (fs, target) = (FsStorage::open(folder.path()).unwrap(), FsStorage::open(other.path()).unwrap());
    let (memory, copy) = (MemoryStorage::new(), MemoryStorage::new());
    let pairs: [(&dyn Storage, &dyn Storage); 4] =
        [(&fs, &target), (&memory, &copy), (&memory, &target), (&fs, &copy)];
    for (number, (source, target)) in pairs.into_iter().enumerate() {
        let path = format!("file-{number}");
        write(source, &path, b"content");
        target.link_from(source, &path).unwrap();
        source.remove(&path).unwrap();
        assert_eq!(target.read(&path).unwrap(), b"content");
        refused(target.link_from(source, "gone"), ErrorKind::NotFound, "gone");
        write(source, &path, b"another");
        refused(target.link_from(source, &path), ErrorKind::AlreadyExists, &path);
        assert_eq!(target.read(&path).unwrap(), b"content");
    }
}

#[test]
fn clones_of_memory_share_files_and_locks() {
    let storage = MemoryStorage::new();
    let _guard = storage.lock("LOCK", "me").unwrap();
    let again = storage.clone();
    write(&again, "x", b"1");
    assert_eq!(storage.read("x").unwrap(), b"1");
    assert!(matches!(again.lock("LOCK", "you").unwrap(), Lock::Busy { text } if text == "me"));
    assert!(storage.free_bytes().unwrap().is_none());
    assert!(storage.root().is_none());
}

#[test]
fn a_folder_knows_its_root_and_its_free_space() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FsStorage::open(folder.path()).unwrap();
    assert_eq!(storage.root(), Some(folder.path()));
    #[cfg(unix)]
    assert!(storage.free_bytes().unwrap().unwrap() > 0);
    refused(FsStorage::open(folder.path().join("gone")), ErrorKind::NotFound, "gone");
    write(&storage, "file", b"");
    refused(FsStorage::open(folder.path().join("file")), ErrorKind::NotADirectory, "file");
}

#[cfg(unix)]
#[test]
fn a_full_disk_stays_recognisable_when_the_path_is_added() {
    let no_space = io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error());
    refused::<()>(Err(fs::located(Path::new("a/b"), &no_space)), ErrorKind::StorageFull, "a/b");
}

#[test]
fn a_copy_of_memory_goes_its_own_way() {
    let storage = MemoryStorage::new();
    storage.create_dir("log").unwrap();
    let _guard = storage.lock("LOCK", "me").unwrap();
    let mut file = storage.create("log/1").unwrap();
    file.write_all(b"before").unwrap();
    let copy = storage.copy();
    file.write_all(b" and after").unwrap();
    write(&copy, "log/2", b"2");
    storage.create("new").unwrap();
    assert_eq!(storage.read("log/1").unwrap(), b"before and after");
    assert_eq!(copy.read("log/1").unwrap(), b"before");
    assert_eq!(
        (storage.list("log").unwrap(), storage.list("").unwrap()),
        (vec!["1".into()], vec!["LOCK".into(), "new".into()])
    );
    assert_eq!(
        (copy.list("log").unwrap(), copy.list("").unwrap()),
        (vec!["1".into(), "2".into()], vec!["LOCK".into()])
    );
    assert!(matches!(copy.lock("LOCK", "you").unwrap(), Lock::Held(_)));
}

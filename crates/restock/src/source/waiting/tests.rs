use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Watch, open};

#[test]
fn a_pipe_is_read_to_its_end_however_late_its_writer() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (mut reader, _) = open(&pipe, &Watch::default()).unwrap();
    let writing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(120));
        let mut writer = OpenOptions::new().write(true).open(pipe).unwrap();
        writer.write_all(b"one,").unwrap();
        std::thread::sleep(Duration::from_millis(120));
        writer.write_all(b"two").unwrap();
    });
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    writing.join().unwrap();
    assert_eq!(text, "one,two");
}

#[test]
fn a_silent_pipe_does_not_keep_an_import_from_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let cancelled = Arc::new(AtomicBool::new(false));
    let (mut reader, _) = open(&pipe, &Watch::new(Arc::clone(&cancelled))).unwrap();
    let reading = std::thread::spawn(move || reader.read(&mut [0; 8]).unwrap_err().to_string());
    std::thread::sleep(Duration::from_millis(60));
    cancelled.store(true, Ordering::Relaxed);
    assert!(reading.join().unwrap().contains("cancelled"));
}

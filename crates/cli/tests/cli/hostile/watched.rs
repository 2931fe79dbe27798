//! The binary under watch: how much memory it takes, how long, what it says, and whether the store is as before.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::shop::Shop;

/// The most anonymous memory that any input may cost.
pub const MEMORY_MB: u64 = 400;
/// What is written here ends; whatever takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(600);
/// More on standard error is no message for people.
const MESSAGE_BYTES: usize = 16 << 10;

/// What to write to standard input.
pub type Feed = Box<dyn FnOnce(&mut ChildStdin) -> io::Result<()> + Send>;

/// What a watched run gave.
pub struct Watched {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub peak_mb: u64,
}

impl Watched {
    #[track_caller]
    pub fn says(&self, parts: &[&str]) -> &Watched {
        for part in parts {
            assert!(self.stderr.contains(part), "it does not say {part:?}: {}", self.stderr);
        }
        self
    }

    #[track_caller]
    pub fn takes_at_most(&self, mb: u64) -> &Watched {
        assert!(self.peak_mb <= mb, "{} MB instead of {mb}", self.peak_mb);
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Runs the binary; whatever it does, it must not panic, hang, take much memory or write rubbish to a terminal.
#[track_caller]
pub fn watch(shop: &Shop, words: &[&str], feed: Option<Feed>) -> Watched {
    let mut command = shop.command(words);
    command.stdin(if feed.is_some() { Stdio::piped() } else { Stdio::null() });
    watch_child(words, command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap(), feed)
}

#[track_caller]
pub fn watch_child(words: &[&str], mut child: Child, feed: Option<Feed>) -> Watched {
    let began = Instant::now();
    let stdin = child.stdin.take();
    // That it stops reading is its right.
    let feeding = feed.zip(stdin).map(|(feed, mut stdin)| thread::spawn(move || drop(feed(&mut stdin))));
    let stdout = child.stdout.take().map(read);
    let stderr = child.stderr.take().map(read);
    let mut peak = 0;
    let status = loop {
        peak = peak.max(anonymous_kb(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if began.elapsed() > PATIENCE || peak > 4 << 20 {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{words:?} had to be stopped after {:?} with {} MB", began.elapsed(), peak >> 10);
        }
        thread::sleep(Duration::from_millis(2));
    };
    if let Some(feeding) = feeding {
        feeding.join().unwrap();
    }
    let text = |reading: Option<thread::JoinHandle<Vec<u8>>>| {
        String::from_utf8(reading.map(|reading| reading.join().unwrap()).unwrap_or_default()).unwrap()
    };
    let watched = Watched {
        code: status.code().unwrap_or(-1),
        stdout: text(stdout),
        stderr: text(stderr),
        peak_mb: peak >> 10,
    };
    let shown: String = words.join(" ").chars().take(100).collect();
    println!(
        "hostile: {} MB, {:.2} s, exit status {}: {shown}",
        peak >> 10,
        began.elapsed().as_secs_f64(),
        watched.code
    );
    assert!(matches!(watched.code, 0..=2), "{words:?}: {status}: {}", watched.stderr);
    assert!(!watched.stderr.contains("panicked"), "{}", watched.stderr);
    assert!(watched.stderr.len() < MESSAGE_BYTES, "{} bytes: {:.2000}", watched.stderr.len(), watched.stderr);
    let wild = |c: char| c != '\n' && c.is_control();
    assert!(!watched.stderr.contains(wild), "{:?}", watched.stderr);
    assert!(watched.peak_mb < MEMORY_MB, "{words:?}: {} MB", watched.peak_mb);
    watched
}

/// The same of a command that must fail and leave the store `s` as it is.
#[track_caller]
pub fn refused(shop: &Shop, words: &[&str], feed: Option<Feed>) -> Watched {
    let before = files(&shop.path("s"));
    let watched = watch(shop, words, feed);
    assert_eq!(watched.code, 1, "{words:?}: {}{}", watched.stdout, watched.stderr);
    assert_eq!(watched.stdout.lines().count(), usize::from(words.contains(&"--json")), "{}", watched.stdout);
    unchanged(shop, &before);
    watched
}

/// Every file of a folder but the lock, with its bytes.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.ends_with("LOCK") {
            found.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}

#[track_caller]
pub fn unchanged(shop: &Shop, before: &BTreeMap<String, Vec<u8>>) {
    let after = files(&shop.path("s"));
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert!(after == *before, "a file of the store changed");
    let verified = shop.run(["verify", "s", "--json"]).ok().json();
    let told = ["ok", "leftover"].map(|name| verified.get(name));
    assert_eq!(told, [Some(&true.into()), Some(&serde_json::json!([]))]);
}

/// Feeds a head and then a piece so many times.
pub fn feed(head: &str, piece: impl Into<Vec<u8>>, times: u64) -> Option<Feed> {
    let (head, piece) = (head.to_owned(), piece.into());
    Some(Box::new(move |stdin| {
        stdin.write_all(head.as_bytes())?;
        (0..times).try_for_each(|_| stdin.write_all(&piece))
    }))
}

fn read(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// Mapped files do not count: the system can drop them.
fn anonymous_kb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

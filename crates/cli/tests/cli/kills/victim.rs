//! A process of the binary that is to be killed.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Books;
use crate::shop::Shop;

pub struct Victim {
    child: Child,
    /// Who tells how many lines were acknowledged.
    reader: JoinHandle<u64>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Killed,
    Succeeded,
}

impl Ended {
    /// 1 if it was killed.
    pub fn killed(self) -> u64 {
        u64::from(self == Ended::Killed)
    }
}

impl Victim {
    pub fn new(shop: &Shop, words: &[&str]) -> Victim {
        let mut command = shop.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || acknowledged(out));
        Victim { child, reader }
    }

    /// Puts the lines that come next in the books, for as long as it lives.
    pub fn put(shop: &Shop, books: &Books) -> Victim {
        let mut victim = Self::new(shop, &["put", "s", "items", "--stream", "--threads", "8"]);
        let mut pipe = victim.child.stdin.take().unwrap();
        let mut lines = books.lines();
        std::thread::spawn(move || while pipe.write_all(lines.next().unwrap().as_bytes()).is_ok() {});
        victim
    }

    /// Imports the file that comes next in the books.
    pub fn import(shop: &Shop, books: &Books, full: bool) -> Victim {
        shop.write("next.csv", books.file(full));
        let mode = if full { "full" } else { "incremental" };
        Self::new(shop, &["import", "s", "items", "next.csv", "--mode", mode])
    }

    /// Kills it after that time; how many lines it acknowledged.
    pub fn live(mut self, life: Duration) -> (Ended, u64) {
        std::thread::sleep(life);
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        let acknowledged = self.reader.join().unwrap();
        if status.signal() == Some(9) {
            return (Ended::Killed, acknowledged);
        }
        assert!(status.success(), "{status}");
        (Ended::Succeeded, acknowledged)
    }
}

/// The last line that was acknowledged whole, all before it being so, too.
fn acknowledged(out: impl BufRead) -> u64 {
    let mut last = 0;
    for line in out.lines() {
        let Ok(told) = serde_json::from_str::<serde_json::Value>(&line.unwrap()) else { break };
        let Some(number) = told.get("line").and_then(serde_json::Value::as_u64) else { break };
        assert_eq!(number, last + 1, "lines are acknowledged in order");
        last = number;
    }
    last
}

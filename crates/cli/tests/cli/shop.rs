//! A folder with a store in it, and the binary run there.

use std::path::PathBuf;
use std::process::Command;

use assert_cmd::assert::OutputAssertExt;
use serde_json::Value;
use tempfile::TempDir;

pub const ITEMS: &str = r#"{"type": "record", "name": "Items", "fields": [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TITLE", "type": ["null", "string"]},
    {"name": "PRICE", "type": ["null", "float"]},
    {"name": "GENRE", "type": ["null", "string"], "categorical": true}]}"#;
pub const INTERACTIONS: &str = r#"{"type": "record", "name": "Interactions", "fields": [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"}]}"#;
pub const USERS: &str = r#"{"type": "record", "name": "Users", "fields": [
    {"name": "USER_ID", "type": "string"},
    {"name": "AGE", "type": ["null", "int"]}]}"#;

/// Three items, the first of which comes twice.
pub const MONDAY: &str = "ITEM_ID,TITLE,PRICE,GENRE,NOTE\ni1,old,1,Drama,x\ni1,One,1.5,Drama,x\ni2,\"Two, 2\",,Comedy,x\ni3,\"\",3,,x\n";
/// One of them again, and a new one.
pub const TUESDAY: &str = "ITEM_ID,TITLE,PRICE,GENRE\ni2,Two again,2,Comedy\ni4,Four,4,Drama\n";
/// Two rows that fit, two that do not.
pub const DIRTY: &str =
    "ITEM_ID,TITLE,PRICE,GENRE\ni1,One,1.5,Drama\ni2,Two,cheap,Drama\n,Three,3,Drama\ni4,Four,4,Drama\n";

pub struct Shop {
    dir: TempDir,
}

/// What a run of the binary gave.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn fails(self) -> Ran {
        assert_eq!(self.code, 1, "{}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

impl Shop {
    /// A folder without a store.
    pub fn empty() -> Shop {
        Shop { dir: TempDir::new().unwrap() }
    }

    /// A store `s` with the empty dataset `items`.
    pub fn new() -> Shop {
        let shop = Shop::empty();
        shop.run(["init", "s"]).ok();
        shop.write("items.json", ITEMS);
        shop.run(["create", "s", "items", "--type", "items", "--schema", "items.json"]).ok();
        shop
    }

    /// The same after a FULL of [`MONDAY`] and a put of `i2` and `i9`.
    pub fn stocked() -> Shop {
        let shop = Shop::new();
        shop.write("monday.csv", MONDAY);
        shop.write("tuesday.csv", TUESDAY);
        shop.write(
            "hand.jsonl",
            "{\"ITEM_ID\": \"i2\", \"PRICE\": 2.25}\n{\"ITEM_ID\": \"i9\", \"TITLE\": \"Nine\"}\n",
        );
        shop.run(["import", "s", "items", "monday.csv"]).ok();
        shop.run(["put", "s", "items", "hand.jsonl"]).ok();
        shop
    }

    /// A dataset with users and one with what they did.
    pub fn with_users(self) -> Shop {
        self.write("users.json", USERS);
        self.write("clicks.json", INTERACTIONS);
        self.write("users.csv", "USER_ID,AGE\nu1,31\nu2,\n");
        self.write(
            "clicks.csv",
            "USER_ID,ITEM_ID,TIMESTAMP\nu1,i1,86399\nu1,i2,86400\nu2,i1,172799\nu2,i2,172800\n",
        );
        for (name, kind) in [("users", "users"), ("clicks", "interactions")] {
            self.run(["create", "s", name, "--type", kind, "--schema", &format!("{name}.json")]).ok();
            self.run(["import", "s", name, &format!("{name}.csv")]).ok();
        }
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The binary, or the one that `RESTOCK_BIN` names, in this folder.
    pub fn command<S: AsRef<str>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let binary = std::env::var_os("RESTOCK_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_restock").into());
        let mut command = Command::new(binary);
        command.current_dir(self.dir.path());
        command.args(words.into_iter().map(|word| word.as_ref().to_owned()));
        command
    }

    pub fn run<S: AsRef<str>>(&self, words: impl IntoIterator<Item = S>) -> Ran {
        let output = self.command(words).assert().get_output().clone();
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The rows as `scan` gives them when piped.
    pub fn rows(&self, words: &[&str]) -> Vec<String> {
        let ran = self.run(["scan", "s"].into_iter().chain(words.iter().copied())).ok();
        ran.stdout.lines().skip(1).map(str::to_owned).collect()
    }

    /// A named pipe.
    pub fn pipe(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        path
    }
}

//! `restock demo`

mod moment;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;
use restock::fixtures::Fixture;
use serde_json::json;

use self::moment::{Changes, Moment};
use crate::cli::Cli;
use crate::failure::Failure;
use crate::output::Output;
use crate::render::command;

/// See it work: FULL, put, INCREMENTAL and undo on a small built-in data set.
///
/// Prints each command before it runs it, and which rows it changed. The store stays for you to play with.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  restock demo\n  restock demo ~/restock-demo")]
pub(crate) struct Args {
    /// The folder for the store and the files: one that does not exist yet, or an empty one [default: a temporary one]
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

/// The built-in fixture whose items are imported.
const FIXTURE: &str = "rules";
const DATASET: &str = "items";

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let dir = match self.dir {
            Some(dir) => dir,
            None => tempfile::Builder::new().prefix("restock-demo-").tempdir()?.keep(),
        };
        let files = dir.join(FIXTURE);
        if files.exists() {
            return Err(
                Failure::new(format!("{} exists already: name another folder", files.display())).into()
            );
        }
        Fixture::find(FIXTURE)?.unpack(&files)?;
        let (json, told) = (out.json(), Changes::COLUMNS);
        let mut demo = Demo { out, store: dir.join("shop.restock"), commands: Vec::new() };

        demo.say("A store is a folder. A dataset has a type and a schema.")?;
        demo.run(["init"], [])?;
        let schema = files.join("schema/items.json").into_os_string();
        demo.run(["create"], [DATASET.into(), "--type".into(), "items".into(), "--schema".into(), schema])?;

        demo.say("A FULL import brings the catalogue: these are the bulk rows.")?;
        demo.run(["import"], [DATASET.into(), files.join("bulk/items.csv").into()])?;

        demo.say("Records put one by one are individual rows. They shadow bulk rows of the same ID.")?;
        demo.run(["put"], [DATASET.into(), files.join("individual/items.jsonl").into()])?;
        let before = demo.moment()?;

        demo.say(
            "An INCREMENTAL import replaces the bulk rows whose record ID comes again, and adds the others.",
        )?;
        let increment = files.join("incremental/01/items.csv").into_os_string();
        demo.run(["import"], [DATASET.into(), increment, "--mode".into(), "incremental".into()])?;
        let after = demo.moment()?;
        let changes = Changes::between(&before, &after);
        demo.say(&format!("What that import changed ({}), before and after:", told.join(", ")))?;
        demo.print(|text| changes.print(text))?;

        demo.say("An import can be taken back.")?;
        demo.run(["undo"], [DATASET.into()])?;
        let undone = demo.moment()?;
        let back = Changes::between(&before, &undone);
        demo.print(|text| back.print_nothing_changed(text))?;

        let Demo { out, store, commands } = demo;
        if !changes.individual_same() || !back.is_empty() {
            return Err(Failure::new("the demo did not end as it must: please report it").into());
        }
        let result = json!({
            "store": store.display().to_string(),
            "commands": commands,
            "changed": changes.to_json(),
            "individual_unchanged": changes.individual_same(),
            "undone": back.is_empty(),
        });
        if json {
            return Ok(out.result(&result, |_| Ok(()))?);
        }
        Ok(epilogue(out.writer(), &store, &files)?)
    }
}

fn epilogue(text: &mut impl Write, store: &Path, files: &Path) -> std::io::Result<()> {
    let with_store = |words: &[&str]| {
        let (verb, rest) = words.split_first().unwrap_or((&"info", &[]));
        let words = [OsString::from(verb), store.into()].into_iter().chain(rest.iter().map(OsString::from));
        command(words)
    };
    let second = files.join("incremental/02/items.csv");
    writeln!(text, "\nThe store is {}. Try next:", store.display())?;
    for words in [
        &["scan", DATASET, "--view", "individual"][..],
        &["get", DATASET, "i13"],
        &["import", DATASET, &second.to_string_lossy(), "--mode", "incremental", "--dry-run"],
        &["info", DATASET],
        &["history"],
    ] {
        writeln!(text, "  {}", with_store(words))?;
    }
    writeln!(
        text,
        "Your own CSV: restock draft-schema FILE --type items > schema.json, then init, create, import."
    )
}

/// Commands that run one after another, each as if it had been typed.
struct Demo<'a> {
    out: &'a mut Output,
    store: PathBuf,
    commands: Vec<String>,
}

impl Demo<'_> {
    fn print(&mut self, what: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
        if !self.out.json() {
            what(self.out.writer())?;
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> Result<()> {
        self.print(|out| writeln!(out, "\n{text}"))
    }

    /// Runs `restock VERB STORE REST...`, the line before its output.
    fn run<const N: usize>(&mut self, [verb]: [&str; 1], rest: [OsString; N]) -> Result<()> {
        let words: Vec<OsString> = [verb.into(), self.store.clone().into()].into_iter().chain(rest).collect();
        let line = command(words.clone());
        self.print(|out| writeln!(out, "\n$ {line}"))?;
        self.commands.push(line);
        let cli = Cli::try_parse_from(std::iter::once("restock".into()).chain(words))?;
        if self.out.json() {
            return cli.command.run(&mut Output::silent());
        }
        cli.command.run(self.out)?;
        Ok(self.out.flush()?)
    }

    fn moment(&self) -> Result<Moment> {
        Moment::of(&self.store, DATASET)
    }
}

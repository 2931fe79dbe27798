//! The commands, and what happens around each of them.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[cfg(feature = "serve")]
use crate::commands::serve;
use crate::commands::{
    alter, bench, completions, config, copy, create, delete, delete_users, demo, draft_schema, drop, export,
    get, history, import, info, init, load, put, scan, schema, undo, vacuum, verify,
};
use crate::failure::{self, Failure};
use crate::output::Output;

/// An embedded, durable, columnar dataset store for recommender data.
///
/// A FULL import replaces all bulk rows of a dataset, an INCREMENTAL one replaces and adds by record ID, and what was
/// put one by one stays.
#[derive(Debug, Parser)]
#[command(name = "restock", version, propagate_version = true, max_term_width = 110, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Print one JSON object with stable names to standard output, instead of text
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  restock demo                                                    see it work on a built-in fixture
  restock init shop.restock
  restock draft-schema items.csv --type items > items.json        a proposal to look at and correct
  restock create shop.restock items --type items --schema items.json
  restock import shop.restock items items.csv
  restock get shop.restock items i1

Exit status: 0 done, 1 failed (one message on standard error), 2 usage.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Args),
    Create(create::Args),
    Import(import::Args),
    Put(put::Args),
    Get(get::Args),
    Scan(scan::Args),
    Export(export::Args),
    Delete(delete::Args),
    DeleteUsers(delete_users::Args),
    Info(info::Args),
    Schema(schema::Args),
    Alter(alter::Args),
    Drop(drop::Args),
    History(history::Args),
    Undo(undo::Args),
    Vacuum(vacuum::VacuumArgs),
    Compact(vacuum::CompactArgs),
    Verify(verify::Args),
    Copy(copy::Args),
    Config(config::Args),
    Load(load::Args),
    DraftSchema(draft_schema::Args),
    Demo(demo::Args),
    Bench(bench::Args),
    #[cfg(feature = "serve")]
    Serve(serve::Args),
    Completions(completions::Args),
}

impl Command {
    /// Does it, printing to `out`.
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        match self {
            Command::Init(args) => args.run(out),
            Command::Create(args) => args.run(out),
            Command::Import(args) => args.run(out),
            Command::Put(args) => args.run(out),
            Command::Get(args) => args.run(out),
            Command::Scan(args) => args.run(out),
            Command::Export(args) => args.run(out),
            Command::Delete(args) => args.run(out),
            Command::DeleteUsers(args) => args.run(out),
            Command::Info(args) => args.run(out),
            Command::Schema(args) => args.run(out),
            Command::Alter(args) => args.run(out),
            Command::Drop(args) => args.run(out),
            Command::History(args) => args.run(out),
            Command::Undo(args) => args.run(out),
            Command::Vacuum(args) => args.run(out),
            Command::Compact(args) => args.run(out),
            Command::Verify(args) => args.run(out),
            Command::Copy(args) => args.run(out),
            Command::Config(args) => args.run(out),
            Command::Load(args) => args.run(out),
            Command::DraftSchema(args) => args.run(out),
            Command::Demo(args) => args.run(out),
            Command::Bench(args) => args.run(out),
            #[cfg(feature = "serve")]
            Command::Serve(args) => args.run(out),
            Command::Completions(args) => args.run(out),
        }
    }
}

/// Reads the command line, runs the command, tells how it ended.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = Output::new(cli.json);
    let done = cli.command.run(&mut out);
    let done = done.and_then(|()| Ok(out.flush()?));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads the output has seen enough: that is how `restock scan ... | head` ends. What failed by itself has
        // failed all the same.
        Err(error) if out.reader_left() && !error.is::<Failure>() => ExitCode::SUCCESS,
        Err(error) => failure::tell(&error, &mut out),
    }
}

#[cfg(test)]
mod tests;

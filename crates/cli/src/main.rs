//! `restock`: the command line of a dataset store for recommender data.
//!
//! [`cli`] names the commands, each file of [`commands`] is one of them: its arguments, what it does, what it prints.
//! Results go to standard output, everything else to standard error; the exit status is 0 for done, 1 for failed,
//! 2 for a command line that cannot be.

mod cli;
mod commands;
mod failure;
mod interrupt;
mod output;
mod progress;
mod render;

use std::process::ExitCode;

fn main() -> ExitCode {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !restock::panic_is_caught() {
            tell(panic);
        }
    }));
    cli::main()
}

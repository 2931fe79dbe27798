//! `restock completions`

use anyhow::Result;
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;

use crate::cli::Cli;
use crate::output::Output;

/// Print the completions of a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  restock completions bash > ~/.local/share/bash-completion/completions/restock
  restock completions zsh > ~/.zfunc/_restock
  restock completions fish > ~/.config/fish/completions/restock.fish")]
pub(crate) struct Args {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Args {
    pub(crate) fn run(self, out: &mut Output) -> Result<()> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "restock", &mut script);
        let json = json!({"shell": self.shell.to_string(), "script": String::from_utf8_lossy(&script)});
        Ok(out.result(&json, |text| text.write_all(&script))?)
    }
}

//! Commands that fail: one clear message, the exit status, and the JSON object.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use restock::{RecordError, StoreError};
use serde_json::{Value, json};

use crate::output::{Output, note};
use crate::render::{command, print_errors};

/// A failure that knows more than a message.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    /// What `--json` prints; `error` is added if it is not there.
    json: Value,
    code: u8,
}

impl Failure {
    /// The command was understood and failed.
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), json: json!({}), code: 1 }
    }

    /// The command line asks for something that cannot be.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure { code: 2, ..Failure::new(message) }
    }

    /// What `--json` prints besides the message.
    pub(crate) fn with_json(self, json: Value) -> Failure {
        Failure { json, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Tells people on standard error, programs on standard output, the shell by the exit status.
pub(crate) fn tell(error: &anyhow::Error, out: &mut Output) -> ExitCode {
    let failure = error.downcast_ref::<Failure>();
    // Half a table of data is no place for an object.
    if out.json() && !out.begun() {
        let mut object = failure.map_or_else(|| json!({}), |failure| failure.json.clone());
        if let Value::Object(members) = &mut object {
            members.entry("error").or_insert_with(|| error.to_string().into());
        }
        drop(out.result(&object, |_| Ok(())));
    }
    // Data printed so far comes before the message. If it cannot be written, one message is still enough.
    drop(out.flush());
    note(format_args!("error: {error}"));
    ExitCode::from(failure.map_or(1, |failure| failure.code))
}

/// The error of an import, with the command that helps where the library's message cannot know it.
pub(crate) fn on_store(store: &Path, error: restock::Error) -> Failure {
    let message = error.to_string();
    let words = match &error {
        restock::Error::Store(StoreError::FullFirst { dataset }) => {
            ["import", dataset, "FILE", "--mode", "full"]
        }
        _ => return Failure::new(message),
    };
    let [verb, rest @ ..] = words.map(OsString::from);
    let words = [verb, store.into()].into_iter().chain(rest);
    Failure::new(format!("{message}: {}", command(words)))
}

/// The failure of records, which are listed on standard error: the message need not quote the first again.
pub(crate) fn on_records(message: &str, errors: &[RecordError], error_count: u64) -> Failure {
    print_errors(errors, error_count);
    let first = errors.first().map(|first| format!("; the first: {first}"));
    Failure::new(first.map_or_else(|| message.to_owned(), |first| message.replacen(&first, "", 1)))
}

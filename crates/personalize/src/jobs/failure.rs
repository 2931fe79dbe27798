//! Why a job failed: the service's words where they are known (`personalize.md`, section 2.4), and behind them file, line,
//! column and value, which the service never says.

use std::fmt;

use restock::{DatasetType, Error, RecordError, SourceError, StoreError};

use crate::catalog::wire_type;
use crate::objects::ObjectsError;

/// The service's advice behind a value that is too long.
const LENGTH_ADVICE: &str = "If no values exceed the character limit, make sure your data follows the formatting \
                             guidelines listed in https://docs.aws.amazon.com/personalize/latest/dg/data-prep-formatting.html.";
/// How a value that is over its limit is described in a report's errors.
const TOO_LONG: &str = "is longer than ";
/// Why a job that ran was cancelled.
const SHUT_DOWN: &str = "The server was shut down while the job ran; nothing was changed";
/// Errors of records that a reason names.
const ERRORS_SHOWN: usize = 10;

/// The reason of a job's failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure(String);

impl Failure {
    /// A failure for this reason.
    pub fn new(reason: impl Into<String>) -> Failure {
        Failure(reason.into())
    }

    /// Why a job could not have its objects; `what` is what its reasons begin with.
    pub fn of_objects(error: &ObjectsError, what: &str) -> Failure {
        Failure(match error {
            ObjectsError::Invalid(_) => format!("Invalid Data location. {error}"),
            ObjectsError::Denied(_) => {
                format!("{what}....Insufficient privileges for accessing data in Amazon S3. {error}")
            }
            _ => format!("{what}....{error}"),
        })
    }

    /// Why objects could not be imported; `objects` is their first error, if they had one.
    pub fn of_import(error: &Error, objects: Option<&ObjectsError>, words: &Words) -> Failure {
        let what = &words.what;
        if let Some(objects) = objects {
            return Failure::of_objects(objects, what);
        }
        if error.is_cancelled() {
            return Failure(format!("{what}....{SHUT_DOWN}."));
        }
        let Error::Import(failure) = error else { return Failure(format!("{what}....{error}")) };
        match &failure.cause {
            Some(Error::Store(StoreError::EmptyFull { rows, .. })) => Failure(format!(
                "{what}....The objects hold no record, and a FULL of them would remove {rows} bulk records. Nothing was changed."
            )),
            Some(Error::Source(SourceError::Csv(csv))) if !csv.missing_columns().is_empty() => {
                Failure(format!(
                    "{}...Input CSV is missing the following columns:[{}]. {}: the header has {}",
                    words.missing,
                    csv.missing_columns().join(", "),
                    csv.file(),
                    csv.value()
                ))
            }
            _ => match failure.report.errors.first() {
                Some(first) => {
                    let wrong = of_records(first, &failure.report.errors, failure.report.error_count);
                    Failure(format!("{what}....{wrong}"))
                }
                None => Failure(format!("{what}....{error}")),
            },
        }
    }
}

/// What a job's reasons begin with; the service has two ways to say it.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// Usually; `....` follows.
    pub what: String,
    /// If columns are missing; `...` follows.
    missing: String,
}

impl Words {
    /// Those of an import into a dataset of this type.
    pub fn of_import(dataset_type: DatasetType) -> Words {
        let wire = wire_type(dataset_type);
        Words {
            what: format!("Failed to create a data import job for {wire} dataset"),
            missing: format!("Failed to create a data import job {wire} dataset"),
        }
    }

    /// Those of a job that begins its reasons with `what`.
    pub fn new(what: &str) -> Words {
        Words { what: what.to_owned(), missing: what.to_owned() }
    }
}

/// What is wrong with records: the first ones in full.
fn of_records(first: &RecordError, errors: &[RecordError], count: u64) -> String {
    let mut reason = String::new();
    if let (Some(column), Some(chars)) = (&first.column, first.reason.strip_prefix(TOO_LONG)) {
        reason.push_str(&format!("Length cannot be more than {chars} for {column}. {LENGTH_ADVICE} "));
    }
    let shown: Vec<String> = errors.iter().take(ERRORS_SHOWN).map(RecordError::to_string).collect();
    reason.push_str(&shown.join("; "));
    let left = count.saturating_sub(shown.len() as u64);
    if left > 0 {
        reason.push_str(&format!("; and {left} more"));
    }
    reason.push_str(". Nothing was changed.");
    reason
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        if error.is_cancelled() {
            return Failure::new(SHUT_DOWN);
        }
        Failure(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Error::from(error).into()
    }
}

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

    /// Why a job of a dataset of this type could not have its objects.
    pub fn of_objects(error: &ObjectsError, what: &str) -> Failure {
        Failure(match error {
            ObjectsError::Invalid(_) => format!("Invalid Data location. {error}"),
            ObjectsError::Denied(_) => {
                format!("{what}....Insufficient privileges for accessing data in Amazon S3. {error}")
            }
            _ => format!("{what}....{error}"),
        })
    }

    /// Why an import failed in the store or in the rows; `objects` is the first error of the objects, if they had one.
    pub fn of_import(error: &Error, objects: Option<&ObjectsError>, dataset_type: DatasetType) -> Failure {
        let what = import_of(dataset_type);
        if let Some(objects) = objects {
            return Failure::of_objects(objects, &what);
        }
        if error.is_cancelled() {
            return Failure(format!("{what}....The server was shut down while the job ran; nothing was changed."));
        }
        let Error::Import(failure) = error else { return Failure(format!("{what}....{error}")) };
        if let Some(Error::Store(StoreError::EmptyFull { rows, .. })) = &failure.cause {
            return Failure(format!(
                "{what}....The objects hold no record, and a FULL of them would remove the dataset's {rows} bulk records. \
                 Nothing was imported."
            ));
        }
        if let Some(Error::Source(SourceError::Csv(csv))) = &failure.cause
            && !csv.missing_columns().is_empty()
        {
            let missing = csv.missing_columns().join(", ");
            let wire = wire_type(dataset_type);
            return Failure(format!(
                "Failed to create a data import job {wire} dataset...Input CSV is missing the following \
                 columns:[{missing}]. {}: the header has {}",
                csv.file(),
                csv.value()
            ));
        }
        let report = &failure.report;
        match report.errors.first() {
            Some(first) => Failure(format!("{what}....{}", of_records(first, &report.errors, report.error_count))),
            None => Failure(format!("{what}....{error}")),
        }
    }
}

/// What every reason of a failed import begins with.
pub(super) fn import_of(dataset_type: DatasetType) -> String {
    format!("Failed to create a data import job for {} dataset", wire_type(dataset_type))
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
    reason.push_str(". Nothing was imported.");
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
            return Failure::new("The server was shut down while the job ran; nothing was changed");
        }
        Failure(error.to_string())
    }
}

impl From<restock::StoreError> for Failure {
    fn from(error: restock::StoreError) -> Failure {
        Error::from(error).into()
    }
}

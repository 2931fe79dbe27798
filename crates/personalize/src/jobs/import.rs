//! Import jobs: objects into a dataset, FULL or INCREMENTAL (`personalize.md`, section 2).

use std::io::Read;

use restock::{Cancel, Dataset, DatasetType, Error, Escape, Format, Import, ImportMode, StoreError};

use super::failure::{Failure, Words};
use super::reading::{FirstError, ObjectReader};
use super::{Context, location};
use crate::catalog::{JobProgress, ResourceId};
use crate::objects::{Depth, Object};
use crate::personalize::Quotas;

/// The fewest interactions of an import (section 2.3).
const MIN_INTERACTIONS: u64 = 1000;
/// The most bytes of a FULL, 100 GB, and of an INCREMENTAL, 1 GB (section 2.3).
const FULL_BYTES: u64 = 100 << 30;
const INCREMENTAL_BYTES: u64 = 1 << 30;

/// What an import job is to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct ImportJob<'a> {
    /// The job; its text is the label of the commit.
    pub id: &'a ResourceId,
    /// The dataset, `<group>/<TYPE>`.
    pub dataset: &'a str,
    /// Where the objects are.
    pub location: &'a str,
    /// FULL or INCREMENTAL.
    pub mode: ImportMode,
}

/// Imports, and returns after the commit.
pub(super) fn run(context: &Context, job: &ImportJob<'_>, cancel: &Cancel) -> Result<(), Failure> {
    let dataset = context.dataset(job.dataset)?;
    let dataset_type = dataset.snapshot()?.dataset_type();
    let words = Words::of_import(dataset_type);
    let objects = found(context, job.location, Depth::FirstLevel, &words.what)?;
    let bytes: u64 = objects.iter().map(|object| object.bytes).sum();
    if context.settings.quotas == Quotas::On {
        check_size(bytes, job.mode, &words)?;
        if dataset_type == DatasetType::Interactions {
            check_minimum(context, job, &dataset, &objects, &words, cancel)?;
        }
    }
    let tell = context.progress(job.id);
    let first_error = FirstError::default();
    let import = begin(context, &dataset, &objects, &first_error)
        .mode(job.mode)
        .label(job.id.to_string())
        .cancel(cancel.clone())
        .progress(move |now| {
            tell(JobProgress { bytes: now.bytes, total_bytes: Some(bytes), rows: now.rows });
        });
    match import.run() {
        Ok(report) => {
            tracing::info!(
                job = %job.id, version = report.version, rows = report.accepted, seconds = report.seconds,
                "an import is committed"
            );
            Ok(())
        }
        // No other job has this label.
        Err(Error::Store(StoreError::LabelDone { .. })) => Ok(()),
        Err(error) => Err(Failure::of_import(&error, first_error.take().as_ref(), &words)),
    }
}

/// The objects of a location; `what` is what a reason begins with.
pub(super) fn found(
    context: &Context,
    location: &str,
    depth: Depth,
    what: &str,
) -> Result<Vec<Object>, Failure> {
    let at = location::parse(location)?;
    let objects = context.objects.list(&at, depth).map_err(|error| Failure::of_objects(&error, what))?;
    if objects.is_empty() {
        return Err(Failure::new(format!("{what}....There is no object at {location}")));
    }
    Ok(objects)
}

/// An import of CSV objects in their order, by the rules of the service: `\"` and `\\` in quotes, besides doubled quotes.
pub(super) fn begin(
    context: &Context,
    dataset: &Dataset,
    objects: &[Object],
    first_error: &FirstError,
) -> Import {
    let readers = objects.iter().map(|object| {
        let reader = ObjectReader::new(context.objects.clone(), object.clone(), first_error.clone());
        (object.location.to_string(), Box::new(reader) as Box<dyn Read + Send>)
    });
    dataset.import_readers(readers.collect::<Vec<_>>()).format(Format::Csv).escape(Escape::Backslash)
}

fn check_size(bytes: u64, mode: ImportMode, words: &Words) -> Result<(), Failure> {
    let (most, name) = match mode {
        ImportMode::Full => (FULL_BYTES, "FULL"),
        ImportMode::Incremental => (INCREMENTAL_BYTES, "INCREMENTAL"),
    };
    if bytes <= most {
        return Ok(());
    }
    let what = &words.what;
    Err(Failure::new(format!(
        "{what}....The objects have {bytes} bytes; a {name} import has at most {most}."
    )))
}

/// Counts before it imports: what is too little must not be committed.
fn check_minimum(
    context: &Context,
    job: &ImportJob<'_>,
    dataset: &Dataset,
    objects: &[Object],
    words: &Words,
    cancel: &Cancel,
) -> Result<(), Failure> {
    let first_error = FirstError::default();
    let import = begin(context, dataset, objects, &first_error).mode(job.mode).cancel(cancel.clone());
    let report =
        import.dry_run().map_err(|error| Failure::of_import(&error, first_error.take().as_ref(), words))?;
    if report.rows_read >= MIN_INTERACTIONS {
        return Ok(());
    }
    let what = &words.what;
    Err(Failure::new(format!(
        "{what}....The objects hold {} interactions; an import has at least {MIN_INTERACTIONS}.",
        report.rows_read
    )))
}

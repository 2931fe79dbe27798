//! Export jobs: rows of a dataset as `<path>/<jobName>/part-00000.csv` (`personalize.md`, section 4.1).

mod distinct;

use restock::arrow::record_batch::RecordBatch;
use restock::{Cancel, DatasetSnapshot, Format, View};

use super::failure::Failure;
use super::{Context, location};
use crate::catalog::{IngestionMode, JobProgress, ResourceId, wire_type};
use crate::objects::{Depth, Location, ObjectsError};
use distinct::Distinct;

/// The object of an export, in the folder of its job.
const PART: &str = "part-00000.csv";

/// Where an export job writes.
pub(super) fn target(id: &ResourceId, path: &str) -> Result<Location, Failure> {
    Ok(location::within(&location::parse(path)?, &format!("{}/{PART}", id.name)))
}

/// Makes sure that nothing is where the export is to be. From here on what is there is its own.
pub(super) fn prepare(context: &Context, id: &ResourceId, path: &str) -> Result<(), Failure> {
    let target = target(id, path)?;
    match context.objects.list(&target, Depth::FirstLevel) {
        Err(ObjectsError::NotFound(_)) => Ok(()),
        Ok(found) if found.is_empty() => Ok(()),
        Ok(_) => Err(Failure::new(format!(
            "There is an object at {target} already, and an export overwrites nothing; name another path or job"
        ))),
        Err(error) => Err(Failure::of_objects(&error, "Failed to create a dataset export job")),
    }
}

/// Exports, and returns when the object is there, whole.
pub(super) fn run(
    context: &Context,
    id: &ResourceId,
    dataset: &str,
    path: &str,
    mode: IngestionMode,
    cancel: &Cancel,
) -> Result<(), Failure> {
    let snapshot = context.dataset(dataset)?.snapshot()?;
    let wire = wire_type(snapshot.dataset_type());
    let failed = |error: ObjectsError| {
        Failure::of_objects(&error, &format!("Failed to create a dataset export job for {wire} dataset"))
    };
    let target = target(id, path)?;
    let mut out = context.objects.create(&target).map_err(failed)?;
    let tell = context.progress(id);
    let mut done = JobProgress::default();
    let batches = rows(&snapshot, mode)?.inspect(|batch| {
        done.rows += batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
        tell(done);
    });
    let batches = batches.map(|batch| cancel.check().map_err(restock::Error::from).and(batch));
    let rows = restock::export_batches(&snapshot.arrow_schema(), batches, &mut *out, Format::Csv)?;
    out.finish().map_err(failed)?;
    tracing::info!(job = %id, rows, object = %target, "an export is written");
    Ok(())
}

/// The rows of a mode, exact duplicates once. Where record IDs are, the views have none: each ID is there once.
fn rows(
    snapshot: &DatasetSnapshot,
    mode: IngestionMode,
) -> Result<impl Iterator<Item = restock::Result<RecordBatch>>, Failure> {
    let view = match mode {
        IngestionMode::Bulk => View::Bulk,
        IngestionMode::Put => View::Individual,
        IngestionMode::All => View::Newest,
    };
    let batches = snapshot.scan().view(view).batches()?;
    let mut distinct = match snapshot.record_id() {
        Some(_) => None,
        None => Some(Distinct::new(&batches.schema())?),
    };
    Ok(batches.map(move |batch| {
        let batch = batch?;
        match &mut distinct {
            Some(distinct) => distinct.first_of_each(&batch),
            None => Ok(batch),
        }
    }))
}

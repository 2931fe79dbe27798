//! A whole file, with threads.

use std::io::Read;
use std::sync::Arc;

use arrow::array::RecordBatch;

use crate::chunk::{Chunk, ChunkReader};
use crate::error::CsvError;
use crate::options::Options;
use crate::ordered::ordered;
use crate::plan::Plan;
use crate::sequence::{Block, Sequence, Summary};
use crate::target::Target;

/// Reads CSV to Arrow: `consume` gets the blocks of the file in order, on this thread. The blocks are the same for any
/// number of threads.
///
/// ```
/// use std::sync::Arc;
/// use restock_csv::{CsvError, Options, Target, read};
/// use restock_schema::Schema;
///
/// let schema = Schema::from_avro(
///     r#"{"type": "record", "name": "Items", "fields": [
///         {"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": ["null", "float"]}]}"#,
/// )?;
/// let file = "ITEM_ID,PRICE\ni1,9.99\ni2,\ni3,free\n";
/// let target = Arc::new(Target::new(&schema, Vec::new()));
/// let mut rows = 0;
/// let summary = read(file.as_bytes(), "items.csv", target, Arc::new(Options::default()), 2, |block| {
///     rows += block.batches.iter().map(|batch| batch.num_rows()).sum::<usize>();
///     for error in block.errors {
///         assert_eq!((error.line, error.column.as_deref()), (4, Some("PRICE")));
///     }
///     Ok::<(), CsvError>(())
/// })?;
/// assert_eq!((rows, summary.records_read, summary.rejected), (2, 3, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`ChunkReader::open`] and [`Sequence::accept`], and those of `consume`.
pub fn read<E: From<CsvError>>(
    input: impl Read + Send,
    file: &str,
    target: Arc<Target>,
    options: Arc<Options>,
    threads: usize,
    consume: impl FnMut(Block<RecordBatch>) -> Result<(), E>,
) -> Result<Summary, E> {
    let (plan, reader) = ChunkReader::open(input, file, target, options)?;
    read_chunks(&plan, reader, threads, consume)
}

/// Reads the chunks of an opened file.
pub(crate) fn read_chunks<E: From<CsvError>>(
    plan: &Arc<Plan>,
    reader: ChunkReader<impl Read + Send>,
    threads: usize,
    mut consume: impl FnMut(Block<RecordBatch>) -> Result<(), E>,
) -> Result<Summary, E> {
    let mut sequence = Sequence::new(Arc::clone(plan));
    let keep = |batch: RecordBatch| batch;
    let work = |chunk: Result<Chunk, CsvError>| chunk.map(|chunk| plan.parse(chunk, keep));
    let fields = plan.columns().len();
    ordered(threads, reader, work, |parsed| {
        consume(sequence.accept(parsed?, keep)?)?;
        while let Some(rejects) = sequence.more_rejects()? {
            consume(Block { rejects, ..Block::empty(fields) })?;
        }
        Ok::<(), E>(())
    })?;
    let (last, summary) = sequence.finish(keep)?;
    last.map_or(Ok(()), consume)?;
    Ok(summary)
}

//! The one pipeline of all formats: read in order, parsed in parallel, consumed in order.
//!
//! One thread reads the inputs one after another and cuts them into chunks; workers turn chunks into batches, and
//! batches into whatever the caller makes of them; the caller gets the blocks in order. Small files are chunks like
//! any other, so they are parsed in parallel, too. What a chunk is follows from the inputs and options alone (S11).

mod producer;
mod summary;

use std::sync::Arc;

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;
use restock_csv::{Block, Parsed, Reject, Sequence, ordered};

use self::producer::{Producer, Start, Work};
use super::clock::{Clock, Task};
use super::error::SourceError;
use super::jsonl::{JsonChunk, JsonParsed, JsonPlan};
use super::location::Input;
use super::stream::Watch;
use super::target::{SourceOptions, Target};
use super::typed::{Batches, TypedChunk, TypedPlan};

pub(crate) use self::summary::SourceSummary;

/// One thing to import from.
pub(crate) enum Source {
    /// A file or standard input.
    Input(Input),
    /// Bytes from the caller's program, CSV unless the options name a format.
    Reader {
        /// What it is called in messages.
        name: String,
        /// The bytes, plain or compressed.
        reader: Box<dyn std::io::Read + Send>,
    },
    /// Record batches from the caller's program.
    Batches {
        /// What it is called in messages.
        name: String,
        /// The schema of every batch.
        schema: SchemaRef,
        /// The batches.
        batches: Batches,
    },
}

/// Reads all sources: `convert` is applied to each batch on a worker, `consume` gets the blocks in order, here.
///
/// Of the errors, the first `errors_kept` of all sources are in the blocks; each block has its count.
///
/// # Errors
/// The first [`SourceError`] in the order of the sources, and those of `consume`.
pub(crate) fn run<T: Send, E: From<SourceError>>(
    sources: impl IntoIterator<Item = Source, IntoIter: Send>,
    target: &Target,
    options: &SourceOptions,
    threads: usize,
    watch: &Watch,
    convert: impl Fn(RecordBatch) -> T + Sync,
    consume: impl FnMut(Block<T>) -> Result<(), E>,
) -> Result<SourceSummary, E> {
    let producer = Producer::new(sources.into_iter(), target, options, watch);
    let clock = watch.clock();
    let convert = |batch| clock.time(Task::Encode, || convert(batch));
    let mut consumer = Consumer {
        convert: &convert,
        consume,
        sequence: None,
        delivered: 0,
        file: String::new(),
        room: options.csv.limits.errors_kept,
        summary: SourceSummary::new(target, options.csv.limits.columns),
    };
    let work = |work: Result<Work, SourceError>| clock.time(Task::Parse, || parse(work?, clock, &convert));
    ordered(threads, producer, work, |done| consumer.take(done?))?;
    Ok(consumer.summary.finish(target))
}

/// What a worker hands to the consumer.
enum Done<T> {
    Start(Start),
    Csv(Parsed<T>),
    Json(JsonParsed<T>, Option<Left>),
    Typed(Block<T>, Option<Left>),
    End,
}

/// A chunk whose rejects are too many to be held at once.
enum Left {
    Json(Arc<JsonPlan>, JsonChunk),
    Typed(Arc<TypedPlan>, TypedChunk),
}

impl Left {
    /// Hands on the rejects, piece by piece.
    fn describe<E: From<SourceError>>(
        &self,
        mut hand_on: impl FnMut(Vec<Reject>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Json(plan, chunk) => plan.describe(chunk, plan.lines_described(), &mut hand_on),
            Self::Typed(plan, chunk) => {
                let mut pieces = chunk.pieces(plan.rows_described());
                pieces.try_for_each(|piece| hand_on(plan.parse(&piece, drop)?.rejects))
            }
        }
    }
}

fn parse<T>(work: Work, clock: &Clock, convert: &impl Fn(RecordBatch) -> T) -> Result<Done<T>, SourceError> {
    Ok(match work {
        Work::Start(start) => Done::Start(start),
        Work::Csv(plan, chunk) => {
            let parsed = plan.parse(chunk, convert);
            clock.add(Task::Tokenise, parsed.tokenising());
            Done::Csv(parsed)
        }
        Work::Json(plan, chunk) => {
            let parsed = plan.parse(&chunk, convert)?;
            let left = plan.has_left(&parsed.block).then(|| Left::Json(plan, chunk));
            Done::Json(parsed, left)
        }
        Work::Typed(plan, chunk) => {
            let block = plan.parse(&chunk, convert)?;
            let left = plan.has_left(&block).then(|| Left::Typed(plan, chunk));
            Done::Typed(block, left)
        }
        Work::End => Done::End,
    })
}

/// Puts the results in their place: here a wrong guess of the CSV reader is repaired.
struct Consumer<'a, C, F> {
    convert: &'a C,
    consume: F,
    /// Of the CSV file being read.
    sequence: Option<Sequence>,
    /// Bytes of it in blocks so far; its header is in none.
    delivered: u64,
    file: String,
    /// How many more errors are kept.
    room: usize,
    summary: SourceSummary,
}

impl<C, F> Consumer<'_, C, F> {
    fn take<T, E>(&mut self, done: Done<T>) -> Result<(), E>
    where
        C: Fn(RecordBatch) -> T,
        F: FnMut(Block<T>) -> Result<(), E>,
        E: From<SourceError>,
    {
        match done {
            Done::Start(start) => {
                self.sequence = start.csv.map(Sequence::new);
                self.delivered = 0;
                self.summary.start(start.format, &start.ignored);
                self.file = start.name;
                Ok(())
            }
            Done::Csv(parsed) => {
                let Some(sequence) = &mut self.sequence else { return Ok(()) };
                let block = sequence.accept(parsed, self.convert).map_err(SourceError::from)?;
                self.deliver(block)?;
                while let Some(sequence) = &mut self.sequence
                    && let Some(rejects) = sequence.more_rejects().map_err(SourceError::from)?
                {
                    self.deliver_rejects(rejects)?;
                }
                Ok(())
            }
            Done::Json(JsonParsed { block, unknown }, left) => {
                self.summary.ignore(&unknown);
                self.deliver(block)?;
                left.map_or(Ok(()), |left| left.describe(|rejects| self.deliver_rejects(rejects)))
            }
            Done::Typed(block, left) => {
                self.deliver(block)?;
                left.map_or(Ok(()), |left| left.describe(|rejects| self.deliver_rejects(rejects)))
            }
            Done::End => {
                let Some(sequence) = self.sequence.take() else { return Ok(()) };
                let (last, whole) = sequence.finish(self.convert).map_err(SourceError::from)?;
                last.map_or(Ok(()), |block| self.deliver(block))?;
                self.summary.bytes += whole.bytes.saturating_sub(self.delivered);
                Ok(())
            }
        }
    }

    fn deliver_rejects<T, E>(&mut self, rejects: Vec<Reject>) -> Result<(), E>
    where
        F: FnMut(Block<T>) -> Result<(), E>,
    {
        self.deliver(Block { rejects, ..Block::empty(0) })
    }

    fn deliver<T, E>(&mut self, mut block: Block<T>) -> Result<(), E>
    where
        F: FnMut(Block<T>) -> Result<(), E>,
    {
        block.errors.truncate(self.room);
        self.room -= block.errors.len();
        self.delivered += block.bytes;
        self.summary.add(&self.file, &block);
        (self.consume)(block)
    }
}

#[cfg(test)]
mod tests;

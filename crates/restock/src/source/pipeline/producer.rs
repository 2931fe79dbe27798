//! Reads the sources one after another and cuts them into work.

use std::sync::Arc;

use restock_csv::{Chunk, ChunkReader, Plan};

use super::Source;
use crate::source::clock::Task;
use crate::source::error::SourceError;
use crate::source::format::Format;
use crate::source::jsonl::{JsonChunk, JsonPlan, JsonReader};
use crate::source::location::Input;
use crate::source::stream::{ByteStream, Watch};
use crate::source::target::{SourceOptions, Target};
use crate::source::typed::{TypedChunk, TypedPlan, TypedReader};

/// A piece of work. Between a start and its end come the chunks of one source.
pub(super) enum Work {
    Start(Start),
    Csv(Arc<Plan>, Chunk),
    Json(Arc<JsonPlan>, JsonChunk),
    Typed(Arc<TypedPlan>, TypedChunk),
    End,
}

/// What is known of a source when it is opened.
pub(super) struct Start {
    pub(super) name: String,
    pub(super) format: Option<Format>,
    /// Columns that no field takes.
    pub(super) ignored: Vec<String>,
    /// The plan of a CSV file, whose chunks are put in their place by the consumer.
    pub(super) csv: Option<Arc<Plan>>,
}

/// The work of all sources, in order; it ends with the first error.
pub(super) struct Producer<'a, S> {
    sources: S,
    target: &'a Target,
    options: &'a SourceOptions,
    watch: &'a Watch,
    open: Option<Open>,
    failed: bool,
}

enum Open {
    Csv(Arc<Plan>, ChunkReader<ByteStream>),
    Json(Arc<JsonPlan>, JsonReader),
    Typed(Arc<TypedPlan>, TypedReader),
}

impl<'a, S: Iterator<Item = Source>> Producer<'a, S> {
    pub(super) fn new(sources: S, target: &'a Target, options: &'a SourceOptions, watch: &'a Watch) -> Self {
        Self { sources, target, options, watch, open: None, failed: false }
    }

    fn next_work(&mut self) -> Result<Option<Work>, SourceError> {
        self.watch.advance(0)?;
        let Some(open) = &mut self.open else {
            let Some(source) = self.sources.next() else { return Ok(None) };
            let (start, open) = self.open(source)?;
            self.open = Some(open);
            return Ok(Some(Work::Start(start)));
        };
        let chunk = self.watch.clock().time(Task::Split, || Self::chunk(open))?;
        Ok(Some(chunk.unwrap_or_else(|| {
            self.open = None;
            Work::End
        })))
    }

    /// The next piece of an open source.
    fn chunk(open: &mut Open) -> Result<Option<Work>, SourceError> {
        Ok(match open {
            Open::Csv(plan, reader) => reader.next_chunk()?.map(|chunk| Work::Csv(Arc::clone(plan), chunk)),
            Open::Json(plan, reader) => {
                reader.next().transpose()?.map(|chunk| Work::Json(Arc::clone(plan), chunk))
            }
            Open::Typed(plan, reader) => {
                reader.next().transpose()?.map(|chunk| Work::Typed(Arc::clone(plan), chunk))
            }
        })
    }

    fn open(&self, source: Source) -> Result<(Start, Open), SourceError> {
        match source {
            Source::Input(input) => {
                let format = match self.options.format {
                    Some(format) => format,
                    None => Format::of(&input, self.options.delimiter_given)?,
                };
                match format {
                    Format::Csv | Format::JsonLines => {
                        self.text(ByteStream::open(&input, self.watch)?, format)
                    }
                    Format::Parquet | Format::Arrow => {
                        let opened =
                            TypedReader::open(&input, format, self.target, self.options, self.watch)?;
                        Ok(typed(input.name(), Some(format), opened))
                    }
                }
            }
            Source::Reader { name, reader } => {
                let stream = ByteStream::from_reader(&name, reader, self.watch)?;
                match self.options.format.unwrap_or(Format::Csv) {
                    format @ (Format::Csv | Format::JsonLines) => self.text(stream, format),
                    format => {
                        let (target, options) = (self.target, self.options);
                        let opened = TypedReader::of_stream(stream, format, target, options, self.watch)?;
                        Ok(typed(name, Some(format), opened))
                    }
                }
            }
            Source::Batches { name, schema, batches } => {
                let (target, options) = (self.target, self.options);
                let opened = TypedReader::of_batches(&name, &schema, batches, target, options, self.watch)?;
                Ok(typed(name, None, opened))
            }
        }
    }

    fn text(&self, mut stream: ByteStream, format: Format) -> Result<(Start, Open), SourceError> {
        let name = stream.name().to_owned();
        let head = stream.peek()?.to_vec();
        format.check(&name, &head)?;
        if format == Format::JsonLines {
            let plan = Arc::new(JsonPlan::new(&name, self.target, self.options)?);
            let reader = JsonReader::open(stream, Arc::clone(&plan))?;
            let start = Start { name, format: Some(format), ignored: Vec::new(), csv: None };
            return Ok((start, Open::Json(plan, reader)));
        }
        let options = Arc::clone(&self.options.csv);
        let (plan, reader) = ChunkReader::open(stream, &name, self.target.csv(), options)?;
        let ignored = plan.ignored_columns().to_vec();
        let start = Start { name, format: Some(format), ignored, csv: Some(Arc::clone(&plan)) };
        Ok((start, Open::Csv(plan, reader)))
    }
}

fn typed(
    name: String,
    format: Option<Format>,
    (plan, reader): (Arc<TypedPlan>, TypedReader),
) -> (Start, Open) {
    let start = Start { name, format, ignored: plan.ignored_columns().to_vec(), csv: None };
    (start, Open::Typed(plan, reader))
}

impl<S: Iterator<Item = Source>> Iterator for Producer<'_, S> {
    type Item = Result<Work, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_work();
        self.failed = next.is_err();
        next.transpose()
    }
}

impl From<Input> for Source {
    fn from(input: Input) -> Self {
        Self::Input(input)
    }
}

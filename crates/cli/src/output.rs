//! Standard output and standard error.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

/// Where a command prints its result.
pub(crate) struct Output {
    json: bool,
    state: Arc<State>,
    writer: BufWriter<Stdout>,
}

#[derive(Debug, Default)]
struct State {
    /// The reader of the pipe has closed it.
    reader_left: AtomicBool,
    /// Something was printed.
    begun: AtomicBool,
    /// Nothing is printed at all.
    silent: bool,
}

/// Standard output that remembers what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Stdout(Arc<State>);

impl Output {
    /// Prints a JSON object if `json`, else text.
    pub(crate) fn new(json: bool) -> Output {
        let state = Arc::<State>::default();
        Output { json, writer: BufWriter::new(Stdout(Arc::clone(&state))), state }
    }

    /// For a command whose output nobody wants.
    pub(crate) fn silent() -> Output {
        let state = Arc::new(State { silent: true, ..State::default() });
        Output { json: true, writer: BufWriter::new(Stdout(Arc::clone(&state))), state }
    }

    /// Whether a JSON object is wanted.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// Whether a person reads it.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Prints the result: the object with `--json`, else what `text` writes.
    pub(crate) fn result(
        &mut self,
        json: &Value,
        text: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.json {
            return self.line(json);
        }
        text(&mut self.writer)
    }

    /// One line of JSON, also where text is wanted.
    pub(crate) fn line(&mut self, json: &Value) -> io::Result<()> {
        serde_json::to_writer(&mut self.writer, json)?;
        self.writer.write_all(b"\n")
    }

    /// For data: a writer that another thread may have.
    pub(crate) fn stdout(&self) -> Stdout {
        Stdout(Arc::clone(&self.state))
    }

    /// For data: what is written here comes before the result.
    pub(crate) fn writer(&mut self) -> &mut impl Write {
        &mut self.writer
    }

    /// Hands on what is buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// Whether the reader of standard output closed it: the rest is not wanted.
    pub(crate) fn reader_left(&self) -> bool {
        self.state.reader_left.load(Ordering::Relaxed)
    }

    /// Whether something was printed already.
    pub(crate) fn begun(&self) -> bool {
        self.state.begun.load(Ordering::Relaxed) || !self.writer.buffer().is_empty()
    }
}

impl Stdout {
    fn noted<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| match error.kind() {
            // Whoever writes tries again.
            ErrorKind::Interrupted => error,
            ErrorKind::BrokenPipe => {
                self.0.reader_left.store(true, Ordering::Relaxed);
                error
            }
            kind => io::Error::new(kind, format!("cannot write to standard output: {error}")),
        })
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.silent {
            return Ok(bytes.len());
        }
        self.0.begun.store(true, Ordering::Relaxed);
        self.noted(io::stdout().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.noted(io::stdout().flush())
    }
}

/// A line on standard error. If that is closed nobody wants to know. Whatever a name in it holds, it stays one line and
/// does nothing to a terminal.
pub(crate) fn note(line: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{}", restock::shown(line.to_string().as_bytes(), usize::MAX));
}

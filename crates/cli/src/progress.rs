//! The progress bar of an import, on standard error if that is a terminal.

use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use restock::Progress;

/// How often the display moves though nothing was read.
const TICK: Duration = Duration::from_millis(200);

/// A bar, or nothing where nobody looks.
#[derive(Clone, Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Bar {
        let bar = ProgressBar::new_spinner();
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Bar(bar)
    }

    /// Shows how far it is.
    pub(crate) fn update(&self, progress: &Progress) {
        if self.0.is_hidden() {
            return;
        }
        let seconds = self.0.elapsed().as_secs_f64().max(0.001);
        let rate = HumanCount((progress.rows as f64 / seconds) as u64);
        let errors = match progress.errors {
            0 => String::new(),
            errors => format!(", {} errors", HumanCount(errors)),
        };
        self.0.set_message(format!("{} rows ({rate}/s){errors}", HumanCount(progress.rows)));
        if self.0.length() != progress.bytes_total || self.0.position() == 0 {
            self.0.set_style(style(progress.bytes_total.is_some()));
            match progress.bytes_total {
                Some(total) => self.0.set_length(total),
                None => self.0.unset_length(),
            }
        }
        self.0.set_position(progress.bytes);
    }

    /// Leaves no trace of it.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

fn style(total_known: bool) -> ProgressStyle {
    let template = if total_known {
        "{wide_bar} {decimal_bytes}/{decimal_total_bytes}, {msg}, {eta} left"
    } else {
        "{spinner} {decimal_bytes}, {msg}, {elapsed}"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

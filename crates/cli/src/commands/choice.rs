//! Options that take one of a few words.

use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use restock::{DatasetType, Domain, Format, ImportMode, LimitSet, View};

/// A parser of these words, which help and completions list, in any case.
fn words<T, F>(
    words: impl IntoIterator<Item = (&'static str, &'static str)>,
    read: F,
) -> impl TypedValueParser<Value = T>
where
    T: Clone + Send + Sync + 'static,
    F: Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static,
{
    let words = words.into_iter().map(|(word, help)| PossibleValue::new(word).help(help));
    PossibleValuesParser::new(words.collect::<Vec<_>>()).try_map(move |word| read(&word.to_ascii_lowercase()))
}

fn parse<T: FromStr<Err: ToString>>(word: &str) -> Result<T, String> {
    word.parse().map_err(|error: T::Err| error.to_string())
}

pub(super) fn dataset_type() -> impl TypedValueParser<Value = DatasetType> {
    words(
        [
            ("interactions", "who did what with which item, and when; no record ID"),
            ("users", "by USER_ID"),
            ("items", "by ITEM_ID"),
            ("actions", "by ACTION_ID"),
            ("action-interactions", "who did what with which action, and when; no record ID"),
            ("custom", "any flat record, with a record ID column or without"),
        ],
        parse,
    )
}

pub(super) fn domain() -> impl TypedValueParser<Value = Domain> {
    words([("ecommerce", "shops"), ("video-on-demand", "films and series")], parse)
}

pub(super) fn limits() -> impl TypedValueParser<Value = LimitSet> {
    words(
        [
            ("none", "values of any length"),
            (
                "personalize",
                "the service's: IDs of 256 characters, categories of 1000, textual cut at 20,000",
            ),
        ],
        parse,
    )
}

#[cfg(feature = "serve")]
pub(super) fn quotas() -> impl TypedValueParser<Value = restock_personalize::Quotas> {
    use restock_personalize::Quotas;
    words(
        [
            ("on", "as the service: 1,000 interactions at least, 1 GB and 100 GB at most"),
            ("off", "none of these"),
        ],
        |word| Ok(if word == "on" { Quotas::On } else { Quotas::Off }),
    )
}

pub(super) fn view() -> impl TypedValueParser<Value = View> {
    words(
        [
            ("merged", "a record ID once: the individual row shadows the bulk row"),
            ("newest", "a record ID once: of the two rows the one committed last"),
            ("bulk", "only what was imported"),
            ("individual", "only what was put"),
        ],
        |word| match word {
            "merged" => Ok(View::Merged),
            "newest" => Ok(View::Newest),
            "bulk" => Ok(View::Bulk),
            "individual" => Ok(View::Individual),
            other => Err(format!("{other} is no view")),
        },
    )
}

pub(super) fn mode() -> impl TypedValueParser<Value = ImportMode> {
    words(
        [
            ("full", "replaces all bulk rows; individual rows stay"),
            ("incremental", "replaces bulk rows of the same record ID and adds the others"),
        ],
        |word| match word {
            "full" => Ok(ImportMode::Full),
            "incremental" => Ok(ImportMode::Incremental),
            other => Err(format!("{other} is no import mode")),
        },
    )
}

const FORMATS: [(&str, &str); 4] = [
    ("csv", "comma-separated values with a header"),
    ("jsonl", "JSON Lines: one object a line"),
    ("parquet", "Apache Parquet"),
    ("arrow", "Arrow IPC"),
];

/// The format of a file that is written.
pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    words(FORMATS, parse)
}

/// The format of files that are read; `None` goes by the extension of each.
pub(super) fn source_format() -> impl TypedValueParser<Value = Option<Format>> {
    words([("auto", "by the extension of each file")].into_iter().chain(FORMATS), |word| match word {
        "auto" => Ok(None),
        named => parse(named).map(Some),
    })
}

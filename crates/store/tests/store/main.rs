//! The store from outside: one module a behaviour, citing the rules (S1 to S12) it proves.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod rig;

mod all_or_nothing;
mod alter;
mod compaction;
mod concurrency;
mod copies;
mod counts;
mod damage;
mod deleted_bytes;
mod deletes;
mod deterministic_order;
mod duplicates_last_wins;
mod failures;
mod format;
mod full_first;
mod full_replaces;
mod groups;
mod incremental_upserts;
mod individual_rows_stay;
mod labels;
mod opening;
mod puts;
mod scans;
mod smoke;
mod snapshots_never_change;
mod undo;

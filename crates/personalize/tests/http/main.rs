//! The server over real sockets, with a stand-in for the operations behind it: one module a promise.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod answers;
mod doors;
mod ending;
mod limits;
mod own;
mod raw;
mod running;
mod signatures;
mod stand_in;

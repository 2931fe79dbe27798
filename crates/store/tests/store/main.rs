//! The store from outside: one module a behaviour, citing the rules (S1 to S12) it proves.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod rig;

mod smoke;

//! What becomes of the events of a call, decided before anything is written.

use std::collections::BTreeSet;

use restock::Record;

use super::Sessions;
use crate::events::intake::{Arrival, USER_COLUMN};

/// What a call changes.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// New rows of the dataset, in order.
    pub rows: Vec<Record>,
    /// IDs of events that are new.
    pub event_ids: BTreeSet<String>,
    /// The sessions of the call.
    pub sessions: Sessions,
}

/// Of the events of a session that wait: `before` were there, the first `kept` stay, `added` come behind them.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// How many waited.
    pub before: u64,
    /// How many of these go on waiting.
    pub kept: u64,
    /// Those of the call that wait.
    pub added: Vec<Record>,
    /// Those that waited; empty if nobody of the call names a user.
    waiting: Vec<Record>,
}

impl Plan {
    /// A session of the call, `before` of whose events wait; these are in `waiting` if the call names their user.
    pub fn add_session(&mut self, name: &str, before: u64, waiting: Vec<Record>) {
        self.sessions.insert(name.to_owned(), Session { before, kept: before, added: Vec::new(), waiting });
    }

    /// The next event of the call; `known` says that the tracker had its ID before. It is dropped then, and when the ID
    /// came earlier in the call; whom it names is named all the same.
    pub fn add(&mut self, arrival: Arrival, known: bool) {
        let Arrival { session, user, event_id, record } = arrival;
        let session = self.sessions.entry(session).or_default();
        if let Some(user) = &user {
            session.kept = 0;
            let waited = session.waiting.drain(..).chain(session.added.drain(..));
            self.rows.extend(waited.map(|event| of_user(event, user)));
        }
        if known || event_id.is_some_and(|id| !self.event_ids.insert(id)) {
            return;
        }
        match user {
            Some(user) => self.rows.push(of_user(record, &user)),
            None => session.added.push(record),
        }
    }
}

fn of_user(mut event: Record, user: &str) -> Record {
    event.insert(USER_COLUMN, user);
    event
}

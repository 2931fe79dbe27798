//! What the events plane keeps beside the rows, in hidden datasets of the store: which events were there already, and
//! those that wait for their user.
//!
//! - `.event-ids`: a record for each `eventId` of a tracker.
//! - `.waiting-events`: a record for each event without a user, numbered within its session.
//! - `.waiting-sessions`: for each session with such events how many there are.
//!
//! A call changes them in the batch that puts its rows, so that they never disagree.

mod plan;

use std::collections::{BTreeMap, BTreeSet};

use restock::{Dataset, Record, Schema, Store, Value, View, record};

use super::intake::Arrival;
use super::turns::Turns;
use plan::Plan;

const EVENT_IDS: &str = ".event-ids";
const WAITING_EVENTS: &str = ".waiting-events";
const WAITING_SESSIONS: &str = ".waiting-sessions";

/// The record ID of each hidden dataset.
const ID: &str = "ID";
/// The event as JSON, its columns by name.
const EVENT: &str = "EVENT";
/// How many events of a session wait.
const COUNT: &str = "COUNT";

const ID_ONLY: &str =
    r#"{"type": "record", "name": "EventIds", "fields": [{"name": "ID", "type": "string"}]}"#;
const EVENTS: &str = r#"{"type": "record", "name": "WaitingEvents", "fields": [
    {"name": "ID", "type": "string"}, {"name": "EVENT", "type": "string"}]}"#;
const SESSIONS: &str = r#"{"type": "record", "name": "WaitingSessions", "fields": [
    {"name": "ID", "type": "string"}, {"name": "COUNT", "type": "long"}]}"#;

/// The hidden datasets of the events plane.
#[derive(Debug)]
pub(super) struct Ledger {
    event_ids: Dataset,
    events: Dataset,
    sessions: Dataset,
    turns: Turns,
}

impl Ledger {
    /// Opens those of a store, or makes them.
    pub fn open(store: &Store) -> restock::Result<Ledger> {
        let open = |name, schema| store.hidden_dataset(name, Schema::from_avro(schema)?, Some(ID));
        Ok(Ledger {
            event_ids: open(EVENT_IDS, ID_ONLY)?,
            events: open(WAITING_EVENTS, EVENTS)?,
            sessions: open(WAITING_SESSIONS, SESSIONS)?,
            turns: Turns::default(),
        })
    }

    /// Events that wait for their user.
    pub fn waiting(&self) -> restock::Result<u64> {
        Ok(self.events.snapshot()?.counts()?.merged)
    }

    /// Takes events in, in their order, as one atomic batch: those with a user, and those of their sessions that waited
    /// for it, become rows; the others wait. An event whose ID the tracker had already is dropped.
    pub fn take(
        &self,
        store: &Store,
        tracking_id: &str,
        dataset: &Dataset,
        arrivals: Vec<Arrival>,
    ) -> restock::Result<()> {
        let _turn = self.turns.take(names(tracking_id, &arrivals));
        let seen = self.seen(tracking_id, &arrivals)?;
        let mut plan = Plan::default();
        let named: BTreeSet<&str> = arrivals
            .iter()
            .filter(|arrival| arrival.user.is_some())
            .map(|arrival| &*arrival.session)
            .collect();
        for session in arrivals.iter().map(|arrival| &arrival.session).collect::<BTreeSet<_>>() {
            let count = self.count(&session_key(tracking_id, session))?;
            // Who only adds to a session need not know what waits there.
            let events = if named.contains(&**session) {
                self.events_of(tracking_id, session, count)?
            } else {
                Vec::new()
            };
            plan.add_session(session, count, events);
        }
        for arrival in arrivals {
            let known =
                arrival.event_id.as_ref().is_some_and(|id| seen.contains(&event_key(tracking_id, id)));
            plan.add(arrival, known);
        }
        self.commit(store, tracking_id, dataset, plan)
    }

    fn commit(&self, store: &Store, tracking_id: &str, dataset: &Dataset, plan: Plan) -> restock::Result<()> {
        let ids: Vec<Record> =
            plan.event_ids.iter().map(|id| record! { ID => event_key(tracking_id, id) }).collect();
        let (mut waiting, mut counts) = (Vec::new(), Vec::new());
        let (mut gone, mut gone_sessions) = (Vec::new(), Vec::new());
        for (session, change) in plan.sessions {
            let key = session_key(tracking_id, &session);
            let after = change.kept + change.added.len() as u64;
            // The numbers below these are given to events that wait now.
            gone.extend((after..change.before).map(|number| waiting_key(&key, number)));
            for (number, event) in (change.kept..).zip(&change.added) {
                let text = serde_json::to_string(event).map_err(|error| unreadable(&key, &error))?;
                waiting.push(record! { ID => waiting_key(&key, number), EVENT => text });
            }
            match after {
                0 if change.before > 0 => gone_sessions.push(key),
                after if after != change.before => counts.push(record! { ID => key, COUNT => after as i64 }),
                _ => {}
            }
        }
        let mut batch = store.batch();
        batch.delete(&self.events, &gone);
        batch.delete(&self.sessions, &gone_sessions);
        batch.put(dataset, plan.rows);
        batch.put(&self.event_ids, ids);
        batch.put(&self.events, waiting);
        batch.put(&self.sessions, counts);
        batch.commit()?;
        Ok(())
    }

    /// Forgets a tracker's events: those that wait, and which were there.
    pub fn forget(&self, store: &Store, tracking_id: &str) -> restock::Result<()> {
        let prefix = format!("{tracking_id}/");
        let mut batch = store.batch();
        for dataset in [&self.event_ids, &self.events, &self.sessions] {
            let mut ids = Vec::new();
            for rows in dataset.snapshot()?.scan().columns([ID]).batches()? {
                let records = restock::records(&rows?)?;
                let texts = records.iter().filter_map(|record| record.get(ID).and_then(Value::as_str));
                ids.extend(texts.filter(|id| id.starts_with(&prefix)).map(str::to_owned));
            }
            batch.delete(dataset, &ids);
        }
        batch.commit()?;
        Ok(())
    }

    /// The keys of those events that the tracker had already.
    fn seen(&self, tracking_id: &str, arrivals: &[Arrival]) -> restock::Result<BTreeSet<String>> {
        let ids = arrivals.iter().filter_map(|arrival| arrival.event_id.as_ref());
        let keys: Vec<String> = ids.map(|id| event_key(tracking_id, id)).collect();
        if keys.is_empty() {
            return Ok(BTreeSet::new());
        }
        let found = self.event_ids.snapshot()?.get_many(&keys, View::Merged)?;
        Ok(keys.into_iter().zip(found).filter_map(|(key, found)| found.map(|_| key)).collect())
    }

    /// How many events of a session wait.
    fn count(&self, session: &str) -> restock::Result<u64> {
        let Some(record) = self.sessions.snapshot()?.get(session)? else { return Ok(0) };
        match record.get(COUNT) {
            Some(&Value::Int(count)) => Ok(count.unsigned_abs()),
            _ => Ok(0),
        }
    }

    /// The events of a session that wait, in their order.
    fn events_of(&self, tracking_id: &str, session: &str, count: u64) -> restock::Result<Vec<Record>> {
        let key = session_key(tracking_id, session);
        let keys: Vec<String> = (0..count).map(|number| waiting_key(&key, number)).collect();
        let found = self.events.snapshot()?.get_many(&keys, View::Merged)?;
        let events = found.into_iter().flatten().map(|record| {
            let text = record.get(EVENT).and_then(Value::as_str).unwrap_or_default();
            serde_json::from_str(text).map_err(|error| unreadable(&key, &error))
        });
        events.collect()
    }
}

/// What a call must have to itself: its events' IDs and its sessions.
fn names(tracking_id: &str, arrivals: &[Arrival]) -> BTreeSet<String> {
    let ids = arrivals.iter().filter_map(|arrival| arrival.event_id.as_ref());
    let ids = ids.map(|id| format!("event {}", event_key(tracking_id, id)));
    let sessions = arrivals.iter().map(|arrival| &arrival.session);
    let sessions = sessions.map(|session| format!("session {}", session_key(tracking_id, session)));
    ids.chain(sessions).collect()
}

fn event_key(tracking_id: &str, event_id: &str) -> String {
    format!("{tracking_id}/{event_id}")
}

/// No tracking ID has a `/`, so no two sessions have one key.
fn session_key(tracking_id: &str, session: &str) -> String {
    format!("{tracking_id}/{session}")
}

fn waiting_key(session_key: &str, number: u64) -> String {
    format!("{session_key}/{number}")
}

fn unreadable(session: &str, error: &serde_json::Error) -> restock::Error {
    restock::Error::Refused(format!("a waiting event of the session {session} is not readable: {error}"))
}

/// Sessions by name.
type Sessions = BTreeMap<String, plan::Session>;

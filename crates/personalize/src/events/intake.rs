//! The records of a call, read whole before any of them is stored (`personalize.md`, sections 3.1 and 3.2).

use restock::{DatasetSnapshot, DatasetType, Record, Value};

use super::members::Members;
use super::properties;
use super::row::{Columns, Row};
use crate::refusal::Refusal;

/// The longest ID, type or session on the wire, in characters.
const TEXT_CHARS: usize = 256;
/// The longest `recommendationId`, in characters.
const RECOMMENDATION_CHARS: usize = 40;
/// The longest `eventAttributionSource`, in characters.
const ATTRIBUTION_CHARS: usize = 1024;
/// The longest `properties` of an event, in characters.
const EVENT_PROPERTIES_CHARS: usize = 1024;
/// The most IDs of an `impression`.
const IMPRESSION_IDS: usize = 25;
/// The largest event as JSON, in bytes.
const EVENT_BYTES: usize = 10 * 1024;
/// The column of a row's user.
pub(super) const USER_COLUMN: &str = "USER_ID";
/// What an event says as members of its own: its properties may not say it again.
const EVENT_MEMBERS: [&str; 6] =
    ["userId", "sessionId", "eventType", "timestamp", "recommendationId", "impression"];

/// An event as it comes in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrival {
    /// The session it belongs to.
    pub session: String,
    /// Its user, if the call names one.
    pub user: Option<String>,
    /// The caller's ID of it: the same again is no new event.
    pub event_id: Option<String>,
    /// Its row, without the user.
    pub record: Record,
}

/// The records of users, items or actions, which differ in names and lengths only.
#[derive(Clone, Copy, Debug)]
pub(super) struct Individual {
    /// The type of dataset they go to.
    pub dataset_type: DatasetType,
    /// The list in the input.
    list: &'static str,
    /// The member of the record ID.
    id: &'static str,
    /// The longest `properties`, in characters.
    properties_chars: usize,
}

impl Individual {
    /// `PutUsers`
    pub const USERS: Individual = Individual {
        dataset_type: DatasetType::Users,
        list: "users",
        id: "userId",
        properties_chars: 24_000,
    };
    /// `PutItems`
    pub const ITEMS: Individual = Individual {
        dataset_type: DatasetType::Items,
        list: "items",
        id: "itemId",
        properties_chars: 32_000,
    };
    /// `PutActions`
    pub const ACTIONS: Individual = Individual {
        dataset_type: DatasetType::Actions,
        list: "actions",
        id: "actionId",
        properties_chars: 32_000,
    };
}

/// Reads the records of users, items or actions as rows.
///
/// # Errors
/// The first record that does not fit.
pub(super) fn individuals(
    call: &Members<'_>,
    dataset: &DatasetSnapshot,
    individual: &Individual,
) -> Result<Vec<Record>, Refusal> {
    let columns = Columns::of(dataset);
    let column = individual.dataset_type.record_id().unwrap_or_default();
    let records = call.records(individual.list)?;
    let read = records.iter().map(|members| {
        let mut row = Row::new(&columns, members);
        let id = members.required_text(individual.id, TEXT_CHARS)?;
        row.set(column, individual.id, Some(id.into()))?;
        row.set_properties(properties::read(members, individual.properties_chars)?, &[individual.id])?;
        row.finish(None)
    });
    read.collect()
}

/// Reads the events of a `PutEvents`: all of one user, or of none, and one session.
///
/// # Errors
/// The first event that does not fit.
pub(super) fn events(call: &Members<'_>, dataset: &DatasetSnapshot) -> Result<Vec<Arrival>, Refusal> {
    let columns = Columns::of(dataset);
    let user = call.text("userId", TEXT_CHARS)?;
    let session = call.required_text("sessionId", TEXT_CHARS)?;
    let records = call.records("eventList")?;
    let read = records.iter().map(|members| {
        check_size(members)?;
        let mut row = Row::new(&columns, members);
        row.set("ITEM_ID", "itemId", members.text("itemId", TEXT_CHARS)?.map(Value::from))?;
        row.set("TIMESTAMP", "sentAt", Some(members.required_time("sentAt")?.into()))?;
        row.set_kept("EVENT_VALUE", "eventValue", members.number("eventValue")?)?;
        if let Some(attribution) = members.object("metricAttribution")? {
            let source = attribution.required_text("eventAttributionSource", ATTRIBUTION_CHARS)?;
            row.set("EVENT_ATTRIBUTION_SOURCE", "metricAttribution", Some(source.into()))?;
        }
        event(members, row, user, session)
    });
    read.collect()
}

/// Reads the records of a `PutActionInteractions`, each with its own user and session.
///
/// # Errors
/// The first record that does not fit.
pub(super) fn action_interactions(
    call: &Members<'_>,
    dataset: &DatasetSnapshot,
) -> Result<Vec<Arrival>, Refusal> {
    let columns = Columns::of(dataset);
    let records = call.records("actionInteractions")?;
    let read = records.iter().map(|members| {
        check_size(members)?;
        let mut row = Row::new(&columns, members);
        row.set("ACTION_ID", "actionId", Some(members.required_text("actionId", TEXT_CHARS)?.into()))?;
        row.set("TIMESTAMP", "timestamp", Some(members.required_time("timestamp")?.into()))?;
        let user = members.text("userId", TEXT_CHARS)?;
        event(members, row, user, members.required_text("sessionId", TEXT_CHARS)?)
    });
    read.collect()
}

/// What events of both kinds have, behind what only one has.
fn event(
    members: &Members<'_>,
    mut row: Row<'_>,
    user: Option<&str>,
    session: &str,
) -> Result<Arrival, Refusal> {
    let event_id = members.text("eventId", TEXT_CHARS)?;
    row.set("EVENT_TYPE", "eventType", Some(members.required_text("eventType", TEXT_CHARS)?.into()))?;
    let recommendation = members.text("recommendationId", RECOMMENDATION_CHARS)?;
    row.set("RECOMMENDATION_ID", "recommendationId", recommendation.map(Value::from))?;
    let impression = members.joined_ids("impression", IMPRESSION_IDS, TEXT_CHARS)?;
    row.set("IMPRESSION", "impression", impression.map(Value::from))?;
    row.set_properties(properties::read(members, EVENT_PROPERTIES_CHARS)?, &EVENT_MEMBERS)?;
    Ok(Arrival {
        session: session.to_owned(),
        user: user.map(str::to_owned),
        event_id: event_id.map(str::to_owned),
        record: row.finish(Some(USER_COLUMN))?,
    })
}

fn check_size(members: &Members<'_>) -> Result<(), Refusal> {
    let bytes = members.json_bytes();
    if bytes <= EVENT_BYTES {
        return Ok(());
    }
    let whole = members.whole();
    Err(Refusal::invalid(format!("{whole} has {bytes} bytes as JSON; an event has at most {EVENT_BYTES}")))
}

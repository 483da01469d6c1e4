use std::collections::BTreeMap;

use dockline_domain::{HostId, Timestamp, event::EngineEvent};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, OnConflict, Query},
};

use crate::{
    Database, Error, Moment, Result,
    audit::escape_like,
    entity::event_history::{Column, Entity, Model},
    error::failed,
    text::storable,
};

/// The history of events.
#[derive(Debug, Clone)]
pub struct EventHistory(Database);

/// What became of events that were handed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Appended {
    /// Stored now.
    pub new: u64,
    /// Were there already.
    pub repeated: u64,
}

/// Which events are wanted. Everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of this host.
    pub host: Option<HostId>,
    /// The whole kind.
    pub kind: Option<String>,
    /// The whole action.
    pub action: Option<String>,
    /// The actor's ID, or its beginning.
    pub actor: Option<String>,
    /// Part of the action, the actor's name or its ID; cases do not count.
    pub text: Option<String>,
    /// Nothing older; inclusive.
    pub from: Option<Timestamp>,
    /// Nothing newer; inclusive.
    pub to: Option<Timestamp>,
    /// Only what comes after this one in the order of pages.
    pub after: Option<EventMark>,
    /// How many at most; up to 1,000.
    pub limit: u64,
}

/// A place in the order of pages: newest first, those of one moment by their identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventMark {
    /// The event's time.
    pub at: Timestamp,
    /// Its identity.
    pub id: String,
}

/// Events, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// The events with their identities.
    pub events: Vec<(String, EngineEvent)>,
    /// Whether there are more.
    pub more: bool,
}

/// Rows of one statement: databases limit its parameters.
const ROWS: usize = 500;
/// Events of one page.
const MOST: u64 = 1_000;

impl EventHistory {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Adds events by their identity, all or none.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn append(&self, events: Vec<(String, EngineEvent)>, now: Moment) -> Result<Appended> {
        const OPERATION: &str = "write the history of events";
        let total = events.len() as u64;
        let mut rows =
            events.into_iter().map(|(id, event)| row(id, event, now)).collect::<Result<Vec<_>>>()?;
        // In one order everywhere, so that two writers of the same events wait for one another and do not deadlock.
        rows.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        rows.dedup_by(|one, other| one.id == other.id);
        let new = self
            .0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let mut new = 0;
                    for rows in rows.chunks(ROWS) {
                        let mut insert = Query::insert();
                        insert.into_table(Entity).columns(COLUMNS);
                        for row in rows.iter().cloned() {
                            insert.values_panic([
                                row.id.into(),
                                row.host.into(),
                                row.at_ns.into(),
                                row.kind.into(),
                                row.action.into(),
                                row.actor_id.into(),
                                row.actor_name.into(),
                                row.attributes.into(),
                                row.stored_at.into(),
                            ]);
                        }
                        insert.on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned());
                        new += tx.execute(&insert).await.map_err(failed(OPERATION))?.rows_affected();
                    }
                    Ok(new)
                })
            })
            .await?;
        Ok(Appended { new, repeated: total - new })
    }

    /// Searches.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search(&self, filter: &EventFilter) -> Result<EventPage> {
        let limit = filter.limit.clamp(1, MOST);
        let mut query = Entity::find().order_by_desc(Column::AtNs).order_by_desc(Column::Id).limit(limit + 1);
        if let Some(host) = &filter.host {
            query = query.filter(Column::Host.eq(host.as_str()));
        }
        for (column, wanted) in [(Column::Kind, &filter.kind), (Column::Action, &filter.action)] {
            if let Some(wanted) = wanted {
                query = query.filter(column.eq(storable(wanted.clone())));
            }
        }
        if let Some(actor) = &filter.actor {
            // A range, which an index serves: IDs are compared byte by byte.
            let from = storable(actor.clone());
            let behind = format!("{from}\u{10ffff}");
            query = query.filter(Column::ActorId.gte(from)).filter(Column::ActorId.lt(behind));
        }
        if let Some(text) = filter.text.clone().map(storable) {
            let pattern = format!("%{}%", escape_like(&text));
            let columns = [Column::Action, Column::ActorName, Column::ActorId];
            let any =
                columns.into_iter().fold(Condition::any(), |any, column| any.add(like(column, &pattern)));
            query = query.filter(any);
        }
        if let Some(from) = filter.from {
            query = query.filter(Column::AtNs.gte(from.0));
        }
        if let Some(to) = filter.to {
            query = query.filter(Column::AtNs.lte(to.0));
        }
        if let Some(after) = &filter.after {
            let same_moment =
                Condition::all().add(Column::AtNs.eq(after.at.0)).add(Column::Id.lt(after.id.clone()));
            query = query.filter(Condition::any().add(Column::AtNs.lt(after.at.0)).add(same_moment));
        }
        let mut rows = query.all(self.0.read()).await.map_err(failed("search the history of events"))?;
        let more = rows.len() as u64 > limit;
        if more {
            rows.pop();
        }
        Ok(EventPage { events: rows.into_iter().filter_map(event).collect(), more })
    }

    /// Removes what is older; returns how many those were.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn prune(&self, before: Timestamp) -> Result<u64> {
        const OPERATION: &str = "remove old events from the history";
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let old = Entity::delete_many().filter(Column::AtNs.lt(before.0)).exec(tx).await;
                    Ok(old.map_err(failed(OPERATION))?.rows_affected)
                })
            })
            .await
    }
}

const COLUMNS: [Column; 9] = [
    Column::Id,
    Column::Host,
    Column::AtNs,
    Column::Kind,
    Column::Action,
    Column::ActorId,
    Column::ActorName,
    Column::Attributes,
    Column::StoredAt,
];

fn row(id: String, event: EngineEvent, now: Moment) -> Result<Model> {
    let attributes: BTreeMap<String, String> = event
        .attributes
        .iter()
        .map(|(key, value)| (storable(key.clone()), storable(value.clone())))
        .collect();
    let attributes = serde_json::to_string(&attributes).map_err(|error| Error::Failed {
        operation: "write the history of events",
        source: sea_orm::DbErr::Json(error.to_string()),
    })?;
    Ok(Model {
        id: storable(id),
        host: event.host.to_string(),
        at_ns: event.at.0,
        actor_name: storable(event.actor_name().unwrap_or_default().to_owned()),
        kind: storable(event.kind),
        action: storable(event.action),
        actor_id: storable(event.actor_id),
        attributes,
        stored_at: now.0,
    })
}

/// `None` for a row that this release cannot read.
fn event(row: Model) -> Option<(String, EngineEvent)> {
    let event = EngineEvent {
        host: row.host.parse().ok()?,
        at: Timestamp(row.at_ns),
        kind: row.kind,
        action: row.action,
        actor_id: row.actor_id,
        attributes: serde_json::from_str(&row.attributes).ok()?,
    };
    Some((row.id, event))
}

/// Lower case on both sides: databases differ in whether LIKE tells cases apart.
fn like(column: Column, pattern: &str) -> Expr {
    let column = Expr::col((Entity, column));
    Expr::expr(Func::lower(column)).like(LikeExpr::new(pattern.to_ascii_lowercase()).escape('\\'))
}

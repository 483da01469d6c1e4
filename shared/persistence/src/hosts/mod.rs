mod declare;

use std::collections::BTreeMap;

use dockline_domain::{
    HostId,
    host::{HostBook, HostOrigin, HostRecord, Sealed},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryOrder,
    QuerySelect,
};

use crate::{
    Database, Error, Moment, Result,
    entity::{host, host_book},
    error::failed,
    stacks,
};

/// A host to be added.
#[derive(Debug, Clone)]
pub struct NewHost {
    /// Its ID.
    pub id: HostId,
    /// The engine's address in its text form.
    pub address: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Whether it is used.
    pub enabled: bool,
    /// Its sealed credentials.
    pub sealed: Option<Sealed>,
}

/// What is to be changed of a host; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct HostChange {
    /// A new address.
    pub address: Option<String>,
    /// New labels in the place of all.
    pub labels: Option<BTreeMap<String, String>>,
    /// Enabled or not.
    pub enabled: Option<bool>,
    /// New sealed credentials, or none any more.
    pub sealed: Option<Option<Sealed>>,
}

/// The Docker hosts.
///
/// Every change locks the book's one row and takes a new revision from it, which the changed hosts get as well. A
/// revision is the time in microseconds, and larger than the one before in any case: so it grows even over a
/// database that was set back to a backup.
#[derive(Debug, Clone)]
pub struct HostBooks(Database);

/// The only key that the book's table takes.
const THE_ONE: i32 = 1;

impl HostBooks {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// The book's revision, for a quick look whether anything changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn revision(&self) -> Result<u64> {
        const OPERATION: &str = "read the revision of the hosts";
        let row =
            host_book::Entity::find_by_id(THE_ONE).one(self.0.read()).await.map_err(failed(OPERATION))?;
        Ok(number(row.map_or(0, |row| row.revision)))
    }

    /// All hosts. One that changes meanwhile may be in there already: its revision is then larger than the book's, and
    /// the next look at [`Self::revision`] tells so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn load(&self) -> Result<HostBook> {
        const OPERATION: &str = "read the hosts";
        // In this order: hosts that are older than the revision beside them would never be read again.
        let revision = self.revision().await?;
        let rows = host::Entity::find()
            .order_by_asc(host::Column::Id)
            .all(self.0.read())
            .await
            .map_err(failed(OPERATION))?;
        Ok(HostBook { revision, hosts: rows.into_iter().map(record).collect::<Result<_>>()? })
    }

    /// Adds a host.
    ///
    /// # Errors
    /// [`Error::HostTaken`] when there is one of this ID.
    pub async fn insert(&self, new: NewHost, now: Moment) -> Result<HostRecord> {
        self.0
            .write("add a host", move |tx| {
                Box::pin(async move {
                    let revision = advance(tx, now, 0).await?;
                    if find(tx, &new.id).await?.is_some() {
                        return Err(Error::HostTaken);
                    }
                    insert(tx, new, HostOrigin::Added, revision, now).await
                })
            })
            .await
    }

    /// Changes a host that still is as `seen`.
    ///
    /// # Errors
    /// [`Error::NoSuchHost`], or [`Error::HostChanged`] when somebody changed it meanwhile.
    pub async fn update(&self, seen: &HostRecord, change: HostChange, now: Moment) -> Result<HostRecord> {
        let (id, seen) = (seen.id.clone(), seen.revision);
        self.0
            .write("change a host", move |tx| {
                Box::pin(async move {
                    let revision = advance(tx, now, 0).await?;
                    let row = find(tx, &id).await?.ok_or(Error::NoSuchHost)?;
                    if number(row.revision) != seen {
                        return Err(Error::HostChanged);
                    }
                    let mut after = row.into_active_model();
                    if let Some(address) = change.address {
                        after.address = Set(address);
                    }
                    if let Some(labels) = &change.labels {
                        after.labels = Set(to_json(labels)?);
                    }
                    if let Some(enabled) = change.enabled {
                        after.enabled = Set(enabled);
                    }
                    if let Some(sealed) = change.sealed {
                        after.sealed = Set(sealed.map(|sealed| sealed.0));
                    }
                    (after.revision, after.updated_at) = (Set(revision), Set(now.0));
                    record(after.update(tx).await.map_err(failed("change a host"))?)
                })
            })
            .await
    }

    /// Removes a host; returns what it was.
    ///
    /// # Errors
    /// [`Error::NoSuchHost`], or [`Error::HostDeclared`] when the settings name it.
    pub async fn remove(&self, id: &HostId, now: Moment) -> Result<HostRecord> {
        let id = id.clone();
        self.0
            .write("remove a host", move |tx| {
                Box::pin(async move {
                    advance(tx, now, 0).await?;
                    let row = find(tx, &id).await?.ok_or(Error::NoSuchHost)?;
                    let removed = record(row)?;
                    if removed.origin == HostOrigin::Settings {
                        return Err(Error::HostDeclared);
                    }
                    host::Entity::delete_by_id(id.as_str())
                        .exec(tx)
                        .await
                        .map_err(failed("remove a host"))?;
                    stacks::forget_host(tx, &id).await?;
                    Ok(removed)
                })
            })
            .await
    }

    /// Makes the hosts that the settings name what they say, and gives the others to the administrators. Labels stay,
    /// and so do credentials while the address does. Changes nothing when everything is so already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn declare(&self, declared: Vec<(HostId, String)>, now: Moment) -> Result<HostBook> {
        self.0
            .write("write the hosts of the settings", move |tx| Box::pin(declare::write(tx, declared, now)))
            .await?;
        self.load().await
    }

    /// Makes the revision larger than `other`: somebody has a book that this database knows nothing of, because it was
    /// set back to a backup.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn overtake(&self, other: u64, now: Moment) -> Result<u64> {
        self.0
            .write("overtake the revision of the hosts", move |tx| {
                Box::pin(async move {
                    let other = i64::try_from(other).unwrap_or(i64::MAX - 1);
                    advance(tx, now, other).await.map(number)
                })
            })
            .await
    }
}

/// Locks the book until the transaction ends.
async fn lock(tx: &DatabaseTransaction) -> Result<host_book::Model> {
    host_book::Entity::find_by_id(THE_ONE)
        .lock_exclusive()
        .one(tx)
        .await
        .map_err(failed("number a change of the hosts"))?
        .ok_or_else(|| unreadable("the row of host_book is missing".to_owned()))
}

/// Gives the revision of what changes in this transaction, and keeps others out until it ends.
async fn advance(tx: &DatabaseTransaction, now: Moment, beyond: i64) -> Result<i64> {
    let row = lock(tx).await?;
    let revision = now.0.max(row.revision + 1).max(beyond + 1);
    let mut row = row.into_active_model();
    row.revision = Set(revision);
    row.update(tx).await.map_err(failed("number a change of the hosts"))?;
    Ok(revision)
}

async fn find(tx: &DatabaseTransaction, id: &HostId) -> Result<Option<host::Model>> {
    host::Entity::find_by_id(id.as_str()).one(tx).await.map_err(failed("read a host"))
}

async fn insert(
    tx: &DatabaseTransaction,
    new: NewHost,
    origin: HostOrigin,
    revision: i64,
    now: Moment,
) -> Result<HostRecord> {
    let row = host::ActiveModel {
        id: Set(new.id.into()),
        address: Set(new.address),
        labels: Set(to_json(&new.labels)?),
        enabled: Set(new.enabled),
        origin: Set(origin.as_str().to_owned()),
        sealed: Set(new.sealed.map(|sealed| sealed.0)),
        revision: Set(revision),
        created_at: Set(now.0),
        updated_at: Set(now.0),
    };
    record(row.insert(tx).await.map_err(failed("add a host"))?)
}

fn record(row: host::Model) -> Result<HostRecord> {
    let id = row.id.parse().map_err(|error| unreadable(format!("{error}")))?;
    let labels = serde_json::from_str(&row.labels).map_err(|error| unreadable(error.to_string()))?;
    let origin = HostOrigin::parse(&row.origin)
        .ok_or_else(|| unreadable(format!("there is no origin `{}` of a host", row.origin)))?;
    Ok(HostRecord {
        id,
        address: row.address,
        labels,
        enabled: row.enabled,
        origin,
        sealed: row.sealed.map(Sealed),
        revision: number(row.revision),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn to_json(labels: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(labels).map_err(|error| unreadable(error.to_string()))
}

fn unreadable(why: String) -> Error {
    Error::Failed { operation: "read a host", source: DbErr::Type(why) }
}

/// Revisions are times since 1970.
fn number(revision: i64) -> u64 {
    revision.unsigned_abs()
}

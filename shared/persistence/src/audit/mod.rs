//! The audit log: who did what, and how it ended.
//!
//! Before a mutation a row with the outcome `intent` is written, and afterwards a second row with the
//! real outcome under the same entry number. Readers see one line per entry, the latest; an entry that
//! still says `intent` belongs to a process that was killed in between. Rows are never changed
//! (triggers refuse it), each carries the hash of the one before, and [`AuditLog::verify`] recomputes
//! the whole chain.

mod chain;
mod relay;
mod search;

use dockline_domain::{UserId, Username};
use futures::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait, IntoActiveModel, QuerySelect,
};

pub(crate) use chain::verify;
pub use chain::{Broken, Verified};
pub use relay::ChainRow;
pub(crate) use search::escape_like;
pub use search::{AuditFilter, AuditPage, MAX_PAGE};

use crate::{
    Database, Error, Moment, Result,
    entity::{audit_head, audit_log},
    error::failed,
    text::storable,
};

/// Who did it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actor {
    /// The account, if the caller was known.
    pub id: Option<UserId>,
    /// Its name, or the name that a failed sign-in claimed.
    pub name: Option<String>,
}

impl Actor {
    /// A known account.
    #[must_use]
    pub fn account(id: UserId, name: &Username) -> Self {
        Self { id: Some(id), name: Some(name.as_str().to_owned()) }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is about to be done; not known yet.
    Intent,
    /// Done.
    Success,
    /// Tried, and failed.
    Failure,
    /// Refused for lack of permission.
    Denied,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Intent, Self::Success, Self::Failure, Self::Denied];

    /// The word in the database and in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Denied => "denied",
        }
    }

    /// The outcome that a word stands for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// What is to be written.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Who.
    pub actor: Actor,
    /// For example `container.restart`.
    pub action: String,
    /// For example `containers/3f2a…`.
    pub target: Option<String>,
    /// What else belongs to it. Never a secret.
    pub detail: Option<serde_json::Value>,
    /// The caller's address.
    pub address: Option<String>,
    /// The request that caused it.
    pub request_id: String,
}

/// An entry whose outcome is not known yet. Keep it until the action is done, then hand it to
/// [`AuditLog::conclude`].
#[derive(Debug)]
#[must_use = "the outcome must be recorded"]
pub struct Pending {
    number: i64,
    at: Moment,
    /// What was written; target and detail may be made more precise for the second row.
    pub entry: NewEntry,
}

/// One line as readers see it.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// The entry's number; grows without holes.
    pub entry: i64,
    /// When it was done.
    pub at: Moment,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: String,
    /// To what.
    pub target: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// What else belongs to it.
    pub detail: Option<serde_json::Value>,
    /// From where.
    pub address: Option<String>,
    /// The request that caused it.
    pub request_id: String,
}

/// The audit log.
#[derive(Debug, Clone)]
pub struct AuditLog(Database);

impl AuditLog {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Writes that something is about to be done. When this fails, it must not be done.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn intend(&self, entry: NewEntry, now: Moment) -> Result<Pending> {
        let number = self.append(None, entry.clone(), Outcome::Intent, now, now).await?;
        Ok(Pending { number, at: now, entry })
    }

    /// Writes how it ended.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn conclude(&self, pending: Pending, outcome: Outcome, now: Moment) -> Result<()> {
        let Pending { number, at, entry } = pending;
        self.append(Some(number), entry, outcome, at, now).await.map(drop)
    }

    /// Writes something that is over already: a denial, a failed sign-in.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn record(&self, entry: NewEntry, outcome: Outcome, now: Moment) -> Result<()> {
        self.append(None, entry, outcome, now, now).await.map(drop)
    }

    async fn append(
        &self,
        number: Option<i64>,
        entry: NewEntry,
        outcome: Outcome,
        at: Moment,
        now: Moment,
    ) -> Result<i64> {
        self.0
            .write("write the audit log", move |tx| -> BoxFuture<'_, Result<i64>> {
                Box::pin(append(tx, number, entry, outcome, at, now))
            })
            .await
    }
}

/// Adds one row at the end of the chain.
async fn append(
    tx: &DatabaseTransaction,
    number: Option<i64>,
    entry: NewEntry,
    outcome: Outcome,
    at: Moment,
    now: Moment,
) -> Result<i64> {
    const OPERATION: &str = "write the audit log";
    let head =
        audit_head::Entity::find().lock_exclusive().one(tx).await.map_err(failed(OPERATION))?.ok_or_else(
            || Error::Failed {
                operation: OPERATION,
                source: sea_orm::DbErr::RecordNotFound("audit_head".to_owned()),
            },
        )?;
    let number = number.unwrap_or(head.entry + 1);
    let mut row = audit_log::Model {
        seq: head.seq + 1,
        entry: number,
        at: at.0,
        written_at: now.0,
        actor_id: entry.actor.id.map(|id| id.0),
        actor: entry.actor.name.map(storable),
        action: storable(entry.action),
        target: entry.target.map(storable),
        outcome: outcome.as_str().to_owned(),
        detail: entry.detail.map(|detail| detail.to_string()),
        address: entry.address.map(storable),
        request_id: storable(entry.request_id),
        prev_hash: head.hash.clone(),
        hash: String::new(),
    };
    row.hash = chain::hash(&row);
    let (seq, hash) = (row.seq, row.hash.clone());
    audit_log::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await
        .map_err(failed(OPERATION))?;
    let mut head = head.into_active_model();
    head.entry = Set(head.entry.as_ref().max(&number).to_owned());
    head.seq = Set(seq);
    head.hash = Set(hash);
    head.update(tx).await.map_err(failed(OPERATION))?;
    Ok(number)
}

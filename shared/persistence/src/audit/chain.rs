use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};

use super::AuditLog;
use crate::{
    Result,
    entity::{audit_head, audit_log},
    error::failed,
};

/// What the first row's `prev_hash` must be.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Changes with the meaning of the bytes below, never otherwise.
const VERSION: &[u8] = b"dockline-audit-1";

/// The result of recomputing the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Rows that were read.
    pub rows: u64,
    /// The last row's hash: note it elsewhere, and a later chain must still contain it.
    pub head: String,
    /// The first thing that is wrong.
    pub broken: Option<Broken>,
}

/// Where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A row's contents are not what was written.
    #[error("row {0} was altered")]
    Altered(i64),
    /// Rows are missing before this one, or were put in another order.
    #[error("rows before row {0} are missing or out of order")]
    Missing(i64),
    /// Rows are missing at the end.
    #[error("rows after row {0} are missing")]
    Truncated(i64),
}

impl AuditLog {
    /// Recomputes every hash, in pages: the log may be large.
    ///
    /// # Errors
    /// When the database does not answer. A broken chain is a result, not an error.
    pub async fn verify(&self) -> Result<Verified> {
        verify(self.0.read()).await
    }
}

/// As [`AuditLog::verify`], in a transaction that has not been committed, for example.
pub(crate) async fn verify(db: &impl ConnectionTrait) -> Result<Verified> {
    const OPERATION: &str = "verify the audit log";
    const PAGE: u64 = 1_000;
    // Read first: rows that are appended meanwhile lie behind it.
    let head = audit_head::Entity::find().one(db).await.map_err(failed(OPERATION))?;
    let (mut seq, mut hash_before, mut rows) = (0_i64, GENESIS.to_owned(), 0_u64);
    let end = head.as_ref().map_or(i64::MAX, |head| head.seq);
    loop {
        let page = audit_log::Entity::find()
            .filter(audit_log::Column::Seq.gt(seq))
            .filter(audit_log::Column::Seq.lte(end))
            .order_by_asc(audit_log::Column::Seq)
            .limit(PAGE)
            .all(db)
            .await
            .map_err(failed(OPERATION))?;
        if page.is_empty() {
            break;
        }
        for row in page {
            let broken = if row.seq != seq + 1 || row.prev_hash != hash_before {
                Some(Broken::Missing(row.seq))
            } else if row.hash != hash(&row) {
                Some(Broken::Altered(row.seq))
            } else {
                None
            };
            if broken.is_some() {
                return Ok(Verified { rows, head: hash_before, broken });
            }
            rows += 1;
            seq = row.seq;
            hash_before = row.hash;
        }
    }
    let complete = head.is_some_and(|head| head.seq == seq && head.hash == hash_before);
    let broken = (!complete).then_some(Broken::Truncated(seq));
    Ok(Verified { rows, head: hash_before, broken })
}

/// The hash of a row: SHA-256 over every field but the hash itself, each with its length, so that no
/// two different rows have the same bytes.
pub(super) fn hash(row: &audit_log::Model) -> String {
    let mut sha = Sha256::new();
    sha.update(VERSION);
    for number in [row.seq, row.entry, row.at, row.written_at] {
        sha.update(number.to_le_bytes());
    }
    let actor_id = row.actor_id.map(|id| id.to_string());
    let texts = [
        actor_id.as_deref(),
        row.actor.as_deref(),
        Some(row.action.as_str()),
        row.target.as_deref(),
        Some(row.outcome.as_str()),
        row.detail.as_deref(),
        row.address.as_deref(),
        Some(row.request_id.as_str()),
        Some(row.prev_hash.as_str()),
    ];
    for text in texts {
        match text {
            None => sha.update([0]),
            Some(text) => {
                sha.update([1]);
                sha.update((text.len() as u64).to_le_bytes());
                sha.update(text.as_bytes());
            }
        }
    }
    hex::encode(sha.finalize())
}

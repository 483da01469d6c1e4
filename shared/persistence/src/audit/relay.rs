//! The audit log on its way to the event log: its rows in the order of the chain, and how far they have come.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};

use super::{Actor, AuditLog};
use crate::{
    Moment, Result,
    entity::{audit_log, relay},
    error::failed,
};

/// A row as it is in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainRow {
    /// Its number; grows by one.
    pub seq: i64,
    /// The number of what it is about.
    pub entry: i64,
    /// When it was done.
    pub at: Moment,
    /// When the row was written.
    pub written_at: Moment,
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
    /// The hash of the row before.
    pub prev_hash: String,
    /// Its own.
    pub hash: String,
}

/// The name of the audit log's relay.
const NAME: &str = "audit";

impl AuditLog {
    /// The oldest rows behind this number, at most so many. Rows get their number and become visible in the same order,
    /// so none appears later before one that was read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn chain_after(&self, seq: i64, most: u64) -> Result<Vec<ChainRow>> {
        let rows = audit_log::Entity::find()
            .filter(audit_log::Column::Seq.gt(seq))
            .order_by_asc(audit_log::Column::Seq)
            .limit(most)
            .all(self.0.read())
            .await
            .map_err(failed("read the audit log"))?;
        Ok(rows.into_iter().map(chain_row).collect())
    }

    /// The last row that has been relayed; 0 before the first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn relayed(&self) -> Result<i64> {
        let row = relay::Entity::find_by_id(NAME.to_owned()).one(self.0.read()).await;
        Ok(row.map_err(failed("read how far the audit log has been relayed"))?.map_or(0, |row| row.position))
    }

    /// Says that everything up to this row has been relayed, by the relay of the term `token`. Whether that term is still
    /// the newest that has said anything: if not, nothing was changed.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn relay_to(&self, seq: i64, token: u64) -> Result<bool> {
        const OPERATION: &str = "note how far the audit log has been relayed";
        use relay::Column;

        let token = i64::try_from(token).unwrap_or(i64::MAX);
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let mut upsert = Query::insert();
                    upsert
                        .into_table(relay::Entity)
                        .columns([Column::Name, Column::Position, Column::Token])
                        .values_panic([NAME.into(), seq.into(), token.into()])
                        .on_conflict(
                            OnConflict::column(Column::Name)
                                .update_columns([Column::Position, Column::Token])
                                .action_and_where(Expr::col((relay::Entity, Column::Token)).lte(token))
                                .to_owned(),
                        );
                    Ok(tx.execute(&upsert).await.map_err(failed(OPERATION))?.rows_affected() == 1)
                })
            })
            .await
    }
}

fn chain_row(row: audit_log::Model) -> ChainRow {
    ChainRow {
        seq: row.seq,
        entry: row.entry,
        at: Moment(row.at),
        written_at: Moment(row.written_at),
        actor: Actor { id: row.actor_id.map(dockline_domain::UserId), name: row.actor },
        action: row.action,
        target: row.target,
        outcome: row.outcome,
        detail: row.detail.and_then(|text| serde_json::from_str(&text).ok()),
        address: row.address,
        request_id: row.request_id,
        prev_hash: row.prev_hash,
        hash: row.hash,
    }
}

//! Ending sign-ins, and forgetting those that ended by themselves.

use dockline_domain::{SessionId, UserId};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType, Query, SimpleExpr},
};

use super::Sessions;
use crate::{
    Moment, Result,
    entity::{session, user},
    error::failed,
};

impl Sessions {
    /// Ends a sign-in; false when it had ended already.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn revoke(&self, id: SessionId, reason: &'static str, now: Moment) -> Result<bool> {
        self.0
            .write("end a sign-in", move |tx| {
                Box::pin(async move { revoke(tx, session::Column::Id.eq(id.0), reason, now).await })
            })
            .await
            .map(|ended| ended > 0)
    }

    /// Ends every sign-in of an account; returns how many were open.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn revoke_all(&self, user: UserId, reason: &'static str, now: Moment) -> Result<u64> {
        self.0
            .write("end sign-ins", move |tx| {
                Box::pin(async move {
                    // Whoever changes or removes the account meanwhile ends the same sign-ins.
                    user::Entity::find_by_id(user.0)
                        .lock_exclusive()
                        .one(tx)
                        .await
                        .map_err(failed("end sign-ins"))?;
                    revoke_all_in(tx, user, reason, now).await
                })
            })
            .await
    }
}

/// Removes sign-ins whose time is over. Those that somebody else works on stay for the next time:
/// waiting for them, with others locked, could deadlock.
pub(super) async fn forget_expired(tx: &DatabaseTransaction, now: Moment) -> Result<()> {
    let mut expired = Query::select();
    expired
        .column(session::Column::Id)
        .from(session::Entity)
        .and_where(session::Column::ExpiresAt.lt(now.0))
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    session::Entity::delete_many()
        .filter(session::Column::Id.in_subquery(expired))
        .exec(tx)
        .await
        .map(drop)
        .map_err(failed("forget expired sign-ins"))
}

/// Ends every sign-in of an account, whose row the transaction has locked.
pub(crate) async fn revoke_all_in(
    tx: &DatabaseTransaction,
    user: UserId,
    reason: &'static str,
    now: Moment,
) -> Result<u64> {
    revoke(tx, session::Column::UserId.eq(user.0), reason, now).await
}

pub(super) async fn revoke(
    tx: &DatabaseTransaction,
    which: SimpleExpr,
    reason: &'static str,
    now: Moment,
) -> Result<u64> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now.0))
        .col_expr(session::Column::RevokedReason, Expr::value(reason))
        .filter(which)
        .filter(session::Column::RevokedAt.is_null())
        .exec(tx)
        .await
        .map(|result| result.rows_affected)
        .map_err(failed("end sign-ins"))
}

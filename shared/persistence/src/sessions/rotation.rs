//! Exchanging a refresh token for its successor.

use dockline_domain::SessionId;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QuerySelect,
};

use super::{TokenHash, add_token, ending::revoke, expiry};
use crate::{
    Account, Moment, Result,
    entity::{refresh_token, session, user},
    error::failed,
    users::account,
};

/// For this long after a refresh the replaced token still gets a new one: tabs refresh in parallel.
pub const ROTATION_GRACE_SECONDS: i64 = 10;

/// What became of a refresh token that was presented.
#[derive(Debug, Clone)]
pub enum Rotation {
    /// It was valid; the successor is now.
    Rotated {
        /// The sign-in.
        session: SessionId,
        /// Whose it is.
        account: Account,
    },
    /// It had been replaced before: somebody has a copy. The sign-in was ended.
    Reused {
        /// The sign-in that was ended.
        session: SessionId,
        /// Whose it was.
        account: Account,
    },
    /// Unknown, expired, ended, or the account is disabled.
    Refused,
}

/// See [`super::Sessions`] for the rules. The sign-in is locked while they are applied: of two that
/// present the same token, the second one finds what the first one left.
pub(super) async fn rotate(
    tx: &DatabaseTransaction,
    presented: TokenHash,
    successor: TokenHash,
    now: Moment,
) -> Result<Rotation> {
    const OPERATION: &str = "refresh a sign-in";
    let token = refresh_token::Entity::find_by_id(presented.0).one(tx).await.map_err(failed(OPERATION))?;
    let Some(token) = token else { return Ok(Rotation::Refused) };
    let row = session::Entity::find_by_id(token.session_id)
        .lock_exclusive()
        .one(tx)
        .await
        .map_err(failed(OPERATION))?;
    let Some(row) = row.filter(|row| row.revoked_at.is_none() && row.expires_at > now.0) else {
        return Ok(Rotation::Refused);
    };
    let owner = user::Entity::find_by_id(row.user_id).one(tx).await.map_err(failed(OPERATION))?;
    let Some(owner) = owner.filter(|owner| owner.enabled) else { return Ok(Rotation::Refused) };
    let (id, account) = (SessionId(row.id), account(owner)?);
    let (generation, rotated_at) = (row.generation, Moment(row.rotated_at));

    let within_grace = now < rotated_at.plus_seconds(ROTATION_GRACE_SECONDS);
    let (next, is_new) = match generation - token.generation {
        0 => (generation + 1, true),
        1 if within_grace => (generation, false),
        _ => {
            revoke(tx, session::Column::Id.eq(id.0), "refresh token reused", now).await?;
            return Ok(Rotation::Reused { session: id, account });
        }
    };
    let mut change = row.into_active_model();
    if is_new {
        change.generation = Set(next);
        change.rotated_at = Set(now.0);
    }
    change.last_used_at = Set(now.0);
    change.expires_at = Set(expiry(now).0);
    change.update(tx).await.map_err(failed(OPERATION))?;
    add_token(tx, id, next, successor, now).await?;
    Ok(Rotation::Rotated { session: id, account })
}

use dockline_domain::{SessionId, UserId};
use futures::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use crate::{
    Account, Database, Moment, Result,
    entity::{refresh_token, session, user},
    error::failed,
    users::account,
};

/// A sign-in ends when it was not refreshed for this long.
pub const SESSION_DAYS: i64 = 30;
/// For this long after a refresh the replaced token still gets a new one: tabs refresh in parallel.
pub const ROTATION_GRACE_SECONDS: i64 = 10;

/// The SHA-256 of a refresh token, in hex. The token itself is never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(pub String);

impl std::fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// A sign-in to be recorded.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Who signed in.
    pub user: UserId,
    /// The first refresh token's hash.
    pub token: TokenHash,
    /// From where.
    pub address: Option<String>,
    /// With what program, as it calls itself.
    pub user_agent: Option<String>,
}

/// A sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its ID.
    pub id: SessionId,
    /// When it began.
    pub created_at: Moment,
    /// The last refresh.
    pub last_used_at: Moment,
    /// When it ends without a refresh.
    pub expires_at: Moment,
    /// From where it began.
    pub address: Option<String>,
    /// With what program.
    pub user_agent: Option<String>,
}

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

/// Sign-ins and their refresh tokens.
///
/// Tokens of one sign-in have generations. A refresh with a token of the present generation begins the
/// next one. Browser tabs share one cookie and refresh at the same moment, so a token of the
/// generation just replaced still gets a token for [`ROTATION_GRACE_SECONDS`]: a *sibling* in the
/// present generation, valid like its brother until either is used. (Handing out the same successor
/// again would need its plain text.) Any other replaced token is proof of a copy and ends the sign-in;
/// so does a thief's sibling, as soon as thief and owner have both refreshed once more.
#[derive(Debug, Clone)]
pub struct Sessions(Database);

impl Sessions {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Records a sign-in, and its time in the account. Forgets sign-ins that ended long ago.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn open(&self, new: NewSession, now: Moment) -> Result<SessionId> {
        const OPERATION: &str = "record a sign-in";
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let id = SessionId::generate();
                    let row = session::ActiveModel {
                        id: Set(id.0),
                        user_id: Set(new.user.0),
                        generation: Set(1),
                        rotated_at: Set(now.0),
                        created_at: Set(now.0),
                        last_used_at: Set(now.0),
                        expires_at: Set(expiry(now).0),
                        revoked_at: Set(None),
                        revoked_reason: Set(None),
                        address: Set(new.address),
                        user_agent: Set(new.user_agent),
                    };
                    session::Entity::insert(row)
                        .exec_without_returning(tx)
                        .await
                        .map_err(failed(OPERATION))?;
                    add_token(tx, id, 1, new.token, now).await?;
                    user::Entity::update_many()
                        .col_expr(user::Column::LastLoginAt, Expr::value(now.0))
                        .filter(user::Column::Id.eq(new.user.0))
                        .exec(tx)
                        .await
                        .map_err(failed(OPERATION))?;
                    session::Entity::delete_many()
                        .filter(session::Column::ExpiresAt.lt(now.0))
                        .exec(tx)
                        .await
                        .map_err(failed(OPERATION))?;
                    Ok(id)
                })
            })
            .await
    }

    /// Exchanges a refresh token for `successor`. See [`Sessions`] for the rules.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn rotate(&self, presented: TokenHash, successor: TokenHash, now: Moment) -> Result<Rotation> {
        self.0
            .write("refresh a sign-in", move |tx| -> BoxFuture<'_, Result<Rotation>> {
                Box::pin(async move { rotate(tx, presented, successor, now).await })
            })
            .await
    }

    /// The account behind a sign-in that is still good; `None` when the sign-in ended or expired.
    /// Whether the account is enabled is for the caller to look at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn account(&self, id: SessionId, user: UserId, now: Moment) -> Result<Option<Account>> {
        let found = session::Entity::find_by_id(id.0)
            .filter(session::Column::UserId.eq(user.0))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now.0))
            .find_also_related(user::Entity)
            .one(self.0.read())
            .await
            .map_err(failed("look up a sign-in"))?;
        found.and_then(|(_, user)| user).map(account).transpose()
    }

    /// An account's sign-ins that are still good, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, user: UserId, now: Moment) -> Result<Vec<SessionRecord>> {
        let rows = session::Entity::find()
            .filter(session::Column::UserId.eq(user.0))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now.0))
            .order_by_desc(session::Column::Id)
            .all(self.0.read())
            .await
            .map_err(failed("list sign-ins"))?;
        Ok(rows.into_iter().map(record).collect())
    }

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
                Box::pin(async move { revoke_all_in(tx, user, reason, now).await })
            })
            .await
    }

    /// The sign-in that a refresh token belongs to, for signing out with nothing but the cookie.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of_token(&self, token: &TokenHash) -> Result<Option<(SessionId, UserId)>> {
        const OPERATION: &str = "look up a sign-in";
        let found = refresh_token::Entity::find_by_id(token.0.clone())
            .one(self.0.read())
            .await
            .map_err(failed(OPERATION))?;
        let Some(found) = found else { return Ok(None) };
        let row = session::Entity::find_by_id(found.session_id)
            .one(self.0.read())
            .await
            .map_err(failed(OPERATION))?;
        Ok(row.map(|row| (SessionId(row.id), UserId(row.user_id))))
    }
}

async fn rotate(
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

async fn add_token(
    tx: &DatabaseTransaction,
    session: SessionId,
    generation: i64,
    token: TokenHash,
    now: Moment,
) -> Result<()> {
    let row = refresh_token::ActiveModel {
        hash: Set(token.0),
        session_id: Set(session.0),
        generation: Set(generation),
        issued_at: Set(now.0),
    };
    refresh_token::Entity::insert(row)
        .exec_without_returning(tx)
        .await
        .map(drop)
        .map_err(failed("store a refresh token"))
}

pub(crate) async fn revoke_all_in(
    tx: &DatabaseTransaction,
    user: UserId,
    reason: &'static str,
    now: Moment,
) -> Result<u64> {
    revoke(tx, session::Column::UserId.eq(user.0), reason, now).await
}

async fn revoke(
    tx: &DatabaseTransaction,
    which: sea_orm::sea_query::SimpleExpr,
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

const fn expiry(now: Moment) -> Moment {
    now.plus_seconds(SESSION_DAYS * 86_400)
}

fn record(row: session::Model) -> SessionRecord {
    SessionRecord {
        id: SessionId(row.id),
        created_at: Moment(row.created_at),
        last_used_at: Moment(row.last_used_at),
        expires_at: Moment(row.expires_at),
        address: row.address,
        user_agent: row.user_agent,
    }
}

mod ending;
mod rotation;

use dockline_domain::{SessionId, UserId};
use futures::future::BoxFuture;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

pub(crate) use self::ending::revoke_all_in;
pub use self::rotation::{ROTATION_GRACE_SECONDS, Rotation};
use crate::{
    Account, Database, Error, Moment, Result,
    entity::{refresh_token, session, user},
    error::failed,
    text::storable,
    users::account,
};

/// A sign-in ends when it was not refreshed for this long.
pub const SESSION_DAYS: i64 = 30;

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
    /// [`Error::NoSuchUser`] when the account was removed meanwhile.
    pub async fn open(&self, new: NewSession, now: Moment) -> Result<SessionId> {
        const OPERATION: &str = "record a sign-in";
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    // The account first: its row is then locked in the same order as everywhere.
                    let known = user::Entity::update_many()
                        .col_expr(user::Column::LastLoginAt, Expr::value(now.0))
                        .filter(user::Column::Id.eq(new.user.0))
                        .exec(tx)
                        .await
                        .map_err(failed(OPERATION))?;
                    if known.rows_affected == 0 {
                        return Err(Error::NoSuchUser);
                    }
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
                        address: Set(new.address.map(storable)),
                        user_agent: Set(new.user_agent.map(storable)),
                    };
                    session::Entity::insert(row)
                        .exec_without_returning(tx)
                        .await
                        .map_err(failed(OPERATION))?;
                    add_token(tx, id, 1, new.token, now).await?;
                    ending::forget_expired(tx, now).await?;
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
                Box::pin(rotation::rotate(tx, presented, successor, now))
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

use dockline_domain::{UserId, Username, access::Role};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    Database, Error, Moment, Result,
    entity::user,
    error::{failed, is_duplicate},
    sessions::revoke_all_in,
};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its ID.
    pub id: UserId,
    /// Its name.
    pub username: Username,
    /// Its role. `None` when the database holds one that this build does not know: no rights at all.
    pub role: Option<Role>,
    /// Whether it may sign in.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Moment,
    /// The last sign-in.
    pub last_login_at: Option<Moment>,
}

/// An account with what its password is compared to.
#[derive(Clone)]
pub struct Credentials {
    /// The account.
    pub account: Account,
    /// The PHC string.
    pub password_hash: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("account", &self.account).finish_non_exhaustive()
    }
}

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    /// Its name.
    pub username: Username,
    /// The PHC string.
    pub password_hash: String,
    /// Its role.
    pub role: Role,
}

/// What is to be changed of an account; `None` stays as it is.
#[derive(Clone, Default)]
pub struct UserChange {
    /// A new role.
    pub role: Option<Role>,
    /// Enabled or not.
    pub enabled: Option<bool>,
    /// A new PHC string.
    pub password_hash: Option<String>,
}

/// An account before and after a change.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Before.
    pub before: Account,
    /// After.
    pub after: Account,
    /// Whether its sign-ins were ended: it lost rights, or its password changed.
    pub sessions_ended: bool,
}

/// Accounts.
#[derive(Debug, Clone)]
pub struct Users(Database);

impl Users {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`Error::UsernameTaken`] when the name is in use.
    pub async fn create(&self, new: NewUser, now: Moment) -> Result<Account> {
        let id = UserId::generate();
        self.0.write("create an account", move |tx| Box::pin(insert(tx, id, new, now))).await
    }

    /// One account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn by_id(&self, id: UserId) -> Result<Option<Account>> {
        let row =
            user::Entity::find_by_id(id.0).one(self.0.read()).await.map_err(failed("read an account"))?;
        row.map(account).transpose()
    }

    /// One account and its password's hash, for signing in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn credentials(&self, username: &Username) -> Result<Option<Credentials>> {
        let row = user::Entity::find()
            .filter(user::Column::Username.eq(username.as_str()))
            .one(self.0.read())
            .await
            .map_err(failed("read an account"))?;
        row.map(|row| {
            let password_hash = row.password_hash.clone();
            Ok(Credentials { account: account(row)?, password_hash })
        })
        .transpose()
    }

    /// Accounts by name, those after `after`, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, after: Option<&Username>, limit: u64) -> Result<Vec<Account>> {
        let mut query = user::Entity::find().order_by_asc(user::Column::Username).limit(limit);
        if let Some(after) = after {
            query = query.filter(user::Column::Username.gt(after.as_str()));
        }
        let rows = query.all(self.0.read()).await.map_err(failed("list accounts"))?;
        rows.into_iter().map(account).collect()
    }

    /// Changes an account. Ends its sign-ins in the same transaction when it is disabled, demoted or
    /// given another password.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`], or [`Error::LastAdmin`] when nobody would be left to manage accounts.
    pub async fn update(&self, id: UserId, change: UserChange, now: Moment) -> Result<Changed> {
        self.0
            .write("change an account", move |tx| {
                Box::pin(async move {
                    let Locked { row, another_admin } = lock(tx, id).await?;
                    let before = account(row.clone())?;
                    let mut after = row.into_active_model();
                    if let Some(role) = change.role {
                        after.role = Set(role.as_str().to_owned());
                    }
                    if let Some(enabled) = change.enabled {
                        after.enabled = Set(enabled);
                    }
                    let new_password = change.password_hash.is_some();
                    if let Some(hash) = change.password_hash {
                        after.password_hash = Set(hash);
                    }
                    after.updated_at = Set(now.0);
                    let after = account(after.update(tx).await.map_err(failed("change an account"))?)?;
                    if is_admin(&before) && !is_admin(&after) && !another_admin {
                        return Err(Error::LastAdmin);
                    }
                    let demoted = after.role < before.role;
                    let disabled = before.enabled && !after.enabled;
                    let sessions_ended = new_password || demoted || disabled;
                    if sessions_ended {
                        revoke_all_in(tx, id, "account changed", now).await?;
                    }
                    Ok(Changed { before, after, sessions_ended })
                })
            })
            .await
    }

    /// Removes an account and its sign-ins; returns what it was.
    ///
    /// # Errors
    /// [`Error::NoSuchUser`], or [`Error::LastAdmin`] when nobody would be left to manage accounts.
    pub async fn remove(&self, id: UserId) -> Result<Account> {
        self.0
            .write("remove an account", move |tx| {
                Box::pin(async move {
                    let Locked { row, another_admin } = lock(tx, id).await?;
                    let account = account(row)?;
                    if is_admin(&account) && !another_admin {
                        return Err(Error::LastAdmin);
                    }
                    user::Entity::delete_by_id(id.0).exec(tx).await.map_err(failed("remove an account"))?;
                    Ok(account)
                })
            })
            .await
    }
}

pub(crate) async fn insert(
    tx: &DatabaseTransaction,
    id: UserId,
    new: NewUser,
    now: Moment,
) -> Result<Account> {
    let row = user::ActiveModel {
        id: Set(id.0),
        username: Set(new.username.as_str().to_owned()),
        password_hash: Set(new.password_hash),
        role: Set(new.role.as_str().to_owned()),
        enabled: Set(true),
        created_at: Set(now.0),
        updated_at: Set(now.0),
        last_login_at: Set(None),
    };
    match row.insert(tx).await {
        Ok(row) => account(row),
        Err(error) if is_duplicate(&error) => Err(Error::UsernameTaken),
        Err(error) => Err(failed("create an account")(error)),
    }
}

struct Locked {
    row: user::Model,
    /// Whether somebody else may manage accounts.
    another_admin: bool,
}

/// Reads the account and everybody who may manage accounts, and locks those rows until the transaction
/// ends where the engine knows row locks: two administrators cannot remove each other at the same
/// moment. All rows at once and in one order, so that both wait instead of deadlocking.
async fn lock(tx: &DatabaseTransaction, id: UserId) -> Result<Locked> {
    let admins =
        Condition::all().add(user::Column::Role.eq(Role::Admin.as_str())).add(user::Column::Enabled.eq(true));
    let mut rows = user::Entity::find()
        .filter(Condition::any().add(user::Column::Id.eq(id.0)).add(admins))
        .order_by_asc(user::Column::Id)
        .lock_exclusive()
        .all(tx)
        .await
        .map_err(failed("read an account"))?;
    let place = rows.iter().position(|row| row.id == id.0).ok_or(Error::NoSuchUser)?;
    let row = rows.swap_remove(place);
    Ok(Locked { row, another_admin: !rows.is_empty() })
}

fn is_admin(account: &Account) -> bool {
    account.enabled && account.role == Some(Role::Admin)
}

pub(crate) fn account(row: user::Model) -> Result<Account> {
    let username = row.username.parse().map_err(|error| Error::Failed {
        operation: "read an account",
        source: DbErr::Type(format!("{error}")),
    })?;
    Ok(Account {
        id: UserId(row.id),
        username,
        role: row.role.parse().ok(),
        enabled: row.enabled,
        created_at: Moment(row.created_at),
        last_login_at: row.last_login_at.map(Moment),
    })
}

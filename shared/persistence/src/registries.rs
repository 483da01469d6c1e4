use dockline_domain::{
    RegistryAddress, RegistryId,
    host::Sealed,
    registry::{RegistryRecord, RegistrySecret},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use crate::{
    Database, Error, Moment, Result,
    entity::registry::{ActiveModel, Column, Entity, Model},
    error::{failed, is_duplicate},
};

/// Credentials to be kept. The secret is sealed for the ID.
#[derive(Debug, Clone)]
pub struct NewRegistry {
    /// Its ID.
    pub id: RegistryId,
    /// The registry.
    pub address: RegistryAddress,
    /// As whom.
    pub username: Option<String>,
    /// What kind of secret it is.
    pub kind: RegistrySecret,
    /// The secret.
    pub sealed: Sealed,
}

/// What is to be changed; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct RegistryChange {
    /// Another registry.
    pub address: Option<RegistryAddress>,
    /// As somebody else, or as nobody.
    pub username: Option<Option<String>>,
    /// Another secret.
    pub secret: Option<(RegistrySecret, Sealed)>,
}

/// The credentials of registries.
#[derive(Debug, Clone)]
pub struct Registries(Database);

impl Registries {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// All of them, by address.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all(&self) -> Result<Vec<RegistryRecord>> {
        let rows = Entity::find().order_by_asc(Column::Address).all(self.0.read()).await;
        rows.map_err(failed("read the registries"))?.into_iter().map(record).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get(&self, id: RegistryId) -> Result<Option<RegistryRecord>> {
        let row = Entity::find_by_id(id.0).one(self.0.read()).await.map_err(failed("read a registry"))?;
        row.map(record).transpose()
    }

    /// Those of a registry, if there are any.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(&self, address: &RegistryAddress) -> Result<Option<RegistryRecord>> {
        let found = Entity::find().filter(Column::Address.eq(address.as_str())).one(self.0.read()).await;
        found.map_err(failed("read a registry"))?.map(record).transpose()
    }

    /// Keeps credentials.
    ///
    /// # Errors
    /// [`Error::RegistryTaken`] when there are some for this registry.
    pub async fn insert(&self, new: NewRegistry, now: Moment) -> Result<RegistryRecord> {
        self.0
            .write("add a registry", move |tx| {
                Box::pin(async move {
                    let row = ActiveModel {
                        id: Set(new.id.0),
                        address: Set(new.address.into()),
                        username: Set(new.username),
                        kind: Set(new.kind.as_str().to_owned()),
                        sealed: Set(new.sealed.0),
                        revision: Set(1),
                        created_at: Set(now.0),
                        updated_at: Set(now.0),
                    };
                    record(row.insert(tx).await.map_err(not_written("add a registry"))?)
                })
            })
            .await
    }

    /// Changes credentials that still are as `seen`.
    ///
    /// # Errors
    /// [`Error::NoSuchRegistry`], [`Error::RegistryTaken`], or [`Error::RegistryChanged`] when somebody changed them
    /// meanwhile.
    pub async fn update(
        &self,
        seen: &RegistryRecord,
        change: RegistryChange,
        now: Moment,
    ) -> Result<RegistryRecord> {
        let (id, seen) = (seen.id, seen.revision);
        self.0
            .write("change a registry", move |tx| {
                Box::pin(async move {
                    let row = find(tx, id).await?;
                    if row.revision != seen {
                        return Err(Error::RegistryChanged);
                    }
                    let mut after = row.into_active_model();
                    if let Some(address) = change.address {
                        after.address = Set(address.into());
                    }
                    if let Some(username) = change.username {
                        after.username = Set(username);
                    }
                    if let Some((kind, sealed)) = change.secret {
                        (after.kind, after.sealed) = (Set(kind.as_str().to_owned()), Set(sealed.0));
                    }
                    (after.revision, after.updated_at) = (Set(seen + 1), Set(now.0));
                    record(after.update(tx).await.map_err(not_written("change a registry"))?)
                })
            })
            .await
    }

    /// Forgets credentials; returns what they were.
    ///
    /// # Errors
    /// [`Error::NoSuchRegistry`].
    pub async fn remove(&self, id: RegistryId) -> Result<RegistryRecord> {
        self.0
            .write("remove a registry", move |tx| {
                Box::pin(async move {
                    let row = find(tx, id).await?;
                    Entity::delete_by_id(id.0).exec(tx).await.map_err(failed("remove a registry"))?;
                    record(row)
                })
            })
            .await
    }
}

async fn find(tx: &DatabaseTransaction, id: RegistryId) -> Result<Model> {
    let found = Entity::find_by_id(id.0).lock_exclusive().one(tx).await;
    found.map_err(failed("read a registry"))?.ok_or(Error::NoSuchRegistry)
}

fn not_written(operation: &'static str) -> impl FnOnce(DbErr) -> Error {
    move |error| if is_duplicate(&error) { Error::RegistryTaken } else { failed(operation)(error) }
}

fn record(row: Model) -> Result<RegistryRecord> {
    let unreadable = |why: String| Error::Failed { operation: "read a registry", source: DbErr::Type(why) };
    Ok(RegistryRecord {
        id: RegistryId(row.id),
        address: row.address.parse().map_err(|error| unreadable(format!("{error}")))?,
        username: row.username,
        kind: RegistrySecret::parse(&row.kind)
            .ok_or_else(|| unreadable(format!("there is no kind `{}` of a secret", row.kind)))?,
        sealed: Sealed(row.sealed),
        revision: row.revision,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

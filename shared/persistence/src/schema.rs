//! Which schema steps the database has, and applying those that it lacks.

use dockline_migrations::Migrator;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryOrder, TransactionTrait,
};
use sea_orm_migration::{IntoSchemaManagerConnection, MigratorTrait, SchemaManager, seaql_migrations};

use crate::{
    OpenError, ServerError,
    open::{Place, Pools},
};

/// One migration at a time holds this, however many are started. The number is the name in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"dockline");

/// Fails unless the schema is the one of this build. Changes nothing, and needs no right to.
pub(crate) async fn require_current(pools: &Pools) -> Result<(), OpenError> {
    let missing = missing(&pools.place, &SchemaManager::new(&pools.read)).await?;
    match &pools.place {
        Place::Server(server) if missing > 0 => {
            Err(ServerError::Outdated { server: server.clone(), missing }.into())
        }
        _ => Ok(()),
    }
}

/// Applies the steps that are missing as one transaction; returns how many those were. A migration that is cut off leaves
/// nothing behind.
pub(crate) async fn migrate(pools: &Pools) -> Result<usize, OpenError> {
    let place = &pools.place;
    let explain = |error: DbErr| place.explain(&error);
    let tx = pools.write.begin().await.map_err(explain)?;
    // Another migration that was started meanwhile waits, and then finds nothing to do. A file has one process only.
    if pools.write.get_database_backend() == DbBackend::Postgres {
        lock(&tx).await.map_err(explain)?;
    }
    let applied = apply(place, &tx).await?;
    tx.commit().await.map_err(explain)?;
    Ok(applied)
}

/// Waits long for another migration, and then short for the tables: whoever waits for a table makes
/// everybody else wait behind it.
pub(crate) async fn lock(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    let statements = format!(
        "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '10min'; \
         SELECT pg_advisory_xact_lock({LOCK}); SET LOCAL lock_timeout = '10s'"
    );
    tx.execute_unprepared(&statements).await.map(drop)
}

pub(crate) async fn apply<'c, C>(place: &Place, db: C) -> Result<usize, OpenError>
where
    C: IntoSchemaManagerConnection<'c> + Copy,
{
    let missing = missing(place, &SchemaManager::new(db)).await?;
    if missing > 0 {
        Migrator::up(db, None).await.map_err(|error| place.explain(&error))?;
        tracing::info!(steps = missing, "the database schema was brought up to date");
    }
    Ok(missing)
}

/// How many steps the database lacks. Fails when it has one that this build does not know.
pub(crate) async fn missing(place: &Place, manager: &SchemaManager<'_>) -> Result<usize, OpenError> {
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let applied = applied(manager).await.map_err(|error| place.explain(&error))?;
    if let Some(step) = applied.iter().find(|step| !known.contains(step)) {
        return Err(OpenError::TooNew { database: place.to_string(), step: step.clone() });
    }
    Ok(known.iter().filter(|step| !applied.contains(step)).count())
}

/// The steps that the database has. Migrator's own question would make the table that it reads.
async fn applied(manager: &SchemaManager<'_>) -> Result<Vec<String>, DbErr> {
    if !manager.has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let steps = seaql_migrations::Entity::find()
        .order_by_asc(seaql_migrations::Column::Version)
        .all(manager.get_connection())
        .await?;
    Ok(steps.into_iter().map(|step| step.version).collect())
}

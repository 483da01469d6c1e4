//! From a standalone installation to a cluster: everything in an SQLite file, carried over into a PostgreSQL database.

mod error;
mod tables;

use sea_orm::{ConnectionTrait, TransactionTrait};
use sea_orm_migration::SchemaManager;

pub use self::error::CarryOverError;
use self::tables::{Progress, carry_all, require_empty};
use crate::{
    Database, Verified,
    audit::verify,
    open::{Place, Pools},
    schema,
};

/// What was carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedOver {
    /// Each table, and how many rows of it.
    pub tables: Vec<(&'static str, u64)>,
    /// The audit log's chain, recomputed in its new place.
    pub audit: Verified,
}

impl Database {
    /// Carries everything that is in this SQLite file over into an empty PostgreSQL database: accounts, sign-ins, the
    /// audit log with its chain, hosts with their sealed credentials, histories. The file is left as it is.
    ///
    /// It is one transaction, the schema's steps included: when it fails, or its process dies, the other database is as it
    /// was before. Nobody writes there meanwhile, and of this file one moment is read. Before the commit the rows are
    /// counted and the chain is recomputed. `progress` is told the table and how many of its rows have been written, every
    /// thousand rows.
    ///
    /// # Errors
    /// [`CarryOverError`], whose text says what to do.
    pub async fn carry_over(
        &self,
        to: &Self,
        progress: &mut (dyn FnMut(&'static str, u64) + Send),
    ) -> Result<CarriedOver, CarryOverError> {
        let (source, target) = (self.pools(), to.pools());
        let (Place::File(_), Place::Server(_)) = (&source.place, &target.place) else {
            return Err(CarryOverError::Direction);
        };
        let missing = schema::missing(&source.place, &SchemaManager::new(&source.read)).await?;
        if missing > 0 {
            return Err(CarryOverError::Outdated { database: source.place.to_string(), missing });
        }
        let read_failed = |error| source.place.explain(&error);
        let write_failed = |error| target.place.explain(&error);

        // One moment of the file, whatever is written to it.
        let from = source.read.begin().await.map_err(read_failed)?;
        let into = target.write.begin().await.map_err(write_failed)?;
        schema::lock(&into).await.map_err(write_failed)?;
        schema::apply(&target.place, &into).await?;
        tables::lock(&into).await.map_err(write_failed)?;
        require_empty(&into, target).await?;
        let tables = carry_all(Progress { source, target, told: progress }, &from, &into).await?;
        let audit = verified(&into).await?;
        into.commit().await.map_err(write_failed)?;
        Ok(CarriedOver { tables, audit })
    }
}

/// The chain as it now is, if it is whole.
async fn verified(db: &impl ConnectionTrait) -> Result<Verified, CarryOverError> {
    let verified = verify(db).await.map_err(CarryOverError::Unverified)?;
    match verified.broken {
        Some(broken) => Err(CarryOverError::Tampered(broken)),
        None => Ok(verified),
    }
}

/// The names of both, for messages.
fn names(source: &Pools, target: &Pools) -> (String, String) {
    (source.place.to_string(), target.place.to_string())
}

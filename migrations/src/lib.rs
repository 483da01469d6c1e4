//! The database's schema, as small steps that are each applied once.
//!
//! A step is never changed after a release: later needs are later steps. Every step is idempotent, so
//! that one which was cut off half-way (SQLite has no transaction around it) can simply be run again.
//! Times are microseconds since the Unix epoch in a 64-bit integer, since SQLite's text form has
//! variable precision and breaks range queries. Identifiers are UUIDs.
//!
//! The steps are written for SQLite and for PostgreSQL; where the two differ (triggers, the order of
//! text), a step asks the connection which one it is. On PostgreSQL the steps of one run are one
//! transaction.

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, SchemaManager, async_trait, sea_orm::DbBackend, sea_query::ColumnDef,
};

mod m20261124_000001_users;
mod m20261124_000002_sessions;
mod m20261124_000003_audit;
mod m20261124_000004_setup;
mod m20261126_000005_hosts;
mod m20261126_000006_event_history;
mod m20261126_000007_stats_history;
mod m20261126_000008_relays;
mod m20261129_000009_jobs;
mod m20261129_000010_stacks;
mod m20261129_000011_registries;
mod m20261129_000012_job_inputs;
mod m20261129_000013_schedules;
mod m20261129_000014_recordings;
mod m20261129_000015_backups;

/// Knows every step, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_users::Migration),
            Box::new(m20261124_000002_sessions::Migration),
            Box::new(m20261124_000003_audit::Migration),
            Box::new(m20261124_000004_setup::Migration),
            Box::new(m20261126_000005_hosts::Migration),
            Box::new(m20261126_000006_event_history::Migration),
            Box::new(m20261126_000007_stats_history::Migration),
            Box::new(m20261126_000008_relays::Migration),
            Box::new(m20261129_000009_jobs::Migration),
            Box::new(m20261129_000010_stacks::Migration),
            Box::new(m20261129_000011_registries::Migration),
            Box::new(m20261129_000012_job_inputs::Migration),
            Box::new(m20261129_000013_schedules::Migration),
            Box::new(m20261129_000014_recordings::Migration),
            Box::new(m20261129_000015_backups::Migration),
        ]
    }
}

/// A column whose text is compared byte by byte. SQLite compares so; PostgreSQL compares by the rules
/// of a language, which differ between servers, unless it is told otherwise.
fn bytewise(manager: &SchemaManager<'_>, mut column: ColumnDef) -> ColumnDef {
    if manager.get_database_backend() == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    column
}

use std::io::Write;

use dockline_persistence::Database;

use crate::{data_dir::DataDir, settings::Settings};

/// Brings the schema up to date.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<()> {
    // SQLite's file belongs to one process at a time; PostgreSQL arbitrates by itself.
    let _data_dir = if settings.has_server() { None } else { Some(DataDir::open(&settings.data_dir)?) };
    let database = Database::open_unmigrated(&settings.database()).await?;
    let applied = database.migrate().await?;
    writeln!(std::io::stdout(), "the schema is up to date ({applied} migrations applied)")?;
    Ok(())
}

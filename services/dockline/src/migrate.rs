use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use dockline_persistence::{CarriedOver, Database, sqlite_file};

use crate::{command::Migrate, data_dir::DataDir, settings::Settings};

/// How many rows of a table come between two lines that tell how far it is.
const TELL_EVERY: u64 = 50_000;

/// Brings the schema up to date, or carries a standalone installation over.
pub(crate) async fn run(settings: &Settings, what: &Migrate) -> anyhow::Result<()> {
    match &what.from {
        Some(from) => carry_over(settings, from, what.to.as_deref()).await,
        None => schema(settings).await,
    }
}

async fn schema(settings: &Settings) -> anyhow::Result<()> {
    // SQLite's file belongs to one process at a time; PostgreSQL arbitrates by itself.
    let _data_dir = if settings.has_server() { None } else { Some(DataDir::open(&settings.data_dir)?) };
    let database = Database::open_unmigrated(&settings.database()).await?;
    let applied = database.migrate().await?;
    writeln!(std::io::stdout(), "the schema is up to date ({applied} migrations applied)")?;
    Ok(())
}

/// From a standalone installation's file to a cluster's database, all of it or nothing.
async fn carry_over(settings: &Settings, from: &str, to: Option<&str>) -> anyhow::Result<()> {
    let to = match to.or(settings.database_url.as_deref()) {
        Some(to) => to,
        None => bail!("where to is not known: add --to postgres://user:password@host/database"),
    };
    let path = sqlite_file(from)?;
    // Opening it would make it.
    if !path.is_file() {
        bail!("there is no database {}: --from names the file of a standalone installation", path.display());
    }
    // Nobody may write to it until this is over.
    let _in_use = folders(&path, settings)
        .into_iter()
        .map(|folder| DataDir::open(&folder))
        .collect::<Result<Vec<_>, _>>()?;
    let source = Database::open_unmigrated(from).await?;
    let target = Database::open_unmigrated(to).await?;
    let carried = source.carry_over(&target, &mut tell).await?;
    report(&carried)?;
    advise(&source, &path, settings).await?;
    source.close().await?;
    target.close().await?;
    Ok(())
}

/// The folders that a process which uses the file has locked: the file's own as a rule, and the data folder, if the file
/// was put elsewhere by `DOCKLINE_DATABASE_URL`.
fn folders(file: &Path, settings: &Settings) -> Vec<PathBuf> {
    let own = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let same = |one: &Path, other: &Path| match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    let mut folders = vec![own.to_owned()];
    if settings.data_dir.is_dir() && !same(own, &settings.data_dir) {
        folders.push(settings.data_dir.clone());
    }
    folders
}

fn tell(table: &'static str, rows: u64) {
    if rows.is_multiple_of(TELL_EVERY) {
        eprintln!("{table}: {rows} rows so far");
    }
}

fn report(carried: &CarriedOver) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for (table, rows) in &carried.tables {
        writeln!(out, "{table}: {rows} rows")?;
    }
    writeln!(
        out,
        "carried over; the audit log is as it was written: {} rows, the last hash is {}",
        carried.audit.rows, carried.audit.head
    )?;
    Ok(())
}

/// What has to come along beside the database.
async fn advise(source: &Database, file: &Path, settings: &Settings) -> anyhow::Result<()> {
    let hosts = source.hosts().load().await.context("the hosts")?.hosts;
    let sealed = hosts.iter().filter(|host| host.sealed.is_some()).count();
    let key =
        folders(file, settings).into_iter().map(|folder| folder.join("secret-key")).find(|key| key.is_file());
    let key = match key {
        Some(key) => format!("DOCKLINE_SECRET_KEY_FILE={}", key.display()),
        None => "the DOCKLINE_SECRET_KEY that the installation had".to_owned(),
    };
    writeln!(
        std::io::stdout(),
        "start every process of the cluster with {key}: the credentials of {sealed} hosts are sealed under it, and all \
         sign-ins depend on it"
    )?;
    Ok(())
}

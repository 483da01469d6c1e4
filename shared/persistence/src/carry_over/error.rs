use crate::{Broken, Error, OpenError};

/// Why nothing was carried over. Its text is shown to whoever runs the command.
#[derive(Debug, thiserror::Error)]
pub enum CarryOverError {
    /// It goes from SQLite to PostgreSQL only.
    #[error(
        "data are carried over from a file, as in sqlite:///path/to/dockline.db, to a server, as in postgres://user:password@host/database"
    )]
    Direction,
    /// The file has an older schema.
    #[error(
        "the schema of {database} is older than this program ({missing} steps are missing): start this version standalone on it once, or run `dockline migrate` with its data folder, then try again"
    )]
    Outdated {
        /// The file.
        database: String,
        /// How many steps.
        missing: usize,
    },
    /// There is something in the database already.
    #[error(
        "the database {database} is not empty ({table} has {rows} rows): create another one for this, and start no `dockline api` on it before"
    )]
    NotEmpty {
        /// The database's name and its server.
        database: String,
        /// A table that has rows.
        table: &'static str,
        /// How many.
        rows: u64,
    },
    /// The audit log's chain is broken.
    #[error(
        "the audit log was tampered with ({0}): nothing was carried over; restore the file from a backup"
    )]
    Tampered(Broken),
    /// The audit log's chain could not be read in its new place.
    #[error("the audit log could not be verified in its new place, so nothing was carried over: {0}")]
    Unverified(#[source] Error),
    /// Not all rows arrived.
    #[error(
        "of {table} {read} rows were read from {source_name} and {written} are in {target_name}: nothing was carried over"
    )]
    Incomplete {
        /// The table.
        table: &'static str,
        /// How many rows the file has.
        read: u64,
        /// How many arrived.
        written: u64,
        /// The file.
        source_name: String,
        /// The database's name and its server.
        target_name: String,
    },
    /// One of the two databases cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
}

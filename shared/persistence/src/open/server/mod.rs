//! PostgreSQL: several replicas share one database, each with a pool of its own.

mod address;
mod error;

use std::{fmt, time::Duration};

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr, Statement};
use sqlx::{ConnectOptions as _, Connection as _, postgres::PgConnectOptions};

pub use self::error::ServerError;
use super::{ACQUIRE, Place, Pools};

/// Connections of one replica. A server allows 100 unless it is told otherwise.
const CONNECTIONS: u32 = 10;
/// How long the first connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// A connection that nobody used for this long is asked whether it still works before it is used.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(5 * 60);
/// So that connections follow when the address comes to mean another machine.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// What the server does when we hang or vanish half-way. The address may set other values.
const LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "30s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "30s")];
/// What the repositories are written for: they lock what they read and then change. A stricter
/// default of the server would make them fail instead of wait.
const ISOLATION: (&str, &str) = ("default_transaction_isolation", "read committed");

/// The oldest server that is tested, as `server_version_num` counts.
const OLDEST: i32 = 130_000;

/// A server and the database on it, without the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Host and port, or the folder of its socket.
    address: String,
    database: String,
    user: String,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.database, self.address)
    }
}

impl Server {
    fn of(options: &PgConnectOptions) -> Self {
        let address = match options.get_socket() {
            Some(folder) => folder.display().to_string(),
            None => format!("{}:{}", options.get_host(), options.get_port()),
        };
        let user = options.get_username().to_owned();
        // PostgreSQL's rule for an address without one.
        let database = options.get_database().unwrap_or(&user).to_owned();
        Self { address, database, user }
    }
}

/// Connects, and makes sure that the server is one that we can use.
pub(super) async fn open(url: &str) -> Result<Pools, ServerError> {
    let options = configured(address::parse(url)?);
    let server = Server::of(&options);
    reach(&server, &options).await?;
    let pool = pool(options).await.map_err(|error| server.explain(&error))?;
    check(&server, &pool).await?;
    // One pool for both: rows are locked inside the server, so changes need not wait for each other here.
    Ok(Pools { place: Place::Server(server), read: pool.clone(), write: pool })
}

fn configured(mut options: PgConnectOptions) -> PgConnectOptions {
    if options.get_application_name().is_none() {
        options = options.application_name("dockline");
    }
    for (name, value) in LIMITS {
        if !options.get_options().is_some_and(|set| set.contains(name)) {
            options = options.options([(name, value)]);
        }
    }
    // Statements carry values: they are never logged.
    options.options([ISOLATION]).disable_statement_logging()
}

/// Connects once by hand. The pool takes a refused connection for a server that is starting and tries
/// on until its time is over, and then no longer knows why.
async fn reach(server: &Server, options: &PgConnectOptions) -> Result<(), ServerError> {
    let connected = tokio::time::timeout(CONNECT, options.connect()).await;
    let connection = connected
        .map_err(|_| server.unreachable(format!("no answer within {} seconds", CONNECT.as_secs())))?
        .map_err(|error| server.explain_connection(&error))?;
    // It was only a question; how saying good-bye went is of no interest.
    drop(connection.close().await);
    Ok(())
}

async fn pool(pg_options: PgConnectOptions) -> Result<DatabaseConnection, DbErr> {
    // The address only selects the driver. The real one is set below: it holds the password, and these
    // options are shown in traces.
    let mut options = ConnectOptions::new("postgres://localhost/dockline");
    options
        .max_connections(CONNECTIONS)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(IDLE)
        .max_lifetime(LIFETIME)
        .test_before_acquire_if_idle_for(DOUBTFUL_AFTER)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |_| pg_options.clone());
    sea_orm::Database::connect(options).await
}

async fn check(server: &Server, db: &DatabaseConnection) -> Result<(), ServerError> {
    let statement = Statement::from_string(
        db.get_database_backend(),
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'), \
         current_setting('server_encoding')",
    );
    let explain = |error: DbErr| server.explain(&error);
    let Some(row) = db.query_one_raw(statement).await.map_err(explain)? else { return Ok(()) };
    let (number, version, encoding): (i32, String, String) = (
        row.try_get_by_index(0).map_err(explain)?,
        row.try_get_by_index(1).map_err(explain)?,
        row.try_get_by_index(2).map_err(explain)?,
    );
    accept(server, number, version, encoding)
}

fn accept(server: &Server, number: i32, version: String, encoding: String) -> Result<(), ServerError> {
    let server = server.clone();
    if number < OLDEST {
        Err(ServerError::TooOld { server, version })
    } else if encoding != "UTF8" {
        Err(ServerError::Encoding { server, encoding })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_and_other_encodings_are_refused() {
        let server = Server::of(&address::parse("postgres://app:secret@db.example/dockline").expect("valid"));
        let verdict = |number, encoding: &str| {
            accept(&server, number, "12.22".to_owned(), encoding.to_owned())
                .map_err(|error| error.to_string())
        };
        assert_eq!(verdict(130_000, "UTF8"), Ok(()));
        let old = verdict(120_022, "UTF8").expect_err("refused");
        assert!(old.contains("12.22") && old.contains("13") && old.contains("db.example:5432"), "{old}");
        let latin = verdict(180_000, "LATIN1").expect_err("refused");
        assert!(latin.contains("LATIN1") && latin.contains("ENCODING 'UTF8'"), "{latin}");
    }

    #[test]
    fn limits_of_the_address_stay() {
        let options = |url| configured(address::parse(url).expect("valid"));
        let ours = options("postgres://db.example/dockline");
        assert!(ours.get_options().expect("options").contains("statement_timeout=30s"));
        let theirs = options("postgres://db.example/dockline?options=-c%20statement_timeout%3D5s");
        let set = theirs.get_options().expect("options");
        assert!(set.contains("statement_timeout=5s") && !set.contains("30s -c statement"), "{set}");
        assert!(set.contains("lock_timeout=5s"), "{set}");
    }
}

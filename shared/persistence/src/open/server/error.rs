use std::io::ErrorKind;

use sea_orm::{ConnAcquireErr, DbErr};
use sqlx::Error as SqlxError;

use super::Server;
use crate::{error::sqlx_error, open::last_cause};

/// Why a PostgreSQL database cannot be used. Never shows a password.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be read.
    #[error(
        "the database address cannot be read ({reason}): write it as postgres://user:password@host:5432/database, with special characters percent-encoded (# as %23, / as %2F, ? as %3F, @ as %40)"
    )]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing that speaks PostgreSQL answers.
    #[error(
        "no PostgreSQL server answers at {} ({reason}): check the host and the port in the database address, and that the server runs and may be reached from here", server.address
    )]
    Unreachable {
        /// Which server.
        server: Server,
        /// The system's words.
        reason: String,
    },
    /// The connection cannot be encrypted as the address asks.
    #[error(
        "the connection to {} cannot be encrypted ({reason}): check sslmode and sslrootcert in the database address against the server's certificate", server.address
    )]
    Tls {
        /// Which server.
        server: Server,
        /// What is wrong.
        reason: String,
    },
    /// The user or the password is wrong, or the server does not let them in from here.
    #[error(
        "the PostgreSQL server at {} does not let the user {} in ({reason}): check the user and the password in the database address, and the server's pg_hba.conf", server.address, server.user
    )]
    Refused {
        /// Which server.
        server: Server,
        /// The server's words.
        reason: String,
    },
    /// There is no such database.
    #[error(
        "the PostgreSQL server at {} has no database {}: create it, or correct its name in the database address", server.address, server.database
    )]
    NoDatabase {
        /// Which server.
        server: Server,
    },
    /// It is starting, ending, or has no connection left.
    #[error(
        "the PostgreSQL server at {} is not ready ({reason}): wait until it is, or let it allow more connections, then start again", server.address
    )]
    NotReady {
        /// Which server.
        server: Server,
        /// The server's words.
        reason: String,
    },
    /// The server is older than we can use.
    #[error(
        "the PostgreSQL server at {} has version {version}: Dockline needs 13 or later, so update the server or choose another", server.address
    )]
    TooOld {
        /// Which server.
        server: Server,
        /// Its version.
        version: String,
    },
    /// The database cannot hold every character.
    #[error(
        "the database {server} has the encoding {encoding}, which cannot hold every character: create one with ENCODING 'UTF8' and name it in the database address"
    )]
    Encoding {
        /// Which database.
        server: Server,
        /// Its encoding.
        encoding: String,
    },
    /// Schema steps are missing.
    #[error(
        "the schema of the database {server} is older than this program ({missing} steps are missing): run `dockline migrate` with the same settings, then start again"
    )]
    Outdated {
        /// Which database.
        server: Server,
        /// How many steps.
        missing: usize,
    },
    /// The user lacks a right.
    #[error(
        "the user {} may not use the database {server} ({reason}): make that user the database's owner, or grant it what is missing", server.user
    )]
    Forbidden {
        /// Which database.
        server: Server,
        /// The server's words.
        reason: String,
    },
    /// Anything else.
    #[error(
        "the database {server} cannot be used ({reason}): look at the server's log and disk, then start again"
    )]
    Failed {
        /// Which database.
        server: Server,
        /// The server's words.
        reason: String,
    },
}

impl Server {
    pub(super) fn unreachable(&self, reason: String) -> ServerError {
        ServerError::Unreachable { server: self.clone(), reason }
    }

    /// Explains a failure of the engine.
    pub(crate) fn explain(&self, error: &DbErr) -> ServerError {
        match (error, sqlx_error(error)) {
            (_, Some(error)) => self.explain_connection(error),
            (DbErr::ConnectionAcquire(ConnAcquireErr::Timeout), _) => {
                self.unreachable("no answer in time".to_owned())
            }
            _ => ServerError::Failed { server: self.clone(), reason: last_cause(error) },
        }
    }

    /// Explains a failure of the driver.
    pub(super) fn explain_connection(&self, error: &SqlxError) -> ServerError {
        let server = self.clone();
        let said = error.as_database_error();
        let reason = said.map_or_else(|| last_cause(error), |said| said.message().replace('\n', " "));
        let code = said.and_then(|said| said.code());
        match (error, code.as_deref()) {
            (SqlxError::Configuration(_), _) => ServerError::Address { reason },
            (SqlxError::Tls(_), _) => ServerError::Tls { server, reason },
            (SqlxError::Io(error), _) if self.is_about_encryption(error) => {
                ServerError::Tls { server, reason }
            }
            (SqlxError::Io(_) | SqlxError::Protocol(_) | SqlxError::PoolTimedOut, _) => {
                ServerError::Unreachable { server, reason }
            }
            // invalid_password, invalid_authorization_specification
            (_, Some("28P01" | "28000")) => ServerError::Refused { server, reason },
            // invalid_catalog_name
            (_, Some("3D000")) => ServerError::NoDatabase { server },
            // insufficient_privilege
            (_, Some("42501")) => ServerError::Forbidden { server, reason },
            // too_many_connections, admin_shutdown, crash_shutdown, cannot_connect_now, lock_not_available
            (_, Some("53300" | "57P01" | "57P02" | "57P03" | "55P03")) => {
                ServerError::NotReady { server, reason }
            }
            _ => ServerError::Failed { server, reason },
        }
    }

    /// The driver reports a certificate that it refuses, and one that it cannot find, as the system's
    /// errors. Of a Unix socket the latter means that the socket is not there.
    fn is_about_encryption(&self, error: &std::io::Error) -> bool {
        match error.kind() {
            ErrorKind::InvalidData => true,
            ErrorKind::NotFound => !self.address.starts_with('/'),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Error as IoError;

    use super::*;

    #[test]
    fn certificates_are_told_from_hosts_that_do_not_answer() {
        let explained = |address: &str, kind| {
            let server =
                Server { address: address.to_owned(), database: "dockline".into(), user: "app".into() };
            server.explain_connection(&SqlxError::Io(IoError::new(kind, "the system's words"))).to_string()
        };
        for (address, kind, advice) in [
            ("db.example:5432", ErrorKind::InvalidData, "sslrootcert"),
            ("db.example:5432", ErrorKind::NotFound, "sslrootcert"),
            ("/var/run/postgresql", ErrorKind::NotFound, "check the host and the port"),
            ("db.example:5432", ErrorKind::ConnectionRefused, "check the host and the port"),
        ] {
            let text = explained(address, kind);
            assert!(text.contains(address) && text.contains(advice), "{text}");
        }
    }
}

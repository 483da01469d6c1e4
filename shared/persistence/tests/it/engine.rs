use std::{path::Path, sync::Arc};

use dockline_domain::access::Role;
use dockline_persistence::{Account, Database, Moment};
use dockline_testkit::PostgresServer;
use tempfile::TempDir;

use crate::new_user;

/// Which kind of database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// A database of a test's own, gone with the test.
pub struct TestDatabase {
    pub database: Database,
    pub url: String,
    home: Home,
}

enum Home {
    Folder(TempDir),
    // Kept while its database is in use.
    Server { _server: Arc<PostgresServer> },
}

impl TestDatabase {
    pub async fn new(engine: Engine) -> Self {
        let (url, home) = match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().expect("a folder");
                (file_url(folder.path()), Home::Folder(folder))
            }
            Engine::Postgres => {
                let (server, url) = empty_database();
                let database = Database::open_unmigrated(&url).await.expect("a connection");
                database.migrate().await.expect("a schema");
                database.close().await.expect("closed");
                (url, Home::Server { _server: server })
            }
        };
        let database = Database::open(&url).await.expect("an open database");
        Self { database, url, home }
    }

    /// Another process that uses the same database.
    pub async fn replica(&self) -> Database {
        Database::open(&self.url).await.expect("an open database")
    }

    pub async fn user(&self, name: &str, role: Role) -> Account {
        self.database.users().create(new_user(name, role), Moment::now()).await.expect("an account")
    }

    /// A connection that goes around the repositories, as an intruder's would.
    pub async fn raw(&self) -> sea_orm::DatabaseConnection {
        sea_orm::Database::connect(&self.url).await.expect("a connection")
    }

    /// The folder of an SQLite file.
    pub fn folder(&self) -> &Path {
        let Home::Folder(folder) = &self.home else { panic!("this database is not a file") };
        folder.path()
    }
}

pub fn file_url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("data/dockline.db").display())
}

/// A server, and the address of an empty database on it.
pub fn empty_database() -> (Arc<PostgresServer>, String) {
    let server = PostgresServer::start().expect("a server");
    let url = server.database().expect("a database");
    (server, url)
}

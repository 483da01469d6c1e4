//! The repositories on a real SQLite file.

mod accounts;
mod audit;
mod opening;
mod sessions;

use dockline_domain::access::Role;
use dockline_persistence::{Account, Database, Moment, NewUser};

/// A database in a folder of its own, gone with the test.
struct TestDatabase {
    database: Database,
    folder: tempfile::TempDir,
}

impl TestDatabase {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::open(&url(&folder)).await.expect("an open database");
        Self { database, folder }
    }

    async fn user(&self, name: &str, role: Role) -> Account {
        self.database.users().create(new_user(name, role), Moment::now()).await.expect("an account")
    }

    /// A connection that goes around the repositories, as an intruder's would.
    async fn raw(&self) -> sea_orm::DatabaseConnection {
        sea_orm::Database::connect(url(&self.folder)).await.expect("a connection")
    }
}

fn url(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", folder.path().join("data/dockline.db").display())
}

fn new_user(name: &str, role: Role) -> NewUser {
    NewUser { username: name.parse().expect("a username"), password_hash: "$argon2id$…".into(), role }
}

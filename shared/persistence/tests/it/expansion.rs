//! During a rolling upgrade the old version runs on the new schema. So a step may add what the old version does not name,
//! and nothing else: this looks at what each step does to the tables that were there before it.

use std::collections::BTreeMap;

use dockline_migrations::Migrator;
use dockline_testkit::PostgresServer;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use crate::engine::empty_database;

/// Steps that take away what no version since the release before uses any more, and that release. None so far.
const CONTRACTIONS: &[(&str, &str)] = &[];

/// Each column, by table and name: its type and whether a row needs a value for it.
const COLUMNS: &str = "SELECT table_name || '.' || column_name, \
    udt_name || CASE WHEN is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' \
    THEN ' required' ELSE '' END FROM information_schema.columns WHERE table_schema = 'public'";
/// Whatever can refuse a row, or change what a statement does: constraints, unique indexes, triggers.
const RULES: &str = "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint \
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n' \
    UNION ALL SELECT tablename || '.' || indexname, indexdef FROM pg_indexes \
    WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%' \
    UNION ALL SELECT event_object_table || '.' || trigger_name || ' ' || event_manipulation, action_statement \
    FROM information_schema.triggers WHERE trigger_schema = 'public'";

#[derive(Debug)]
struct Schema {
    columns: BTreeMap<String, String>,
    rules: BTreeMap<String, String>,
}

impl Schema {
    fn of(server: &PostgresServer, url: &str) -> Self {
        let read = |sql: &str| {
            let said = server.query(url, sql).expect("an answer");
            let pair =
                |line: &str| line.split_once('|').map(|(name, what)| (name.to_owned(), what.to_owned()));
            said.lines().filter_map(pair).collect()
        };
        Self { columns: read(COLUMNS), rules: read(RULES) }
    }

    fn has_table(&self, item: &str) -> bool {
        let table = item.split('.').next().unwrap_or_default();
        self.columns.keys().any(|column| column.split('.').next() == Some(table))
    }
}

/// What a version that knows `before` cannot live with in `after`.
fn conflicts(before: &Schema, after: &Schema) -> Vec<String> {
    let mut conflicts = Vec::new();
    for (column, was) in &before.columns {
        match after.columns.get(column) {
            None => conflicts.push(format!("{column} is gone")),
            Some(is) if is != was => conflicts.push(format!("{column} was {was} and is {is}")),
            Some(_) => {}
        }
    }
    for (column, is) in &after.columns {
        if !before.columns.contains_key(column) && before.has_table(column) && is.ends_with(" required") {
            conflicts.push(format!("{column} is new, and rows need a value for it"));
        }
    }
    for (rule, was) in &before.rules {
        if after.rules.get(rule) != Some(was) {
            conflicts.push(format!("{rule} is gone or changed"));
        }
    }
    for rule in after.rules.keys() {
        if !before.rules.contains_key(rule) && before.has_table(rule) {
            conflicts.push(format!("{rule} is new, and may refuse what was allowed"));
        }
    }
    conflicts
}

#[tokio::test]
async fn every_step_only_adds_to_what_a_running_version_knows() {
    let (server, url) = empty_database();
    let raw = sea_orm::Database::connect(&url).await.expect("a connection");
    let mut before = Schema::of(&server, &url);
    for step in Migrator::migrations() {
        Migrator::up(&raw, Some(1)).await.expect("applied");
        let after = Schema::of(&server, &url);
        let contracts = CONTRACTIONS.iter().any(|(name, _)| *name == step.name());
        assert!(
            contracts || conflicts(&before, &after).is_empty(),
            "{}: {:?}",
            step.name(),
            conflicts(&before, &after)
        );
        before = after;
    }
    assert!(
        before.has_table("users.id") && before.rules.keys().any(|rule| rule.contains("audit_log_no_change"))
    );
}

#[tokio::test]
async fn what_a_running_version_cannot_live_with_is_noticed() {
    for (step, noticed) in [
        ("ALTER TABLE users ADD COLUMN note text", None),
        ("ALTER TABLE users ADD COLUMN note text NOT NULL DEFAULT ''", None),
        ("CREATE TABLE notes (id integer PRIMARY KEY, note text NOT NULL UNIQUE)", None),
        ("CREATE INDEX ix_users_role ON users (role)", None),
        ("ALTER TABLE users ALTER COLUMN role DROP NOT NULL", Some("users.role was")),
        ("ALTER TABLE users ADD COLUMN note text NOT NULL", Some("users.note is new")),
        ("ALTER TABLE users DROP COLUMN last_login_at", Some("users.last_login_at is gone")),
        ("ALTER TABLE users RENAME COLUMN role TO rank", Some("users.role is gone")),
        ("ALTER TABLE sessions ALTER COLUMN address SET NOT NULL", Some("sessions.address was")),
        ("ALTER TABLE users ALTER COLUMN enabled TYPE text", Some("users.enabled was")),
        ("ALTER TABLE users ADD CHECK (role <> 'owner')", Some("is new, and may refuse")),
        ("CREATE UNIQUE INDEX ux_users_hash ON users (password_hash)", Some("users.ux_users_hash is new")),
        ("DROP TRIGGER audit_log_no_change ON audit_log", Some("audit_log.audit_log_no_change")),
        ("DROP TABLE relays", Some("relays.name is gone")),
    ] {
        let (server, url) = empty_database();
        let raw = sea_orm::Database::connect(&url).await.expect("a connection");
        Migrator::up(&raw, None).await.expect("migrated");
        let before = Schema::of(&server, &url);
        raw.execute_unprepared(step).await.expect(step);
        let conflicts = conflicts(&before, &Schema::of(&server, &url));
        match noticed {
            None => assert!(conflicts.is_empty(), "{step}: {conflicts:?}"),
            Some(wanted) => {
                assert!(conflicts.iter().any(|conflict| conflict.contains(wanted)), "{step}: {conflicts:?}");
            }
        }
    }
}

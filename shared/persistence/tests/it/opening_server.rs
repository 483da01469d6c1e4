use std::{fs, time::Duration};

use dockline_migrations::Migrator;
use dockline_persistence::{Database, OpenError, ServerError};
use dockline_testkit::eventually;
use sea_orm_migration::MigratorTrait;
use tokio::task::JoinSet;

use crate::engine::{Engine, TestDatabase, empty_database};

/// How many there are.
fn steps() -> usize {
    Migrator::migrations().len()
}

#[tokio::test]
async fn an_older_schema_is_left_to_the_migration() {
    let (server, url) = empty_database();
    let error = Database::open(&url).await.expect_err("refused");
    assert!(
        matches!(error, OpenError::Server(ServerError::Outdated { missing, .. }) if missing == steps()),
        "{error:?}"
    );
    assert_one_sentence(&error, &["127.0.0.1", "older than this program", "run `dockline migrate`"]);
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(server.query(&url, tables).expect("an answer"), "0");

    let database = Database::open_unmigrated(&url).await.expect("opened");
    assert_eq!(database.migrate().await.expect("migrated"), steps());
    assert_eq!(database.migrate().await.expect("up to date"), 0);
    let opened = Database::open(&url).await.expect("opened");
    opened.ping().await.expect("an answer");
    assert!(!format!("{opened:?}").contains("postgres://"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_that_start_together_follow_each_other() {
    let (_server, url) = empty_database();
    let mut migrations = JoinSet::new();
    for _ in 0..6 {
        let url = url.clone();
        migrations.spawn(async move {
            let database = Database::open_unmigrated(&url).await.expect("opened");
            database.migrate().await.expect("migrated")
        });
    }
    let mut applied = migrations.join_all().await;
    applied.sort_unstable();
    assert_eq!(applied, [0, 0, 0, 0, 0, steps()]);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let (server, url) = empty_database();
    let database = Database::open_unmigrated(&url).await.expect("opened");
    database.migrate().await.expect("migrated");
    let future = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99991231_000001_future', 1)";
    server.query(&url, future).expect("inserted");
    for error in
        [Database::open(&url).await.expect_err("refused"), database.migrate().await.expect_err("refused")]
    {
        assert!(matches!(&error, OpenError::TooNew { step, .. } if step.contains("future")), "{error:?}");
        assert_one_sentence(&error, &["newer", "127.0.0.1"]);
    }
}

#[tokio::test]
async fn a_wrong_address_is_one_sentence_that_says_what_to_do() {
    let (server, url) = empty_database();
    let port = format!(":{}/", server.port());
    let with_password = url.replace("dockline@", "dockline:hunter2@");
    // Port 1 is reserved and nobody listens there.
    let closed = Database::open(&with_password.replace(&port, ":1/")).await.expect_err("refused");
    assert!(matches!(closed, OpenError::Server(ServerError::Unreachable { .. })), "{closed:?}");
    assert_one_sentence(&closed, &["127.0.0.1:1", "check the host and the port"]);

    let no_host = with_password.replace("127.0.0.1", "db.invalid");
    let no_host = Database::open(&no_host).await.expect_err("refused");
    assert!(matches!(no_host, OpenError::Server(ServerError::Unreachable { .. })), "{no_host:?}");
    assert_one_sentence(&no_host, &["db.invalid", "check the host and the port"]);

    let (before, _) = with_password.rsplit_once('/').expect("an address");
    let absent = Database::open(&format!("{before}/absent")).await.expect_err("refused");
    assert!(matches!(absent, OpenError::Server(ServerError::NoDatabase { .. })), "{absent:?}");
    assert_one_sentence(&absent, &["has no database absent", "create it"]);

    let encrypted = Database::open(&format!("{with_password}?sslmode=require")).await.expect_err("refused");
    assert!(matches!(encrypted, OpenError::Server(ServerError::Tls { .. })), "{encrypted:?}");
    assert_one_sentence(&encrypted, &["cannot be encrypted", "sslmode"]);
}

#[tokio::test]
async fn what_answers_may_be_no_postgresql() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let other = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        tokio::io::AsyncWriteExt::write_all(&mut socket, b"HTTP/1.1 400 Bad Request\r\n\r\n").await
    });
    let url = format!("postgres://dockline:hunter2@127.0.0.1:{port}/dockline");
    let error = Database::open(&url).await.expect_err("refused");
    assert!(matches!(error, OpenError::Server(ServerError::Unreachable { .. })), "{error:?}");
    assert_one_sentence(&error, &["check the host and the port"]);
    other.await.expect("no panic").expect("answered");
}

#[tokio::test]
async fn a_wrong_password_and_a_missing_right_are_sentences_too() {
    let (server, url) = empty_database();
    // Only for this user, so that other tests on the same server notice nothing.
    let access = server.folder().join("data/pg_hba.conf");
    let before = fs::read_to_string(&access).expect("the server's rules");
    fs::write(&access, format!("host all careful 127.0.0.1/32 scram-sha-256\n{before}")).expect("written");
    server.query(&url, "CREATE ROLE careful LOGIN PASSWORD 'correct horse'").expect("a role");
    server.query(&url, "REVOKE CREATE ON SCHEMA public FROM public").expect("revoked");
    server.query(&url, "SELECT pg_reload_conf()").expect("reloaded");

    let wrong = url.replace("dockline@", "careful:hunter2@");
    // The server reads its rules again in its own time.
    let error = eventually(Duration::from_secs(10), || async {
        match Database::open_unmigrated(&wrong).await {
            Err(error @ OpenError::Server(ServerError::Refused { .. })) => Ok(error),
            other => anyhow::bail!("not refused: {other:?}"),
        }
    })
    .await
    .expect("refused");
    assert_one_sentence(&error, &["careful", "check the user and the password"]);

    let right = url.replace("dockline@", "careful:correct%20horse@");
    let database = Database::open_unmigrated(&right).await.expect("opened");
    let error = database.migrate().await.expect_err("refused");
    assert!(matches!(error, OpenError::Server(ServerError::Forbidden { .. })), "{error:?}");
    assert_one_sentence(&error, &["careful", "owner"]);
}

#[tokio::test]
async fn a_server_that_went_away_is_a_reason_to_try_again() {
    let test = TestDatabase::new(Engine::Postgres).await;
    let raw = test.raw().await;
    let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sea_orm::ConnectionTrait::execute_unprepared(&raw, ended).await.expect("ended");
    // What notices it may fail, but only so; then there are new connections.
    for _ in 0..20 {
        match test.database.setup().required().await {
            Ok(required) => assert!(required),
            Err(error) => assert!(error.is_temporary(), "{error:?}"),
        }
    }
    assert!(test.database.setup().required().await.expect("an answer"));
}

pub fn assert_one_sentence(error: &OpenError, parts: &[&str]) {
    let text = error.to_string();
    assert!(!text.contains('\n') && !text.contains("hunter2"), "{text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in {text:?}");
    }
}

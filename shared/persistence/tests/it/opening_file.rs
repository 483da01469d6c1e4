use std::fs;

use dockline_persistence::{Database, OpenError};
use sea_orm::ConnectionTrait;

use crate::{
    engine::{Engine, TestDatabase, file_url},
    opening_server::assert_one_sentence,
};

#[tokio::test]
async fn opening_again_finds_what_was_written() {
    let test = TestDatabase::new(Engine::Sqlite).await;
    test.user("ada", dockline_domain::access::Role::Admin).await;
    test.database.clone().close().await.expect("closed");
    let again = Database::open(&test.url).await.expect("opened again");
    assert_eq!(again.migrate().await.expect("up to date"), 0);
    assert_eq!(again.users().list(None, 10).await.expect("a list").len(), 1);
    again.ping().await.expect("an answer");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let test = TestDatabase::new(Engine::Sqlite).await;
    let file = fs::metadata(test.folder().join("data/dockline.db")).expect("the file");
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_damaged_file_is_one_sentence_that_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("data")).expect("a folder");
    let path = folder.path().join("data/dockline.db");
    fs::write(&path, "this is no database, and long enough to be taken for one".repeat(100))
        .expect("written");
    let error = Database::open(&file_url(folder.path())).await.expect_err("refused");
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert_one_sentence(&error, &["dockline.db", "restore it from a backup"]);
}

#[tokio::test]
async fn a_file_damaged_in_the_middle_is_noticed() {
    let test = TestDatabase::new(Engine::Sqlite).await;
    for number in 0..400 {
        test.user(&format!("user-{number}"), dockline_domain::access::Role::Viewer).await;
    }
    test.database.clone().close().await.expect("closed");
    let path = test.folder().join("data/dockline.db");
    let mut bytes = fs::read(&path).expect("the file");
    let length = bytes.len();
    bytes[8_192..length - 4_096].fill(0xa5);
    fs::write(&path, bytes).expect("written");
    let error = Database::open(&test.url).await.expect_err("refused");
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
}

#[tokio::test]
async fn an_unusable_folder_is_one_sentence_that_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    // A file where the folder should be: fails for every user, root included.
    fs::write(folder.path().join("data"), "").expect("written");
    let error = Database::open(&file_url(folder.path())).await.expect_err("refused");
    assert!(matches!(error, OpenError::Unusable { .. }), "{error:?}");
    assert_one_sentence(&error, &["DOCKLINE_DATA_DIR"]);
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let test = TestDatabase::new(Engine::Sqlite).await;
    let raw = test.raw().await;
    raw.execute_unprepared(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99991231_000001_future', 1)",
    )
    .await
    .expect("inserted");
    let error = Database::open(&test.url).await.expect_err("refused");
    assert!(matches!(&error, OpenError::TooNew { step, .. } if step.contains("future")), "{error:?}");
    assert_one_sentence(&error, &["newer"]);
}

#[tokio::test]
async fn a_path_may_hold_characters_that_mean_something_in_a_url() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a b%20#c/dockline.db");
    Database::open(&format!("sqlite://{}", path.display())).await.expect("opened");
    assert!(path.exists());
}

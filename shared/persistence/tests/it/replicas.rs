//! Two handles to one database, as two processes have them, that decide about the same thing at the
//! same moment. On SQLite transactions exclude each other; on PostgreSQL the locks of each must do.

use dockline_domain::access::Role;
use dockline_persistence::{
    Account, Actor, Database, Error, Moment, NewEntry, NewSession, Outcome, Rotation, TokenHash, UserChange,
};
use sea_orm::{ConnectionTrait, Statement};
use tokio::task::JoinSet;

use crate::{Engine, TestDatabase, new_user};

const START: Moment = Moment(1_795_514_400_000_000);

pub async fn the_first_administrator_is_made_once(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let replicas = [test.replica().await, test.replica().await];
    let mut attempts = JoinSet::new();
    for number in 0..20 {
        let setup = replicas[number % 2].setup();
        let admin = new_user(&format!("admin-{number}"), Role::Admin);
        attempts.spawn(async move { setup.complete(admin, Moment::now()).await });
    }
    let (made, refused): (Vec<_>, Vec<_>) = attempts.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    assert!(refused.iter().all(|result| matches!(result, Err(Error::SetupDone))), "{refused:?}");
    assert_eq!(test.database.users().list(None, 50).await.expect("a list").len(), 1);
}

pub async fn an_administrator_is_left(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let replicas = [test.replica().await, test.replica().await];
    let mut survivor = test.user("admin-0", Role::Admin).await;
    for round in 1..=12 {
        let other = test.user(&format!("admin-{round}"), Role::Admin).await;
        let (one, two) = tokio::join!(
            tokio::spawn(lose_rights(replicas[0].clone(), survivor.clone(), round)),
            tokio::spawn(lose_rights(replicas[1].clone(), other.clone(), round / 2)),
        );
        let (one, two) = (one.expect("no panic"), two.expect("no panic"));
        let refused = match (one, two) {
            (Err(error), Ok(())) => error,
            (Ok(()), Err(error)) => {
                survivor = other;
                error
            }
            both => panic!("round {round}: {both:?}"),
        };
        assert!(matches!(refused, Error::LastAdmin), "round {round}: {refused:?}");
        let left = test.database.users().by_id(survivor.id).await.expect("an answer").expect("the survivor");
        assert!(left.enabled && left.role == Some(Role::Admin), "round {round}");
    }
}

/// In one of the three ways.
async fn lose_rights(database: Database, admin: Account, way: usize) -> Result<(), Error> {
    let users = database.users();
    let change = match way % 3 {
        0 => return users.remove(admin.id).await.map(drop),
        1 => UserChange { role: Some(Role::Viewer), ..UserChange::default() },
        _ => UserChange { enabled: Some(false), ..UserChange::default() },
    };
    users.update(admin.id, change, Moment::now()).await.map(drop)
}

pub async fn the_audit_log_is_one_chain(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let replicas = [test.replica().await, test.replica().await];
    let mut writers = JoinSet::new();
    for number in 0..40 {
        let audit = replicas[number % 2].audit();
        let entry = NewEntry {
            actor: Actor { id: None, name: Some(format!("user-{number}")) },
            action: "container.start".to_owned(),
            target: Some("containers/abc".to_owned()),
            detail: Some(serde_json::json!({ "host": "local" })),
            address: None,
            request_id: format!("request-{number}"),
        };
        writers.spawn(async move {
            let pending = audit.intend(entry, START).await.expect("written");
            audit.conclude(pending, Outcome::Success, START).await.expect("written");
        });
    }
    writers.join_all().await;
    let verified = test.database.audit().verify().await.expect("an answer");
    assert_eq!((verified.rows, verified.broken), (80, None));
    let raw = test.raw().await;
    let entries = "SELECT count(DISTINCT entry), max(entry) FROM audit_log";
    assert_eq!(two_numbers(&raw, entries).await, (Some(40), Some(40)));
}

/// Eight present one token at times that are more than the grace apart. Whatever order they come in,
/// it is one order: the first renews, those whose time is before its own are its siblings, and the
/// first whose time is behind ends the sign-in for everybody after it.
pub async fn a_refresh_token_has_one_history(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let replicas = [test.replica().await, test.replica().await];
    let raw = test.raw().await;
    let ada = test.user("ada", Role::Admin).await;
    for round in 0..12 {
        let first = TokenHash(format!("{round}"));
        let new = NewSession { user: ada.id, token: first.clone(), address: None, user_agent: None };
        let session = replicas[0].sessions().open(new, START).await.expect("a sign-in");
        let mut attempts = JoinSet::new();
        for number in 0..8_usize {
            let (sessions, first) = (replicas[number % 2].sessions(), first.clone());
            let successor = TokenHash(format!("{round}-{number}"));
            let now = START.plus_seconds(60 + 11 * i64::try_from(number).expect("small"));
            attempts.spawn(
                async move { (now, sessions.rotate(first, successor, now).await.expect("an answer")) },
            );
        }
        let answers = attempts.join_all().await;
        let rotated = answers.iter().filter(|(_, answer)| matches!(answer, Rotation::Rotated { .. }));
        let latest = rotated.map(|(now, _)| now.0).max();
        let reused = answers.iter().filter(|(_, answer)| matches!(answer, Rotation::Reused { .. })).count();
        let state = format!(
            "SELECT rotated_at, revoked_at FROM sessions WHERE id = {}",
            match engine {
                Engine::Sqlite => format!("x'{}'", session.to_string().replace('-', "")),
                Engine::Postgres => format!("'{session}'"),
            }
        );
        let (rotated_at, revoked_at) = two_numbers(&raw, &state).await;
        assert_eq!(rotated_at, latest, "round {round}: {answers:?}");
        assert!(reused <= 1 && revoked_at.is_some() == (reused == 1), "round {round}: {answers:?}");
    }
}

/// Everything that touches accounts and sign-ins at once: it may be refused, but nobody may be told to
/// try again.
pub async fn nothing_deadlocks(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let replicas = [test.replica().await, test.replica().await];
    let mut accounts = Vec::new();
    for number in 0..4 {
        accounts.push(test.user(&format!("user-{number}"), Role::Admin).await);
    }
    let mut work = JoinSet::new();
    for number in 0..80_usize {
        let database = replicas[number % 2].clone();
        let account = accounts[(number / 2) % accounts.len()].clone();
        // Half of the sign-ins have expired when the next one looks.
        let now = if number % 3 == 0 { START } else { Moment::now() };
        work.spawn(async move { (number, one_step(database, account, number, now).await) });
    }
    for (number, result) in work.join_all().await {
        let refused = matches!(result, Ok(()) | Err(Error::NoSuchUser | Error::LastAdmin));
        assert!(refused, "step {number}: {result:?}");
    }
}

async fn one_step(database: Database, account: Account, number: usize, now: Moment) -> Result<(), Error> {
    let (sessions, users) = (database.sessions(), database.users());
    let token = TokenHash(format!("token-{number}"));
    match number % 10 {
        0 | 1 => sessions.revoke_all(account.id, "signed out", now).await.map(drop),
        2 => {
            let change = UserChange { password_hash: Some("new".to_owned()), ..UserChange::default() };
            users.update(account.id, change, now).await.map(drop)
        }
        3 if number > 60 => users.remove(account.id).await.map(drop),
        _ => {
            let new = NewSession { user: account.id, token: token.clone(), address: None, user_agent: None };
            sessions.open(new, now).await?;
            sessions.rotate(token, TokenHash(format!("next-{number}")), now).await.map(drop)
        }
    }
}

async fn two_numbers(db: &sea_orm::DatabaseConnection, sql: &str) -> (Option<i64>, Option<i64>) {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.expect("an answer").expect("a row");
    (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("a number"))
}

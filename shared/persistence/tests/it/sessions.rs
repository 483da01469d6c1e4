use dockline_domain::{SessionId, access::Role};
use dockline_persistence::{
    Account, Error, Moment, NewSession, ROTATION_GRACE_SECONDS, Rotation, SESSION_DAYS, TokenHash, UserChange,
};

use crate::{Engine, TestDatabase};

const START: Moment = Moment(1_795_514_400_000_000);

fn token(name: &str) -> TokenHash {
    TokenHash(name.to_owned())
}

async fn signed_in(test: &TestDatabase) -> (Account, SessionId) {
    let ada = test.user("ada", Role::Admin).await;
    let new = NewSession { user: ada.id, token: token("1"), address: None, user_agent: None };
    let session = test.database.sessions().open(new, START).await.expect("a sign-in");
    (ada, session)
}

async fn rotate(test: &TestDatabase, from: &str, to: &str, seconds: i64) -> &'static str {
    let sessions = test.database.sessions();
    match sessions.rotate(token(from), token(to), START.plus_seconds(seconds)).await.expect("an answer") {
        Rotation::Rotated { .. } => "rotated",
        Rotation::Reused { .. } => "reused",
        Rotation::Refused => "refused",
    }
}

pub async fn a_token_is_good_once(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (ada, session) = signed_in(&test).await;
    assert_eq!(rotate(&test, "1", "2", 60).await, "rotated");
    assert_eq!(rotate(&test, "2", "3", 120).await, "rotated");
    // Its predecessor comes back after the grace: somebody has a copy.
    assert_eq!(rotate(&test, "2", "4", 120 + ROTATION_GRACE_SECONDS + 1).await, "reused");
    assert_eq!(rotate(&test, "3", "5", 140).await, "refused");
    let sessions = test.database.sessions();
    assert_eq!(sessions.account(session, ada.id, START).await.expect("an answer"), None);
}

pub async fn a_token_older_than_the_predecessor_ends_the_sign_in_even_at_once(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    signed_in(&test).await;
    assert_eq!(rotate(&test, "1", "2", 1).await, "rotated");
    assert_eq!(rotate(&test, "2", "3", 2).await, "rotated");
    assert_eq!(rotate(&test, "1", "4", 3).await, "reused");
    assert_eq!(rotate(&test, "3", "5", 4).await, "refused");
}

pub async fn tabs_that_refresh_together_all_stay_signed_in(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    signed_in(&test).await;
    let tabs: Vec<_> = (0..20)
        .map(|tab| {
            let sessions = test.database.sessions();
            let successor = token(&format!("tab-{tab}"));
            tokio::spawn(async move { sessions.rotate(token("1"), successor, START.plus_seconds(60)).await })
        })
        .collect();
    for tab in tabs {
        let rotation = tab.await.expect("no panic").expect("an answer");
        assert!(matches!(rotation, Rotation::Rotated { .. }), "{rotation:?}");
    }
    // Whichever cookie the browser kept works on.
    assert_eq!(rotate(&test, "tab-7", "next", 900).await, "rotated");
    // And a brother of it that a thief kept does not, once the grace is over.
    assert_eq!(rotate(&test, "tab-8", "thief", 900 + ROTATION_GRACE_SECONDS + 1).await, "reused");
}

pub async fn sign_ins_expire_unless_they_are_refreshed(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    signed_in(&test).await;
    let day = 86_400;
    assert_eq!(rotate(&test, "1", "2", (SESSION_DAYS - 1) * day).await, "rotated");
    assert_eq!(rotate(&test, "2", "3", (2 * SESSION_DAYS - 2) * day).await, "rotated");
    assert_eq!(rotate(&test, "3", "4", (3 * SESSION_DAYS - 1) * day).await, "refused");
    assert_eq!(rotate(&test, "unknown", "x", 0).await, "refused");
}

pub async fn signing_out_and_losing_rights_end_sign_ins(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (ada, session) = signed_in(&test).await;
    test.user("bob", Role::Admin).await;
    let (sessions, users) = (test.database.sessions(), test.database.users());
    let now = START.plus_seconds(1);
    assert_eq!(sessions.list(ada.id, now).await.expect("a list").len(), 1);
    assert_eq!(sessions.of_token(&token("1")).await.expect("an answer"), Some((session, ada.id)));
    let account = sessions.account(session, ada.id, now).await.expect("an answer").expect("signed in");
    assert_eq!(account.last_login_at, Some(START));
    assert!(sessions.revoke(session, "signed out", now).await.expect("ended"));
    assert!(!sessions.revoke(session, "signed out", now).await.expect("ended before"));

    let changes = [
        (UserChange { password_hash: Some("new".into()), ..UserChange::default() }, true),
        (UserChange { role: Some(Role::Viewer), ..UserChange::default() }, true),
        (UserChange { role: Some(Role::Operator), ..UserChange::default() }, false),
        (UserChange { enabled: Some(true), ..UserChange::default() }, false),
        (UserChange { enabled: Some(false), ..UserChange::default() }, true),
    ];
    for (number, (change, ends)) in changes.into_iter().enumerate() {
        let token = token(&format!("again-{number}"));
        let new = NewSession { user: ada.id, token, address: None, user_agent: None };
        let session = sessions.open(new, now).await.expect("a sign-in");
        let changed = users.update(ada.id, change, now).await.expect("changed");
        assert_eq!(changed.sessions_ended, ends, "change {number}");
        let open = sessions.account(session, ada.id, now).await.expect("an answer").is_some();
        assert_eq!(open, !ends, "change {number}");
    }
    assert_eq!(rotate(&test, "again-4", "x", 2).await, "refused");
}

pub async fn a_removed_account_signs_in_no_more(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (ada, session) = signed_in(&test).await;
    test.user("bob", Role::Admin).await;
    test.database.users().remove(ada.id).await.expect("removed");
    let sessions = test.database.sessions();
    assert_eq!(sessions.account(session, ada.id, START).await.expect("an answer"), None);
    assert_eq!(rotate(&test, "1", "2", 1).await, "refused");
    let again = NewSession { user: ada.id, token: token("3"), address: None, user_agent: None };
    let refused = sessions.open(again, START).await;
    assert!(matches!(refused, Err(Error::NoSuchUser)), "{refused:?}");
}

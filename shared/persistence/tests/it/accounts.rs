use std::time::Duration;

use dockline_domain::access::Role;
use dockline_persistence::{Error, Moment, UserChange};
use sea_orm::ConnectionTrait;

use crate::{Engine, TestDatabase, new_user};

pub async fn names_are_taken_once_and_listed_in_order(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    for name in ["cleo", "ada", "a.z", "bob", "a-b", "a_c", "ab1"] {
        test.user(name, Role::Viewer).await;
    }
    let users = test.database.users();
    let taken = users.create(new_user("ada", Role::Admin), Moment::now()).await;
    assert!(matches!(taken, Err(Error::UsernameTaken)), "{taken:?}");
    let names = |page: Vec<dockline_persistence::Account>| -> Vec<String> {
        page.into_iter().map(|user| user.username.to_string()).collect()
    };
    // Byte by byte, whatever language the database speaks.
    assert_eq!(names(users.list(None, 5).await.expect("a list")), ["a-b", "a.z", "a_c", "ab1", "ada"]);
    let after = "ada".parse().expect("a username");
    assert_eq!(names(users.list(Some(&after), 5).await.expect("a list")), ["bob", "cleo"]);
    let known = users.credentials(&after).await.expect("an answer").expect("ada");
    assert!(!format!("{known:?}").contains("argon2"));
}

pub async fn the_last_administrator_stays(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (ada, bob) = (test.user("ada", Role::Admin).await, test.user("bob", Role::Admin).await);
    let users = test.database.users();
    let disable = UserChange { enabled: Some(false), ..UserChange::default() };
    users.update(bob.id, disable.clone(), Moment::now()).await.expect("ada is still there");
    let demote = UserChange { role: Some(Role::Operator), ..UserChange::default() };
    for refused in [
        users.update(ada.id, disable, Moment::now()).await.map(drop),
        users.update(ada.id, demote, Moment::now()).await.map(drop),
        users.remove(ada.id).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::LastAdmin)), "{refused:?}");
    }
    let ada = users.by_id(ada.id).await.expect("an answer").expect("ada");
    assert!(ada.enabled && ada.role == Some(Role::Admin));
}

pub async fn two_administrators_cannot_remove_each_other_at_the_same_moment(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (ada, bob) = (test.user("ada", Role::Admin).await, test.user("bob", Role::Admin).await);
    let users = test.database.users();
    let (one, two) = tokio::join!(users.remove(ada.id), users.remove(bob.id));
    let refused = if one.is_ok() { two } else { one };
    assert!(matches!(refused, Err(Error::LastAdmin)), "{refused:?}");
    assert_eq!(users.list(None, 10).await.expect("a list").len(), 1);
}

pub async fn an_unknown_role_is_no_role(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let ada = test.user("ada", Role::Admin).await;
    test.raw().await.execute_unprepared("UPDATE users SET role = 'owner'").await.expect("changed");
    let ada = test.database.users().by_id(ada.id).await.expect("an answer").expect("ada");
    assert_eq!(ada.role, None);
}

pub async fn however_many_ask_one_becomes_the_first_administrator(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let setup = test.database.setup();
    assert!(setup.required().await.expect("an answer"));
    let attempts = (0..20).map(|number| {
        let setup = setup.clone();
        // Half of them under one name: neither kind of collision may make two.
        let name = if number % 2 == 0 { "admin".to_owned() } else { format!("admin-{number}") };
        tokio::spawn(async move { setup.complete(new_user(&name, Role::Admin), Moment::now()).await })
    });
    let mut made = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.expect("no panic") {
            Ok(_) => made += 1,
            Err(error) => assert!(matches!(error, Error::SetupDone), "{error:?}"),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(test.database.users().list(None, 50).await.expect("a list").len(), 1);
    assert!(!setup.required().await.expect("an answer"));
}

pub async fn a_caller_that_gives_up_leaves_no_open_transaction(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    for number in 0..200 {
        let users = test.database.users();
        let new = new_user(&format!("user-{number}"), Role::Viewer);
        let create = users.create(new, Moment::now());
        // Cut off at every possible point, the begin of the transaction included.
        let _given_up = tokio::time::timeout(Duration::from_micros(number * 7), create).await;
    }
    test.user("after", Role::Viewer).await;
    let users = test.database.users().list(None, 500).await.expect("a list");
    assert!(users.iter().any(|user| user.username.as_str() == "after"));
}

use dockline_domain::access::Role;
use dockline_persistence::{Error, Moment, UserChange};
use sea_orm::ConnectionTrait;

use crate::{TestDatabase, new_user};

#[tokio::test]
async fn names_are_taken_once_and_listed_in_order() {
    let test = TestDatabase::new().await;
    for name in ["cleo", "ada", "bob"] {
        test.user(name, Role::Viewer).await;
    }
    let users = test.database.users();
    let taken = users.create(new_user("ada", Role::Admin), Moment::now()).await;
    assert!(matches!(taken, Err(Error::UsernameTaken)), "{taken:?}");
    let names = |page: Vec<dockline_persistence::Account>| -> Vec<String> {
        page.into_iter().map(|user| user.username.to_string()).collect()
    };
    assert_eq!(names(users.list(None, 2).await.expect("a list")), ["ada", "bob"]);
    let after = "bob".parse().expect("a username");
    assert_eq!(names(users.list(Some(&after), 2).await.expect("a list")), ["cleo"]);
    let known = users.credentials(&after).await.expect("an answer").expect("bob");
    assert!(!format!("{known:?}").contains("argon2"));
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let test = TestDatabase::new().await;
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

#[tokio::test]
async fn two_administrators_cannot_remove_each_other_at_the_same_moment() {
    let test = TestDatabase::new().await;
    let (ada, bob) = (test.user("ada", Role::Admin).await, test.user("bob", Role::Admin).await);
    let users = test.database.users();
    let (one, two) = tokio::join!(users.remove(ada.id), users.remove(bob.id));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[tokio::test]
async fn an_unknown_role_is_no_role() {
    let test = TestDatabase::new().await;
    let ada = test.user("ada", Role::Admin).await;
    test.raw().await.execute_unprepared("UPDATE users SET role = 'owner'").await.expect("changed");
    let ada = test.database.users().by_id(ada.id).await.expect("an answer").expect("ada");
    assert_eq!(ada.role, None);
}

#[tokio::test]
async fn however_many_ask_one_becomes_the_first_administrator() {
    let test = TestDatabase::new().await;
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

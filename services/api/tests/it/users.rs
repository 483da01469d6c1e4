use dockline_domain::access::Role;
use serde_json::json;

use crate::{TestServer, server::PASSWORD};

#[tokio::test]
async fn administrators_manage_accounts() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let body = json!({ "username": "bob", "password": PASSWORD, "role": "operator" });
    let made = server.post("/api/v1/users", &ada, body.clone()).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert!(!made.text.contains("password"));
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(server.post("/api/v1/users", &ada, body).await.code(), "username_taken");

    let path = format!("/api/v1/users/{id}");
    assert_eq!(server.get(&path, &ada).await.json()["role"], "operator");
    let changed = server.send("PATCH", &path, &ada, json!({ "role": "viewer" })).await;
    assert_eq!(changed.json()["role"], "viewer");
    let list = server.get("/api/v1/users?limit=1", &ada).await.json();
    assert_eq!(list["items"][0]["username"], "ada");
    let cursor = list["next_cursor"].as_str().expect("a cursor");
    let rest = server.get(&format!("/api/v1/users?limit=1&cursor={cursor}"), &ada).await.json();
    assert_eq!((&rest["items"][0]["username"], &rest["next_cursor"]), (&json!("bob"), &json!(null)));

    assert_eq!(server.login("bob", PASSWORD).await.status, 200);
    let password = "another horse battery";
    assert_eq!(server.send("PATCH", &path, &ada, json!({ "password": password })).await.status, 200);
    assert_eq!(server.login("bob", PASSWORD).await.status, 401);
    assert_eq!(server.login("bob", password).await.status, 200);

    assert_eq!(server.send("DELETE", &path, &ada, json!({})).await.status, 204);
    let gone = server.get(&path, &ada).await;
    assert_eq!((gone.status, gone.code().as_str()), (404, "user_not_found"));
    assert_eq!(server.send("DELETE", &path, &ada, json!({})).await.status, 404);
}

#[tokio::test]
async fn losing_rights_counts_from_the_next_request_on() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    for (name, change) in [
        ("bob", json!({ "enabled": false })),
        ("cleo", json!({ "role": "viewer" })),
        ("dora", json!({ "password": "another horse battery" })),
    ] {
        let person = server.person(name, Role::Operator).await;
        assert_eq!(server.get("/api/v1/containers", &person).await.status, 200);
        let path = format!("/api/v1/users/{}", person.account.id);
        assert_eq!(server.send("PATCH", &path, &ada, change).await.status, 200);
        assert_eq!(server.get("/api/v1/containers", &person).await.status, 401, "{name}");
    }
    // More rights count at once as well, without signing in again.
    let vera = server.person("vera", Role::Viewer).await;
    assert_eq!(server.get("/api/v1/audit", &vera).await.status, 403);
    let path = format!("/api/v1/users/{}", vera.account.id);
    assert_eq!(server.send("PATCH", &path, &ada, json!({ "role": "admin" })).await.status, 200);
    assert_eq!(server.get("/api/v1/audit", &vera).await.status, 200);
}

#[tokio::test]
async fn nobody_locks_everybody_out() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let bob = server.person("bob", Role::Admin).await;
    let own = format!("/api/v1/users/{}", ada.account.id);
    for got in [
        server.send("PATCH", &own, &ada, json!({ "enabled": false })).await,
        server.send("PATCH", &own, &ada, json!({ "role": "operator" })).await,
        server.send("DELETE", &own, &ada, json!({})).await,
    ] {
        assert_eq!((got.status, got.code().as_str()), (409, "own_account"));
    }
    // Both at the same moment: one of them stays.
    let others = format!("/api/v1/users/{}", bob.account.id);
    let disable = json!({ "enabled": false });
    let (one, two) = tokio::join!(
        server.send("PATCH", &others, &ada, disable.clone()),
        server.send("PATCH", &own, &bob, disable),
    );
    let codes = [one.code(), two.code()];
    let refused = codes.iter().filter(|code| matches!(code.as_str(), "last_admin" | "unauthenticated"));
    assert_eq!(refused.count(), 1, "{codes:?}");
}

#[tokio::test]
async fn wrong_fields_are_named_all_at_once() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let body = json!({ "username": "Bob!", "password": "short", "role": "owner" });
    let got = server.post("/api/v1/users", &ada, body).await;
    assert_eq!(got.status, 422);
    assert_eq!(got.fields(), ["username", "password", "role"]);
    let same = json!({ "username": "twelve-chars", "password": "Twelve-Chars", "role": "viewer" });
    assert_eq!(server.post("/api/v1/users", &ada, same).await.fields(), ["password"]);
}

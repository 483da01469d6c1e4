//! Credentials of registries, and containers made anew, over an engine in memory.

use dockline_domain::access::Role;
use serde_json::{Value, json};

use crate::{TestServer, server::asked};

const AT: &str = "/api/v1/registries";

#[tokio::test]
async fn credentials_are_kept_changed_tried_and_never_shown() {
    let server = TestServer::start().await;
    let (otto, ada) = (server.person("otto", Role::Operator).await, server.person("ada", Role::Admin).await);
    let wanted =
        json!({ "address": "https://index.docker.io/v1/", "username": "dev", "password": "hunter2" });
    assert_eq!(server.post(AT, &otto, wanted.clone()).await.code(), "permission_denied");
    let made = server.post(AT, &ada, wanted.clone()).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    assert_eq!(
        (&made["address"], &made["username"], &made["secret"]),
        (&json!("docker.io"), &json!("dev"), &json!("password"))
    );
    let own = format!("{AT}/{}", made["id"].as_str().expect("an ID"));
    assert_eq!(server.post(AT, &ada, wanted).await.code(), "registry_exists");
    assert_eq!(server.get(AT, &otto).await.json()["items"], json!([made]));
    assert_eq!(server.get(&own, &otto).await.json(), made);

    // A new address would send the stored password elsewhere.
    let moved = json!({ "address": "evil.example.org" });
    let refused = server.send("PATCH", &own, &ada, moved).await;
    assert_eq!((refused.status, refused.fields()), (422, vec!["password".to_owned()]));
    let moved = json!({ "address": "r.example.org:5000", "identity_token": "hunter3" });
    let changed = server.send("PATCH", &own, &ada, moved).await.json();
    assert_eq!(
        (&changed["address"], &changed["secret"]),
        (&json!("r.example.org:5000"), &json!("identity_token"))
    );

    let tried = server.post(&format!("{own}/test"), &ada, json!({ "host": "local" })).await.json();
    assert_eq!(tried["ok"], false);
    let right = json!({ "host": "local", "address": "ghcr.io", "username": "dev", "password": "s3cret" });
    let tried = server.post(&format!("{AT}/test"), &ada, right).await.json();
    assert_eq!((&tried["ok"], &tried["error"]), (&json!(true), &Value::Null));
    assert_eq!(
        asked(&server.engine),
        ["try_login r.example.org:5000", "try_login ghcr.io"],
        "only engines ask registries"
    );

    assert_eq!(server.send("DELETE", &own, &ada, json!({})).await.status, 204);
    assert_eq!(server.get(&own, &ada).await.code(), "registry_not_found");
    let audit = server.get("/api/v1/audit?limit=100", &ada).await.json();
    let lines: Vec<&str> =
        audit["items"].as_array().expect("lines").iter().filter_map(|line| line["action"].as_str()).collect();
    for action in ["registry.create", "registry.update", "registry.test", "registry.delete"] {
        assert!(lines.contains(&action), "{action}: {lines:?}");
    }
    for secret in ["hunter2", "hunter3", "s3cret"] {
        assert!(!audit.to_string().contains(secret) && !made.to_string().contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_named_field_by_field() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    for (body, fields) in [
        (json!({ "address": "nowhere", "username": "a" }), vec!["address", "password"]),
        (
            json!({ "address": "http://ghcr.io", "username": "a:b", "password": "" }),
            vec!["address", "username", "password"],
        ),
        (json!({ "address": "ghcr.io", "password": "x" }), vec!["username"]),
        (
            json!({ "address": "ghcr.io", "username": "a", "password": "x", "identity_token": "y" }),
            vec!["identity_token"],
        ),
    ] {
        let answer = server.post(AT, &ada, body.clone()).await;
        assert_eq!(
            (answer.status, answer.fields()),
            (422, fields.iter().map(ToString::to_string).collect()),
            "{body}"
        );
    }
    let answer = server.get("/api/v1/hosts/local/images/search?term=&limit=0", &ada).await;
    assert_eq!(answer.fields(), ["term", "limit"]);
    let answer = server.post("/api/v1/images/check-updates", &ada, json!({ "image": "nginx" })).await;
    assert_eq!(answer.fields(), ["host"]);
    let answer = server
        .post(
            "/api/v1/hosts/local/images/push",
            &ada,
            json!({ "image": format!("a@sha256:{}", "0".repeat(64)) }),
        )
        .await;
    assert_eq!(answer.fields(), ["image"]);
    assert!(asked(&server.engine).is_empty());
}

#[tokio::test]
async fn a_container_is_made_anew_by_a_job_that_says_what_to_know() {
    let server = TestServer::start().await;
    let (vera, otto) =
        (server.person("vera", Role::Viewer).await, server.person("otto", Role::Operator).await);
    let (web, held) = (server.engine.add("web", &[]), server.engine.add("held", &[]));
    server.engine.put_in_stack(&web, "shop", "web", 1);
    let at = |id: &dockline_domain::ContainerId| format!("/api/v1/containers/{id}/recreate");
    assert_eq!(server.post(&at(&web), &vera, json!({})).await.code(), "permission_denied");
    let accepted = server.post(&at(&web), &otto, json!({ "image": "nginx:1.30" })).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let accepted = accepted.json();
    assert_eq!(
        (&accepted["job"]["kind"], &accepted["job"]["subject"], &accepted["job"]["host"]),
        (&json!("container.recreate"), &json!("web"), &json!("local"))
    );
    assert!(accepted["warnings"][0].as_str().is_some_and(|text| text.contains("shop")), "{accepted}");
    let second = server.post(&at(&web), &otto, json!({})).await;
    assert_eq!((second.status, second.code().as_str()), (409, "container_busy"));
    assert_eq!(second.json()["details"]["job"], accepted["job"]["id"]);
    assert_eq!(server.post(&format!("/api/v1/containers/{held}/pause"), &otto, json!({})).await.status, 204);
    let refused = server.post(&at(&held), &otto, json!({})).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "not_recreatable"));
    let id = format!("sha256:{}", "0".repeat(64));
    let wrong = server.post(&at(&web), &otto, json!({ "image": id, "pull": true })).await;
    assert_eq!(wrong.fields(), ["pull"]);
    let wrong = server.post(&at(&web), &otto, json!({ "image": "../x" })).await;
    assert_eq!(wrong.fields(), ["image"]);
}

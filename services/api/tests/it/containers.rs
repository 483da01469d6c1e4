use dockline_domain::access::Role;
use serde_json::json;

use crate::TestServer;

#[tokio::test]
async fn lists_all_hosts_sorted_filtered_and_in_pages() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    for name in ["web", "api", "db"] {
        server.engine.add(name, &[]);
    }
    server.spare.add("cache", &[]);
    let names = async |query: &str| {
        let got = server.get(&format!("/api/v1/containers{query}"), &ada).await.json();
        let items = got["items"].as_array().expect("items").clone();
        items.iter().map(|one| one["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["api", "cache", "db", "web"]);
    assert_eq!(names("?host=spare").await, ["cache"]);
    assert_eq!(names("?q=WE").await, ["web"]);
    assert_eq!(names("?state=exited").await, [""; 0]);
    assert_eq!(names("?state=exited,running&q=b").await, ["db", "web"]);
    assert_eq!(names("?label=a&label=b").await, [""; 0]);
    let (mut seen, mut query) = (Vec::new(), "?limit=3".to_owned());
    loop {
        let page = server.get(&format!("/api/v1/containers{query}"), &ada).await.json();
        seen.extend(page["items"].as_array().expect("items").iter().map(|one| one["name"].clone()));
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, ["api", "cache", "db", "web"]);
    let unknown = server.get("/api/v1/containers?host=nowhere", &ada).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (404, "host_not_found"));
}

#[tokio::test]
async fn a_silent_host_fails_nothing_else() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let id = server.engine.add("web", &[]);
    server.spare.set_unreachable(true);
    let page = server.get("/api/v1/containers", &ada).await.json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1));
    let local = json!({ "id": "local", "state": "online", "labels": {}, "enabled": true, "origin": "settings",
                        "security": "none" });
    assert_eq!(page["hosts"][0], local);
    assert_eq!(page["hosts"][1]["state"], "offline");
    assert!(page["hosts"][1]["error"].as_str().expect("a reason").contains("does not answer"));
    assert_eq!(server.get(&format!("/api/v1/containers/{id}"), &ada).await.status, 200);
    let hosts = server.get("/api/v1/hosts", &ada).await.json();
    assert_eq!(hosts["items"][0]["engine_version"], "0.0.0-fake");
    assert_eq!(hosts["items"][1]["state"], "offline");

    // What is found nowhere may be on the silent one.
    let missing = format!("/api/v1/containers/{}", "f".repeat(64));
    let got = server.get(&missing, &ada).await;
    assert_eq!((got.status, got.code().as_str()), (502, "engine_unreachable"));
    assert_eq!(got.json()["details"]["host"], "spare");
    server.spare.set_unreachable(false);
    let got = server.get(&missing, &ada).await;
    assert_eq!((got.status, got.code().as_str()), (404, "container_not_found"));
}

#[tokio::test]
async fn an_id_on_two_hosts_is_settled_by_the_host() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let id = server.engine.add("web", &[]);
    assert_eq!(server.spare.add("clone", &[]), id, "both fakes number alike");
    let path = format!("/api/v1/containers/{}", id.as_str());
    let got = server.get(&path, &ada).await;
    assert_eq!((got.status, got.code().as_str()), (409, "ambiguous_container"));
    let candidates = got.json()["details"]["candidates"].clone();
    assert_eq!(candidates, json!([{ "host": "local", "id": id }, { "host": "spare", "id": id }]));
    let got = server.get(&format!("{path}?host=spare"), &ada).await;
    assert_eq!(got.json()["name"], "clone");
    assert_eq!(server.post(&format!("{path}/stop?host=spare"), &ada, json!({})).await.status, 204);
    assert!(!server.engine.calls().iter().any(|call| call.starts_with("stop")));
}

#[tokio::test]
async fn operates_within_the_engines_rules() {
    let server = TestServer::start().await;
    let otto = server.person("otto", Role::Operator).await;
    let id = server.engine.add("web", &[]);
    let short = &id.as_str()[..64];
    let act = async |operation: &str, body| {
        server.post(&format!("/api/v1/containers/{short}/{operation}"), &otto, body).await
    };
    for (operation, status) in [
        ("start", 204),
        ("stop", 204),
        ("stop", 204),
        ("kill", 409),
        ("start", 204),
        ("pause", 204),
        ("pause", 409),
        ("unpause", 204),
        ("restart", 204),
        ("kill?signal=SIGTERM", 204),
    ] {
        let got = act(operation, json!({})).await;
        assert_eq!(got.status, status, "{operation}: {got:?}");
    }
    assert_eq!(act("rename", json!({ "name": "../x" })).await.fields(), ["name"]);
    assert_eq!(act("rename", json!({ "name": "web-2" })).await.status, 204);
    assert_eq!(act("start", json!({})).await.status, 204);
    let path = format!("/api/v1/containers/{id}");
    let running = server.send("DELETE", &path, &otto, json!({})).await;
    assert_eq!((running.status, running.code().as_str()), (409, "conflict"));
    let forced = server.send("DELETE", &format!("{path}?force=true&volumes=true"), &otto, json!({})).await;
    assert_eq!(forced.status, 204);
    assert_eq!(server.get(&path, &otto).await.status, 404);
}

#[tokio::test]
async fn viewers_see_no_secrets() {
    let server = TestServer::start().await;
    let id = server.engine.add("web", &["TOKEN=hunter2"]);
    let path = format!("/api/v1/containers/{id}");
    let vera = server.person("vera", Role::Viewer).await;
    let seen = server.get(&path, &vera).await;
    assert!(!seen.text.contains("hunter2"), "{seen:?}");
    assert_eq!(seen.json()["env"], json!([{ "name": "TOKEN", "value": null }]));
    assert_eq!(seen.json()["secrets_hidden"], true);
    let otto = server.person("otto", Role::Operator).await;
    assert_eq!(server.get(&path, &otto).await.json()["env"][0]["value"], "hunter2");
}

//! Adding, changing, trying and removing hosts.

use dockline_domain::access::Role;
use serde_json::{Value, json};

use crate::TestServer;

#[tokio::test]
async fn a_host_is_added_changed_and_removed_and_each_step_is_audited() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    server.fake("edge").add("web", &[]);
    let labels = json!({ "env": "prod", "rack/1": "" });
    let body = json!({ "id": "edge", "address": "http://10.0.0.2:2375/", "labels": labels });
    let added = server.post("/api/v1/hosts", &ada, body.clone()).await;
    assert_eq!(added.status, 201, "{added:?}");
    let shown = added.json();
    for (field, value) in [
        ("id", json!("edge")),
        ("state", json!("online")),
        ("address", json!("tcp://10.0.0.2:2375")),
        ("labels", labels),
        ("enabled", json!(true)),
        ("origin", json!("added")),
        ("security", json!("none")),
        ("engine_version", json!("0.0.0-fake")),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    let again = server.post("/api/v1/hosts", &ada, body).await;
    assert_eq!((again.status, again.code().as_str()), (409, "host_exists"));

    // In force at once: in the lists, and under its own path.
    let hosts = server.get("/api/v1/hosts", &ada).await.json();
    let ids: Vec<&Value> = hosts["items"].as_array().expect("items").iter().map(|host| &host["id"]).collect();
    assert_eq!(ids, ["edge", "local", "spare"]);
    let containers = server.get("/api/v1/containers?host=edge", &ada).await.json();
    assert_eq!(containers["items"][0]["name"], "web");
    assert_eq!(server.get("/api/v1/hosts/edge", &ada).await.json()["labels"]["env"], "prod");

    let path = "/api/v1/hosts/edge";
    let changed = server.send("PATCH", path, &ada, json!({ "labels": { "env": "test" } })).await;
    assert_eq!((changed.status, &changed.json()["labels"]), (200, &json!({ "env": "test" })), "{changed:?}");
    let moved = server.send("PATCH", path, &ada, json!({ "address": "unix:///run/d.sock" })).await;
    assert_eq!((moved.status, &moved.json()["address"]), (200, &json!("unix:///run/d.sock")), "{moved:?}");
    assert_eq!(moved.json()["labels"], json!({ "env": "test" }), "what is not named stays");
    assert_eq!(server.send("PATCH", path, &ada, json!({})).await.status, 200);

    assert_eq!(server.send("DELETE", path, &ada, json!({})).await.status, 204);
    for (method, path) in
        [("GET", path), ("PATCH", path), ("DELETE", path), ("POST", "/api/v1/hosts/edge/test")]
    {
        let gone = server.send(method, path, &ada, json!({})).await;
        assert_eq!((gone.status, gone.code().as_str()), (404, "host_not_found"), "{method} {path}");
    }
    let page = server.get("/api/v1/containers", &ada).await.json();
    assert_eq!(page["items"], json!([]));

    let audit = server.get("/api/v1/audit?action=host.&outcome=success", &ada).await.json();
    let lines: Vec<String> = audit["items"]
        .as_array()
        .expect("items")
        .iter()
        .rev()
        .map(|line| format!("{} {} {}", line["action"], line["target"], line["detail"]))
        .collect();
    let expected = [
        ["host.create", "hosts/edge", "tcp://10.0.0.2:2375"],
        ["host.update", "hosts/edge", r#""before":{"env":"prod""#],
        ["host.update", "hosts/edge", r#""after":"unix:///run/d.sock""#],
        ["host.update", "hosts/edge", "null"],
        ["host.delete", "hosts/edge", "unix:///run/d.sock"],
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, words) in lines.iter().zip(expected) {
        assert!(words.iter().all(|word| line.contains(word)), "{words:?} in {line}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_field_and_nothing_is_kept() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let with = |changes: Value| {
        let mut body = json!({ "id": "edge", "address": "tcp://e:2376" });
        for (key, value) in changes.as_object().expect("an object") {
            body[key] = value.clone();
        }
        body
    };
    let tls = json!({ "ca": "c", "certificate": "d", "key": "k" });
    let ssh = json!({ "private_key": "p", "host_key": "h" });
    for (changes, field) in [
        (json!({ "id": "Edge" }), "id"),
        (json!({ "id": "test" }), "id"),
        (json!({ "id": "../x" }), "id"),
        (json!({ "address": "carrier-pigeon://x" }), "address"),
        (json!({ "address": "ssh://root:hunter2@h" }), "address"),
        (json!({ "address": "ssh://root@h" }), "ssh"),
        (json!({ "address": "ssh://root@h", "tls": tls }), "tls"),
        (json!({ "address": "unix:///x", "tls": tls }), "tls"),
        (json!({ "ssh": ssh }), "ssh"),
        (json!({ "tls": tls, "ssh": ssh }), "ssh"),
        (json!({ "tls": { "ca": "c" } }), "tls.certificate"),
        (json!({ "labels": { "Env": "x" } }), "labels"),
        (json!({ "labels": { "env": "a\nb" } }), "labels"),
        (json!({ "labels": { "env": 1 } }), "labels.env"),
        (json!({ "password": "x" }), "password"),
    ] {
        let got = server.post("/api/v1/hosts", &ada, with(changes.clone())).await;
        assert_eq!((got.status, got.fields()), (422, vec![field.to_owned()]), "{changes}: {got:?}");
        assert!(!got.text.contains("hunter2"), "{got:?}");
    }
    let both = server.post("/api/v1/hosts", &ada, json!({ "id": "-", "address": "x" })).await;
    assert_eq!(both.fields(), ["id", "address"]);
    assert_eq!(server.get("/api/v1/hosts", &ada).await.json()["items"].as_array().map(Vec::len), Some(2));
    let bad_path = server.get("/api/v1/hosts/Edge", &ada).await;
    assert_eq!((bad_path.status, bad_path.code().as_str()), (400, "invalid_id"));
}

#[tokio::test]
async fn a_host_of_the_settings_stays_what_they_say() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let path = "/api/v1/hosts/local";
    assert_eq!(server.get(path, &ada).await.json()["origin"], "settings");
    for (method, body) in [("DELETE", json!({})), ("PATCH", json!({ "address": "unix:///elsewhere" }))] {
        let refused = server.send(method, path, &ada, body).await;
        assert_eq!((refused.status, refused.code().as_str()), (409, "host_from_settings"), "{method}");
        assert!(
            refused.json()["message"].as_str().expect("a message").contains("DOCKLINE_HOSTS"),
            "{refused:?}"
        );
    }
    // The same address in other words is no change, and the rest is theirs to change.
    let change =
        json!({ "address": "unix:///nowhere/docker.sock", "labels": { "a": "b" }, "enabled": false });
    let changed = server.send("PATCH", path, &ada, change).await;
    assert_eq!((changed.status, &changed.json()["state"]), (200, &json!("disabled")), "{changed:?}");
}

#[tokio::test]
async fn a_host_can_be_tried_before_it_is_kept_and_afterwards() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let body = json!({ "id": "edge", "address": "tcp://e:2375" });
    let good = server.post("/api/v1/hosts/test", &ada, body.clone()).await;
    assert_eq!(good.status, 200, "{good:?}");
    let good = good.json();
    assert_eq!((&good["ok"], &good["engine_version"]), (&json!(true), &json!("0.0.0-fake")));
    assert!(good["latency_ms"].is_u64() && good["error"].is_null(), "{good}");
    // Nothing was kept, and a form without a name can be tried as well.
    assert_eq!(server.get("/api/v1/hosts/edge", &ada).await.status, 404);
    let nameless = json!({ "address": "tcp://e:2375" });
    assert_eq!(server.post("/api/v1/hosts/test", &ada, nameless).await.json()["ok"], true);
    let wrong = server.post("/api/v1/hosts/test", &ada, json!({ "address": "ssh://root@h" })).await;
    assert_eq!((wrong.status, wrong.fields()), (422, vec!["ssh".to_owned()]));

    server.fake("edge").set_unreachable(true);
    let bad = server.post("/api/v1/hosts/test", &ada, body.clone()).await.json();
    assert_eq!(bad["ok"], false);
    assert!(bad["error"].as_str().expect("a reason").contains("does not answer"), "{bad}");
    assert_eq!(server.post("/api/v1/hosts", &ada, body).await.status, 201, "it may come up later");
    let stored = server.post("/api/v1/hosts/edge/test", &ada, json!({})).await.json();
    assert_eq!(stored["ok"], false);
    server.fake("edge").set_unreachable(false);
    assert_eq!(server.post("/api/v1/hosts/edge/test", &ada, json!({})).await.json()["ok"], true);

    let audit = server.get("/api/v1/audit?action=host.test", &ada).await.json();
    let newest = &audit["items"][0];
    assert_eq!(
        (&newest["target"], &newest["detail"]["ok"]),
        (&json!("hosts/edge"), &json!(true)),
        "{newest}"
    );
    assert_eq!(newest["detail"]["address"], "tcp://e:2375");
}

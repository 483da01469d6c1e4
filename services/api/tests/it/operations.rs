//! What is done with containers beyond starting and stopping.

use dockline_domain::access::Role;
use serde_json::json;

use crate::{TestServer, server::asked};

#[tokio::test]
async fn a_bulk_action_tells_how_it_went_with_each_and_records_each() {
    let server = TestServer::start().await;
    let (ada, otto) = (server.person("ada", Role::Admin).await, server.person("otto", Role::Operator).await);
    let vera = server.person("vera", Role::Viewer).await;
    let ids: Vec<String> = (0..20).map(|n| server.engine.add(&format!("c{n}"), &[]).to_string()).collect();
    let path = "/api/v1/containers/bulk";
    let stop = |ids: &[String]| json!({ "action": "stop", "ids": ids });
    assert_eq!(server.post(path, &vera, stop(&ids)).await.code(), "permission_denied");
    let mut some = ids.clone();
    some.insert(3, "f".repeat(64));
    let got = server.post(path, &otto, stop(&some)).await.json();
    assert_eq!(got["failed"], 1);
    let items = got["items"].as_array().expect("items");
    assert_eq!(
        items.iter().map(|one| one["id"].clone()).collect::<Vec<_>>(),
        some,
        "in the order of the request"
    );
    assert_eq!((&items[3]["ok"], &items[3]["code"]), (&json!(false), &json!("container_not_found")));
    assert!(items.iter().enumerate().all(|(at, one)| at == 3 || one["ok"] == true));
    let again = server.post(path, &otto, json!({ "action": "pause", "ids": ids })).await.json();
    assert_eq!((&again["failed"], &again["items"][0]["code"]), (&json!(20), &json!("conflict")));
    let removed =
        server.post(path, &otto, json!({ "action": "remove", "ids": ids, "force": true })).await.json();
    assert_eq!(removed["failed"], 0);
    for (action, outcome, count) in [
        ("container.stop", "success", 20),
        ("container.pause", "failure", 20),
        ("container.remove", "success", 20),
        ("container.bulk", "success", 3),
    ] {
        let found =
            server.get(&format!("/api/v1/audit?action={action}&outcome={outcome}&limit=100"), &ada).await;
        assert_eq!(found.json()["items"].as_array().map(Vec::len), Some(count), "{action}: {found:?}");
    }
    for (body, field) in [
        (json!({ "action": "stop", "ids": [] }), "ids"),
        (json!({ "action": "stop", "ids": vec!["a".repeat(64); 101] }), "ids"),
        (json!({ "action": "stop", "ids": ["..%2Fversion"] }), "ids[0]"),
        (json!({ "action": "stop", "ids": ["a".repeat(64), "a".repeat(64)] }), "ids[1]"),
        (json!({ "action": "exec", "ids": ["a".repeat(64)] }), "action"),
    ] {
        let got = server.post(path, &ada, body.clone()).await;
        assert_eq!((got.status, got.fields().first().map(String::as_str)), (422, Some(field)), "{body}");
    }
}

#[tokio::test]
async fn limits_are_changed_processes_listed_and_images_made() {
    let server = TestServer::start().await;
    let (otto, vera) =
        (server.person("otto", Role::Operator).await, server.person("vera", Role::Viewer).await);
    let id = server.engine.add("web", &[]);
    let path = format!("/api/v1/containers/{id}");
    let wanted = json!({ "memory_bytes": 32 << 20, "cpus": 1.5, "restart_policy": {"name": "always"} });
    assert_eq!(server.send("PATCH", &path, &vera, wanted.clone()).await.code(), "permission_denied");
    assert_eq!(server.send("PATCH", &path, &otto, wanted).await.status, 204);
    assert_eq!(server.send("PATCH", &path, &otto, json!({ "pids_limit": 0 })).await.status, 204);
    let made = server.engine.made(&id).expect("changed");
    assert_eq!((made.limits.nano_cpus, made.limits.pids), (Some(1_500_000_000), Some(0)));
    for (body, field) in [
        (json!({}), "body"),
        (json!({ "memory_bytes": 5 }), "memory_bytes"),
        (json!({ "cpus": 1e9 }), "cpus"),
        (json!({ "privileged": true }), "privileged"),
    ] {
        assert_eq!(server.send("PATCH", &path, &otto, body).await.fields(), [field]);
    }

    let seen = server.get(&format!("{path}/top"), &vera).await;
    assert_eq!(seen.json()["titles"], json!(["PID", "USER"]), "viewers see no command lines");
    assert!(!seen.text.contains("hunter2"), "{seen:?}");
    assert!(server.get(&format!("{path}/top"), &otto).await.text.contains("hunter2"));
    assert_eq!(server.get(&format!("{path}/changes"), &vera).await.json()["total"], 0);

    let commit = format!("{path}/commit");
    let done = server.post(&commit, &otto, json!({ "repository": "acme/web", "tag": "2" })).await;
    assert_eq!((done.status, &done.json()["reference"]), (201, &json!("acme/web:2")), "{done:?}");
    for (body, field) in [
        (json!({ "repository": "acme/web:1" }), "repository"),
        (json!({ "repository": "../x" }), "repository"),
        (json!({ "repository": "web", "tag": "a:b" }), "tag"),
        (json!({ "repository": "web", "message": "m".repeat(1_001) }), "message"),
    ] {
        assert_eq!(server.post(&commit, &otto, body.clone()).await.fields(), [field], "{body}");
    }
}

#[tokio::test]
async fn a_prune_removes_what_its_preview_named() {
    let server = TestServer::start().await;
    let (otto, vera) =
        (server.person("otto", Role::Operator).await, server.person("vera", Role::Viewer).await);
    let (stays, goes) = (server.engine.add("stays", &[]), server.engine.add("goes", &[]));
    server.post(&format!("/api/v1/containers/{goes}/stop"), &otto, json!({})).await;
    let path = "/api/v1/hosts/local/containers/prune";
    let preview = server.get(&format!("{path}/preview"), &vera).await.json();
    assert_eq!(preview["items"][0]["name"], "goes");
    assert_eq!(preview["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.post(path, &vera, json!({})).await.code(), "permission_denied");
    let done = server.post(path, &otto, json!({})).await.json();
    assert_eq!(done["removed"], json!([goes]));
    assert_eq!(server.get(&format!("/api/v1/containers/{stays}"), &otto).await.status, 200);
    assert_eq!(server.get(&format!("{path}/preview"), &vera).await.json()["items"], json!([]));
}

#[tokio::test]
async fn hostile_ids_reach_no_engine() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    for id in ["..%2F", "..%2Fplugins%2Fx%2Fenable%3F", "abcdefabcdef%2Fjson", "abcdefabcdef%00", "bulk"] {
        for (method, rest) in [
            ("PATCH", ""),
            ("GET", "/top"),
            ("GET", "/changes"),
            ("POST", "/commit"),
            ("GET", "/files?path=/"),
            ("GET", "/files/content?path=/x"),
            ("PUT", "/files/content?path=/x"),
            ("POST", "/files/archive?path=/"),
        ] {
            // The path itself is one of its own.
            if (method, id) == ("PATCH", "bulk") {
                continue;
            }
            let path = format!("/api/v1/containers/{id}{rest}");
            let got = server.send(method, &path, &ada, json!({ "repository": "web" })).await;
            assert_eq!((got.status, got.code().as_str()), (400, "invalid_id"), "{method} {path}");
        }
    }
    let hosts = server.post("/api/v1/hosts/..%2Fx/containers/prune", &ada, json!({})).await;
    assert_eq!((hosts.status, hosts.code().as_str()), (400, "invalid_id"));
    assert_eq!(asked(&server.engine), [""; 0]);
}

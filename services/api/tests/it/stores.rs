//! Images, volumes, networks and prunes, at an engine in memory.

use std::time::{Duration, Instant};

use dockline_contract::rest::ContainerUse;
use dockline_domain::access::Role;
use serde_json::{Value, json};

use crate::{
    TestServer,
    server::{answer, asked},
};

fn user(name: &str) -> ContainerUse {
    ContainerUse { name: name.to_owned(), id: "a".repeat(64), state: "exited".to_owned() }
}

fn field(page: &Value, name: &str) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|one| one[name].as_str().or(one[name][0].as_str()).unwrap_or("-").to_owned()).collect()
}

#[tokio::test]
async fn images_are_listed_over_all_hosts_in_pages() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    for tag in ["web:1", "api:1"] {
        server.engine.images.add(&[tag], &[]);
    }
    let dangling = server.engine.images.add(&[], &[]);
    server.spare.images.add(&["db:1"], &[]);
    let tags = async |query: &str| {
        let page = server.get(&format!("/api/v1/images{query}"), &vera).await.json();
        field(&page, "tags")
    };
    assert_eq!(tags("").await, ["api:1", "db:1", "web:1", "-"]);
    assert_eq!(tags("?host=spare").await, ["db:1"]);
    assert_eq!(tags("?q=WE").await, ["web:1"]);
    assert_eq!(tags(&format!("?q={dangling}")).await, ["-"]);
    assert_eq!(tags("?dangling=false&host=local").await, ["api:1", "web:1"]);
    let page = server.get("/api/v1/images?limit=3", &vera).await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    assert_eq!(tags(&format!("?limit=3&cursor={cursor}")).await, ["-"]);
    let page = server.get("/api/v1/hosts/spare/images", &vera).await.json();
    assert_eq!(
        (field(&page, "tags"), page["hosts"].as_array().map(Vec::len)),
        (vec!["db:1".to_owned()], Some(1))
    );
}

#[tokio::test]
async fn a_silent_host_fails_no_list() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    server.engine.images.add(&["web:1"], &[]);
    server.spare.set_unreachable(true);
    for kind in ["images", "volumes", "networks"] {
        let began = Instant::now();
        let page = server.get(&format!("/api/v1/{kind}"), &vera).await.json();
        assert!(began.elapsed() < Duration::from_secs(2), "{kind}");
        assert_eq!(page["hosts"][0]["state"], "online", "{page}");
        assert_eq!(page["hosts"][1]["state"], "offline", "{page}");
        assert!(page["hosts"][1]["error"].is_string(), "{page}");
        let one = server.get(&format!("/api/v1/hosts/nowhere/{kind}"), &vera).await;
        assert_eq!((one.status, one.code().as_str()), (404, "host_not_found"), "{kind}");
    }
}

#[tokio::test]
async fn sizes_that_do_not_come_delay_no_volume() {
    let server = TestServer::start().await;
    let otto = server.person("otto", Role::Operator).await;
    for host in ["local", "spare"] {
        let made =
            server.post(&format!("/api/v1/hosts/{host}/volumes"), &otto, json!({ "name": "data" })).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    server.spare.volumes.set_slow(true);
    let page = server.get("/api/v1/volumes?sizes=true", &otto).await.json();
    assert_eq!((&page["items"][0]["host"], &page["items"][0]["size_bytes"]), (&json!("local"), &json!(100)));
    assert_eq!((&page["items"][1]["host"], &page["items"][1]["size_bytes"]), (&json!("spare"), &json!(null)));
    assert_eq!(page["hosts"][1]["state"], "online", "{page}");
    assert_eq!(page["sizes_missing"][0]["host"], "spare", "{page}");
    assert!(page["sizes_missing"][0]["reason"].as_str().is_some_and(|text| text.contains("0.4 s")), "{page}");
}

#[tokio::test]
async fn an_operator_makes_nothing_that_reaches_the_host() {
    let server = TestServer::start().await;
    let otto = server.person("otto", Role::Operator).await;
    let ada = server.person("ada", Role::Admin).await;
    let volume = |options: Value| ("volumes", json!({ "options": options }));
    let network = |driver: &str| ("networks", json!({ "name": format!("n-{driver}"), "driver": driver }));
    for (kind, body) in [
        volume(json!({ "type": "none", "o": "bind", "device": "/" })),
        volume(json!({ "o": "rbind", "device": "/var/run/docker.sock" })),
        volume(json!({ "device": "/etc" })),
        volume(json!({ "type": "ext4", "device": "/dev/sda1" })),
        volume(json!({ "type": "nfs", "o": "addr=10.0.0.1,rw", "device": ":/srv" })),
        volume(json!({ "type": "cifs", "o": "username=a,password=b", "device": "//a/b" })),
        volume(json!({ "type": "overlay", "o": "lowerdir=/,upperdir=/a,workdir=/b", "device": "overlay" })),
        volume(json!({ "type": "tmpfs", "o": "bind", "device": "/etc" })),
        volume(json!({ "type": "proc", "device": "proc" })),
        network("macvlan"),
        network("ipvlan"),
    ] {
        let path = format!("/api/v1/hosts/local/{kind}");
        let before = asked(&server.engine);
        let refused = server.post(&path, &otto, body.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "host_escape"), "{body}");
        assert!(refused.json()["details"]["reasons"][0].is_string(), "{refused:?}");
        assert_eq!(asked(&server.engine), before, "{body} reached the engine");
        assert_eq!(server.post(&path, &ada, body.clone()).await.status, 201, "{body}");
    }
    for (kind, body, wrong) in [
        ("volumes", json!({ "options": { "mountpoint": "/etc" } }), "options"),
        ("volumes", json!({ "driver": "rexray" }), "driver"),
        ("volumes", json!({ "name": "../etc" }), "name"),
        ("networks", json!({ "name": "a/b" }), "name"),
        ("networks", json!({ "name": "n1", "options": {} }), "options"),
        ("networks", json!({ "name": "n1", "driver": "host" }), "driver"),
        ("networks", json!({ "name": "n1", "parent": "eth0" }), "parent"),
        ("networks", json!({ "name": "n1", "subnets": [{ "subnet": "10.0.0.1/24" }] }), "subnets[0]"),
        (
            "networks",
            json!({ "name": "n1", "subnets": [{ "subnet": "10.0.0.0/24", "gateway": "10.0.1.1" }] }),
            "subnets[0]",
        ),
        ("networks", json!({ "name": "n1", "mtu": 60 }), "mtu"),
    ] {
        let refused = server.post(&format!("/api/v1/hosts/local/{kind}"), &ada, body.clone()).await;
        assert_eq!((refused.status, refused.fields()), (422, vec![wrong.to_owned()]), "{body}");
    }
}

#[tokio::test]
async fn what_is_no_id_or_name_reaches_no_engine() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let before = asked(&server.engine);
    for path in [
        "images/..%2Fversion",
        "images/nginx",
        "images/sha256:..%2F..%2Fx/history",
        "images/abcdefabcdef%2Fjson/export",
        "volumes/..%2Fcreate",
        "volumes/a%2Fb",
        "volumes/..",
        "networks/..%2Fprune",
        "networks/bridge",
        "networks/abcdefabcdef%3Fx",
    ] {
        for method in ["GET", "DELETE"] {
            let refused = server.send(method, &format!("/api/v1/hosts/local/{path}"), &ada, json!({})).await;
            let known = path != "volumes/.."
                && !(method == "DELETE" && (path.ends_with("history") || path.ends_with("export")));
            if known {
                assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_id"), "{method} {path}");
            } else {
                assert!((400..500).contains(&refused.status), "{method} {path}: {refused:?}");
            }
        }
    }
    // `volumes/..` is the host's own path, by the client's rule: nothing but the host was asked.
    let calls: Vec<_> = asked(&server.engine).into_iter().filter(|call| !call.starts_with("info")).collect();
    assert_eq!(calls, before);
}

#[tokio::test]
async fn viewers_see_no_secrets_of_images_volumes_and_networks() {
    let server = TestServer::start().await;
    let id = server.engine.images.add(&["web:1"], &[("TOKEN", "hunter2")]);
    let otto = server.person("otto", Role::Operator).await;
    let vera = server.person("vera", Role::Viewer).await;
    let labels = json!({ "token": "hunter2" });
    let at = "/api/v1/hosts/local";
    let made =
        server.post(&format!("{at}/volumes"), &otto, json!({ "name": "data", "labels": labels })).await;
    assert_eq!(made.status, 201);
    let made =
        server.post(&format!("{at}/networks"), &otto, json!({ "name": "shop", "labels": labels })).await;
    let network = made.json()["id"].as_str().expect("an ID").to_owned();
    for path in [
        format!("{at}/images/{id}"),
        format!("{at}/images/{id}/history"),
        format!("{at}/volumes/data"),
        format!("{at}/networks/{network}"),
        format!("{at}/topology"),
        "/api/v1/volumes".to_owned(),
        "/api/v1/networks".to_owned(),
    ] {
        let shown = server.get(&path, &otto).await;
        assert!(shown.text.contains("hunter2"), "{path}: {shown:?}");
        let hidden = server.get(&path, &vera).await;
        assert_eq!(hidden.status, 200, "{path}");
        assert!(!hidden.text.contains("hunter2"), "{path}: {hidden:?}");
    }
}

#[tokio::test]
async fn a_tar_that_is_too_large_is_not_taken() {
    let server = TestServer::with(|config| config.image_import_limit = 1_000).await;
    let otto = server.person("otto", Role::Operator).await;
    let import = async |body: Vec<u8>| {
        let request = server.request("POST", "/api/v1/hosts/local/images/import").bearer_auth(&otto.token);
        answer(request.header("content-type", "application/x-tar").body(body)).await
    };
    let taken = import(b"web:1\napi:1".to_vec()).await;
    assert_eq!((taken.status, &taken.json()["loaded"]), (200, &json!(["web:1", "api:1"])));
    let refused = import(vec![b'a'; 1_001]).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "body_too_large"), "{refused:?}");
    let empty = import(Vec::new()).await;
    assert_eq!((empty.status, empty.code().as_str()), (422, "rejected_by_engine"), "{empty:?}");
    let page = server.get("/api/v1/hosts/local/images", &otto).await.json();
    assert_eq!(field(&page, "tags"), ["api:1", "web:1"]);
}

#[tokio::test]
async fn a_prune_removes_what_its_preview_named_and_is_audited() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let images = &server.engine.images;
    let (dangling, _unused) = (images.add(&[], &[]), images.add(&["unused:1"], &[]));
    let used = images.add(&["web:1"], &[]);
    images.make_use(&used, user("web"));
    let at = "/api/v1/hosts/local";
    for body in [json!({}), json!({ "name": "data" }), json!({ "name": "used" })] {
        assert_eq!(server.post(&format!("{at}/volumes"), &ada, body).await.status, 201);
    }
    server.engine.volumes.make_use("used", user("web"));
    assert_eq!(server.post(&format!("{at}/networks"), &ada, json!({ "name": "shop" })).await.status, 201);

    let nothing = server.post(&format!("{at}/system/prune"), &ada, json!({})).await;
    assert_eq!(nothing.status, 422, "{nothing:?}");
    for (query, status) in [("build_cache=true", 422), ("volumes=all", 422), ("images=all", 200)] {
        let preview = format!("{at}/system/prune/preview?{query}&older_than_hours=24");
        assert_eq!(server.get(&preview, &ada).await.status, status, "{query}");
    }
    let query = "images=dangling&volumes=anonymous&networks=true";
    let preview = server.get(&format!("{at}/system/prune/preview?{query}"), &ada).await.json();
    assert_eq!(preview["images"]["items"][0]["id"], dangling.as_str(), "{preview}");
    assert_eq!(preview["volumes"]["items"].as_array().map(Vec::len), Some(1), "{preview}");
    assert_eq!(
        (&preview["networks"]["items"][0]["name"], &preview["containers"]),
        (&json!("shop"), &json!(null))
    );
    assert_eq!(preview["total_bytes"], 1_100);
    let body = json!({ "images": "dangling", "volumes": "anonymous", "networks": true });
    let pruned = server.post(&format!("{at}/system/prune"), &ada, body).await.json();
    assert_eq!(pruned["images"]["deleted"], json!([dangling]), "{pruned}");
    assert_eq!(pruned["volumes"]["removed"], json!([preview["volumes"]["items"][0]["name"]]), "{pruned}");
    assert_eq!(pruned["networks"]["removed"], json!(["shop"]), "{pruned}");
    assert_eq!((&pruned["failed"], &pruned["reclaimed_bytes"]), (&json!([]), &json!(1_100)));
    assert_eq!(field(&server.get(&format!("{at}/images"), &ada).await.json(), "tags"), ["unused:1", "web:1"]);
    assert_eq!(field(&server.get(&format!("{at}/volumes"), &ada).await.json(), "name"), ["data", "used"]);

    let pruned = server.post(&format!("{at}/volumes/prune"), &ada, json!({ "volumes": "all" })).await.json();
    assert_eq!(pruned["removed"], json!(["data"]));
    let pruned = server.post(&format!("{at}/images/prune"), &ada, json!({ "images": "all" })).await.json();
    assert_eq!(pruned["untagged"], json!(["unused:1"]));
    let log = server.get("/api/v1/audit?limit=100", &ada).await.text;
    for action in ["system.prune", "volume.prune", "image.prune", "volume.create", "network.create"] {
        assert!(log.contains(action), "{action} is not in the audit log");
    }
    let used = server.send("DELETE", &format!("{at}/volumes/used"), &ada, json!({})).await;
    assert_eq!((used.status, used.code().as_str()), (409, "conflict"));
    assert!(used.json()["message"].as_str().is_some_and(|text| text.contains("web (exited)")), "{used:?}");
    let last =
        server.send("DELETE", &format!("{at}/images/{}", images.add(&["a:1"], &[])), &ada, json!({})).await;
    assert_eq!(last.json()["untagged"], json!(["a:1"]));
}

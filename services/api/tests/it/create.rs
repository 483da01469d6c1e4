//! Making containers: who may make which.

use dockline_domain::access::Role;
use serde_json::{Value, json};

use crate::{TestServer, server::asked};

fn body(change: Value) -> Value {
    let mut body = json!({ "host": "local", "image": "fake:1" });
    for (key, value) in change.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

/// Must-behave: an operator is refused every field by which a container reaches its host.
#[tokio::test]
async fn every_field_that_reaches_the_host_is_refused_to_operators_and_says_why() {
    let server = TestServer::start().await;
    let (otto, ada) = (server.person("otto", Role::Operator).await, server.person("ada", Role::Admin).await);
    server.engine.add_host_volume("etc", "/etc");
    server.engine.add_host_volume("disk", "/dev/sda1");
    let bind = |source: &str| json!({ "mounts": [{"kind": "bind", "source": source, "target": "/x"}] });
    let bind_read =
        json!({ "mounts": [{"kind": "bind", "source": "/etc", "target": "/x", "read_only": true}] });
    let volume = |name: &str| json!({ "mounts": [{"kind": "volume", "source": name, "target": "/x"}] });
    // A container that an administrator made and that reaches the host, and one that shares its namespaces.
    let privileged =
        server.post("/api/v1/containers", &ada, body(json!({ "name": "root", "privileged": true }))).await;
    let privileged = privileged.json()["id"].as_str().expect("an id").to_owned();
    let sharing = json!({ "name": "beside", "pid_mode": format!("container:{privileged}") });
    let sharing = server.post("/api/v1/containers", &ada, body(sharing)).await.json()["id"].clone();
    let sharing = sharing.as_str().expect("an id");
    let cases = [
        (json!({ "privileged": true }), "it is privileged"),
        (json!({ "network_mode": "host" }), "network namespace"),
        (json!({ "pid_mode": "host" }), "process namespace"),
        (json!({ "ipc_mode": "host" }), "IPC namespace"),
        (json!({ "uts_mode": "host" }), "UTS namespace"),
        (json!({ "userns_mode": "host" }), "user namespace"),
        (bind("/"), "the host's /"),
        (bind("/srv/data"), "the host's /srv/data"),
        (bind("/var/run/docker.sock"), "an engine's socket"),
        (bind_read, "the host's /etc"),
        (volume("etc"), "the host's /etc"),
        (volume("disk"), "the host's /dev/sda1"),
        (json!({ "devices": [{"host_path": "/dev/sda"}] }), "the host's device /dev/sda"),
        (json!({ "cap_add": ["SYS_ADMIN"] }), "the capability SYS_ADMIN"),
        (json!({ "cap_add": ["cap_net_admin"] }), "the capability NET_ADMIN"),
        (json!({ "cap_add": ["ALL"] }), "the capability ALL"),
        (json!({ "security_options": ["seccomp=unconfined"] }), "seccomp=unconfined"),
        (json!({ "security_options": ["apparmor:unconfined"] }), "apparmor:unconfined"),
        (json!({ "security_options": ["label=disable"] }), "label=disable"),
        (json!({ "cgroup_parent": "/system.slice" }), "control group /system.slice"),
        (json!({ "sysctls": {"net.ipv4.ip_forward": "1"} }), "kernel parameter net.ipv4.ip_forward"),
        (json!({ "network_mode": format!("container:{privileged}") }), "it is privileged"),
        (json!({ "pid_mode": format!("container:{privileged}") }), "it is privileged"),
        (json!({ "ipc_mode": format!("container:{}", privileged) }), "it is privileged"),
        (json!({ "pid_mode": format!("container:{sharing}") }), "it shares a namespace of"),
    ];
    let before = asked(&server.engine).iter().filter(|call| call.starts_with("create ")).count();
    for (change, reason) in &cases {
        let got = server.post("/api/v1/containers", &otto, body(change.clone())).await;
        assert_eq!((got.status, got.code().as_str()), (403, "host_escape"), "{change}: {got:?}");
        let details = got.json()["details"].clone();
        assert_eq!(details["permission"], "host.escape");
        assert!(details["reasons"].to_string().contains(reason), "{change}: {details}");
    }
    let after = asked(&server.engine).iter().filter(|call| call.starts_with("create ")).count();
    assert_eq!(before, after, "no engine was asked to make any of them");

    // All reasons at once, and an administrator may.
    let both =
        json!({ "name": "both", "privileged": true, "cap_add": ["SYS_PTRACE"], "network_mode": "host" });
    let got = server.post("/api/v1/containers", &otto, body(both.clone())).await;
    assert_eq!(got.json()["details"]["reasons"].as_array().map(Vec::len), Some(3), "{got:?}");
    assert_eq!(server.post("/api/v1/containers", &ada, body(both)).await.status, 201);

    let audit =
        server.get("/api/v1/audit?action=container.create&outcome=denied&limit=100", &ada).await.json();
    assert_eq!(audit["items"].as_array().map(Vec::len), Some(cases.len() + 1), "each refusal is recorded");
}

#[tokio::test]
async fn what_stays_in_its_container_is_for_operators() {
    let server = TestServer::start().await;
    let otto = server.person("otto", Role::Operator).await;
    let vera = server.person("vera", Role::Viewer).await;
    let beside = server.engine.add("beside", &[]);
    let wanted = json!({
        "name": "web", "command": ["sleep", "60"], "env": [{"name": "A", "value": "b"}], "user": "7",
        "ports": [{"container_port": 80, "host_port": 8080}], "cap_add": ["NET_RAW"], "cap_drop": ["ALL"],
        "security_options": ["no-new-privileges:true"], "pid_mode": format!("container:{beside}"),
        "mounts": [{"kind": "volume", "source": "data", "target": "/data"}, {"kind": "tmpfs", "target": "/tmp"}],
        "memory_bytes": 64 << 20, "cpus": 0.5, "start": true,
    });
    assert_eq!(
        server.post("/api/v1/containers", &vera, body(wanted.clone())).await.code(),
        "permission_denied"
    );
    let got = server.post("/api/v1/containers", &otto, body(wanted.clone())).await;
    assert_eq!((got.status, &got.json()["started"]), (201, &json!(true)), "{got:?}");
    let id = got.json()["id"].as_str().expect("an id").parse().expect("an id");
    let made = server.engine.made(&id).expect("it was made");
    assert_eq!((made.limits.memory_bytes, made.limits.nano_cpus), (Some(64 << 20), Some(500_000_000)));
    let taken = server.post("/api/v1/containers", &otto, body(wanted)).await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "conflict"));
    let image = server.post("/api/v1/containers", &otto, body(json!({ "image": "nothing:1" }))).await;
    assert_eq!((image.status, image.code().as_str()), (404, "image_not_found"));
    assert!(image.json()["message"].as_str().expect("words").contains("pull it first"));
    let host = server.post("/api/v1/containers", &otto, body(json!({ "host": "nowhere" }))).await;
    assert_eq!((host.status, host.code().as_str()), (404, "host_not_found"));
}

#[tokio::test]
async fn wrong_and_unknown_fields_are_named_and_reach_no_engine() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    for (change, fields) in [
        (json!({ "name": "../x", "memory_bytes": 1, "cpus": -1.0 }), &["name", "memory_bytes", "cpus"][..]),
        (json!({ "host": "../x", "image": "..%2Fx" }), &["host", "image"]),
        // Nothing of the engine's own form goes through.
        (json!({ "HostConfig": {"Privileged": true} }), &["HostConfig"]),
        (json!({ "host_config": {} }), &["host_config"]),
        (json!({ "binds": ["/:/x"] }), &["binds"]),
        (json!({ "volumes_from": ["x"] }), &["volumes_from"]),
        (
            json!({ "mounts": [{"kind": "volume", "target": "/x", "volume_options": {}}] }),
            &["mounts[0].volume_options"],
        ),
        (json!({ "mounts": [{"kind": "npipe", "target": "/x"}] }), &["mounts[0].kind"]),
        (
            json!({ "mounts": [{"kind": "volume", "source": "..%2Fcontainers", "target": "/x"}] }),
            &["mounts[0].source"],
        ),
        (json!({ "networks": [{"name": "..%2Fx"}] }), &["networks[0].name"]),
        (json!({ "log": {"driver": "syslog"} }), &["log.driver"]),
        (json!({ "runtime": "other" }), &["runtime"]),
        (json!({ "device_requests": [] }), &["device_requests"]),
    ] {
        let got = server.post("/api/v1/containers", &ada, body(change.clone())).await;
        assert_eq!(
            (got.status, got.fields()),
            (422, fields.iter().map(ToString::to_string).collect()),
            "{change}"
        );
    }
    assert_eq!(asked(&server.engine), [""; 0]);
}

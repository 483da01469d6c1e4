//! By what a stack would reach its host. The rule itself is `dockline_domain::host_access`; here it is told what the file
//! asks for. What nobody has judged counts as a way.

mod service;

use std::collections::{BTreeMap, BTreeSet};

use dockline_docker::{Engine, Error, Result, host_access as of_container};
use dockline_domain::{
    ContainerId,
    host_access::{HostAccess, HostFiles, HostMount, Namespace},
    volume::{VolumeAccess, volume_access},
};
use serde_json::Value;

use crate::model::{Model, text};

/// What a file may have as a whole.
const TOP_LEVEL: [&str; 6] = ["name", "services", "networks", "volumes", "configs", "secrets"];
/// Options of bridges that reach nothing.
const BRIDGE: [&str; 3] = [
    "com.docker.network.driver.mtu",
    "com.docker.network.bridge.enable_icc",
    "com.docker.network.bridge.enable_ip_masquerade",
];

/// Every way from the stack's containers to their host, each with its service. Volumes and containers that are there
/// already are looked at.
///
/// # Errors
/// Whatever the engine answers; [`Error::Invalid`] when a container is named that is not there.
pub async fn host_access(engine: &dyn Engine, model: &Model) -> Result<Vec<String>> {
    let mut found = BTreeSet::new();
    for key in model.keys().filter(|key| !TOP_LEVEL.contains(&key.as_str()) && !key.starts_with("x-")) {
        found.insert(HostAccess::Unjudged(format!("`{key}`")).to_string());
    }
    let volumes = volumes(engine, model).await?;
    for (name, definition) in model.section("services") {
        let asked = service::read(definition);
        let mut settings = asked.settings;
        for mount in asked.volumes {
            match volumes.get(&mount.volume) {
                Some(VolumeAccess::HostPath(path)) => {
                    settings.mounts.push(HostMount { path: path.clone(), read_only: mount.read_only });
                }
                Some(fetched @ VolumeAccess::Mount(_)) => {
                    found.insert(format!("{name}: {fetched}"));
                }
                None => {}
            }
        }
        let mut say = |way: String| found.insert(format!("{name}: {way}"));
        for network in asked.networks {
            for way in of_network(&network, model.one("networks", &network)) {
                say(way.to_string());
            }
        }
        for way in settings.host_access(HostFiles::All) {
            say(way.to_string());
        }
        let shared = settings.shares_with().map(|other| ("a namespace", other));
        for (what, other) in shared.chain(asked.volumes_from.iter().map(|other| ("volumes", other.as_str())))
        {
            // By then a name may be another's: the engine looks for it when it starts the container.
            let Ok(id) = other.parse::<ContainerId>() else {
                say(format!(
                    "it shares {what} of {other}, a name that may come to mean another container; give its whole ID"
                ));
                continue;
            };
            let ways = of_container(engine, &id).await.map_err(|error| match error {
                Error::NotFound => {
                    let message =
                        format!("the service {name} shares {what} of {other}, which is not on this host");
                    Error::Invalid { message }
                }
                other => other,
            })?;
            for way in ways {
                say(format!("it shares {what} of {other}: {way}"));
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// The volumes of the file that reach something, by their names in it.
async fn volumes(engine: &dyn Engine, model: &Model) -> Result<BTreeMap<String, VolumeAccess>> {
    let mut found = BTreeMap::new();
    for (key, volume) in model.section("volumes") {
        if let Some(access) = of_volume(volume) {
            found.insert(key.clone(), access);
            continue;
        }
        // One that is there is taken as it is.
        let name = text(&volume["name"]).unwrap_or(key);
        let there = match name.parse() {
            Ok(name) => engine.volume_reach(&name).await?,
            // What the engine would make of it is not known: a path, for example, is a mount of it.
            Err(_) => Some(VolumeAccess::Mount(format!("{name}, which is no volume's name,"))),
        };
        found.extend(there.map(|access| (key.clone(), access)));
    }
    Ok(found)
}

/// What a volume that is to be made reaches.
fn of_volume(volume: &Value) -> Option<VolumeAccess> {
    let options = volume["driver_opts"].as_object().into_iter().flatten();
    let options: BTreeMap<String, String> = options
        .map(|(key, value)| (key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    match text(&volume["driver"]) {
        None | Some("local") => volume_access(&options),
        Some(driver) => Some(VolumeAccess::Mount(format!("by the driver {driver}"))),
    }
}

/// What a network has of the host's.
fn of_network(key: &str, network: &Value) -> Vec<HostAccess> {
    let name = text(&network["name"]).unwrap_or(key);
    let options = || network["driver_opts"].as_object().into_iter().flatten();
    if let Some(driver) = text(&network["ipam"]["driver"]).filter(|driver| *driver != "default") {
        return vec![HostAccess::Unjudged(format!("a network with addresses by the driver {driver}"))];
    }
    match text(&network["driver"]) {
        _ if name == "host" => vec![HostAccess::HostNamespace(Namespace::Network)],
        // The host's network has one as well.
        _ if name.len() == 64 && name.bytes().all(|letter| letter.is_ascii_hexdigit()) => {
            vec![HostAccess::Unjudged("a network by its ID".to_owned())]
        }
        Some("host") => vec![HostAccess::HostNamespace(Namespace::Network)],
        Some("macvlan" | "ipvlan") => {
            let parent = options().find(|(key, _)| *key == "parent").and_then(|(_, value)| value.as_str());
            vec![HostAccess::Device(parent.unwrap_or("network").to_owned())]
        }
        None | Some("bridge" | "overlay" | "none" | "null" | "default") => options()
            .filter(|(key, _)| !BRIDGE.contains(&key.as_str()))
            .map(|(key, _)| HostAccess::Unjudged(format!("the network option {key}")))
            .collect(),
        Some(driver) => vec![HostAccess::Unjudged(format!("a network of the driver {driver}"))],
    }
}

#[cfg(test)]
mod tests {
    use dockline_docker::fake::FakeEngine;

    use super::*;

    async fn ways(json: &str) -> Vec<String> {
        let engine = FakeEngine::new("edge".parse().expect("an id"));
        engine.add_host_volume("disguise", "/");
        engine.add("plain", &[]);
        let model = Model::parse(json.to_owned(), Vec::new()).expect("JSON");
        host_access(&*engine, &model).await.unwrap_or_else(|error| vec![error.to_string()])
    }

    async fn of_service(part: &str) -> String {
        ways(&format!(r#"{{"services":{{"web":{{"image":"x",{part}}}}}}}"#)).await.join("; ")
    }

    #[tokio::test]
    async fn each_field_by_which_a_service_reaches_the_host_is_named() {
        for (part, expected) in [
            (r#""privileged":true"#, "it is privileged"),
            (r#""pid":"host""#, "it shares the host's process namespace"),
            (r#""ipc":"host""#, "it shares the host's IPC namespace"),
            (r#""uts":"host""#, "it shares the host's UTS namespace"),
            (r#""userns_mode":"host""#, "it shares the host's user namespace"),
            (r#""network_mode":"host""#, "it shares the host's network namespace"),
            (r#""volumes":[{"type":"bind","source":"/srv","target":"/x"}]"#, "it has the host's /srv"),
            (
                r#""volumes":[{"type":"bind","source":"/var/run/docker.sock","target":"/x","read_only":true}]"#,
                "it has an engine's socket (/var/run/docker.sock)",
            ),
            (
                r#""volumes":[{"type":"npipe","source":"x","target":"/x"}]"#,
                "it has a mount of the type npipe, which is not known to be harmless",
            ),
            (r#""devices":[{"source":"/dev/sda","target":"/dev/sda"}]"#, "it has the host's device /dev/sda"),
            (r#""device_cgroup_rules":["a *:* rwm"]"#, "it has the host's device a *:* rwm"),
            (r#""gpus":[{"count":-1}]"#, "it has the host's device by request"),
            (
                r#""deploy":{"resources":{"reservations":{"devices":[{"driver":"nvidia"}]}}}"#,
                "it has the host's device nvidia",
            ),
            (r#""cap_add":["SYS_ADMIN"]"#, "it has the capability SYS_ADMIN"),
            (r#""security_opt":["seccomp=unconfined"]"#, "it lacks a protection (seccomp=unconfined)"),
            (r#""cgroup_parent":"/x""#, "it is in the control group /x"),
            (r#""sysctls":{"net.core.somaxconn":"1"}"#, "it sets the kernel parameter net.core.somaxconn"),
            (r#""runtime":"crun""#, "it is run by the runtime crun"),
            (r#""post_start":[{"command":["x"],"privileged":true}]"#, "it is privileged"),
            (
                r#""logging":{"driver":"syslog"}"#,
                "it has the log driver syslog, which is not known to be harmless",
            ),
            (
                r#""logging":{"options":{"max-size":"1m","syslog-address":"unix:///x"}}"#,
                "it has the log option syslog-address without a driver, which is not known to be harmless",
            ),
            (
                r#""networks":{"n":{"aliases":["a"],"driver_opts":{"com.docker.network.endpoint.sysctls":"x"}}}"#,
                "it has `networks.n.driver_opts`, which is not known to be harmless",
            ),
            (r#""annotations":{"a":"b"}"#, "it has `annotations`, which is not known to be harmless"),
            (
                r#""credential_spec":{"file":"x"}"#,
                "it has `credential_spec`, which is not known to be harmless",
            ),
            (r#""invented":1"#, "it has `invented`, which is not known to be harmless"),
            (r#""deploy":{"invented":1}"#, "it has `deploy.invented`, which is not known to be harmless"),
        ] {
            assert_eq!(of_service(part).await, format!("web: {expected}"), "{part}");
        }
        let named = "a name that may come to mean another container; give its whole ID";
        for (part, what) in [
            (r#""pid":"container:plain""#, "a namespace of plain"),
            (r#""volumes_from":["container:plain:ro"]"#, "volumes of plain"),
        ] {
            assert_eq!(of_service(part).await, format!("web: it shares {what}, {named}"));
        }
        let gone = "f".repeat(64);
        assert_eq!(
            of_service(&format!(r#""pid":"container:{gone}""#)).await,
            format!("the service web shares a namespace of {gone}, which is not on this host")
        );
    }

    #[tokio::test]
    async fn a_container_is_judged_by_its_whole_id() {
        let engine = FakeEngine::new("edge".parse().expect("an id"));
        let plain = engine.add("plain", &[]);
        for part in
            [format!(r#""pid":"container:{plain}""#), format!(r#""volumes_from":["container:{plain}"]"#)]
        {
            let json = format!(r#"{{"services":{{"web":{{"image":"x",{part}}}}}}}"#);
            let model = Model::parse(json, Vec::new()).expect("JSON");
            assert_eq!(host_access(&*engine, &model).await.expect("judged"), Vec::<String>::new(), "{part}");
        }
    }

    #[tokio::test]
    async fn volumes_and_networks_are_judged_where_they_are_defined() {
        let with_volume = |volume: &str| {
            format!(
                r#"{{"services":{{"web":{{"image":"x","volumes":[{{"type":"volume","source":"v","target":"/x"}}]}}}},"volumes":{{"v":{volume}}}}}"#
            )
        };
        for (volume, expected) in [
            (r#"{"name":"p_v"}"#, None),
            (r#"{"name":"disguise","external":true}"#, Some("web: it has the host's /")),
            (
                r#"{"name":"v","driver_opts":{"type":"none","o":"bind","device":"/etc"}}"#,
                Some("web: it has the host's /etc"),
            ),
            (
                r#"{"name":"/etc"}"#,
                Some("web: it mounts /etc, which is no volume's name, with the host's rights"),
            ),
            (
                r#"{"name":"v","driver":"rclone"}"#,
                Some("web: it mounts by the driver rclone with the host's rights"),
            ),
        ] {
            let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(ways(&with_volume(volume)).await, expected, "{volume}");
        }
        let with_network = |network: &str| {
            format!(
                r#"{{"services":{{"web":{{"image":"x","networks":{{"n":null}}}}}},"networks":{{"n":{network}}}}}"#
            )
        };
        for (network, expected) in [
            (r#"{"name":"p_n","ipam":{}}"#, None),
            (r#"{"name":"host","external":true}"#, Some("web: it shares the host's network namespace")),
            (
                r#"{"name":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","external":true}"#,
                Some("web: it has a network by its ID, which is not known to be harmless"),
            ),
            (
                r#"{"name":"n","ipam":{"driver":"null"}}"#,
                Some(
                    "web: it has a network with addresses by the driver null, which is not known to be harmless",
                ),
            ),
            (
                r#"{"name":"n","driver":"macvlan","driver_opts":{"parent":"eth0"}}"#,
                Some("web: it has the host's device eth0"),
            ),
            (
                r#"{"name":"n","driver_opts":{"com.docker.network.bridge.name":"br0"}}"#,
                Some(
                    "web: it has the network option com.docker.network.bridge.name, which is not known to be harmless",
                ),
            ),
        ] {
            let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(ways(&with_network(network)).await, expected, "{network}");
        }
        assert_eq!(ways(r#"{"invented":1}"#).await, ["it has `invented`, which is not known to be harmless"]);
    }

    #[tokio::test]
    async fn an_ordinary_stack_reaches_nothing() {
        let json = r#"{"name":"p","networks":{"default":{"name":"p_default","ipam":{}}},"x-a":1,
            "services":{"web":{"command":null,"entrypoint":null,"image":"x","networks":{"default":null},"ports":[{"target":80}],
              "deploy":{"replicas":2,"resources":{"limits":{"memory":"1"}},"placement":{}},"logging":{"driver":"json-file"},
              "pid":"service:db","depends_on":{"db":{}},"volumes":[{"type":"volume","target":"/a"},{"type":"tmpfs","target":"/b"}],
              "volumes_from":["db"],"cap_drop":["ALL"],"security_opt":["no-new-privileges:true"],"x-b":2},
            "db":{"image":"y","environment":{"A":"b"},"healthcheck":{"test":["CMD","x"]}}}}"#;
        assert_eq!(ways(json).await, Vec::<String>::new());
    }
}

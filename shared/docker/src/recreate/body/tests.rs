//! The orders for containers as both engines describe them.

use serde_json::from_str;

use super::*;
use crate::api_version::{NEWEST, OLDEST};

fn blueprint(container: &str, image: &str) -> Blueprint {
    let container = from_str(container).expect("JSON");
    let image: Value = from_str(image).expect("JSON");
    Blueprint::read(container, Some(image["Config"].clone()), "the-host".to_owned()).expect("a blueprint")
}

fn successor() -> Successor {
    Successor {
        job: "00000000-0000-7000-8000-000000000000".parse().expect("an ID"),
        image: "hc/rec:2".parse().expect("an image"),
        temporary_name: "hcrich.new".parse().expect("a name"),
    }
}

/// The volume at a path of the container.
fn volume<'a>(of: &'a Blueprint, path: &str) -> &'a str {
    let mounts = of.inspected["Mounts"].as_array().expect("mounts");
    let found = mounts.iter().find(|one| one["Destination"] == path);
    found.and_then(|one| one["Name"].as_str()).expect("a volume")
}

#[test]
fn a_container_of_either_engine_is_ordered_with_all_that_is_its_own() {
    let (old, new) = (
        blueprint(
            include_str!("../testdata/container-20.10.json"),
            include_str!("../testdata/image-20.10.json"),
        ),
        blueprint(
            include_str!("../testdata/container-28.5.json"),
            include_str!("../testdata/image-28.5.json"),
        ),
    );
    for (blueprint, api) in [(old, OLDEST), (new, NEWEST)] {
        let Orders { create, join, leave } = orders(&blueprint, &successor(), api);
        let mut expected = json!({
            "Image": "hc/rec:2", "Domainname": "", "AttachStdin": false, "AttachStdout": true, "AttachStderr": true,
            "Tty": false, "OpenStdin": false, "StdinOnce": false, "StopTimeout": 3, "WorkingDir": "/srv",
            "Env": ["A=mine", "C=own"], "ExposedPorts": { "90/tcp": {} }, "Volumes": { "/anon": {} },
            "Healthcheck": { "Timeout": 4_000_000_000_u64 },
            "Labels": {
                "mine": "1", "both": "mine", JOB_LABEL: "00000000-0000-7000-8000-000000000000",
                OF_LABEL: blueprint.id.as_str(), NAME_LABEL: "hcrich", RUNNING_LABEL: "true",
            },
            "NetworkingConfig": { "EndpointsConfig": { "hcn1": { "Aliases": ["al1"] } } },
        });
        if api >= ADDRESS_PER_NETWORK {
            expected["NetworkingConfig"]["EndpointsConfig"]["hcn1"]["MacAddress"] =
                "02:42:0a:00:00:09".into();
        }
        // Everything else as it is told, but volumes by their names.
        let mut host_config = blueprint.inspected["HostConfig"].clone();
        host_config.as_object_mut().expect("an object").remove("ContainerIDFile");
        host_config["Mounts"][0]["Source"] = volume(&blueprint, "/anon2").into();
        let mut binds = vec![json!("hcv:/data:ro")];
        let anonymous = blueprint.inspected["Mounts"].as_array().expect("mounts").iter();
        let anonymous = anonymous
            .filter_map(|one| one["Destination"].as_str())
            .filter(|at| matches!(*at, "/anon" | "/from-image"));
        binds.extend(anonymous.map(|at| json!(format!("{}:{at}", volume(&blueprint, at)))));
        assert_eq!(binds.len(), 3);
        host_config["Binds"] = binds.into();
        expected["HostConfig"] = host_config;
        assert_eq!(create, expected, "{api}");
        let second = json!({ "IPAMConfig": { "IPv4Address": "10.77.0.9" }, "Aliases": ["al2"] });
        assert_eq!((join, leave), (vec![("hcn2".to_owned(), second)], None), "{api}");
    }
}

/// The orders for a container of engine 28.5 that is changed.
fn changed(change: impl Fn(&mut Value)) -> Orders {
    let mut container: Value = from_str(include_str!("../testdata/container-28.5.json")).expect("JSON");
    change(&mut container);
    orders(
        &blueprint(&container.to_string(), include_str!("../testdata/image-28.5.json")),
        &successor(),
        NEWEST,
    )
}

#[test]
fn what_two_containers_cannot_both_have_is_not_said() {
    let chosen = changed(|it| it["Config"]["Hostname"] = "web".into());
    assert_eq!(chosen.create["Hostname"], "web");
    let shared = changed(|it| {
        it["HostConfig"]["NetworkMode"] = "container:0123456789ab".into();
        it["NetworkSettings"]["Networks"] = json!({});
    });
    for key in ["Hostname", "Domainname", "ExposedPorts", "MacAddress", "NetworkingConfig"] {
        assert_eq!(shared.create.get(key), None, "{key}");
    }
    assert_eq!(shared.create["HostConfig"]["NetworkMode"], "container:0123456789ab");
    let hosts = changed(|it| {
        it["HostConfig"]["NetworkMode"] = "host".into();
        it["Config"]["Hostname"] = "the-host".into();
    });
    assert_eq!((hosts.create.get("Hostname"), hosts.join.len(), hosts.leave), (None, 0, None));
}

#[test]
fn networks_and_links_are_those_that_it_has_now() {
    let left = changed(|it| {
        drop(it["NetworkSettings"]["Networks"].as_object_mut().expect("networks").remove("hcn1"))
    });
    assert_eq!((left.create.get("NetworkingConfig"), left.join.len()), (None, 1));
    assert_eq!(left.leave.as_deref(), Some("hcn1"));
    let by_id = changed(|it| {
        let id = it["NetworkSettings"]["Networks"]["hcn2"]["NetworkID"].clone();
        it["HostConfig"]["NetworkMode"] = id;
    });
    assert!(by_id.create["NetworkingConfig"]["EndpointsConfig"]["hcn2"].is_object());
    assert_eq!(by_id.join[0].0, "hcn1");
    let linked = changed(|it| it["HostConfig"]["Links"] = json!(["/db:/hcrich/database"]));
    assert_eq!(linked.create["HostConfig"]["Links"], json!(["db:database"]));
    let again = changed(|it| {
        it["Config"]["Labels"][OF_LABEL] = "older".into();
    });
    assert_ne!(again.create["Labels"][OF_LABEL], "older");
}

#[test]
fn what_could_not_be_brought_back_is_refused() {
    let refusals = |change: fn(&mut Value)| {
        let mut container: Value = from_str(include_str!("../testdata/container-28.5.json")).expect("JSON");
        change(&mut container);
        Blueprint::read(container, Some(json!({})), String::new()).expect("a blueprint").refusals().join("; ")
    };
    assert_eq!(refusals(|_| {}), "");
    assert!(refusals(|it| it["HostConfig"]["AutoRemove"] = true.into()).contains("--rm"));
    assert!(refusals(|it| it["State"]["Paused"] = true.into()).contains("unpause"));
    assert!(refusals(|it| it["Config"]["Labels"]["com.docker.swarm.task.id"] = "x".into()).contains("swarm"));
    let container = from_str(include_str!("../testdata/container-28.5.json")).expect("JSON");
    let without = Blueprint::read(container, None, String::new()).expect("a blueprint");
    assert!(without.refusals().join("; ").contains("nobody can tell"));
    assert!(!format!("{without:?}").contains("A=mine"));
}

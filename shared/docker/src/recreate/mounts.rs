//! The volumes of a container, each by its name: one without a name of its own would come anew and empty.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::blueprint::text_at;

/// Names the volumes in a container's host settings that were given without a name. `borrowed` are those that it has from
/// other containers, by path and name: they go on coming from there.
pub(super) fn name_volumes(
    host_config: &mut Map<String, Value>,
    mounted: &[Value],
    borrowed: &[(String, String)],
) {
    let mut named: BTreeSet<String> = BTreeSet::new();
    let binds = host_config.get("Binds").and_then(Value::as_array).into_iter().flatten();
    named.extend(binds.filter_map(Value::as_str).filter_map(bound_at));
    if let Some(Value::Array(mounts)) = host_config.get_mut("Mounts") {
        for mount in mounts {
            let target = path(text_at(mount, "/Target"));
            if text_at(mount, "/Type") == "volume"
                && text_at(mount, "/Source").is_empty()
                && let Some(volume) = mounted.iter().find(|one| path(text_at(one, "/Destination")) == target)
                && let Some(mount) = mount.as_object_mut()
            {
                mount.insert("Source".to_owned(), text_at(volume, "/Name").into());
            }
            named.insert(target);
        }
    }
    let anonymous = mounted.iter().filter(|one| {
        let (at, name) = (path(text_at(one, "/Destination")), text_at(one, "/Name"));
        text_at(one, "/Type") == "volume"
            && !named.contains(&at)
            && !borrowed.iter().any(|(path, volume)| *path == at && volume == name)
    });
    let binds: Vec<Value> = anonymous.map(bind).map(Value::String).collect();
    if binds.is_empty() {
        return;
    }
    match host_config.get_mut("Binds") {
        Some(Value::Array(present)) => present.extend(binds),
        _ => drop(host_config.insert("Binds".to_owned(), Value::Array(binds))),
    }
}

/// The volumes of a container by path and name.
pub(super) fn volumes(mounted: &[Value]) -> impl Iterator<Item = (String, String)> {
    let volumes = mounted.iter().filter(|one| text_at(one, "/Type") == "volume");
    volumes.map(|one| (path(text_at(one, "/Destination")), text_at(one, "/Name").to_owned()))
}

fn bind(volume: &Value) -> String {
    let read_only = volume.get("RW") == Some(&Value::Bool(false));
    let mode = if read_only { ":ro" } else { "" };
    format!("{}:{}{mode}", text_at(volume, "/Name"), text_at(volume, "/Destination"))
}

/// Where `source:path[:options]` is in the container.
fn bound_at(bind: &str) -> Option<String> {
    bind.split(':').nth(1).map(path)
}

fn path(text: &str) -> String {
    let bare = text.trim_end_matches('/');
    if bare.is_empty() { "/".to_owned() } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_volume_has_its_name_and_borrowed_ones_stay_borrowed() {
        let mut config = json!({
            "Binds": ["named:/data/:ro", "/srv:/host"],
            "Mounts": [{ "Type": "volume", "Target": "/inner" }, { "Type": "volume", "Target": "/kept", "Source": "kept" },
                       { "Type": "tmpfs", "Target": "/t" }],
            "VolumesFrom": ["other:ro"],
        });
        let volume = |name: &str, at: &str, rw: bool| json!({ "Type": "volume", "Name": name, "Destination": at, "RW": rw });
        let mounted = [
            volume("named", "/data", false),
            json!({ "Type": "bind", "Source": "/srv", "Destination": "/host", "RW": true }),
            volume("aaaa", "/inner", true),
            volume("kept", "/kept", true),
            json!({ "Type": "tmpfs", "Destination": "/t", "RW": true }),
            volume("bbbb", "/anonymous", true),
            volume("cccc", "/read", false),
            volume("dddd", "/borrowed", false),
        ];
        let Value::Object(config) = &mut config else { panic!("an object") };
        name_volumes(config, &mounted, &[("/borrowed".to_owned(), "dddd".to_owned())]);
        assert_eq!(
            config["Binds"],
            json!(["named:/data/:ro", "/srv:/host", "bbbb:/anonymous", "cccc:/read:ro"])
        );
        assert_eq!(config["Mounts"][0]["Source"], "aaaa");
        assert_eq!(config["Mounts"][1]["Source"], "kept");
        let mut none = Map::new();
        name_volumes(&mut none, &[], &[]);
        assert!(none.is_empty());
    }
}

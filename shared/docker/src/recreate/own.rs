//! Whether this process is in a container.

use super::{Blueprint, blueprint::text_at};

/// Whether this process is in this container, as far as that can be known.
pub(super) fn is_own(blueprint: &Blueprint) -> bool {
    std::fs::read_to_string("/proc/self/mountinfo").is_ok_and(|mounts| lives_in(&mounts, blueprint))
}

/// A container's own layer tells it from all others. Where a storage driver does not say which that is, the files count
/// that an engine mounts from the container's own folder; a container in another one's network has them of that one.
fn lives_in(mounts: &str, blueprint: &Blueprint) -> bool {
    let layer = text_at(&blueprint.inspected, "/GraphDriver/Data/UpperDir");
    match own_layer(mounts) {
        Some(own) if !layer.is_empty() => end(own) == end(layer),
        _ => named(mounts) == Some(blueprint.id.as_str()),
    }
}

/// The upper folder of the file system that this process has as `/`.
fn own_layer(mounts: &str) -> Option<&str> {
    let root = mounts.lines().find(|line| line.split(' ').nth(4) == Some("/"))?;
    let options = root.rsplit(' ').next()?;
    options.split(',').find_map(|option| option.strip_prefix("upperdir="))
}

/// The last two parts of a path: an engine mounts long ones by a shorter way.
fn end(path: &str) -> Vec<&str> {
    path.rsplit('/').take(2).collect()
}

fn named(mounts: &str) -> Option<&str> {
    let own = mounts.lines().filter(|line| {
        ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"]
            .iter()
            .any(|file| line.contains(&format!(" {file} ")))
    });
    own.filter_map(|line| line.split_once("/containers/")?.1.get(..64)).next()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn blueprint(id: &str, layer: Value) -> Blueprint {
        let inspected = json!({ "Id": id, "Name": "/dockline", "GraphDriver": { "Data": layer } });
        Blueprint::read(inspected, None, String::new()).expect("a blueprint")
    }

    #[test]
    fn a_container_knows_itself_by_its_layer_or_else_by_its_files() {
        let (id, other) = ("0a".repeat(32), "0b".repeat(32));
        let files = format!(
            "700 690 0:55 / /proc rw - proc proc rw\n\
             712 699 8:1 /var/lib/docker/containers/{id}/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw\n"
        );
        assert!(lives_in(&files, &blueprint(&id, Value::Null)));
        assert!(!lives_in(&files, &blueprint(&other, Value::Null)));
        let layer = |hash: &str| json!({ "UpperDir": format!("/var/lib/docker/overlay2/{hash}/diff") });
        let root = "699 600 0:50 / / rw,relatime - overlay overlay rw,lowerdir=l/A:l/B,upperdir=mine/diff,workdir=mine/work\n";
        let shared = format!("{root}{files}");
        assert!(lives_in(&shared, &blueprint(&other, layer("mine"))), "it has the network of another one");
        assert!(!lives_in(&shared, &blueprint(&id, layer("theirs"))), "whose files these are");
        assert!(lives_in(&shared, &blueprint(&id, Value::Null)), "by another storage driver");
        let engine =
            format!("31 1 8:1 /var/lib/docker/containers/{id}/mounts/shm /var/lib/x rw - tmpfs shm rw\n");
        assert!(!lives_in(&engine, &blueprint(&id, layer("mine"))), "an engine's own machine");
        assert!(!lives_in("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", &blueprint(&id, Value::Null)));
    }
}

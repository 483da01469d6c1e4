//! What an engine is told to make a container like another one.

use serde_json::{Map, Value, json};

use super::{
    Blueprint, JOB_LABEL, NAME_LABEL, OF_LABEL, RUNNING_LABEL, Successor, blueprint::text_at,
    config::without_images, mounts::name_volumes,
};
use crate::api_version::{ADDRESS_PER_NETWORK, ApiVersion};

/// A body of `POST /containers/create`, and what is to be done before the start.
pub(super) struct Orders {
    pub(super) create: Value,
    /// The networks to join besides the first, with how.
    pub(super) join: Vec<(String, Value)>,
    /// The network that the engine joins it to by itself, and that the old one has left.
    pub(super) leave: Option<String>,
}

/// The orders for an engine that speaks this version of the API.
pub(super) fn orders(blueprint: &Blueprint, successor: &Successor, api: ApiVersion) -> Orders {
    let object = |pointer: &str| {
        blueprint.inspected.pointer(pointer).and_then(Value::as_object).cloned().unwrap_or_default()
    };
    let (mut config, mut host_config) = (object("/Config"), object("/HostConfig"));
    let mode = text_at(&blueprint.inspected, "/HostConfig/NetworkMode").to_owned();
    if let Some(Value::Object(image)) = &blueprint.image_config {
        without_images(&mut config, image);
    }
    config.insert("Image".to_owned(), successor.image.to_string().into());
    label(&mut config, blueprint, successor);
    host_name(&mut config, blueprint, &mode);
    let address = mac_address(&mut config, api);

    host_config.remove("ContainerIDFile");
    if let Some(Value::Array(links)) = host_config.get_mut("Links") {
        links.iter_mut().for_each(link);
    }
    let mounted = blueprint.inspected.get("Mounts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    name_volumes(&mut host_config, mounted, &blueprint.borrowed);

    let (first, join, leave) = networks(blueprint, &mode);
    let mut create = Value::Object(config);
    if let Some((name, mut endpoint)) = first {
        if let Some(address) = address {
            endpoint["MacAddress"] = address;
        }
        create["NetworkingConfig"] = json!({ "EndpointsConfig": { name: endpoint } });
    }
    create["HostConfig"] = Value::Object(host_config);
    Orders { create, join, leave }
}

/// Says whose successor it is, in the place of what an earlier one said.
fn label(config: &mut Map<String, Value>, blueprint: &Blueprint, successor: &Successor) {
    let labels = config.entry("Labels").or_insert_with(|| json!({}));
    if !labels.is_object() {
        *labels = json!({});
    }
    labels[JOB_LABEL] = successor.job.to_string().into();
    labels[OF_LABEL] = blueprint.id.as_str().into();
    labels[NAME_LABEL] = blueprint.name.as_str().into();
    labels[RUNNING_LABEL] = blueprint.runs.to_string().into();
}

/// A name that the engine chose is chosen anew, and one that comes from elsewhere cannot be said.
fn host_name(config: &mut Map<String, Value>, blueprint: &Blueprint, mode: &str) {
    let name = config.get("Hostname").and_then(Value::as_str).unwrap_or_default();
    let is_shared =
        mode.starts_with("container:") || text_at(&blueprint.inspected, "/HostConfig/UTSMode") == "host";
    let is_hosts = mode == "host" && name == blueprint.host_name;
    if is_shared || is_hosts || name == blueprint.id.short() {
        config.remove("Hostname");
    }
    if is_shared || is_hosts {
        config.remove("Domainname");
    }
    if mode.starts_with("container:") {
        config.remove("ExposedPorts");
    }
}

/// An address that somebody chose; the engine tells only such a one here. Returned where it belongs to the network.
fn mac_address(config: &mut Map<String, Value>, api: ApiVersion) -> Option<Value> {
    let chosen = config.get("MacAddress").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if api < ADDRESS_PER_NETWORK && chosen {
        return None;
    }
    config.remove("MacAddress").filter(|_| chosen)
}

/// Engines tell `/other:/this/alias` and take `other:alias`.
fn link(link: &mut Value) {
    let Some((other, alias)) = link.as_str().and_then(|text| text.split_once(':')) else { return };
    let alias = alias.rsplit('/').next().unwrap_or(alias);
    *link = format!("{}:{alias}", other.trim_start_matches('/')).into();
}

type Network = (String, Value);

/// The network that it begins in, those that it joins, and the one that it leaves again.
fn networks(blueprint: &Blueprint, mode: &str) -> (Option<Network>, Vec<Network>, Option<String>) {
    if mode == "host" || mode == "none" || mode.starts_with("container:") {
        return (None, Vec::new(), None);
    }
    let begins_in = if matches!(mode, "" | "default") { "bridge" } else { mode };
    let all = blueprint.inspected.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    let (mut first, mut others) = (None, Vec::new());
    for (name, joined) in all.into_iter().flatten() {
        let network = (name.clone(), endpoint(joined, blueprint));
        if name == begins_in || text_at(joined, "/NetworkID") == begins_in {
            first = Some(network);
        } else {
            others.push(network);
        }
    }
    let leave = first.is_none().then(|| begins_in.to_owned());
    (first, others, leave)
}

/// How it is in a network, as far as somebody chose it.
fn endpoint(joined: &Value, blueprint: &Blueprint) -> Value {
    let mut chosen = Map::new();
    for key in ["IPAMConfig", "Links", "DriverOpts", "GwPriority"] {
        let value =
            joined.get(key).filter(|value| !value.is_null() && **value != json!(0) && **value != json!({}));
        if let Some(value) = value {
            chosen.insert(key.to_owned(), value.clone());
        }
    }
    // Older engines count the ID among them.
    let aliases = joined.get("Aliases").and_then(Value::as_array).into_iter().flatten();
    let aliases: Vec<Value> =
        aliases.filter(|alias| alias.as_str() != Some(blueprint.id.short())).cloned().collect();
    if !aliases.is_empty() {
        chosen.insert("Aliases".to_owned(), Value::Array(aliases));
    }
    Value::Object(chosen)
}

#[cfg(test)]
mod tests;

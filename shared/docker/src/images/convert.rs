use std::collections::HashMap;

use bollard::models::{
    ContainerSummary as EngineContainer, ImageDeleteResponseItem, ImageHistoryResponseItem, ImageInspect,
    ImageSummary as EngineImage,
};
use dockline_contract::rest::{
    ContainerUse, EnvironmentVariable, ImageDetails, ImageStep, ImageSummary, ImagesRemoved,
};
use dockline_domain::HostId;

use crate::convert::{bare, rfc3339, sorted, written};

/// What stands where a name is missing.
const NONE: &str = "<none>";

pub(super) fn summary(
    host: &HostId,
    from: EngineImage,
    users: &HashMap<String, Vec<ContainerUse>>,
) -> ImageSummary {
    let tags = real(from.repo_tags);
    ImageSummary {
        host: host.to_string(),
        dangling: tags.is_empty(),
        update: None,
        tags,
        digests: real(from.repo_digests),
        size_bytes: size(from.size),
        created_at: rfc3339(from.created),
        containers: users.get(&from.id).cloned().unwrap_or_default(),
        id: from.id,
    }
}

pub(super) fn details(host: &HostId, from: ImageInspect, containers: Vec<ContainerUse>) -> ImageDetails {
    let config = from.config.unwrap_or_default();
    let tags = real(from.repo_tags.unwrap_or_default());
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    let env = config.env.unwrap_or_default();
    let mut exposed_ports = config.exposed_ports.unwrap_or_default();
    let mut volumes = config.volumes.unwrap_or_default();
    exposed_ports.sort();
    volumes.sort();
    ImageDetails {
        summary: ImageSummary {
            id: from.id.unwrap_or_default(),
            host: host.to_string(),
            dangling: tags.is_empty(),
            tags,
            digests: real(from.repo_digests.unwrap_or_default()),
            size_bytes: size(from.size.unwrap_or_default()),
            created_at: written(from.created),
            containers,
            update: None,
        },
        architecture: from.architecture.unwrap_or_default(),
        operating_system: from.os.unwrap_or_default(),
        author: said(from.author),
        comment: said(from.comment),
        layers: from.root_fs.and_then(|file_system| file_system.layers).unwrap_or_default(),
        env: env.iter().map(|text| variable(text)).collect(),
        entrypoint: config.entrypoint.unwrap_or_default(),
        command: config.cmd.unwrap_or_default(),
        working_dir: config.working_dir.unwrap_or_default(),
        user: config.user.unwrap_or_default(),
        exposed_ports,
        volumes,
        stop_signal: said(config.stop_signal),
        labels: sorted(config.labels),
        secrets_hidden: false,
    }
}

pub(super) fn step(from: ImageHistoryResponseItem) -> ImageStep {
    ImageStep {
        id: Some(from.id).filter(|id| id.starts_with("sha256:")),
        created_at: rfc3339(from.created),
        created_by: Some(from.created_by),
        size_bytes: size(from.size),
        tags: real(from.tags),
        comment: from.comment,
    }
}

pub(super) fn removed(items: Vec<ImageDeleteResponseItem>) -> ImagesRemoved {
    let mut removed = ImagesRemoved::default();
    for item in items {
        removed.untagged.extend(item.untagged);
        removed.deleted.extend(item.deleted);
    }
    removed
}

/// Who was made of which image.
pub(super) fn users(containers: Vec<EngineContainer>) -> HashMap<String, Vec<ContainerUse>> {
    let mut users: HashMap<String, Vec<ContainerUse>> = HashMap::new();
    for mut container in containers {
        if let Some(image) = container.image_id.take() {
            users.entry(image).or_default().push(container_use(container));
        }
    }
    users.values_mut().for_each(|some| some.sort());
    users
}

pub(crate) fn container_use(from: EngineContainer) -> ContainerUse {
    ContainerUse {
        name: from.names.unwrap_or_default().first().map(|name| bare(name)).unwrap_or_default(),
        id: from.id.unwrap_or_default(),
        state: from.state.map(|state| state.to_string()).unwrap_or_default(),
    }
}

fn real(names: Vec<String>) -> Vec<String> {
    names.into_iter().filter(|name| !name.contains(NONE)).collect()
}

fn size(bytes: i64) -> u64 {
    u64::try_from(bytes).unwrap_or_default()
}

fn variable(text: &str) -> EnvironmentVariable {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    EnvironmentVariable { name: name.to_owned(), value: Some(value.to_owned()) }
}

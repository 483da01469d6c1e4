use std::collections::BTreeMap;

use async_trait::async_trait;
use bollard::{
    errors::Error as Bollard,
    models::{ContainerInspectResponse, NetworkConnectRequest, Volume},
    query_parameters::{
        CreateContainerOptionsBuilder, InspectContainerOptions, RemoveContainerOptionsBuilder,
    },
};
use dockline_domain::{
    ContainerId, VolumeName,
    access::Grant,
    host_access::{HostMount, HostSettings, Namespace},
    volume::{VolumeAccess, volume_access},
};

use super::{
    Create, Created, NewContainer,
    body::{body, endpoint},
};
use crate::{
    DockerEngine, Error, Files, Missing, Result,
    real::{QUICK, SLOW, bollard_error},
};

const OPERATION: &str = "create the container";

#[async_trait]
impl Create for DockerEngine {
    async fn create_container(&self, grant: &Grant, new: &NewContainer) -> Result<Created> {
        let name = new.name.as_ref().map(|name| name.as_str()).unwrap_or_default();
        let options = CreateContainerOptionsBuilder::default().name(name).build();
        let request = self.docker()?.create_container(Some(options), body(new));
        let made = match tokio::time::timeout(SLOW, request).await {
            Ok(Ok(made)) => made,
            Ok(Err(error)) => return Err(self.not_made(&error, new)),
            Err(_) => return Err(Error::TimedOut { operation: OPERATION }),
        };
        let id: ContainerId = made
            .id
            .parse()
            .map_err(|_| Error::Engine { operation: OPERATION, message: "it told no ID".to_owned() })?;
        for network in new.networks.iter().skip(1) {
            let joined = NetworkConnectRequest {
                container: made.id.clone(),
                endpoint_config: Some(endpoint(network)),
            };
            let request = self.docker()?.connect_network(network.name.as_str(), joined);
            if let Err(error) = request.await {
                self.undo(grant, &id).await;
                return Err(self.not_made(&error, new));
            }
        }
        Ok(Created { id, warnings: made.warnings })
    }

    async fn volume_reach(&self, name: &VolumeName) -> Result<Option<VolumeAccess>> {
        let request = self.docker()?.inspect_volume(name.as_str());
        match self.call("inspect the volume", QUICK, request).await {
            Ok(volume) => Ok(reach(volume)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn host_settings(&self, id: &ContainerId) -> Result<HostSettings> {
        let request = self.docker()?.inspect_container(id.as_str(), None::<InspectContainerOptions>);
        let found = self.call("inspect the container", QUICK, request).await?;
        let mounts = self.host_mounts(id).await?.into_iter();
        let mounts = mounts.map(|folder| HostMount { path: folder.source, read_only: folder.read_only });
        Ok(HostSettings { mounts: mounts.collect(), ..settings(&found) })
    }
}

impl DockerEngine {
    /// Why a container was not made: what is missing is told by the engine's words only.
    fn not_made(&self, error: &Bollard, new: &NewContainer) -> Error {
        let Bollard::DockerResponseServerError { status_code, message } = error else {
            return bollard_error(&self.client, OPERATION, error);
        };
        let missing = |what, message: String| Error::Missing { what, message };
        match status_code {
            404 if message.contains("network") => missing(Missing::Network, message.clone()),
            404 if message.contains("volume") => missing(Missing::Volume, message.clone()),
            404 => missing(
                Missing::Image,
                format!(
                    "the image {} is not on this host; pull it first, then create the container",
                    new.image
                ),
            ),
            400 => Error::Invalid { message: message.clone() },
            _ => bollard_error(&self.client, OPERATION, error),
        }
    }

    async fn undo(&self, _grant: &Grant, id: &ContainerId) {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        let Ok(docker) = self.docker() else { return };
        if let Err(error) = docker.remove_container(id.as_str(), Some(options)).await {
            tracing::warn!(%error, container = id.short(), "a half-made container could not be removed");
        }
    }
}

/// The path on the host that a volume stands for.
pub(crate) fn path_of(reach: Option<VolumeAccess>) -> Option<String> {
    match reach {
        Some(VolumeAccess::HostPath(path)) => Some(path),
        Some(VolumeAccess::Mount(_)) | None => None,
    }
}

/// The settings of a container without its mounts.
fn settings(of: &ContainerInspectResponse) -> HostSettings {
    let config = of.host_config.clone().unwrap_or_default();
    let namespaces = [
        (Namespace::Pid, config.pid_mode),
        (Namespace::Network, config.network_mode),
        (Namespace::Ipc, config.ipc_mode),
        (Namespace::User, config.userns_mode),
        (Namespace::Uts, config.uts_mode),
    ];
    let is_bare = lacks(config.masked_paths.as_ref(), "/proc/kcore")
        || lacks(config.readonly_paths.as_ref(), "/proc/sys");
    let unconfined = is_bare.then(|| "systempaths=unconfined".to_owned());
    let devices = config.devices.unwrap_or_default().into_iter().filter_map(|device| device.path_on_host);
    HostSettings {
        privileged: config.privileged.unwrap_or_default(),
        namespaces: namespaces.into_iter().filter_map(|(kind, mode)| Some((kind, mode?))).collect(),
        mounts: Vec::new(),
        devices: devices
            .chain(config.device_cgroup_rules.unwrap_or_default())
            .chain(config.device_requests.unwrap_or_default().into_iter().map(|asked| {
                asked.driver.filter(|driver| !driver.is_empty()).unwrap_or_else(|| "by request".to_owned())
            }))
            .collect(),
        capabilities: config.cap_add.unwrap_or_default(),
        security_options: config.security_opt.unwrap_or_default().into_iter().chain(unconfined).collect(),
        cgroup_parent: config.cgroup_parent,
        // What it was given once is chosen by nobody who uses it.
        ..HostSettings::default()
    }
}

/// Whether the kernel's files that every container is kept from are not kept from this one: engines tell them as lists,
/// which that option empties.
fn lacks(kept: Option<&Vec<String>>, path: &str) -> bool {
    kept.is_some_and(|kept| !kept.iter().any(|one| one == path))
}

/// What a volume gives of its host. What the options of another driver than `local` mean is not known here: a path in them
/// counts as one of the host.
fn reach(volume: Volume) -> Option<VolumeAccess> {
    let options: BTreeMap<String, String> = volume.options.into_iter().collect();
    let path = || options.values().find(|value| value.starts_with('/')).cloned();
    let elsewhere = if volume.driver == "local" { None } else { path() };
    elsewhere.map(VolumeAccess::HostPath).or_else(|| volume_access(&options))
}

#[cfg(test)]
mod tests {
    use bollard::models::HostConfig;
    use dockline_domain::host_access::HostFiles;

    use super::*;

    #[test]
    fn a_container_that_sees_the_kernels_files_reaches_its_host() {
        let ways = |masked: Option<&[&str]>, readonly: Option<&[&str]>| {
            let list = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
            let config = HostConfig {
                masked_paths: masked.map(list),
                readonly_paths: readonly.map(list),
                ..HostConfig::default()
            };
            let of =
                ContainerInspectResponse { host_config: Some(config), ..ContainerInspectResponse::default() };
            settings(&of)
                .host_access(HostFiles::Sensitive)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        let (masked, readonly) = (["/proc/kcore", "/proc/keys"], ["/proc/bus", "/proc/sys"]);
        assert_eq!(ways(Some(&masked), Some(&readonly)), Vec::<String>::new());
        // An engine that tells no lists.
        assert_eq!(ways(None, None), Vec::<String>::new());
        let unconfined = ["it lacks a protection (systempaths=unconfined)"];
        assert_eq!(ways(Some(&[]), Some(&[])), unconfined);
        assert_eq!(ways(Some(&masked), Some(&[])), unconfined);
        assert_eq!(ways(Some(&["/proc/keys"]), Some(&readonly)), unconfined);
    }

    #[test]
    fn volumes_that_stand_for_a_path() {
        let of = |driver: &str, options: &[(&str, &str)]| {
            let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let volume = Volume { driver: driver.into(), options: options.collect(), ..Volume::default() };
            reach(volume).map(|way| way.to_string())
        };
        let bind = [("type", "none"), ("o", "bind"), ("device", "/etc")];
        assert_eq!(of("local", &bind).as_deref(), Some("it has the host's /etc"));
        assert_eq!(of("local", &[]), None);
        assert_eq!(of("other", &[("mountpoint", "/srv")]).as_deref(), Some("it has the host's /srv"));
        assert_eq!(of("other", &[("size", "1G")]), None);
    }
}

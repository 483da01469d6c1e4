use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use async_trait::async_trait;
use bollard::{models::VolumeCreateRequest, query_parameters::RemoveVolumeOptionsBuilder};
use dockline_contract::rest::{
    ContainerUse, PrunableVolume, UnusedVolumes, VolumeDetails, VolumePrunePreview, VolumeSummary,
    VolumesPruned,
};
use dockline_domain::{HostId, VolumeName, access::Grant, volume::volume_access};
use serde::Deserialize;

use super::{NewVolume, Volumes};
use crate::{
    DockerEngine, Error, Missing, Result, Sensitive,
    convert::STACK_LABEL,
    images::{container_use, named},
    real::{QUICK, SLOW},
};

/// The label of volumes that engines since 23 made for containers that asked for no name.
const ANONYMOUS_LABEL: &str = "com.docker.volume.anonymous";
/// How long the removal of all unused volumes may take.
const PRUNE: Duration = Duration::from_secs(600);

/// Read here: bollard takes the state that a plugin tells for a list.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    volumes: Option<Vec<EngineVolume>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EngineVolume {
    name: String,
    driver: String,
    mountpoint: Option<String>,
    created_at: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    scope: Option<String>,
    options: Option<BTreeMap<String, String>>,
}

#[async_trait]
impl Volumes for DockerEngine {
    async fn volumes(&self) -> Result<Vec<Sensitive<VolumeSummary>>> {
        let (volumes, users) = tokio::try_join!(self.all_volumes(), self.volume_users())?;
        Ok(volumes.into_iter().map(|one| Sensitive::new(summary(&self.host, one, &users).0)).collect())
    }

    async fn volume_sizes(&self) -> Result<BTreeMap<String, u64>> {
        let usage = self.usage(Some("volume"), "tell what its volumes take").await?;
        Ok(usage.volumes.unwrap_or_default().into_iter().filter_map(|one| one.known_size()).collect())
    }

    async fn volume(&self, name: &VolumeName) -> Result<Sensitive<VolumeDetails>> {
        let (path, operation) = (format!("/volumes/{name}"), "inspect the volume");
        let inspected = self.read_about::<EngineVolume>(Missing::Volume, operation, QUICK, &path);
        let (found, users) = tokio::try_join!(inspected, self.volume_users())?;
        let (summary, rest) = summary(&self.host, found, &users);
        let options = rest.options.unwrap_or_default();
        Ok(Sensitive::new(VolumeDetails {
            summary,
            mountpoint: rest.mountpoint.unwrap_or_default(),
            scope: rest.scope.unwrap_or_default(),
            reaches: volume_access(&options).map(|access| access.to_string()),
            options,
            secrets_hidden: false,
        }))
    }

    async fn create_volume(&self, _grant: &Grant, new: &NewVolume) -> Result<VolumeName> {
        if let Some(name) = &new.name {
            // The engine takes a name that is there for a success, whatever the options.
            match self.volume(name).await {
                Err(Error::Missing { .. }) => {}
                Err(error) => return Err(error),
                Ok(_) => {
                    return Err(Error::Conflict { message: format!("there is already a volume {name}") });
                }
            }
        }
        let wanted = VolumeCreateRequest {
            name: new.name.as_ref().map(ToString::to_string),
            driver: Some("local".to_owned()),
            driver_opts: Some(new.options.as_map().clone().into_iter().collect()),
            labels: Some(new.labels.clone().into_iter().collect()),
            cluster_volume_spec: None,
        };
        let (operation, request) = ("create the volume", self.docker()?.create_volume(wanted));
        let made = self.ask_about(Missing::Volume, operation, SLOW, request).await?;
        made.name.parse().map_err(|_| Error::Engine { operation, message: "it told no name".to_owned() })
    }

    async fn remove_volume(&self, _grant: &Grant, name: &VolumeName, force: bool) -> Result<()> {
        let removed = self.remove_one(name.as_str(), force).await;
        let Err(Error::Conflict { .. }) = &removed else { return removed };
        // The engine names containers by their IDs.
        let users = self.volume_users().await.unwrap_or_default().remove(name.as_str());
        users.map_or(removed, |users| {
            let message = format!("containers use this volume: {}; remove them first", named(&users));
            Err(Error::Conflict { message })
        })
    }

    async fn prunable_volumes(&self, which: UnusedVolumes) -> Result<VolumePrunePreview> {
        let (unused, sizes) = tokio::join!(self.unused(which), self.volume_sizes());
        let sizes = sizes.unwrap_or_default();
        let items: Vec<PrunableVolume> = unused?
            .into_iter()
            .map(|one| PrunableVolume {
                size_bytes: sizes.get(&one.name).copied(),
                name: one.name,
                stack: one.stack,
            })
            .collect();
        let total_bytes = items.iter().filter_map(|one| one.size_bytes).sum();
        Ok(VolumePrunePreview { items, total_bytes })
    }

    /// One by one, since engines before 23 take every unused volume for one that nobody named.
    async fn prune_volumes(&self, _grant: &Grant, which: UnusedVolumes) -> Result<VolumesPruned> {
        let pruned = async {
            let mut pruned = VolumesPruned::default();
            for volume in self.prunable_volumes(which).await?.items {
                match self.remove_one(&volume.name, false).await {
                    Ok(()) => {
                        pruned.removed.push(volume.name);
                        pruned.reclaimed_bytes += volume.size_bytes.unwrap_or_default();
                    }
                    // Somebody began to use it, or removed it, meanwhile.
                    Err(Error::Conflict { .. } | Error::Missing { .. }) => {}
                    Err(error) if pruned.removed.is_empty() => return Err(error),
                    Err(error) => {
                        tracing::warn!(host = %self.host, %error, "the prune of volumes ended early");
                        break;
                    }
                }
            }
            Ok(pruned)
        };
        let timed_out = Error::TimedOut { operation: "prune volumes" };
        tokio::time::timeout(PRUNE, pruned).await.unwrap_or(Err(timed_out))
    }
}

impl DockerEngine {
    async fn all_volumes(&self) -> Result<Vec<EngineVolume>> {
        let listed = self.read_about::<Listed>(Missing::Volume, "list volumes", QUICK, "/volumes").await?;
        Ok(listed.volumes.unwrap_or_default())
    }

    /// Who uses which volume.
    async fn volume_users(&self) -> Result<HashMap<String, Vec<ContainerUse>>> {
        let mut users: HashMap<String, Vec<ContainerUse>> = HashMap::new();
        for mut container in self.users().await? {
            let mounts = container.mounts.take().unwrap_or_default();
            let one = container_use(container);
            for name in mounts.into_iter().filter_map(|mount| mount.name) {
                users.entry(name).or_default().push(one.clone());
            }
        }
        for some in users.values_mut() {
            some.sort();
            some.dedup();
        }
        Ok(users)
    }

    async fn unused(&self, which: UnusedVolumes) -> Result<Vec<VolumeSummary>> {
        let (volumes, users) = tokio::try_join!(self.all_volumes(), self.volume_users())?;
        let summaries = volumes.into_iter().map(|one| summary(&self.host, one, &users).0);
        let mut unused: Vec<VolumeSummary> = summaries
            .filter(|one| one.driver == "local" && one.containers.is_empty())
            .filter(|one| which == UnusedVolumes::All || one.anonymous)
            .collect();
        unused.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(unused)
    }

    async fn remove_one(&self, name: &str, force: bool) -> Result<()> {
        let options = RemoveVolumeOptionsBuilder::default().force(force).build();
        let request = self.docker()?.remove_volume(name, Some(options));
        self.ask_about(Missing::Volume, "remove the volume", SLOW, request).await
    }
}

fn summary(
    host: &HostId,
    mut from: EngineVolume,
    users: &HashMap<String, Vec<ContainerUse>>,
) -> (VolumeSummary, EngineVolume) {
    let labels = from.labels.take().unwrap_or_default();
    let invented = from.name.parse::<VolumeName>().is_ok_and(|name| name.is_invented());
    let summary = VolumeSummary {
        name: from.name.clone(),
        host: host.to_string(),
        driver: from.driver.clone(),
        created_at: from.created_at.take().filter(|time| !time.is_empty()),
        anonymous: labels.contains_key(ANONYMOUS_LABEL) || (labels.is_empty() && invented),
        stack: labels.get(STACK_LABEL).cloned(),
        containers: users.get(&from.name).cloned().unwrap_or_default(),
        labels,
        size_bytes: None,
    };
    (summary, from)
}

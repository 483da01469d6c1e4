use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use dockline_contract::rest::{
    ContainerUse, PrunableVolume, UnusedVolumes, VolumeDetails, VolumePrunePreview, VolumeSummary,
    VolumesPruned,
};
use dockline_domain::{VolumeName, access::Grant};

use super::{NewVolume, Volumes};
use crate::{Error, Missing, Result, Sensitive, fake::FakeEngine, images::named};

/// Volumes in memory.
#[derive(Debug, Clone, Default)]
pub struct FakeVolumes(Arc<Mutex<Contents>>);

#[derive(Debug, Default)]
struct Contents {
    volumes: BTreeMap<String, NewVolume>,
    users: BTreeMap<String, Vec<ContainerUse>>,
    slow: bool,
}

/// What is in each volume.
const SIZE: u64 = 100;

impl FakeVolumes {
    /// Mounts a volume into a container.
    pub fn make_use(&self, name: &str, container: ContainerUse) {
        self.lock().users.entry(name.to_owned()).or_default().push(container);
    }

    /// Makes the question for sizes one that is never answered, or not any more.
    pub fn set_slow(&self, slow: bool) {
        self.lock().slow = slow;
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FakeEngine {
    fn volume_summary(&self, name: &str, contents: &Contents) -> Result<VolumeSummary> {
        let missing = Error::Missing { what: Missing::Volume, message: format!("no such volume: {name}") };
        let volume = contents.volumes.get(name).ok_or(missing)?;
        Ok(VolumeSummary {
            name: name.to_owned(),
            host: self.host().to_string(),
            driver: "local".to_owned(),
            created_at: None,
            anonymous: volume.name.is_none(),
            stack: None,
            labels: volume.labels.clone(),
            containers: contents.users.get(name).cloned().unwrap_or_default(),
            size_bytes: None,
        })
    }
}

#[async_trait]
impl Volumes for FakeEngine {
    async fn volumes(&self) -> Result<Vec<Sensitive<VolumeSummary>>> {
        drop(self.called("volumes", "")?);
        let contents = self.volumes.lock();
        let names = contents.volumes.keys();
        names.map(|name| self.volume_summary(name, &contents).map(Sensitive::new)).collect()
    }

    async fn volume_sizes(&self) -> Result<BTreeMap<String, u64>> {
        drop(self.called("volume_sizes", "")?);
        let slow = self.volumes.lock().slow;
        if slow {
            std::future::pending::<()>().await;
        }
        Ok(self.volumes.lock().volumes.keys().map(|name| (name.clone(), SIZE)).collect())
    }

    async fn volume(&self, name: &VolumeName) -> Result<Sensitive<VolumeDetails>> {
        drop(self.called("volume", name.as_str())?);
        let contents = self.volumes.lock();
        let summary = self.volume_summary(name.as_str(), &contents)?;
        let options = contents.volumes.get(name.as_str()).map(|volume| volume.options.clone());
        let options = options.unwrap_or_default();
        Ok(Sensitive::new(VolumeDetails {
            mountpoint: format!("/volumes/{name}"),
            scope: "local".to_owned(),
            reaches: options.access().map(|access| access.to_string()),
            options: options.as_map().clone(),
            secrets_hidden: false,
            summary,
        }))
    }

    async fn create_volume(&self, _grant: &Grant, new: &NewVolume) -> Result<VolumeName> {
        let wanted = new.name.as_ref().map_or("", VolumeName::as_str);
        drop(self.called("create_volume", wanted)?);
        let mut contents = self.volumes.lock();
        let invented = format!("{:064x}", contents.volumes.len());
        let name = if wanted.is_empty() { invented } else { wanted.to_owned() };
        if contents.volumes.contains_key(&name) {
            return Err(Error::Conflict { message: format!("there is already a volume {name}") });
        }
        contents.volumes.insert(name.clone(), new.clone());
        name.parse().map_err(|_| Error::Invalid { message: name })
    }

    async fn remove_volume(&self, _grant: &Grant, name: &VolumeName, _force: bool) -> Result<()> {
        drop(self.called("remove_volume", name.as_str())?);
        let mut contents = self.volumes.lock();
        let summary = self.volume_summary(name.as_str(), &contents)?;
        if !summary.containers.is_empty() {
            let message = format!("containers use this volume: {}", named(&summary.containers));
            return Err(Error::Conflict { message });
        }
        contents.volumes.remove(name.as_str());
        Ok(())
    }

    async fn prunable_volumes(&self, which: UnusedVolumes) -> Result<VolumePrunePreview> {
        drop(self.called("prunable_volumes", "")?);
        let contents = self.volumes.lock();
        let unused = contents.volumes.iter().filter(|(name, one)| {
            !contents.users.contains_key(*name) && (which == UnusedVolumes::All || one.name.is_none())
        });
        let items: Vec<PrunableVolume> = unused
            .map(|(name, _)| PrunableVolume { name: name.clone(), stack: None, size_bytes: Some(SIZE) })
            .collect();
        Ok(VolumePrunePreview { total_bytes: SIZE * items.len() as u64, items })
    }

    async fn prune_volumes(&self, _grant: &Grant, which: UnusedVolumes) -> Result<VolumesPruned> {
        let unused = self.prunable_volumes(which).await?;
        drop(self.called("prune_volumes", "")?);
        let removed: Vec<String> = unused.items.into_iter().map(|one| one.name).collect();
        self.volumes.lock().volumes.retain(|name, _| !removed.contains(name));
        Ok(VolumesPruned { removed, reclaimed_bytes: unused.total_bytes })
    }
}

use async_trait::async_trait;
use dockline_domain::{
    ContainerId, VolumeName, access::Grant, host_access::HostSettings, volume::VolumeAccess,
};

use super::{Create, Created, NewContainer};
use crate::{Error, Missing, Result, fake::FakeEngine};

/// The image that is there without being put there.
const IMAGE: &str = "fake:1";

impl FakeEngine {
    /// Adds a volume that stands for a path of the host.
    pub fn add_host_volume(&self, name: &str, path: &str) {
        self.lock().host_volumes.insert(name.to_owned(), path.to_owned());
    }

    /// By what a container was made.
    #[must_use]
    pub fn made(&self, id: &ContainerId) -> Option<NewContainer> {
        self.lock().containers.get(id.as_str()).and_then(|container| container.made.clone())
    }
}

#[async_trait]
impl Create for FakeEngine {
    async fn create_container(&self, _grant: &Grant, new: &NewContainer) -> Result<Created> {
        let state = self.called("create", &new.image)?;
        if new.image != IMAGE && !self.images.has(&new.image) {
            let message = format!(
                "the image {} is not on this host; pull it first, then create the container",
                new.image
            );
            return Err(Error::Missing { what: Missing::Image, message });
        }
        let name = new.name.as_ref().map_or("invented", |name| name.as_str());
        if state.containers.values().any(|one| one.name == name) {
            return Err(Error::Conflict { message: format!("the name {name} is already in use") });
        }
        drop(state);
        let env: Vec<String> = new.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let env: Vec<&str> = env.iter().map(String::as_str).collect();
        Ok(Created { id: self.put(name, "created", &env, Some(new.clone())), warnings: Vec::new() })
    }

    async fn volume_reach(&self, name: &VolumeName) -> Result<Option<VolumeAccess>> {
        let state = self.called("inspect volume", name.as_str())?;
        Ok(state.host_volumes.get(name.as_str()).cloned().map(VolumeAccess::HostPath))
    }

    async fn host_settings(&self, id: &ContainerId) -> Result<HostSettings> {
        let state = self.called("host settings", id.as_str())?;
        let container = state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        Ok(container.made.as_ref().map(NewContainer::host_settings).unwrap_or_default())
    }
}

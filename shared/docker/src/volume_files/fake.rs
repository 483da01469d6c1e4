use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use dockline_domain::{ContainerId, ContainerPath, VolumeName, access::Grant};
use futures::{StreamExt, stream};

use super::{FOR_LABEL, HELPER_LABEL, OpenVolume, Opening, UNTIL_LABEL, VolumeFiles, is_over};
use crate::{
    AddMount, Content, Error, Files, NewContainer, NewFile, Owner, Result, Volumes,
    archive::END,
    fake::{FakeContainer, FakeEngine},
    files::parcel,
};

/// What is in the volumes in memory, by their names and by paths in them.
pub(crate) type VolumeContents = BTreeMap<String, BTreeMap<ContainerPath, Bytes>>;

impl FakeEngine {
    /// Puts a file into a volume.
    pub fn put_volume_file(&self, volume: &str, path: &str, content: &[u8]) {
        if let Ok(path) = path.parse() {
            let mut state = self.lock();
            let files = state.volume_contents.entry(volume.to_owned()).or_default();
            files.insert(path, Bytes::copy_from_slice(content));
        }
    }

    /// What is in a volume's file.
    #[must_use]
    pub fn volume_file(&self, volume: &str, path: &str) -> Option<Bytes> {
        self.lock().volume_contents.get(volume)?.get(&path.parse().ok()?).cloned()
    }

    /// How many helpers are there.
    #[must_use]
    pub fn helpers(&self) -> usize {
        self.lock().containers.values().filter(|one| one.is_helper()).count()
    }

    /// Ends a helper as a container ends, and keeps what was written through it.
    fn end_helper(&self, id: &str) {
        let mut state = self.lock();
        let Some(container) = state.containers.remove(id) else { return };
        let Some(AddMount::Volume { name: Some(name), read_only: false, .. }) =
            container.made.as_ref().and_then(|made| made.mounts.first())
        else {
            return;
        };
        let files = container.files.iter();
        let written = files.filter_map(|(path, bytes)| Some((OpenVolume::outside(path)?, bytes.clone())));
        state.volume_contents.insert(name.to_string(), written.collect());
    }

    fn helpers_with(&self, wanted: impl Fn(&BTreeMap<String, String>) -> bool) -> Vec<String> {
        let state = self.lock();
        let helpers = state.containers.iter().filter(|(_, one)| one.is_helper());
        let labels = |one: &FakeContainer| one.made.as_ref().is_some_and(|made| wanted(&made.labels));
        helpers.filter(|(_, one)| labels(one)).map(|(id, _)| id.clone()).collect()
    }
}

impl FakeContainer {
    /// Whether it is there for a volume's files only: made for that, and never started.
    pub(crate) fn is_helper(&self) -> bool {
        let labelled = |made: &NewContainer| made.labels.contains_key(HELPER_LABEL);
        self.state == "created" && self.made.as_ref().is_some_and(labelled)
    }
}

#[async_trait]
impl VolumeFiles for FakeEngine {
    async fn make_helper(
        &self,
        _grant: &Grant,
        volume: &VolumeName,
        opening: &Opening,
    ) -> Result<ContainerId> {
        drop(self.volume(volume).await?);
        drop(self.called("make_helper", volume.as_str())?);
        if let Some(owner) = &opening.owner {
            for old in self.helpers_with(|labels| labels.get(FOR_LABEL) == Some(owner)) {
                self.end_helper(&old);
            }
        }
        let made = opening.container("empty".to_owned(), volume);
        let id = self.put("helper", "created", &[], Some(made));
        let mut state = self.lock();
        let files = state.volume_contents.get(volume.as_str()).cloned().unwrap_or_default();
        if let Some(container) = state.containers.get_mut(id.as_str()) {
            let inside =
                files.into_iter().filter_map(|(path, bytes)| Some((OpenVolume::inside(&path).ok()?, bytes)));
            container.files = inside.collect();
        }
        Ok(id)
    }

    async fn remove_helper(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        drop(self.called("remove_helper", id.as_str())?);
        self.end_helper(id.as_str());
        Ok(())
    }

    async fn read_volume(&self, id: &ContainerId) -> Result<Content> {
        let files = {
            let state = self.called("read_volume", id.as_str())?;
            state.containers.get(id.as_str()).ok_or(Error::NotFound)?.files.clone()
        };
        let mut pieces = Vec::new();
        for (path, content) in files {
            let name =
                OpenVolume::outside(&path).map(|path| path.as_str()[1..].to_owned()).unwrap_or_default();
            let owner = self.file_owner(id, &path).await?;
            let (before, after) = parcel(&NewFile { name, size: content.len() as u64, owner }).await;
            // Each parcel ends an archive, and this is one.
            let padding = after.slice(..after.len() - END.len());
            pieces.extend([Ok(before), Ok(content), Ok(padding)]);
        }
        pieces.push(Ok(Bytes::from_static(&END)));
        Ok(stream::iter(pieces).boxed())
    }

    async fn set_top(&self, _grant: &Grant, id: &ContainerId, _owner: Owner) -> Result<()> {
        self.called("set_top", id.as_str()).map(drop)
    }

    async fn sweep_helpers(&self) -> Result<u64> {
        // Nobody asked for it: it is not among the calls.
        let over = self.helpers_with(|labels| is_over(labels.get(UNTIL_LABEL)));
        for id in &over {
            self.end_helper(id);
        }
        Ok(over.len() as u64)
    }
}

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use dockline_contract::rest::{
    ContainerUse, EnvironmentVariable, ImageDetails, ImageHistory, ImagePrunePreview, ImageStep,
    ImageSummary, ImagesImported, ImagesPruned, ImagesRemoved, PrunableImage, UnusedImages,
};
use dockline_domain::{ImageId, ImageRef, ImageReference, access::Grant};
use futures::{StreamExt, TryStreamExt, stream};

use super::{Images, named};
use crate::{Content, Error, Missing, Platform, Result, Sensitive, fake::FakeEngine};

/// Images in memory.
#[derive(Debug, Clone, Default)]
pub struct FakeImages(Arc<Mutex<BTreeMap<String, FakeImage>>>);

#[derive(Debug, Default)]
struct FakeImage {
    tags: Vec<String>,
    env: Vec<(String, String)>,
    users: Vec<ContainerUse>,
    /// What it is made for, if not for this engine.
    platform: Option<Platform>,
}

/// What each image takes.
const SIZE: u64 = 1_000;

impl FakeImages {
    /// Adds an image and returns its ID.
    pub fn add(&self, tags: &[&str], env: &[(&str, &str)]) -> ImageId {
        let mut images = self.lock();
        let id = format!("sha256:{:064x}", 0xfade_0000_u64 + images.len() as u64);
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        images.insert(id.clone(), FakeImage { tags, env, users: Vec::new(), platform: None });
        id.parse().unwrap_or_else(|_| unreachable!("64 hexadecimal digits"))
    }

    /// Makes a container of an image.
    pub fn make_use(&self, id: &ImageId, container: ContainerUse) {
        if let Some(image) = self.lock().get_mut(id.as_str()) {
            image.users.push(container);
        }
    }

    /// Makes an image one for another platform than the engine's.
    pub fn make_foreign(&self, id: &ImageId, platform: Platform) {
        if let Some(image) = self.lock().get_mut(id.as_str()) {
            image.platform = Some(platform);
        }
    }

    /// What the image of this name is made for, if not for this engine.
    pub(crate) fn platform(&self, name: &str) -> Option<Platform> {
        let images = self.lock();
        images.values().find(|image| image.tags.iter().any(|tag| tag == name))?.platform.clone()
    }

    /// Whether an image bears this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.lock().values().any(|image| image.tags.iter().any(|tag| tag == name))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, FakeImage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn missing() -> Error {
    Error::Missing { what: Missing::Image, message: "No such image".to_owned() }
}

impl FakeEngine {
    fn image_summary(&self, id: &str, image: &FakeImage) -> ImageSummary {
        ImageSummary {
            id: id.to_owned(),
            host: self.host().to_string(),
            tags: image.tags.clone(),
            digests: Vec::new(),
            size_bytes: SIZE,
            created_at: "2026-11-24T10:00:00Z".to_owned(),
            containers: image.users.clone(),
            dangling: image.tags.is_empty(),
            update: None,
        }
    }
}

#[async_trait]
impl Images for FakeEngine {
    async fn images(&self) -> Result<Vec<ImageSummary>> {
        drop(self.called("images", "")?);
        let images = self.images.lock();
        Ok(images.iter().map(|(id, image)| self.image_summary(id, image)).collect())
    }

    async fn find_image(&self, reference: &ImageRef) -> Result<Vec<ImageId>> {
        drop(self.called("find_image", reference.as_str())?);
        let ids: Vec<ImageId> = self.images.lock().keys().filter_map(|id| id.parse().ok()).collect();
        Ok(ids.into_iter().filter(|id| reference.matches(id)).collect())
    }

    async fn image(&self, id: &ImageId) -> Result<Sensitive<ImageDetails>> {
        drop(self.called("image", id.as_str())?);
        let images = self.images.lock();
        let image = images.get(id.as_str()).ok_or_else(missing)?;
        let variable = |(name, value): &(String, String)| EnvironmentVariable {
            name: name.clone(),
            value: Some(value.clone()),
        };
        Ok(Sensitive::new(ImageDetails {
            summary: self.image_summary(id.as_str(), image),
            architecture: "amd64".to_owned(),
            operating_system: "linux".to_owned(),
            author: None,
            comment: None,
            layers: Vec::new(),
            env: image.env.iter().map(variable).collect(),
            entrypoint: vec!["entry".to_owned()],
            command: image.env.iter().map(|(_, value)| format!("--with={value}")).collect(),
            working_dir: String::new(),
            user: String::new(),
            exposed_ports: Vec::new(),
            volumes: Vec::new(),
            stop_signal: None,
            labels: image.env.iter().cloned().collect(),
            secrets_hidden: false,
        }))
    }

    async fn image_history(&self, id: &ImageId) -> Result<Sensitive<ImageHistory>> {
        drop(self.called("image_history", id.as_str())?);
        let images = self.images.lock();
        let image = images.get(id.as_str()).ok_or_else(missing)?;
        let steps = image.env.iter().map(|(name, value)| ImageStep {
            id: None,
            created_at: "2026-11-24T10:00:00Z".to_owned(),
            created_by: Some(format!("ENV {name}={value}")),
            size_bytes: 0,
            tags: Vec::new(),
            comment: String::new(),
        });
        Ok(Sensitive::new(ImageHistory { items: steps.collect(), secrets_hidden: false }))
    }

    async fn tag_image(&self, _grant: &Grant, id: &ImageId, name: &ImageReference) -> Result<()> {
        drop(self.called("tag_image", &format!("{id} {name}"))?);
        let (mut images, name) = (self.images.lock(), name.to_string());
        if !images.contains_key(id.as_str()) {
            return Err(missing());
        }
        for (other, image) in images.iter_mut() {
            image.tags.retain(|tag| *tag != name);
            if other == id.as_str() {
                image.tags.push(name.clone());
            }
        }
        Ok(())
    }

    async fn untag_image(&self, _grant: &Grant, name: &ImageReference) -> Result<ImagesRemoved> {
        drop(self.called("untag_image", &name.to_string())?);
        let (mut images, name) = (self.images.lock(), name.to_string());
        let found = images.iter_mut().find(|(_, image)| image.tags.contains(&name)).ok_or_else(missing)?;
        found.1.tags.retain(|tag| *tag != name);
        Ok(ImagesRemoved { untagged: vec![name], deleted: Vec::new() })
    }

    async fn remove_image(&self, _grant: &Grant, id: &ImageId, force: bool) -> Result<ImagesRemoved> {
        drop(self.called("remove_image", id.as_str())?);
        let mut images = self.images.lock();
        let image = images.get(id.as_str()).ok_or_else(missing)?;
        if !image.users.is_empty() && !force {
            let message = format!("containers were made of this image: {}", named(&image.users));
            return Err(Error::Conflict { message });
        }
        let untagged = images.remove(id.as_str()).map(|image| image.tags).unwrap_or_default();
        Ok(ImagesRemoved { untagged, deleted: vec![id.to_string()] })
    }

    async fn prunable_images(
        &self,
        which: UnusedImages,
        _older_than: Option<Duration>,
    ) -> Result<ImagePrunePreview> {
        drop(self.called("prunable_images", "")?);
        let images = self.images.lock();
        let unused = images
            .iter()
            .filter(|(_, one)| one.users.is_empty() && (which == UnusedImages::All || one.tags.is_empty()));
        let items: Vec<PrunableImage> = unused
            .map(|(id, one)| PrunableImage {
                id: id.clone(),
                tags: one.tags.clone(),
                size_bytes: SIZE,
                unique_bytes: SIZE,
            })
            .collect();
        let total_bytes = SIZE * items.len() as u64;
        Ok(ImagePrunePreview { items, total_bytes })
    }

    async fn prune_images(
        &self,
        _grant: &Grant,
        which: UnusedImages,
        older_than: Option<Duration>,
    ) -> Result<ImagesPruned> {
        let unused = self.prunable_images(which, older_than).await?;
        drop(self.called("prune_images", "")?);
        let mut pruned = ImagesPruned { reclaimed_bytes: unused.total_bytes, ..ImagesPruned::default() };
        for image in unused.items {
            self.images.lock().remove(&image.id);
            pruned.untagged.extend(image.tags);
            pruned.deleted.push(image.id);
        }
        Ok(pruned)
    }

    async fn export_image(&self, id: &ImageId, names: &[ImageReference]) -> Result<Content> {
        drop(self.called("export_image", id.as_str())?);
        if !self.images.lock().contains_key(id.as_str()) {
            return Err(missing());
        }
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Ok(stream::iter([Ok(Bytes::from(names.join("\n")))]).boxed())
    }

    /// A tar in memory is the names of its images, a line each.
    async fn import_images(&self, _grant: &Grant, archive: Content) -> Result<ImagesImported> {
        drop(self.called("import_images", "")?);
        let whole: Vec<Bytes> =
            archive.try_collect().await.map_err(|error| Error::Unreachable { reason: error.to_string() })?;
        let text = String::from_utf8(whole.concat()).unwrap_or_default();
        let loaded: Vec<String> = text.lines().map(str::to_owned).collect();
        if loaded.is_empty() {
            return Err(Error::Invalid { message: "there is no image in this tar".to_owned() });
        }
        for name in &loaded {
            self.images.add(&[name], &[]);
        }
        Ok(ImagesImported { loaded })
    }
}

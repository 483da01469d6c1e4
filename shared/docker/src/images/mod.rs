//! Images of a host.

mod convert;
mod fake;
mod real;

use std::time::Duration;

use async_trait::async_trait;
use dockline_contract::rest::{
    ContainerUse, ImageDetails, ImageHistory, ImagePrunePreview, ImageSummary, ImagesImported, ImagesPruned,
    ImagesRemoved, UnusedImages,
};
use dockline_domain::{
    ImageId, ImageRef, ImageReference,
    access::{Grant, Permission},
};

pub(crate) use self::convert::container_use;
pub use self::fake::FakeImages;
use crate::{Content, Result, Sensitive};

/// Images of a host.
#[async_trait]
pub trait Images: Send + Sync {
    /// Every image but those that are only steps of others.
    async fn images(&self) -> Result<Vec<ImageSummary>>;

    /// The images that `reference` names: none, one, or (a short prefix) several. A whole ID names itself, whether there is
    /// such an image or not.
    async fn find_image(&self, reference: &ImageRef) -> Result<Vec<ImageId>>;

    /// Everything about one image.
    async fn image(&self, id: &ImageId) -> Result<Sensitive<ImageDetails>>;

    /// How it was made.
    async fn image_history(&self, id: &ImageId) -> Result<Sensitive<ImageHistory>>;

    /// Gives it one more name, which another image may lose by it.
    async fn tag_image(&self, grant: &Grant, id: &ImageId, name: &ImageReference) -> Result<()>;

    /// Takes a name away. The last name takes the image with it; a container that was made of it is a conflict then.
    async fn untag_image(&self, grant: &Grant, name: &ImageReference) -> Result<ImagesRemoved>;

    /// Removes it. Several names, and containers that were made of it, are a conflict; forced, only those are that run.
    async fn remove_image(&self, grant: &Grant, id: &ImageId, force: bool) -> Result<ImagesRemoved>;

    /// What [`Images::prune_images`] would remove now.
    async fn prunable_images(
        &self,
        which: UnusedImages,
        older_than: Option<Duration>,
    ) -> Result<ImagePrunePreview>;

    /// Removes images of which no container was made.
    async fn prune_images(
        &self,
        grant: &Grant,
        which: UnusedImages,
        older_than: Option<Duration>,
    ) -> Result<ImagesPruned>;

    /// An image with these of its names, or without any, as a tar that [`Images::import_images`] takes.
    async fn export_image(&self, id: &ImageId, names: &[ImageReference]) -> Result<Content>;

    /// Takes the images of such a tar in. What is no such tar, or breaks off, is [`Error::Invalid`](crate::Error::Invalid).
    async fn import_images(&self, grant: &Grant, archive: Content) -> Result<ImagesImported>;
}

impl Sensitive<ImageDetails> {
    /// What the grant's principal may see: values of environment variables, the command and labels need
    /// [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> ImageDetails {
        let mut details = self.into_inner();
        if !grant.also(Permission::SecretsRead) {
            details.secrets_hidden = true;
            details.command.clear();
            details.entrypoint.clear();
            details.labels.clear();
            for variable in &mut details.env {
                variable.value = None;
            }
        }
        details
    }

    /// Its names with tags and with digests, which are no secret.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let summary = &self.inner().summary;
        summary.tags.iter().chain(&summary.digests).map(String::as_str)
    }
}

impl Sensitive<ImageHistory> {
    /// What the grant's principal may see: instructions need [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> ImageHistory {
        let mut history = self.into_inner();
        if !grant.also(Permission::SecretsRead) {
            history.secrets_hidden = true;
            for step in &mut history.items {
                step.created_by = None;
            }
        }
        history
    }
}

/// Those who use something, in words: `web (running), db (exited)`.
pub(crate) fn named(users: &[ContainerUse]) -> String {
    let names: Vec<String> = users.iter().map(|one| format!("{} ({})", one.name, one.state)).collect();
    names.join(", ")
}

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use bollard::query_parameters::{
    ListImagesOptionsBuilder, PruneImagesOptionsBuilder, RemoveImageOptionsBuilder, TagImageOptionsBuilder,
};
use dockline_contract::rest::{
    ContainerUse, ImageDetails, ImageHistory, ImagePrunePreview, ImageSummary, ImagesImported, ImagesPruned,
    ImagesRemoved, PrunableImage, UnusedImages,
};
use dockline_domain::{ImageId, ImageRef, ImageReference, access::Grant};
use futures::{StreamExt, TryStreamExt};
use http_body_util::{BodyExt, StreamBody};
use hyper::{Method, Request, StatusCode, body::Frame, header::CONTENT_TYPE};
use serde::Deserialize;

use super::{Images, convert, named};
use crate::{
    Content, DockerEngine, Error, Missing, Result, Sensitive,
    ask::refused,
    http,
    json_lines::json_lines,
    real::{QUICK, SLOW},
    system::{is_older, until},
    volume_files::is_helper_image,
};

/// How long an engine may take to remove what is unused.
const PRUNE: Duration = Duration::from_secs(600);
/// How long an engine may take until a tar begins: an old one writes all of it down first.
const EXPORT: Duration = Duration::from_secs(600);
/// How long an engine may take to take a tar in, its upload included.
const IMPORT: Duration = Duration::from_secs(3_600);

#[async_trait]
impl Images for DockerEngine {
    async fn images(&self) -> Result<Vec<ImageSummary>> {
        let options = ListImagesOptionsBuilder::default().build();
        let request = self.docker()?.list_images(Some(options));
        let listed = self.ask_about(Missing::Image, "list images", QUICK, request);
        let (images, containers) = tokio::try_join!(listed, self.users())?;
        let users = convert::users(containers);
        let images = images.into_iter().filter(|one| !is_helper_image(one));
        Ok(images.map(|one| convert::summary(&self.host, one, &users)).collect())
    }

    async fn find_image(&self, reference: &ImageRef) -> Result<Vec<ImageId>> {
        if let Ok(id) = reference.as_str().parse() {
            return Ok(vec![id]);
        }
        let options = ListImagesOptionsBuilder::default().all(true).build();
        let request = self.docker()?.list_images(Some(options));
        let images = self.ask_about(Missing::Image, "find the image", QUICK, request).await?;
        let ids = images.into_iter().filter_map(|one| one.id.parse::<ImageId>().ok());
        Ok(ids.filter(|id| reference.matches(id)).collect())
    }

    async fn image(&self, id: &ImageId) -> Result<Sensitive<ImageDetails>> {
        let request = self.docker()?.inspect_image(id.as_str());
        let inspected = self.ask_about(Missing::Image, "inspect the image", QUICK, request);
        let (found, users) = tokio::try_join!(inspected, self.users_of_image(id))?;
        Ok(Sensitive::new(convert::details(&self.host, found, users)))
    }

    async fn image_history(&self, id: &ImageId) -> Result<Sensitive<ImageHistory>> {
        let request = self.docker()?.image_history(id.as_str());
        let steps = self.ask_about(Missing::Image, "tell the image's history", QUICK, request).await?;
        let items = steps.into_iter().map(convert::step).collect();
        Ok(Sensitive::new(ImageHistory { items, secrets_hidden: false }))
    }

    async fn tag_image(&self, _grant: &Grant, id: &ImageId, name: &ImageReference) -> Result<()> {
        let tag = name.tag().unwrap_or_default();
        let options = TagImageOptionsBuilder::default().repo(name.name()).tag(tag).build();
        let request = self.docker()?.tag_image(id.as_str(), Some(options));
        self.ask_about(Missing::Image, "tag the image", QUICK, request).await
    }

    async fn untag_image(&self, _grant: &Grant, name: &ImageReference) -> Result<ImagesRemoved> {
        // A name has nothing in it that means something in a path: its grammar is the proof.
        self.remove_by(&name.to_string(), false).await
    }

    async fn remove_image(&self, _grant: &Grant, id: &ImageId, force: bool) -> Result<ImagesRemoved> {
        let removed = self.remove_by(id.as_str(), force).await;
        let Err(Error::Conflict { message }) = &removed else { return removed };
        // The engine names one container, by its ID.
        let users = self.users_of_image(id).await.unwrap_or_default();
        if !message.contains("container") || users.is_empty() {
            return removed;
        }
        let message = format!("containers were made of this image: {}; remove them first", named(&users));
        Err(Error::Conflict { message })
    }

    async fn prunable_images(
        &self,
        which: UnusedImages,
        older_than: Option<Duration>,
    ) -> Result<ImagePrunePreview> {
        let usage = self.usage(Some("image"), "tell what its images take").await?;
        let unused = usage.images.unwrap_or_default().into_iter().filter(|one| one.containers == 0);
        let mut items: Vec<PrunableImage> = unused
            .filter(|one| is_older(one.created, older_than))
            .map(crate::system::ImageUse::prunable)
            .filter(|one| which == UnusedImages::All || one.tags.is_empty())
            .collect();
        items.sort_by(|a, b| b.unique_bytes.cmp(&a.unique_bytes).then_with(|| a.id.cmp(&b.id)));
        let total_bytes = items.iter().map(|one| one.unique_bytes).sum();
        Ok(ImagePrunePreview { items, total_bytes })
    }

    async fn prune_images(
        &self,
        _grant: &Grant,
        which: UnusedImages,
        older_than: Option<Duration>,
    ) -> Result<ImagesPruned> {
        let dangling = if which == UnusedImages::Dangling { "true" } else { "false" };
        let mut filters = HashMap::from([("dangling", vec![dangling.to_owned()])]);
        filters.extend(older_than.map(until));
        let options = PruneImagesOptionsBuilder::default().filters(&filters).build();
        let request = self.docker()?.prune_images(Some(options));
        let pruned = self.ask_about(Missing::Image, "prune images", PRUNE, request).await?;
        let removed = convert::removed(pruned.images_deleted.unwrap_or_default());
        Ok(ImagesPruned {
            untagged: removed.untagged,
            deleted: removed.deleted,
            reclaimed_bytes: crate::convert::count(pruned.space_reclaimed),
        })
    }

    async fn export_image(&self, id: &ImageId, names: &[ImageReference]) -> Result<Content> {
        let operation = "export the image";
        let names: Vec<String> = names.iter().map(|name| format!("names={name}")).collect();
        let path = if names.is_empty() {
            format!("/images/{id}/get")
        } else {
            format!("/images/get?{}", names.join("&"))
        };
        let answer = self.client.ask(&path, EXPORT).await;
        let answer = answer.map_err(|failure| self.client.error(operation, failure))?;
        if answer.status() != StatusCode::OK {
            let (status, message) = http::refusal_words(answer).await;
            return Err(refused(Missing::Image, operation, status, message));
        }
        Ok(answer.into_body().into_data_stream().map_err(std::io::Error::other).boxed())
    }

    async fn import_images(&self, _grant: &Grant, archive: Content) -> Result<ImagesImported> {
        let imported = self.import(archive);
        tokio::time::timeout(IMPORT, imported).await.unwrap_or(Err(Error::TimedOut { operation: LOAD }))
    }
}

const LOAD: &str = "import the images";

impl DockerEngine {
    async fn remove_by(&self, name: &str, force: bool) -> Result<ImagesRemoved> {
        let options = RemoveImageOptionsBuilder::default().force(force).build();
        let request = self.docker()?.remove_image(name, Some(options), None);
        let items = self.ask_about(Missing::Image, "remove the image", SLOW, request).await?;
        Ok(convert::removed(items))
    }

    async fn users_of_image(&self, id: &ImageId) -> Result<Vec<ContainerUse>> {
        let mut users = convert::users(self.users().await?);
        Ok(users.remove(id.as_str()).unwrap_or_default())
    }

    async fn import(&self, archive: Content) -> Result<ImagesImported> {
        let body = StreamBody::new(archive.map_ok(Frame::data));
        let request = Request::builder()
            .method(Method::POST)
            .uri("/images/load?quiet=1")
            .header(CONTENT_TYPE, "application/x-tar")
            .body(body)
            .map_err(|error| Error::Engine { operation: LOAD, message: error.to_string() })?;
        let answer = self.client.send(request).await.map_err(|failure| self.client.error(LOAD, failure))?;
        if answer.status() != StatusCode::OK {
            let (_, message) = http::refusal_words(answer).await;
            return Err(not_loaded(message));
        }
        let mut lines = json_lines::<Line>(self.client.clone(), answer, LOAD);
        let mut loaded = Vec::new();
        while let Some(line) = lines.next().await {
            let line = line?;
            if let Some(message) = line.error {
                return Err(not_loaded(message));
            }
            let said = line.stream.unwrap_or_default();
            let name =
                ["Loaded image: ", "Loaded image ID: "].iter().find_map(|begin| said.strip_prefix(begin));
            loaded.extend(name.map(|name| name.trim().to_owned()));
        }
        if loaded.is_empty() {
            return Err(Error::Invalid { message: "there is no image in this tar".to_owned() });
        }
        Ok(ImagesImported { loaded })
    }
}

/// Why nothing, or not everything, was taken in.
fn not_loaded(message: String) -> Error {
    if message.contains("no space left") {
        return Error::Engine { operation: LOAD, message };
    }
    Error::Invalid { message: format!("this is no tar of images, or it is damaged: {message}") }
}

/// A line of the engine's answer.
#[derive(Deserialize)]
struct Line {
    stream: Option<String>,
    /// A failure. Its status was 200 by then.
    error: Option<String>,
}

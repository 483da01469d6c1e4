use std::collections::HashMap;

use async_trait::async_trait;
use bollard::{
    models::ContainerSummary,
    query_parameters::{
        ListContainersOptionsBuilder, ListImagesOptionsBuilder, RemoveContainerOptionsBuilder,
        RemoveImageOptionsBuilder,
    },
};
use bytes::Bytes;
use dockline_domain::{ContainerId, ContainerPath, VolumeName, access::Grant};
use futures::{StreamExt, stream};
use http_body_util::Full;
use hyper::{Request, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use tokio_tar::EntryType;

use super::{
    FOR_LABEL, HELPER_LABEL, OPEN, Opening, SKEW, TOP, UNTIL_LABEL, VolumeFiles, is_over,
    recognize::{is_helper_container, is_helper_image, is_image_of_helper},
    seconds,
};
use crate::{
    Content, Create, DockerEngine, Error, Missing, Owner, Result, Volumes,
    archive::{END, file_header, put_header},
    http,
    json_lines::json_lines,
    real::QUICK,
};

/// How often an image is made, since a prune may take it before the container is there.
const TRIES: u32 = 3;

#[async_trait]
impl VolumeFiles for DockerEngine {
    async fn make_helper(
        &self,
        grant: &Grant,
        volume: &VolumeName,
        opening: &Opening,
    ) -> Result<ContainerId> {
        // An engine makes a volume that a container names and that is not there.
        drop(self.volume(volume).await?);
        if let Some(owner) = &opening.owner {
            for helper in self.helpers("label", &format!("{FOR_LABEL}={owner}")).await? {
                self.remove_both(&helper).await?;
            }
        }
        let mut left = TRIES;
        loop {
            left -= 1;
            let image = self.empty_image().await?;
            match self.create_container(grant, &opening.container(image.clone(), volume)).await {
                Ok(made) => return Ok(made.id),
                Err(Error::Missing { what: Missing::Image, .. }) if left > 0 => {}
                Err(error) => {
                    self.drop_image(&image).await?;
                    return Err(error);
                }
            }
        }
    }

    async fn remove_helper(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        for helper in self.helpers("id", id.as_str()).await? {
            self.remove_both(&helper).await?;
        }
        Ok(())
    }

    async fn read_volume(&self, id: &ContainerId) -> Result<Content> {
        self.archive_of(id, &format!("{TOP}/.")).await
    }

    async fn set_top(&self, _grant: &Grant, id: &ContainerId, owner: Owner) -> Result<()> {
        let mut tar = Vec::new();
        let header = file_header(EntryType::Directory, 0, owner, seconds());
        put_header(&mut tar, header, &format!("{}/", &TOP[1..]), None)
            .await
            .map_err(|error| failed(error.to_string()))?;
        tar.extend_from_slice(&END);
        self.put(id, &ContainerPath::root(), stream::iter([Ok(Bytes::from(tar))]).boxed()).await
    }

    async fn sweep_helpers(&self) -> Result<u64> {
        let mut removed = 0;
        for helper in self.helpers("label", HELPER_LABEL).await? {
            if is_over(helper.labels.as_ref().and_then(|labels| labels.get(UNTIL_LABEL))) {
                self.remove_both(&helper).await?;
                removed += 1;
            }
        }
        // Of one whose process ended between its container and its image.
        let filters = HashMap::from([("label", vec![HELPER_LABEL])]);
        let options = ListImagesOptionsBuilder::default().all(true).filters(&filters).build();
        let images = self.call("list helpers", QUICK, self.docker()?.list_images(Some(options))).await?;
        for image in images.into_iter().filter(is_helper_image) {
            if u64::try_from(image.created).is_ok_and(|created| created + SKEW.as_secs() < seconds()) {
                self.drop_image(&image.id).await?;
            }
        }
        Ok(removed)
    }
}

impl DockerEngine {
    /// The helpers that pass one of the engine's filters.
    async fn helpers(&self, filter: &str, value: &str) -> Result<Vec<ContainerSummary>> {
        let filters = HashMap::from([(filter, vec![value])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let listed = self.call("list helpers", QUICK, self.docker()?.list_containers(Some(options))).await?;
        Ok(listed.into_iter().filter(is_helper_container).collect())
    }

    /// Removes a helper, then its image.
    async fn remove_both(&self, helper: &ContainerSummary) -> Result<()> {
        // Not its volume: only those without a name would go with it.
        let options = RemoveContainerOptionsBuilder::default().force(true).build();
        let request =
            self.docker()?.remove_container(helper.id.as_deref().unwrap_or_default(), Some(options));
        match self.call("close the volume", QUICK, request).await {
            // 409: somebody else is removing it.
            Ok(()) | Err(Error::NotFound | Error::Conflict { .. }) => {}
            Err(error) => return Err(error),
        }
        match helper.image_id.as_deref() {
            Some(image) => self.drop_image(image).await,
            None => Ok(()),
        }
    }

    /// Removes an image if it is a helper's.
    async fn drop_image(&self, image: &str) -> Result<()> {
        let request = self.docker()?.inspect_image(image);
        let found = match self.call("look at the helper's image", QUICK, request).await {
            Ok(found) => found,
            Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        };
        let labels = found.config.and_then(|config| config.labels);
        let tags = found.repo_tags.unwrap_or_default();
        if !is_image_of_helper(labels.as_ref(), &tags, found.size.unwrap_or_default()) {
            return Ok(());
        }
        let options = RemoveImageOptionsBuilder::default().build();
        let request = self.docker()?.remove_image(image, Some(options), None);
        match self.call("remove the helper's image", QUICK, request).await {
            Ok(_) | Err(Error::NotFound | Error::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Makes an image without files and without a name, from a tar that holds nothing.
    async fn empty_image(&self) -> Result<String> {
        let label: String =
            form_urlencoded::byte_serialize(format!("LABEL {HELPER_LABEL}=volume").as_bytes()).collect();
        let request = Request::post(format!("/images/create?fromSrc=-&changes={label}"))
            .header(CONTENT_TYPE, "application/x-tar")
            .body(Full::new(Bytes::from_static(&END)))
            .map_err(|error| failed(error.to_string()))?;
        let made = async {
            let answer =
                self.client.send(request).await.map_err(|failure| self.client.error(OPEN, failure))?;
            if answer.status() != StatusCode::OK {
                return Err(http::refusal(answer, OPEN).await);
            }
            let mut lines = json_lines::<Line>(self.client.clone(), answer, OPEN);
            let mut image = None;
            while let Some(line) = lines.next().await {
                let line = line?;
                if let Some(error) = line.error {
                    return Err(failed(error));
                }
                image = line.status.filter(|status| status.starts_with("sha256:")).or(image);
            }
            image.ok_or_else(|| failed("it told no image".to_owned()))
        };
        tokio::time::timeout(QUICK, made).await.unwrap_or(Err(Error::TimedOut { operation: OPEN }))
    }
}

fn failed(message: String) -> Error {
    Error::Engine { operation: OPEN, message }
}

/// A line of the engine's answer.
#[derive(Deserialize)]
struct Line {
    status: Option<String>,
    error: Option<String>,
}

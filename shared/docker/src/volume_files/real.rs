use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use bollard::{
    models::{ContainerSummary, EventMessage},
    query_parameters::{
        ListContainersOptionsBuilder, ListImagesOptionsBuilder, RemoveContainerOptionsBuilder,
        RemoveImageOptionsBuilder,
    },
};
use bytes::Bytes;
use dockline_domain::{ContainerId, ContainerPath, VolumeName, access::Grant, host_access::Namespace};
use futures::{StreamExt, stream};
use http_body_util::Full;
use hyper::{Request, StatusCode, header::CONTENT_TYPE};
use serde::Deserialize;
use tokio_tar::EntryType;

use super::{
    FOR_LABEL, HELPER_LABEL, OpenVolume, Opening, SKEW, TOP, UNTIL_LABEL, VolumeFiles, is_over, seconds,
};
use crate::{
    AddMount, Content, Create, DockerEngine, Error, Isolation, Missing, NewContainer, Owner, Result, Volumes,
    archive::{END, file_header, put_header},
    http,
    json_lines::json_lines,
    real::QUICK,
};

const OPERATION: &str = "open the volume";
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
            for helper in self.helpers(&format!("{FOR_LABEL}={owner}")).await? {
                self.remove_both(&helper).await?;
            }
        }
        let mut left = TRIES;
        loop {
            left -= 1;
            let image = self.empty_image().await?;
            let new = NewContainer {
                image: image.clone(),
                // Never run. An engine wants a command, and the image has none.
                command: Some(vec!["none".to_owned()]),
                labels: opening.labels(),
                mounts: vec![AddMount::Volume {
                    name: Some(volume.clone()),
                    target: OpenVolume::top(),
                    read_only: !opening.write,
                }],
                isolation: Isolation {
                    namespaces: vec![(Namespace::Network, "none".to_owned())],
                    ..Isolation::default()
                },
                ..NewContainer::default()
            };
            match self.create_container(grant, &new).await {
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
        let image = match self.inspect_raw(id).await {
            Ok(found) => found.image,
            Err(Error::NotFound) => return Ok(()),
            Err(error) => return Err(error),
        };
        self.remove_both(&ContainerSummary {
            id: Some(id.to_string()),
            image_id: image,
            ..ContainerSummary::default()
        })
        .await
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
        for helper in self.helpers(HELPER_LABEL).await? {
            if is_over(helper.labels.as_ref().and_then(|labels| labels.get(UNTIL_LABEL))) {
                self.remove_both(&helper).await?;
                removed += 1;
            }
        }
        // Of one whose process ended between its container and its image.
        let filters = HashMap::from([("label", vec![HELPER_LABEL])]);
        let options = ListImagesOptionsBuilder::default().all(true).filters(&filters).build();
        let images = self.call("list helpers", QUICK, self.docker()?.list_images(Some(options))).await?;
        for image in images {
            if u64::try_from(image.created).is_ok_and(|created| created + SKEW.as_secs() < seconds()) {
                self.drop_image(&image.id).await?;
            }
        }
        Ok(removed)
    }
}

impl DockerEngine {
    async fn helpers(&self, label: &str) -> Result<Vec<ContainerSummary>> {
        let filters = HashMap::from([("label", vec![label])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        self.call("list helpers", QUICK, self.docker()?.list_containers(Some(options))).await
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

    async fn drop_image(&self, image: &str) -> Result<()> {
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
                self.client.send(request).await.map_err(|failure| self.client.error(OPERATION, failure))?;
            if answer.status() != StatusCode::OK {
                return Err(http::refusal(answer, OPERATION).await);
            }
            let mut lines = json_lines::<Line>(self.client.clone(), answer, OPERATION);
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
        tokio::time::timeout(QUICK, made).await.unwrap_or(Err(Error::TimedOut { operation: OPERATION }))
    }
}

fn failed(message: String) -> Error {
    Error::Engine { operation: OPERATION, message }
}

/// Whether labels, or an event's attributes, are those of a helper.
pub(crate) fn is_helper(labels: Option<&HashMap<String, String>>) -> bool {
    labels.is_some_and(|labels| labels.contains_key(HELPER_LABEL))
}

/// Keeps what helpers do out of a stream of events. Engines do not tell labels of an image that is gone, nor those of the
/// container whose volume is mounted; so what is under way is remembered.
#[derive(Debug, Default)]
pub(crate) struct HelperEvents(HashSet<String>);

impl HelperEvents {
    /// Whether an event is a helper's.
    pub(crate) fn take(&mut self, event: &EventMessage) -> bool {
        let Some(actor) = &event.actor else { return false };
        let id = actor.id.as_deref().unwrap_or_default();
        let attributes = actor.attributes.as_ref();
        let about = attributes.and_then(|attributes| attributes.get("container")).map_or(id, String::as_str);
        match event.action.as_deref() {
            // Its end is the last that is heard of it.
            Some("destroy" | "delete") => self.0.remove(id) || is_helper(attributes),
            _ if is_helper(attributes) => {
                self.0.insert(id.to_owned());
                true
            }
            _ => self.0.contains(about),
        }
    }
}

/// A line of the engine's answer.
#[derive(Deserialize)]
struct Line {
    status: Option<String>,
    error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helpers_do_is_not_told() {
        let event = |text: &str| serde_json::from_str::<EventMessage>(text).expect("an event");
        let labelled = r#"{"io.dockline.helper":"volume"}"#;
        let mut helpers = HelperEvents::default();
        let told: Vec<bool> = [
            format!(
                r#"{{"Type":"image","Action":"import","Actor":{{"ID":"sha256:1","Attributes":{labelled}}}}}"#
            ),
            format!(
                r#"{{"Type":"container","Action":"create","Actor":{{"ID":"c1","Attributes":{labelled}}}}}"#
            ),
            r#"{"Type":"volume","Action":"mount","Actor":{"ID":"data","Attributes":{"container":"c1"}}}"#
                .to_owned(),
            r#"{"Type":"volume","Action":"mount","Actor":{"ID":"data","Attributes":{"container":"c2"}}}"#
                .to_owned(),
            format!(
                r#"{{"Type":"container","Action":"destroy","Actor":{{"ID":"c1","Attributes":{labelled}}}}}"#
            ),
            r#"{"Type":"image","Action":"delete","Actor":{"ID":"sha256:1","Attributes":{}}}"#.to_owned(),
            r#"{"Type":"image","Action":"delete","Actor":{"ID":"sha256:1","Attributes":{}}}"#.to_owned(),
        ]
        .iter()
        .map(|text| !helpers.take(&event(text)))
        .collect();
        assert_eq!(told, [false, false, false, true, false, false, true]);
        assert!(helpers.0.is_empty());
    }
}

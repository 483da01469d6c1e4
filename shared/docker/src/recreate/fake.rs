use std::time::Duration;

use async_trait::async_trait;
use dockline_domain::{ContainerId, WantedImage, access::Grant};
use serde_json::json;

use super::{
    Blueprint, Condition, FoundSuccessor, ImageHere, JOB_LABEL, NAME_LABEL, OF_LABEL, RUNNING_LABEL,
    Recreate, Successor,
};
use crate::{
    Error, Missing, NewContainer, Result,
    fake::{FakeEngine, FakeRegistry},
};

impl FakeEngine {
    fn has_image(&self, name: &str) -> bool {
        name == "fake:1" || self.images.has(name) || self.registry.pulled().contains(name)
    }
}

#[async_trait]
impl Recreate for FakeEngine {
    async fn blueprint(&self, id: &ContainerId) -> Result<Blueprint> {
        let state = self.called("blueprint", id.as_str())?;
        let container = state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        let image = container.made.as_ref().map_or("fake:1", |made| &made.image);
        let inspected = json!({
            "Id": id.as_str(), "Name": format!("/{}", container.name), "Image": "sha256:0",
            "Config": { "Image": image, "Labels": container.labels },
            "State": { "Status": container.state, "Running": container.state == "running", "Paused": container.state == "paused" },
        });
        let mut blueprint = Blueprint::read(inspected, Some(json!({})), "memory".to_owned())?;
        blueprint.platform = self.images.platform(image);
        Ok(blueprint)
    }

    async fn image_here(&self, image: &WantedImage) -> Result<Option<ImageHere>> {
        let name = image.to_string();
        drop(self.called("image_here", &name)?);
        let is_pulled = self.registry.pulled().contains(&name);
        let known = image.name().filter(|_| is_pulled);
        let digests = known.map(|known| format!("{}@{}", known.name(), FakeRegistry::DIGEST));
        Ok(self
            .has_image(&name)
            .then(|| ImageHere { id: "sha256:0".to_owned(), digests: digests.into_iter().collect() }))
    }

    async fn create_successor(
        &self,
        _grant: &Grant,
        blueprint: &Blueprint,
        successor: &Successor,
    ) -> Result<ContainerId> {
        let (name, image) = (successor.temporary_name.as_str(), successor.image.to_string());
        drop(self.called("create_successor", blueprint.id.as_str())?);
        let missing = |message| Err(Error::Missing { what: Missing::Image, message });
        if !self.has_image(&image) {
            return missing(format!("No such image: {image}"));
        }
        let there = self.images.platform(&image);
        if let Some(wanted) = blueprint.platform.as_ref().filter(|wanted| there.as_ref() != Some(*wanted)) {
            return missing(format!(
                "the image {image} does not match the specified platform: wanted {wanted}"
            ));
        }
        if self.lock().containers.values().any(|one| one.name == name) {
            return Err(Error::Conflict { message: format!("the name {name} is already in use") });
        }
        let old = self.made(&blueprint.id).unwrap_or_default();
        let made = NewContainer { image, ..old };
        let id = self.put(name, "created", &[], Some(made));
        if let Some(made) = self.lock().containers.get_mut(id.as_str()) {
            made.labels.extend([
                (JOB_LABEL.to_owned(), successor.job.to_string()),
                (OF_LABEL.to_owned(), blueprint.id.to_string()),
                (NAME_LABEL.to_owned(), blueprint.name.to_string()),
                (RUNNING_LABEL.to_owned(), blueprint.runs.to_string()),
            ]);
        }
        Ok(id)
    }

    async fn successors(&self, of: &ContainerId) -> Result<Vec<FoundSuccessor>> {
        let state = self.called("successors", of.as_str())?;
        let ours = state
            .containers
            .iter()
            .filter(|(_, one)| one.labels.get(OF_LABEL).is_some_and(|id| id == of.as_str()));
        let read = |(id, one): (&String, &crate::fake::FakeContainer)| {
            Some(FoundSuccessor {
                id: id.parse().ok()?,
                job: one.labels.get(JOB_LABEL)?.parse().ok()?,
                name: one.labels.get(NAME_LABEL)?.parse().ok()?,
                ran: one.labels.get(RUNNING_LABEL).is_some_and(|text| text == "true"),
            })
        };
        Ok(ours.filter_map(read).collect())
    }

    async fn condition(&self, id: &ContainerId) -> Result<Condition> {
        let state = self.called("condition", id.as_str())?;
        let container = state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        Ok(Condition {
            name: container.name.clone(),
            untouched: container.state == "created",
            running: container.state == "running",
            restarting: false,
            restarts: 0,
            exit_code: 0,
            error: String::new(),
            health: None,
            health_within: Duration::ZERO,
        })
    }

    async fn namespace_users(&self, of: &ContainerId) -> Result<Vec<String>> {
        let state = self.called("namespace_users", of.as_str())?;
        let own_name = state.containers.get(of.as_str()).map(|one| one.name.as_str());
        let shares = |mode: &str| {
            mode.strip_prefix("container:").is_some_and(|with| with == of.as_str() || Some(with) == own_name)
        };
        let users = state.containers.values().filter(|one| {
            let namespaces = one.made.iter().flat_map(|made| &made.isolation.namespaces);
            namespaces.into_iter().any(|(_, mode)| shares(mode))
        });
        Ok(users.map(|one| one.name.clone()).collect())
    }

    async fn is_reached_through(&self, blueprint: &Blueprint) -> Result<bool> {
        self.called("is_reached_through", blueprint.id.as_str()).map(|_| false)
    }
}

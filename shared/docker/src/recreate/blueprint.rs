use std::fmt;

use dockline_domain::{ContainerId, ContainerName};
use serde_json::Value;

use crate::{Error, Platform, Result, convert::bare};

/// A container as the engine describes it, with what its image gave it. It holds every secret that the container has, so
/// it is shown to nobody: only an engine gets it back.
pub struct Blueprint {
    /// The container.
    pub id: ContainerId,
    /// Its name.
    pub name: ContainerName,
    /// The image by the name that it was made by.
    pub image: String,
    /// The image by its content.
    pub image_id: String,
    /// Whether it runs, or is about to.
    pub runs: bool,
    /// What its image is made for, where that is not what the engine would take unasked.
    pub platform: Option<Platform>,
    /// The whole description.
    pub(super) inspected: Value,
    /// The settings of its image; `None` when that image is not there any more.
    pub(super) image_config: Option<Value>,
    /// What the engine's host is called.
    pub(super) host_name: String,
    /// The volumes that it has from others, by path and name.
    pub(super) borrowed: Vec<(String, String)>,
}

impl Blueprint {
    pub(super) fn read(inspected: Value, image_config: Option<Value>, host_name: String) -> Result<Self> {
        let text = |pointer: &str| text_at(&inspected, pointer).to_owned();
        let is = |pointer: &str| inspected.pointer(pointer).and_then(Value::as_bool).unwrap_or_default();
        let broken = |what: &str| Error::Engine {
            operation: "inspect the container",
            message: format!("it told {what} that is none"),
        };
        let name = bare(&text("/Name"));
        Ok(Self {
            id: text("/Id").parse().map_err(|_| broken("an ID"))?,
            name: name.parse().map_err(|_| Error::Conflict {
                message: format!(
                    "the container's name `{name}` is none that Dockline gives; rename it first"
                ),
            })?,
            image: text("/Config/Image"),
            image_id: text("/Image"),
            runs: is("/State/Running") || is("/State/Restarting"),
            platform: None,
            image_config,
            host_name,
            borrowed: Vec::new(),
            inspected,
        })
    }

    /// The Compose project that it belongs to.
    #[must_use]
    pub fn project(&self) -> Option<&str> {
        self.label(crate::convert::STACK_LABEL)
    }

    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.inspected.pointer("/Config/Labels")?.get(name)?.as_str()
    }

    /// Why no container can be made in its place, by what it is itself.
    pub(super) fn refusals(&self) -> Vec<String> {
        let is = |pointer: &str| self.inspected.pointer(pointer).and_then(Value::as_bool).unwrap_or_default();
        let mut refusals = Vec::new();
        let mut refuse = |reason: &str| refusals.push(reason.to_owned());
        if is("/HostConfig/AutoRemove") {
            refuse("the engine removes it when it stops (--rm), so it could not be brought back");
        }
        if is("/State/Paused") {
            refuse("it is paused; unpause it first");
        }
        if is("/State/Dead") || text_at(&self.inspected, "/State/Status") == "removing" {
            refuse("it is being removed");
        }
        if self.label("com.docker.swarm.task.id").is_some() {
            refuse("it belongs to a swarm service, which would start another one; update the service");
        }
        if self.image_config.is_none() {
            refuse(
                "the image that it was made of is not on the host any more, so nobody can tell which settings are its own",
            );
        }
        refusals
    }
}

/// The text in this place of a document; empty without one.
pub(super) fn text_at<'a>(document: &'a Value, pointer: &str) -> &'a str {
    document.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

impl fmt::Debug for Blueprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blueprint").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

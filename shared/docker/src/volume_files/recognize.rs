//! What Dockline made for volumes, among what is there. Anybody can give a container or an image a label, so the label alone
//! says nothing: what is hidden or removed must also be of no use to anybody else.

use std::collections::{HashMap, HashSet};

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum as State, EventMessage, ImageSummary};

use super::{COMMAND, HELPER_LABEL};

/// The largest image that counts as empty, in bytes. Engines that keep images in containerd count their descriptions too.
const EMPTY: i64 = 8 << 10;

/// Whether a container is a helper: never started, or on its way out.
pub(crate) fn is_helper_container(one: &ContainerSummary) -> bool {
    is_labelled(one.labels.as_ref())
        && one.command.as_deref() == Some(COMMAND)
        && matches!(one.state, Some(State::CREATED | State::REMOVING | State::DEAD))
}

/// Whether a listed image is a helper's.
pub(crate) fn is_helper_image(one: &ImageSummary) -> bool {
    is_image_of_helper(Some(&one.labels), &one.repo_tags, one.size)
}

/// Whether an image of these labels, tags and size is a helper's: empty and without a name.
pub(super) fn is_image_of_helper(
    labels: Option<&HashMap<String, String>>,
    tags: &[String],
    size: i64,
) -> bool {
    is_labelled(labels) && tags.iter().all(|tag| tag == "<none>:<none>") && size <= EMPTY
}

/// Whether something bears the helpers' label, whoever gave it.
pub(crate) fn is_labelled(labels: Option<&HashMap<String, String>>) -> bool {
    labels.is_some_and(|labels| labels.contains_key(HELPER_LABEL))
}

/// Keeps what helpers do out of a stream of events, from their making to their end. Engines do not tell labels of an image
/// that is gone, nor those of the container whose volume is mounted; so what is under way is remembered.
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
            Some("create" | "import") if is_labelled(attributes) => {
                self.0.insert(id.to_owned());
                true
            }
            // Helpers are never started.
            Some("start") => {
                self.0.remove(id);
                false
            }
            // Its end is the last that is heard of it.
            Some("destroy" | "delete") => self.0.remove(id),
            _ => self.0.contains(about),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn labels() -> Value {
        json!({ "io.dockline.helper": "volume" })
    }

    #[test]
    fn a_label_alone_makes_no_helper() {
        let container = |state: &str, command: &str, labels: Value| {
            let one = json!({ "Id": "c1", "State": state, "Command": command, "Labels": labels });
            is_helper_container(&serde_json::from_value(one).expect("a container"))
        };
        assert!(container("created", "none", labels()));
        assert!(!container("created", "none", json!({})));
        assert!(!container("created", "nginx", labels()));
        for started in ["running", "paused", "restarting", "exited"] {
            assert!(!container(started, "none", labels()), "{started}");
        }
    }

    #[test]
    fn an_image_with_a_name_or_with_files_is_not_a_helpers() {
        let image = |tags: &[&str], size: i64| {
            let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
            let one = ImageSummary {
                labels: serde_json::from_value(labels()).expect("labels"),
                repo_tags: tags,
                size,
                ..ImageSummary::default()
            };
            is_helper_image(&one)
        };
        assert!(image(&[], 0) && image(&["<none>:<none>"], 0));
        assert!(!image(&["web:1"], 0));
        assert!(!image(&[], 1 << 20));
    }

    fn event(kind: &str, action: &str, id: &str, attributes: &Value) -> EventMessage {
        let event =
            json!({ "Type": kind, "Action": action, "Actor": { "ID": id, "Attributes": attributes } });
        serde_json::from_value(event).expect("an event")
    }

    #[test]
    fn what_helpers_do_is_not_told() {
        let mut helpers = HelperEvents::default();
        let of = |id: &str| json!({ "container": id });
        for (is_told, event) in [
            (false, event("image", "import", "sha256:1", &labels())),
            (false, event("container", "create", "c1", &labels())),
            (false, event("volume", "mount", "data", &of("c1"))),
            (true, event("volume", "mount", "data", &of("c2"))),
            (false, event("container", "archive-path", "c1", &labels())),
            (false, event("container", "destroy", "c1", &labels())),
            (false, event("image", "delete", "sha256:1", &json!({}))),
            (true, event("image", "delete", "sha256:1", &json!({}))),
        ] {
            assert_eq!(!helpers.take(&event), is_told, "{event:?}");
        }
        assert!(helpers.0.is_empty());
    }

    #[test]
    fn what_runs_under_a_helpers_label_is_told() {
        let mut helpers = HelperEvents::default();
        assert!(helpers.take(&event("container", "create", "c1", &labels())));
        for action in ["start", "archive-path", "exec_create: sh", "die", "destroy"] {
            assert!(!helpers.take(&event("container", action, "c1", &labels())), "{action}");
        }
        // One that ran already when the stream began.
        assert!(!helpers.take(&event("container", "die", "c2", &labels())));
        assert!(!helpers.take(&event("container", "destroy", "c2", &labels())));
    }
}

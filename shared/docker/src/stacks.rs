//! What Compose writes of a project on its containers, by labels. Whoever made them.

use dockline_contract::rest::ContainerSummary;
use dockline_domain::StackName;

use crate::{Sensitive, convert::STACK_LABEL};

/// A container's place in a stack, and where Compose had the stack from. No secret: engine events tell names, and the rest
/// are paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackMember {
    /// The stack.
    pub stack: StackName,
    /// The service.
    pub service: String,
    /// Which of the service's containers.
    pub number: Option<u32>,
    /// The Compose files.
    pub config_files: Vec<String>,
    /// The folder that their paths begin in.
    pub working_dir: Option<String>,
    /// Compose's version.
    pub version: Option<String>,
    /// Whether it has the label without which Compose does nothing to it.
    pub is_of_compose: bool,
}

impl Sensitive<ContainerSummary> {
    /// The container's place in a stack. `None` also of one-off containers (`compose run`), which belong to no service, and
    /// of labels that Compose would not have written.
    #[must_use]
    pub fn stack_member(&self) -> Option<StackMember> {
        let labels = &self.inner().labels;
        let label = |name: &str| labels.get(&format!("com.docker.compose.{name}")).map(String::as_str);
        let filled = |name: &str| label(name).filter(|text| !text.is_empty()).map(str::to_owned);
        if label("oneoff") == Some("True") {
            return None;
        }
        Some(StackMember {
            stack: labels.get(STACK_LABEL)?.parse().ok()?,
            service: filled("service")?,
            number: label("container-number").and_then(|text| text.parse().ok()),
            config_files: filled("project.config_files")
                .map(|files| files.split(',').map(str::to_owned).collect())
                .unwrap_or_default(),
            working_dir: filled("project.working_dir"),
            version: filled("version"),
            is_of_compose: label("config-hash").is_some(),
        })
    }
}

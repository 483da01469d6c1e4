use dockline_contract::rest::{ContainerDetails, ContainerSummary, ProcessList};
use dockline_domain::access::{Grant, Permission};

use crate::convert::STACK_LABEL;

/// What Compose says of a container by labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComposePlace<'a> {
    /// The project.
    pub project: &'a str,
    /// The service of the project.
    pub service: Option<&'a str>,
    /// Which of the service's containers: one that is recreated keeps it. `None` of one-off containers.
    pub number: Option<&'a str>,
}

/// An engine's answer that may hold secrets. What is inside comes out only against a [`Grant`],
/// and then without whatever that grant's principal may not see.
#[derive(Debug, Clone)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    pub(crate) const fn new(inner: T) -> Self {
        Self(inner)
    }

    pub(crate) const fn inner(&self) -> &T {
        &self.0
    }

    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl Sensitive<ContainerSummary> {
    /// What the grant's principal may see: labels need [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> ContainerSummary {
        let mut summary = self.0;
        if !grant.also(Permission::SecretsRead) {
            hide_labels(&mut summary);
        }
        summary
    }

    /// The parts that are no secret for anybody signed in: used to find and to filter.
    #[must_use]
    pub fn identity(&self) -> (&str, &str, &str, &str) {
        (&self.0.id, &self.0.name, &self.0.image, &self.0.state)
    }

    /// The content hash of its image, which is no secret either.
    #[must_use]
    pub fn image_id(&self) -> &str {
        &self.0.image_id
    }

    /// Its place in a Compose project, if it has one. Engine events tell it as well, so it is no secret.
    #[must_use]
    pub fn compose_place(&self) -> Option<ComposePlace<'_>> {
        let label = |name: &str| self.0.labels.get(name).map(String::as_str);
        let is_one_off = label("com.docker.compose.oneoff") == Some("True");
        Some(ComposePlace {
            project: label(STACK_LABEL)?,
            service: label("com.docker.compose.service"),
            number: label("com.docker.compose.container-number").filter(|_| !is_one_off),
        })
    }
}

impl Sensitive<ContainerDetails> {
    /// The container's name, which is no secret for anybody signed in.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.summary.name
    }

    /// The image by the name that it was made by.
    #[must_use]
    pub fn image(&self) -> &str {
        &self.0.summary.image
    }

    /// Whether a label has this value: for rules that go by labels, whoever asks.
    #[must_use]
    pub fn is_labelled(&self, label: &str, value: &str) -> bool {
        self.0.summary.labels.get(label).is_some_and(|found| found == value)
    }

    /// What the grant's principal may see: values of environment variables, the command, labels and
    /// health check output need [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> ContainerDetails {
        let mut details = self.0;
        if !grant.also(Permission::SecretsRead) {
            details.secrets_hidden = true;
            details.command.clear();
            for variable in &mut details.env {
                variable.value = None;
            }
            if let Some(check) = &mut details.health_check {
                check.last_output = None;
            }
            hide_labels(&mut details.summary);
        }
        details
    }
}

/// The columns of `ps` that may show a secret: programs are given them as arguments.
const COMMAND_COLUMNS: [&str; 4] = ["CMD", "COMMAND", "ARGS", "Name"];

impl Sensitive<ProcessList> {
    /// What the grant's principal may see: command lines need [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> ProcessList {
        let ProcessList { titles, processes } = self.0;
        if grant.also(Permission::SecretsRead) {
            return ProcessList { titles, processes };
        }
        let shown: Vec<bool> =
            titles.iter().map(|title| !COMMAND_COLUMNS.contains(&title.as_str())).collect();
        let without = |row: Vec<String>| {
            row.into_iter().zip(&shown).filter(|(_, shown)| **shown).map(|(text, _)| text).collect()
        };
        let processes = processes.into_iter().map(without).collect();
        ProcessList { titles: without(titles), processes }
    }
}

fn hide_labels(summary: &mut ContainerSummary) {
    summary.labels.clear();
}

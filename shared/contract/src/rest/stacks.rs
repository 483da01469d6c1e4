use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{HostStatus, JobRecord, JobState};

/// How much of a stack runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StackState {
    /// Every container runs.
    Running,
    /// Some do.
    Partial,
    /// None does.
    Stopped,
    /// There is a Compose file and no container.
    Absent,
}

/// One stack of a list: a Compose project, whoever made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackSummary {
    /// Its name, by which it is addressed under its host.
    pub name: String,
    /// The host's ID.
    pub host: String,
    /// How much of it runs.
    pub state: StackState,
    /// Whether its Compose file is kept here.
    pub managed: bool,
    /// The newest revision of the file.
    pub revision: Option<u32>,
    /// The revision that was last deployed with success.
    pub deployed_revision: Option<u32>,
    /// Its services, by name: of its containers, and of the file where there are none.
    pub services: Vec<String>,
    /// Containers that run.
    pub running: u32,
    /// All its containers.
    pub total: u32,
    /// Containers whose health check fails.
    pub unhealthy: u32,
    /// When the file was changed last, RFC 3339.
    pub updated_at: Option<String>,
}

/// A page of stacks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StackPage {
    /// The stacks, by name.
    pub items: Vec<StackSummary>,
    /// Send as `cursor` for the next page.
    pub next_cursor: Option<String>,
    /// Every host that was asked. One that does not answer is named here and fails nothing else.
    pub hosts: Vec<HostStatus>,
}

/// Everything about one stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackDetails {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: StackSummary,
    /// Where Compose had it from, by the containers' labels.
    pub origin: StackOrigin,
    /// Its containers, by service and number.
    pub containers: Vec<StackContainer>,
    /// Its networks, by name.
    pub networks: Vec<StackNetwork>,
    /// Its volumes, by name.
    pub volumes: Vec<StackVolume>,
    /// A job that waits or works for it.
    pub job: Option<StackJob>,
}

/// Where Compose had a stack from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackOrigin {
    /// The Compose files, as they were given; `-` is what was handed over without one.
    pub config_files: Vec<String>,
    /// The folder that their paths begin in. `/dockline/stacks/…`, which is nowhere, of what was deployed from here.
    pub working_dir: Option<String>,
    /// Compose's version.
    pub version: Option<String>,
}

/// A container of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackContainer {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The service.
    pub service: String,
    /// Which of the service's containers.
    pub number: Option<u32>,
    /// The image as it was named at creation.
    pub image: String,
    /// As in the list of containers.
    pub state: String,
    /// As in the list of containers.
    pub health: Option<String>,
    /// The engine's words, for example `Up 3 hours (healthy)`.
    pub status: String,
}

/// A network of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackNetwork {
    /// The engine's ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
}

/// A volume of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackVolume {
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
}

/// A job that waits or works for a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackJob {
    /// Its ID.
    pub id: String,
    /// For example `stack.deploy`.
    pub kind: String,
    /// `queued` or `running`.
    pub state: JobState,
}

/// Which images a deployment fetches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StackPull {
    /// Those that are not there, unless the file says otherwise.
    #[default]
    Missing,
    /// All of them, for newer ones.
    Always,
}

/// A stack that is to be made from a Compose file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeployStack {
    /// The project's name.
    pub name: String,
    /// The Compose file, 1 MiB at most.
    pub compose: String,
    /// What `${NAME}` in it stands for, 200 at most. Nothing else is put in there.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Which images are fetched.
    #[serde(default)]
    pub pull: StackPull,
}

/// How a stack is to be deployed again. An empty one deploys the present file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateStack {
    /// A new Compose file; the present one stays without.
    #[serde(default)]
    pub compose: Option<String>,
    /// All variables; null keeps a variable's present value. The present ones stay without.
    #[serde(default)]
    pub variables: Option<BTreeMap<String, Option<String>>>,
    /// Goes back to the file and the variables of this revision, which are the newest then.
    #[serde(default)]
    pub from_revision: Option<u32>,
    /// The revision that the change was made to: if it is not the newest any more, nothing is done.
    #[serde(default)]
    pub base_revision: Option<u32>,
    /// Which images are fetched.
    #[serde(default)]
    pub pull: StackPull,
}

/// The job that deploys a stack.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StackDeploying {
    /// The job; `/ws/jobs/{id}` shows how it goes on.
    pub job: JobRecord,
    /// The revision of the file that it deploys.
    pub revision: u32,
}

/// The Compose file of a stack that was made elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdoptStack {
    /// The Compose file, 1 MiB at most.
    pub compose: String,
    /// What `${NAME}` in it stands for.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

/// A stack's file is kept from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackAdopted {
    /// The file's revision.
    pub revision: u32,
    /// Services of the file that have no container.
    pub only_in_file: Vec<String>,
    /// Services that have containers and are not in the file; the next deployment removes them.
    pub only_at_engine: Vec<String>,
}

/// A Compose file to be judged.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidateStack {
    /// The project's name.
    pub name: String,
    /// The Compose file.
    pub compose: String,
    /// What `${NAME}` in it stands for; null is the value that is kept for the stack of this name.
    #[serde(default)]
    pub variables: BTreeMap<String, Option<String>>,
}

/// What is to be said of a Compose file before anything changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackVerdict {
    /// Whether it can be deployed at all.
    pub valid: bool,
    /// What is wrong with it.
    pub problems: Vec<StackProblem>,
    /// What is odd about it.
    pub warnings: Vec<String>,
    /// Its services, by name.
    pub services: Vec<StackService>,
    /// The networks that it has or joins, by their names at the engine.
    pub networks: Vec<String>,
    /// The volumes that it has or uses, by their names at the engine.
    pub volumes: Vec<String>,
    /// Variables that it names, and that have neither a value nor a default.
    pub unset_variables: Vec<String>,
    /// By what it reaches the host, for which `host.escape` is needed.
    pub host_access: Vec<String>,
    /// Whether whoever asks may deploy it.
    pub may_deploy: bool,
}

/// Something that is wrong with a Compose file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackProblem {
    /// The line, counted from 1, as far as one can be named.
    pub line: Option<u64>,
    /// What is wrong there.
    pub message: String,
}

/// A service of a Compose file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackService {
    /// Its name.
    pub name: String,
    /// The image.
    pub image: String,
    /// Published ports, for example `127.0.0.1:8080:80/tcp`.
    pub ports: Vec<String>,
    /// The services that it waits for.
    pub depends_on: Vec<String>,
    /// How many containers it has.
    pub replicas: u64,
}

/// The Compose file of a stack, in one of the forms that are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackFile {
    /// What is told of all revisions.
    #[serde(flatten)]
    pub revision: StackRevision,
    /// Whether no newer one is kept.
    pub is_newest: bool,
    /// The text; null for viewers, since people write secrets into it.
    pub compose: Option<String>,
    /// The variables, by name.
    pub variables: Vec<StackVariable>,
}

/// A variable of a Compose file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackVariable {
    /// Its name.
    pub name: String,
    /// Its value; null for viewers.
    pub value: Option<String>,
}

/// One form of a stack's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackRevision {
    /// Its number.
    pub revision: u32,
    /// What it was saved for.
    pub action: StackAction,
    /// When, RFC 3339.
    pub saved_at: String,
    /// By whom.
    pub saved_by: StackAuthor,
    /// When it was last deployed with success, RFC 3339.
    pub deployed_at: Option<String>,
    /// Its services, by name.
    pub services: Vec<String>,
}

/// What a form of a stack's file was saved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StackAction {
    /// The stack was made.
    Deploy,
    /// It was changed.
    Update,
    /// It went back to an older form.
    Rollback,
    /// It was made elsewhere.
    Adopt,
}

/// Who saved a stack's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StackAuthor {
    /// The account.
    pub id: String,
    /// Its name at that time.
    pub name: String,
}

/// The forms of a stack's file that are kept, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StackRevisions {
    /// The forms.
    pub items: Vec<StackRevision>,
}

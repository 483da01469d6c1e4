use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A program to run in a container, to its end.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunExec {
    /// The program and its arguments, as they are: no shell reads them.
    #[schema(example = json!(["ls", "-l", "/etc"]))]
    pub cmd: Vec<String>,
    /// A user or `user:group`, by name or number; the container's own by default.
    #[serde(default)]
    pub user: Option<String>,
    /// The working folder, an absolute path; the container's own by default.
    #[serde(default)]
    pub working_dir: Option<String>,
    /// What it reads; nothing by default.
    #[serde(default)]
    pub stdin: Option<String>,
    /// How long it may take, 1 to 300; 60 by default. It is killed then.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 300)]
    pub timeout_seconds: Option<u32>,
}

/// What a program printed, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExecResult {
    /// Null when it was killed because it took too long.
    pub exit_code: Option<i64>,
    /// Up to 1 MiB; what is not valid UTF-8 is replaced.
    pub stdout: String,
    /// Up to 1 MiB; what is not valid UTF-8 is replaced.
    pub stderr: String,
    /// Whether it printed more than that.
    pub truncated: bool,
    /// Whether it took too long.
    pub timed_out: bool,
}

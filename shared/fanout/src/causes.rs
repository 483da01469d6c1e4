use std::time::Duration;

use async_trait::async_trait;
use dockline_domain::{ContainerId, HostId};

use crate::Result;

/// For how long what happens to a container is taken for the consequence of what somebody asked of it: a stop takes
/// ten seconds by default.
pub const CAUSE_LIVES: Duration = Duration::from_secs(15);

/// What people asked of containers, so that the events that come of it go on with the request's trace.
///
/// Only for traces: nobody notes anything unless they are exported, and nothing else depends on it.
#[async_trait]
pub trait Causes: Send + Sync {
    /// Notes that something is about to be asked of a container, with the `traceparent` of the request.
    async fn note_cause(&self, host: &HostId, container: &ContainerId, trace_parent: &str) -> Result<()>;

    /// What was noted last for each of these containers within [`CAUSE_LIVES`], in their order.
    async fn causes(&self, host: &HostId, containers: &[&str]) -> Result<Vec<Option<String>>>;
}

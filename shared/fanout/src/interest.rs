use std::collections::BTreeSet;

use async_trait::async_trait;
use dockline_domain::{ContainerId, HostId};

use crate::Result;

/// Something of a host that somebody watches.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// A container's log.
    Logs(ContainerId),
    /// A container's resource use.
    Stats(ContainerId),
}

/// What is watched, on any replica. A topic stays wanted for a while after its last viewer left, so
/// that a page reload or a returning colleague finds the stream running.
#[async_trait]
pub trait Interest: Send + Sync {
    /// Everything of `host` that is wanted now.
    async fn wanted(&self, host: &HostId) -> Result<BTreeSet<Topic>>;

    /// Completes soon after something new of `host` is wanted. A hint: the truth is [`Self::wanted`].
    async fn changed(&self, host: &HostId);
}

use dockline_domain::{ContainerId, HostId};
use dockline_redis::Keys;

/// Names of what belongs to one container.
#[derive(Debug, Clone)]
pub(super) struct LogNames {
    /// A hash: where the log ends.
    pub(super) meta: String,
    /// A stream: its last batches and marks.
    pub(super) stream: String,
    /// Its condition.
    pub(super) state: String,
    /// The newest sample of its resource use.
    pub(super) stats: String,
    /// The channel of its log.
    pub(super) log_channel: String,
    /// The channel of its resource use.
    pub(super) stats_channel: String,
}

impl LogNames {
    pub(super) fn new(keys: &Keys, host: &HostId, container: &ContainerId) -> Self {
        let name = |kind: &str| keys.of_host(host, &format!("{kind}:{container}"));
        Self {
            meta: name("log-meta"),
            stream: name("log"),
            state: name("log-state"),
            stats: name("stats"),
            log_channel: name("log-news"),
            stats_channel: name("stats-news"),
        }
    }
}

/// The book of hosts, beside all hosts.
pub(super) fn hosts(keys: &Keys) -> String {
    keys.of_all("hosts")
}

/// What is wanted of a host.
pub(super) fn wanted(keys: &Keys, host: &HostId) -> String {
    keys.of_host(host, "wanted")
}

/// The channel that says that something new is wanted.
pub(super) fn wanted_channel(keys: &Keys, host: &HostId) -> String {
    keys.of_host(host, "wanted-news")
}

use std::collections::BTreeSet;

use dockline_docker::Hosts;
use dockline_domain::HostId;
use futures::{Stream, stream};

/// The hosts that are in use: now, and whenever those change. For parts that need no engine.
pub fn enabled_hosts(hosts: &Hosts) -> impl Stream<Item = BTreeSet<HostId>> + Send + 'static {
    // The directory lives as long as somebody looks at it.
    stream::unfold((hosts.clone(), hosts.watch(), None), |(hosts, mut watch, told)| async move {
        loop {
            let enabled: BTreeSet<HostId> = watch
                .borrow_and_update()
                .values()
                .filter(|host| host.enabled)
                .map(|host| host.id.clone())
                .collect();
            if told.as_ref() != Some(&enabled) {
                return Some((enabled.clone(), (hosts, watch, Some(enabled))));
            }
            watch.changed().await.ok()?;
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dockline_docker::{Host, fake::FakeEngine};
    use futures::{FutureExt, StreamExt};

    use super::*;

    #[tokio::test]
    async fn only_a_change_of_the_set_is_told() {
        let host = |name: &str, enabled, revision| {
            let id: HostId = name.parse().expect("an id");
            let address = "unix:///nowhere".parse().expect("an address");
            (id.clone(), Host { enabled, revision, ..Host::new(id.clone(), address, FakeEngine::new(id)) })
        };
        let hosts = Hosts::default();
        hosts.replace(BTreeMap::from([host("a", true, 1), host("b", false, 1)]));
        let mut sets = Box::pin(enabled_hosts(&hosts));
        let names = |set: Option<BTreeSet<HostId>>| -> Vec<String> {
            set.expect("a set").iter().map(ToString::to_string).collect()
        };
        assert_eq!(names(sets.next().await), ["a"]);
        hosts.replace(BTreeMap::from([host("a", true, 2), host("b", false, 1)]));
        assert!(sets.next().now_or_never().is_none(), "another label");
        hosts.replace(BTreeMap::from([host("b", true, 2)]));
        assert_eq!(names(sets.next().await), ["b"]);
    }
}

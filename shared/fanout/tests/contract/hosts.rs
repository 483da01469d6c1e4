use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use dockline_domain::host::{HostBook, HostOrigin, HostRecord, Sealed};

use crate::stage::Stage;

fn book(revision: u64) -> HostBook {
    let host = HostRecord {
        id: "edge".parse().expect("valid"),
        address: "tcp://10.0.0.1:2376".to_owned(),
        labels: BTreeMap::from([("env".to_owned(), "prod ü".to_owned())]),
        enabled: true,
        origin: HostOrigin::Added,
        sealed: Some(Sealed(vec![0, 255, 10])),
        revision,
        created_at: 1,
        updated_at: 2,
    };
    HostBook { revision, hosts: vec![host] }
}

/// Revisions are as large as microseconds since 1970.
const NOW: u64 = 1_795_514_400_123_456;

pub async fn the_newest_book_of_hosts_stands_and_no_older_one_replaces_it(stage: &Stage) -> Result<()> {
    let [one, other] = &stage.replicas;
    ensure!(stage.streamer.posted_hosts().await?.is_none());
    ensure!(stage.streamer.posted_revision().await?.is_none());
    ensure!(one.post_hosts(&book(NOW)).await? == NOW);
    ensure!(stage.streamer.posted_hosts().await?.context("a book")? == book(NOW));
    ensure!(other.post_hosts(&book(NOW + 1)).await? == NOW + 1);
    // A replica that is behind learns that it is, and changes nothing.
    ensure!(one.post_hosts(&book(NOW)).await? == NOW + 1);
    ensure!(one.post_hosts(&HostBook { revision: NOW + 1, hosts: Vec::new() }).await? == NOW + 1);
    ensure!(stage.streamer.posted_revision().await? == Some(NOW + 1));
    ensure!(stage.streamer.posted_hosts().await?.context("a book")? == book(NOW + 1));
    // An empty book is a book: the last host was removed.
    let empty = HostBook { revision: NOW + 2, hosts: Vec::new() };
    ensure!(one.post_hosts(&empty).await? == NOW + 2);
    ensure!(stage.streamer.posted_hosts().await?.context("a book")? == empty);
    Ok(())
}

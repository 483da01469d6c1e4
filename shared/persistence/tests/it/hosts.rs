use std::collections::BTreeMap;

use dockline_domain::{
    HostId,
    host::{HostOrigin, HostRecord, Sealed},
};
use dockline_persistence::{Error, HostBooks, HostChange, Moment, NewHost};
use tokio::task::JoinSet;

use crate::{Engine, TestDatabase};

const NOW: Moment = Moment(1_795_514_400_000_000);

fn id(text: &str) -> HostId {
    text.parse().expect("a host id")
}

fn new_host(name: &str) -> NewHost {
    NewHost {
        id: id(name),
        address: format!("tcp://{name}:2376"),
        labels: BTreeMap::from([("env".to_owned(), "prod ü".to_owned())]),
        enabled: true,
        sealed: Some(Sealed(vec![1, 0, 255, 10])),
    }
}

async fn ids(hosts: &HostBooks) -> Vec<String> {
    hosts.load().await.expect("a book").hosts.iter().map(|host| host.id.to_string()).collect()
}

pub async fn a_host_is_kept_as_it_was_given(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let hosts = test.database.hosts();
    let empty = hosts.load().await.expect("a book");
    assert!(empty.hosts.is_empty());
    for name in ["web-1", "edge", "web-0", "9"] {
        hosts.insert(new_host(name), NOW).await.expect("added");
    }
    let taken = hosts.insert(new_host("edge"), NOW).await;
    assert!(matches!(taken, Err(Error::HostTaken)), "{taken:?}");
    assert_eq!(ids(&hosts).await, ["9", "edge", "web-0", "web-1"]);
    let book = hosts.load().await.expect("a book");
    let edge = book.get(&id("edge")).expect("edge");
    let expected = HostRecord {
        id: id("edge"),
        address: "tcp://edge:2376".to_owned(),
        labels: BTreeMap::from([("env".to_owned(), "prod ü".to_owned())]),
        enabled: true,
        origin: HostOrigin::Added,
        sealed: Some(Sealed(vec![1, 0, 255, 10])),
        revision: edge.revision,
        created_at: NOW.0,
        updated_at: NOW.0,
    };
    assert_eq!(*edge, expected);
    assert_eq!(book.revision, hosts.revision().await.expect("a revision"));
    assert!(edge.revision < book.revision && empty.revision < edge.revision);
}

pub async fn only_what_is_named_changes_and_every_change_counts(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let hosts = test.database.hosts();
    let first = hosts.insert(new_host("edge"), NOW).await.expect("added");
    let change = HostChange { enabled: Some(false), ..HostChange::default() };
    let disabled = hosts.update(&first, change.clone(), NOW.plus_seconds(1)).await.expect("changed");
    assert!(disabled.revision > first.revision);
    let expected = HostRecord {
        enabled: false,
        revision: disabled.revision,
        updated_at: NOW.plus_seconds(1).0,
        ..first.clone()
    };
    assert_eq!(disabled, expected);
    // Whoever looked before that decides about something that is not so any more.
    let late = hosts.update(&first, change.clone(), NOW).await;
    assert!(matches!(late, Err(Error::HostChanged)), "{late:?}");
    let rest = HostChange {
        address: Some("unix:///run/docker.sock".to_owned()),
        labels: Some(BTreeMap::new()),
        enabled: Some(true),
        sealed: Some(None),
    };
    let rest = hosts.update(&disabled, rest, NOW).await.expect("changed");
    assert_eq!(
        (rest.address.as_str(), rest.labels.len(), rest.sealed.clone()),
        ("unix:///run/docker.sock", 0, None)
    );

    assert_eq!(hosts.remove(&id("edge"), NOW).await.expect("removed"), rest);
    for gone in
        [hosts.remove(&id("edge"), NOW).await.map(drop), hosts.update(&rest, change, NOW).await.map(drop)]
    {
        assert!(matches!(gone, Err(Error::NoSuchHost)), "{gone:?}");
    }
    // Added again it is another one, also by a clock that stands still.
    let again = hosts.insert(new_host("edge"), NOW).await.expect("added");
    assert!(again.revision > rest.revision);
    assert!(hosts.revision().await.expect("a revision") >= again.revision);
}

pub async fn the_settings_decide_about_the_hosts_that_they_name(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let hosts = test.database.hosts();
    let declared = |pairs: &[(&str, &str)]| -> Vec<(HostId, String)> {
        pairs.iter().map(|(name, address)| (id(name), (*address).to_owned())).collect()
    };
    let origins = |book: &dockline_domain::host::HostBook| -> Vec<String> {
        book.hosts
            .iter()
            .map(|host| format!("{} {} {}", host.id, host.address, host.origin.as_str()))
            .collect()
    };
    hosts.insert(new_host("added"), NOW).await.expect("added");
    let both = declared(&[("a", "tcp://a:1"), ("b", "unix:///b")]);
    let book = hosts.declare(both.clone(), NOW).await.expect("declared");
    assert_eq!(
        origins(&book),
        ["a tcp://a:1 settings", "added tcp://added:2376 added", "b unix:///b settings"]
    );
    let refused = hosts.remove(&id("a"), NOW).await;
    assert!(matches!(refused, Err(Error::HostDeclared)), "{refused:?}");

    // What an administrator did to them stays, and a start that finds everything so is no change.
    let change = HostChange {
        labels: Some(BTreeMap::from([("rack".to_owned(), "7".to_owned())])),
        enabled: Some(false),
        sealed: Some(Some(Sealed(vec![7]))),
        ..HostChange::default()
    };
    let changed = hosts.update(book.get(&id("a")).expect("a"), change, NOW).await.expect("changed");
    let again = hosts.declare(both, NOW).await.expect("declared");
    assert_eq!(again.get(&id("a")), Some(&changed));
    assert_eq!(again.revision, changed.revision);

    // Another address takes the credentials away; a name that is no longer there leaves the host.
    let book = hosts.declare(declared(&[("a", "tcp://a:2"), ("added", "tcp://added:2376")]), NOW).await;
    let book = book.expect("declared");
    assert_eq!(
        origins(&book),
        ["a tcp://a:2 settings", "added tcp://added:2376 settings", "b unix:///b added"]
    );
    let a = book.get(&id("a")).expect("a");
    assert_eq!((a.sealed.clone(), a.enabled, a.labels.len()), (None, false, 1));
    assert!(book.get(&id("added")).is_some_and(|host| host.sealed.is_some()), "its address is the same");
    hosts.remove(&id("b"), NOW).await.expect("removed");
}

pub async fn replicas_that_change_hosts_together_lose_no_change(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let replicas = [test.replica().await, test.replica().await];
    let shared = test.database.hosts().insert(new_host("shared"), NOW).await.expect("added");
    let mut tasks = JoinSet::new();
    for number in 0..20 {
        let hosts = replicas[number % 2].hosts();
        let seen = shared.clone();
        tasks.spawn(async move {
            hosts.insert(new_host(&format!("host-{number:02}")), NOW).await.expect("added");
            hosts.declare(vec![(id("declared"), "tcp://d:1".to_owned())], NOW).await.expect("declared");
            let change =
                HostChange { address: Some(format!("tcp://h:{}", number + 1)), ..HostChange::default() };
            match hosts.update(&seen, change, NOW).await {
                Ok(_) => 1,
                Err(Error::HostChanged) => 0,
                Err(error) => panic!("{error:?}"),
            }
        });
    }
    let changed: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!(changed, 1, "each saw the same host");
    let book = test.database.hosts().load().await.expect("a book");
    assert_eq!(book.hosts.len(), 22);
    let mut revisions: Vec<u64> = book.hosts.iter().map(|host| host.revision).collect();
    assert!(revisions.iter().all(|revision| *revision <= book.revision));
    revisions.sort_unstable();
    revisions.dedup();
    assert_eq!(revisions.len(), 22, "each change has a revision of its own");
}

pub async fn a_book_from_before_a_backup_is_overtaken(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let hosts = test.database.hosts();
    let known = u64::try_from(NOW.plus_seconds(1_000_000).0).expect("a time");
    let revision = hosts.overtake(known, NOW).await.expect("overtaken");
    assert!(revision > known);
    assert_eq!(hosts.load().await.expect("a book").revision, revision);
    assert!(hosts.insert(new_host("edge"), NOW).await.expect("added").revision > revision);
}

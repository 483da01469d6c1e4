//! Containers by their IDs: each on its own, and all within the limits.

use dockline_domain::{access::Role, log::Epoch};
use dockline_fanout::{EventItem, EventPublisher, StreamState};
use serde_json::json;

use super::{Viewer, Writer, leader};
use crate::{
    TestServer,
    sockets::{close_code, open},
};

#[tokio::test]
async fn each_container_goes_on_from_its_own_position() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    server.spare.add("placeholder", &[]);
    let (web, db) = (server.engine.add("web", &[]), server.spare.add("db", &[]));
    let mut web_log = Writer::begin(&server, "local", &web, 7).await;
    let mut db_log = Writer::begin(&server, "spare", &db, 9).await;
    web_log.write(5).await;
    db_log.write(200).await;
    let which = format!("host=local&container={web}&container=spare/{db}");
    let mut viewer = Viewer::open(&server, &vera, &format!("{which}&tail=3")).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 3..=5) && seen.has_numbers(&db, 198..=200)).await);
    assert!(viewer.until(|seen| seen.story(web.as_str()).contains(&"part web".to_owned())).await);
    drop(viewer);

    web_log.write(2).await;
    let from = format!("from={web}%3D{}:5&from={db}={}:190", Epoch(7), Epoch(9));
    let mut viewer = Viewer::open(&server, &vera, &format!("{which}&{from}")).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 6..=7) && seen.has_numbers(&db, 191..=200)).await);
    // Live, in both.
    web_log.write(1).await;
    db_log.write(1).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 6..=8) && seen.has_numbers(&db, 191..=201)).await);
    // A numbering that is not in force any more is marked, for this one alone.
    let from = format!("from={web}={}:5&from={db}={}:200", Epoch(6), Epoch(9));
    let mut viewer = Viewer::open(&server, &vera, &format!("{which}&{from}")).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=8) && seen.has_numbers(&db, 201..=201)).await);
    assert!(viewer.story(web.as_str()).contains(&"gap 6-5 state_lost".to_owned()));
    assert!(!viewer.story(db.as_str()).iter().any(|told| told.starts_with("gap")));
}

#[tokio::test]
async fn what_happens_to_one_leaves_the_others_alone() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    for _ in 0..3 {
        server.spare.add("placeholder", &[]);
    }
    let (web, gone) = (server.engine.add("web", &[]), server.engine.add("gone", &[]));
    let (quiet, missing) = (server.spare.add("quiet", &[]), "f".repeat(64));
    let mut web_log = Writer::begin(&server, "local", &web, 1).await;
    let mut gone_log = Writer::begin(&server, "local", &gone, 1).await;
    let quiet_log = Writer::begin(&server, "spare", &quiet, 1).await;
    web_log.write(1).await;
    let which =
        format!("host=local&container={web}&container={gone}&container={missing}&container=spare/{quiet}");
    let mut viewer = Viewer::open(&server, &vera, &which).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=1) && !seen.story(&missing).is_empty()).await);
    assert!(viewer.until(|seen| seen.story(&missing).len() == 2).await);
    assert_eq!(viewer.story(&missing), ["error container_not_found", "end failed"]);

    // Its last lines go before its end.
    gone_log.write(3).await;
    gone_log.say(StreamState::Removed).await;
    quiet_log.say(StreamState::Delayed("the engine does not answer".to_owned())).await;
    assert!(viewer.until(|seen| seen.story(gone.as_str()).contains(&"end removed".to_owned())).await);
    assert!(viewer.has_numbers(&gone, 1..=3));
    assert!(viewer.until(|seen| seen.story(quiet.as_str()).contains(&"delayed".to_owned())).await);
    web_log.write(1).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=2)).await);
    let failed = StreamState::Failed { code: "logs_unreadable", message: "driver none".to_owned() };
    quiet_log.say(failed).await;
    assert!(viewer.until(|seen| seen.story(quiet.as_str()).contains(&"end failed".to_owned())).await);
    web_log.write(1).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=3)).await);
    // With the last one the view ends.
    web_log.say(StreamState::Removed).await;
    assert!(!viewer.until(|_| false).await, "the socket goes on");

    // A host that is silent fails nothing when it is named, and is told when it is not.
    server.spare.set_unreachable(true);
    let mut again = Writer::begin(&server, "local", &web, 2).await;
    again.write(1).await;
    let prefix = &quiet.as_str()[..63];
    let which = format!("host=local&container={web}&container=spare/{quiet}&container=spare/{prefix}");
    quiet_log.say(StreamState::Delayed("the engine does not answer".to_owned())).await;
    let mut viewer = Viewer::open(&server, &vera, &which).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=1) && !seen.story(prefix).is_empty()).await);
    assert!(viewer.until(|seen| seen.story(quiet.as_str()).contains(&"delayed".to_owned())).await);
    assert_eq!(viewer.story(prefix)[0], "error engine_unreachable");
}

#[tokio::test]
async fn a_log_without_following_ends_behind_what_is_there() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let (web, db) = (server.engine.add("web", &[]), server.engine.add("db", &[]));
    Writer::begin(&server, "local", &web, 1).await.write(4).await;
    let mut db_log = Writer::begin(&server, "local", &db, 1).await;
    db_log.write(2).await;
    db_log.say(StreamState::Ended("exited with code 0".to_owned())).await;
    let query = format!("container={web}&container={db}&follow=false&tail=all");
    let mut viewer = Viewer::open(&server, &vera, &query).await;
    assert!(!viewer.until(|_| false).await);
    assert!(viewer.has_numbers(&web, 1..=4) && viewer.has_numbers(&db, 1..=2));
    assert!(viewer.story(web.as_str()).ends_with(&["end complete".to_owned()]));
    assert!(viewer.story(db.as_str()).ends_with(&["ended".to_owned(), "end complete".to_owned()]));
}

#[tokio::test]
async fn a_container_that_is_recreated_under_its_name_is_followed() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let leader = leader("local").await;
    let (web, db) = (server.engine.add("web", &[]), server.engine.add("db", &[]));
    let web_log = Writer::begin(&server, "local", &web, 1).await;
    let _db_log = Writer::begin(&server, "local", &db, 1).await;
    let mut viewer = Viewer::open(&server, &vera, &format!("container={web}&container={db}")).await;
    assert!(viewer.until(|seen| seen.story(web.as_str()).contains(&"part web".to_owned())).await);
    server.engine.forget(&web);
    web_log.say(StreamState::Removed).await;
    assert!(viewer.until(|seen| seen.story(web.as_str()).contains(&"end removed".to_owned())).await);
    let new = server.engine.add("web", &[]);
    let mut new_log = Writer::begin(&server, "local", &new, 1).await;
    new_log.write(2).await;
    server
        .fanout
        .publish_event(&leader, EventItem::Gap("local".parse().expect("a host")))
        .await
        .expect("told");
    assert!(viewer.until(|seen| seen.has_numbers(&new, 1..=2)).await);
    assert_eq!(viewer.story(new.as_str())[0], format!("part web for {}", &web.as_str()[60..]));
}

#[tokio::test]
async fn queries_that_make_no_sense_are_refused_before_the_upgrade() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let id = "a".repeat(64);
    let many: Vec<String> = (0..51).map(|n| format!("container={n:064x}")).collect();
    for (query, field) in [
        (String::new(), "container"),
        ("container=..%2Fplugins".to_owned(), "container"),
        ("container=abc".to_owned(), "container"),
        (many.join("&"), "container"),
        ("stack=shop".to_owned(), "stack"),
        ("stack=local/".to_owned(), "stack"),
        (format!("container={id}&from={id}:7"), "from"),
        (format!("container={id}&from={id}=7"), "from"),
        (format!("container={id}&tail=some"), "tail"),
        (format!("container={id}&since=yesterday"), "since"),
    ] {
        let got = server.get(&format!("/ws/logs?{query}"), &vera).await;
        assert_eq!((got.status, got.fields()), (422, vec![field.to_owned()]), "{query}: {got:?}");
    }
    assert_eq!(server.engine.calls().iter().filter(|call| call.starts_with("find")).count(), 0);
}

#[tokio::test]
async fn seats_are_counted_and_rights_withdrawn() {
    let server = TestServer::with(|config| config.viewers_per_container = 1).await;
    let ada = server.person("ada", Role::Admin).await;
    let vera = server.person("vera", Role::Viewer).await;
    let (web, db) = (server.engine.add("web", &[]), server.engine.add("db", &[]));
    let _web_log = Writer::begin(&server, "local", &web, 1).await;
    let mut db_log = Writer::begin(&server, "local", &db, 1).await;
    let alone = open(&server, &format!("/ws/containers/{web}/logs"), &vera).await.expect("open");
    // The seat that is taken is missing for that container alone.
    let mut viewer = Viewer::open(&server, &vera, &format!("container={web}&container={db}")).await;
    db_log.write(1).await;
    assert!(viewer.until(|seen| seen.has_numbers(&db, 1..=1) && seen.story(web.as_str()).len() > 2).await);
    let told = viewer.story(web.as_str());
    assert!(told.contains(&"error too_many_connections".to_owned()), "{told:?}");
    assert!(told.contains(&"end failed".to_owned()), "{told:?}");
    assert_eq!(open(&server, &format!("/ws/containers/{db}/logs"), &vera).await.err(), Some(429));

    let path = format!("/api/v1/users/{}", vera.account.id);
    assert_eq!(server.send("PATCH", &path, &ada, json!({ "enabled": false })).await.status, 200);
    assert_eq!(close_code(viewer.socket).await, 4401);
    assert_eq!(close_code(alone).await, 4401);
}

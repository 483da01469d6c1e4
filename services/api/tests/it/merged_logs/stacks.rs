//! Stacks: who comes, who is replaced, and whose host is out of use.

use std::{sync::Arc, time::Duration};

use dockline_docker::fake::FakeEngine;
use dockline_domain::{access::Role, log::Epoch};
use dockline_fanout::{EventItem, EventPublisher, StreamState};
use dockline_testkit::eventually;
use serde_json::json;

use super::{Viewer, Writer, leader};
use crate::{TestServer, server::Person};

/// A host that is taken out of use and used again.
struct Edge<'a> {
    server: &'a TestServer,
    admin: &'a Person,
    engine: Arc<FakeEngine>,
}

impl<'a> Edge<'a> {
    async fn add(server: &'a TestServer, admin: &'a Person) -> Self {
        let engine = server.fake("edge");
        engine.add("placeholder", &[]);
        let wanted = json!({ "id": "edge", "address": "tcp://e:2375" });
        assert_eq!(server.post("/api/v1/hosts", admin, wanted).await.status, 201);
        Self { server, admin, engine }
    }

    async fn enable(&self, enabled: bool) {
        let wanted = json!({ "enabled": enabled });
        let changed = self.server.send("PATCH", "/api/v1/hosts/edge", self.admin, wanted).await;
        assert_eq!(changed.status, 200);
    }
}

#[tokio::test]
async fn a_stack_takes_in_who_comes_and_marks_who_is_replaced() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let leader = leader("local").await;
    let hint = || server.fanout.publish_event(&leader, EventItem::Gap("local".parse().expect("a host")));
    let (web, other) = (server.engine.add("shop-web-1", &[]), server.engine.add("other", &[]));
    server.engine.put_in_stack(&web, "shop", "web", 1);
    server.engine.put_in_stack(&other, "blog", "web", 1);
    let mut web_log = Writer::begin(&server, "local", &web, 1).await;
    web_log.write(3).await;
    let mut viewer = Viewer::open(&server, &vera, "stack=local/shop&tail=1").await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 3..=3)).await);
    assert!(viewer.until(|seen| seen.story("local/shop") == ["live"]).await);

    // Recreated: Compose makes the new one under another name first. It is shown from its first line.
    let new = server.engine.add("0f0f_shop-web-1", &[]);
    server.engine.put_in_stack(&new, "shop", "web", 1);
    let mut new_log = Writer::begin(&server, "local", &new, 5).await;
    new_log.write(150).await;
    hint().await.expect("hinted");
    assert!(viewer.until(|seen| seen.has_numbers(&new, 1..=150)).await);
    let replaced = format!("part 0f0f_shop-web-1 for {}", &web.as_str()[60..]);
    assert_eq!(viewer.story(new.as_str())[0], replaced);
    web_log.say(StreamState::Removed).await;
    assert!(viewer.until(|seen| seen.story(web.as_str()).contains(&"end removed".to_owned())).await);

    // Scaled; nobody is replaced.
    let second = server.engine.add("shop-web-2", &[]);
    server.engine.put_in_stack(&second, "shop", "web", 2);
    let mut second_log = Writer::begin(&server, "local", &second, 1).await;
    second_log.write(1).await;
    hint().await.expect("hinted");
    assert!(viewer.until(|seen| seen.has_numbers(&second, 1..=1)).await);
    assert_eq!(viewer.story(second.as_str())[0], "part shop-web-2");
    assert!(viewer.story(other.as_str()).is_empty(), "another stack's");

    // An engine that is silent delays the stack, and its containers go on by themselves.
    server.engine.set_unreachable(true);
    hint().await.expect("hinted");
    assert!(viewer.until(|seen| seen.story("local/shop") == ["live", "delayed"]).await);
    second_log.write(1).await;
    assert!(viewer.until(|seen| seen.has_numbers(&second, 1..=2)).await);
    server.engine.set_unreachable(false);
    hint().await.expect("hinted");
    assert!(viewer.until(|seen| seen.story("local/shop") == ["live", "delayed", "live"]).await);

    // Who resumes hears of whom they missed the end.
    let from = format!("from={web}={}:3&from={second}={}:2", Epoch(1), Epoch(1));
    let lists = || server.engine.calls().iter().filter(|call| call.starts_with("list")).count();
    let before = lists();
    server.engine.forget(&web);
    hint().await.expect("hinted");
    let listed = async || if lists() > before { Ok(()) } else { anyhow::bail!("not listed again") };
    eventually(Duration::from_secs(5), listed).await.expect("the roster is read again");
    let mut resumed = Viewer::open(&server, &vera, &format!("stack=local/shop&tail=all&{from}")).await;
    second_log.write(1).await;
    assert!(resumed.until(|seen| seen.has_numbers(&new, 1..=150) && seen.has_numbers(&second, 3..=3)).await);
    assert!(resumed.until(|seen| seen.story(web.as_str()) == ["end removed"]).await);

    // The roster is one for all who follow it, and read when something happened.
    assert!(lists() <= 8, "listed {} times", lists());
}

#[tokio::test]
async fn a_stack_that_is_met_in_the_middle_of_a_recreation_has_the_old_one_replaced() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let (old, new) = (server.engine.add("shop-web-1", &[]), server.engine.add("0f0f_shop-web-1", &[]));
    for id in [&old, &new] {
        server.engine.put_in_stack(id, "shop", "web", 1);
    }
    let mut viewer = Viewer::open(&server, &vera, "stack=local/shop").await;
    assert!(viewer.until(|seen| seen.story("local/shop") == ["live"]).await);
    assert_eq!(viewer.story(old.as_str())[0], "part shop-web-1");
    let replaced = format!("part 0f0f_shop-web-1 for {}", &old.as_str()[60..]);
    assert_eq!(viewer.story(new.as_str())[0], replaced);
}

#[tokio::test]
async fn a_stack_whose_host_is_out_of_use_says_so_and_comes_back_with_it() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let edge = Edge::add(&server, &ada).await;
    let (here, web) = (server.engine.add("here", &[]), edge.engine.add("shop-web-1", &[]));
    edge.engine.put_in_stack(&web, "shop", "web", 1);
    let _here_log = Writer::begin(&server, "local", &here, 1).await;
    let mut web_log = Writer::begin(&server, "edge", &web, 1).await;
    web_log.write(2).await;
    let mut viewer = Viewer::open(&server, &ada, &format!("container=local/{here}&stack=edge/shop")).await;
    let mut alone = Viewer::open(&server, &ada, "stack=edge/shop").await;
    assert!(alone.until(|seen| seen.has_numbers(&web, 1..=2)).await);
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=2)).await);
    assert!(viewer.until(|seen| seen.story("edge/shop") == ["live"]).await);

    edge.enable(false).await;
    assert!(viewer.until(|seen| seen.story("edge/shop") == ["live", "ended"]).await);
    assert!(viewer.until(|seen| seen.story(web.as_str()).contains(&"end host_left".to_owned())).await);
    assert!(!alone.until(|_| false).await, "nobody waits for a host alone");
    assert_eq!(alone.story("edge/shop"), ["live", "ended"]);
    web_log.write(1).await;

    // It goes on where it was.
    edge.enable(true).await;
    assert!(viewer.until(|seen| seen.story("edge/shop") == ["live", "ended", "live"]).await);
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=3)).await);
    let parts = viewer.story(web.as_str()).iter().filter(|told| *told == "part shop-web-1").count();
    assert_eq!(parts, 2, "{:?}", viewer.story(web.as_str()));

    // So soon that its containers are known to be the same.
    for n in 4..=6 {
        edge.enable(false).await;
        edge.enable(true).await;
        web_log.write(1).await;
        assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=n)).await);
    }
    assert!(viewer.story(here.as_str()).iter().all(|told| !told.starts_with("end")));
}

#[tokio::test]
async fn whoever_is_on_a_host_out_of_use_is_not_told_as_removed_until_the_engine_says_so() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let edge = Edge::add(&server, &ada).await;
    let here = server.engine.add("here", &[]);
    let (web, db) = (edge.engine.add("shop-web-1", &[]), edge.engine.add("shop-db-1", &[]));
    edge.engine.put_in_stack(&web, "shop", "web", 1);
    edge.engine.put_in_stack(&db, "shop", "db", 1);
    let _here_log = Writer::begin(&server, "local", &here, 1).await;
    let (mut web_log, mut db_log) =
        (Writer::begin(&server, "edge", &web, 1).await, Writer::begin(&server, "edge", &db, 1).await);
    web_log.write(3).await;
    db_log.write(3).await;
    let which = format!("container=local/{here}&stack=edge/shop");
    let from = format!("from={web}={}:2&from={db}={}:2", Epoch(1), Epoch(1));
    let mut viewer = Viewer::open(&server, &ada, &format!("{which}&tail=all")).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=3) && seen.has_numbers(&db, 1..=3)).await);
    edge.enable(false).await;
    assert!(viewer.until(|seen| seen.story(db.as_str()).contains(&"end host_left".to_owned())).await);
    assert!(viewer.until(|seen| seen.story(web.as_str()).contains(&"end host_left".to_owned())).await);
    assert!(viewer.until(|seen| seen.story("edge/shop") == ["live", "ended"]).await);

    // Who resumes meanwhile hears the same of them.
    let mut resumed = Viewer::open(&server, &ada, &format!("{which}&tail=all&{from}")).await;
    assert!(resumed.until(|seen| !seen.story(db.as_str()).is_empty()).await);
    assert!(resumed.until(|seen| !seen.story(web.as_str()).is_empty()).await);
    assert_eq!(
        (resumed.story(web.as_str()), resumed.story("edge/shop")),
        (vec!["end host_left".to_owned()], vec!["ended".to_owned()])
    );

    // One is back and goes on where it was. The other one is gone.
    edge.engine.forget(&db);
    edge.enable(true).await;
    for (seen, web_from) in [(&mut viewer, 1), (&mut resumed, 3)] {
        assert!(seen.until(|seen| seen.has_numbers(&web, web_from..=3)).await);
        assert!(seen.until(|seen| seen.story(db.as_str()).ends_with(&["end removed".to_owned()])).await);
        assert!(!seen.story(web.as_str()).contains(&"end removed".to_owned()));
    }
    web_log.write(1).await;
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=4)).await);
    assert!(resumed.until(|seen| seen.has_numbers(&web, 3..=4)).await);
}

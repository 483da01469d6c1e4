//! `/ws/logs` over two hosts. The tests write the logs as a streamer would.

use std::{collections::BTreeMap, time::Duration};

use dockline_contract::ws::{Chunk as Sent, MergedLogFrame as Frame};
use dockline_domain::{
    ContainerId, HostId, Timestamp,
    access::Role,
    log::{Chunk, CursorTracker, Epoch, Stream},
};
use dockline_fanout::{
    BatchBuilder, EventItem, EventPublisher, LogBegin, LogPublisher, StreamState, memory::MemoryFanout,
};
use dockline_lease::{Leadership, Lease, memory::MemoryLease};
use dockline_testkit::eventually;
use futures::StreamExt;
use serde_json::json;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

use crate::{
    TestServer,
    server::Person,
    sockets::{close_code, open},
};

/// Writes a container's log: chunk `n` is `line n`.
struct Writer<'a> {
    fanout: &'a MemoryFanout,
    leader: Leadership,
    id: ContainerId,
    epoch: Epoch,
    tracker: CursorTracker,
    last: u64,
}

impl<'a> Writer<'a> {
    async fn begin(server: &'a TestServer, host: &str, id: &ContainerId, epoch: u64) -> Writer<'a> {
        let leader = leader(host).await;
        let begin = LogBegin { epoch: Epoch(epoch), tty: false, gap: None };
        server.fanout.begin(&leader, id, begin).await.expect("begun");
        server.fanout.set_state(&leader, id, StreamState::Live).await.expect("live");
        let (fanout, id, tracker) = (&*server.fanout, id.clone(), CursorTracker::new(true));
        Writer { fanout, leader, id, epoch: Epoch(epoch), tracker, last: 0 }
    }

    /// Each line in a batch of its own.
    async fn write(&mut self, lines: u64) {
        for _ in 0..lines {
            self.last += 1;
            let bytes = format!("line {}\n", self.last).into();
            let ts = Timestamp(i64::try_from(self.last).expect("small"));
            let chunk = Chunk { stream: Stream::Stdout, ts, bytes };
            let mut batch = BatchBuilder::new(self.epoch, self.last);
            batch.push(&chunk);
            self.tracker.push(&chunk);
            let batch = batch.finish(self.tracker.cursor().expect("a cursor")).expect("a batch");
            self.fanout.publish(&self.leader, &self.id, batch).await.expect("published");
        }
    }

    async fn say(&self, state: StreamState) {
        self.fanout.set_state(&self.leader, &self.id, state).await.expect("said");
    }
}

async fn leader(host: &str) -> Leadership {
    MemoryLease::default().campaign(&host.parse::<HostId>().expect("a host")).await.expect("a term")
}

/// Somebody who watches, and everything that they were told.
struct Viewer {
    socket: WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>,
    frames: Vec<Frame>,
}

impl Viewer {
    async fn open(server: &TestServer, who: &Person, query: &str) -> Self {
        let socket = open(server, &format!("/ws/logs?{query}"), who).await.expect("open");
        Self { socket, frames: Vec::new() }
    }

    /// Reads until a condition holds; `false` when the socket was closed with 1000 before.
    async fn until(&mut self, holds: impl Fn(&Self) -> bool) -> bool {
        while !holds(self) {
            let next = tokio::time::timeout(Duration::from_secs(10), self.socket.next()).await;
            match next.unwrap_or_else(|_| panic!("nothing comes: {:#?}", self.frames)) {
                Some(Ok(Message::Text(text))) => {
                    assert!(text.starts_with(r#"{"type":""#), "{text}");
                    self.frames.push(serde_json::from_str(&text).expect("a frame"));
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    assert_eq!(u16::from(frame.code), 1000, "{frame:?}");
                    return false;
                }
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
        true
    }

    /// The numbers of each container's chunks, in the order in which they came.
    fn numbers(&self) -> BTreeMap<String, Vec<u64>> {
        let mut numbers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for frame in &self.frames {
            if let Frame::Log { container, chunks, .. } = frame {
                let of = numbers.entry(container.clone()).or_default();
                of.extend(chunks.iter().map(|chunk: &Sent| chunk.n));
                for chunk in chunks {
                    assert_eq!(chunk.d, Some(format!("line {}\n", chunk.n)));
                }
            }
        }
        numbers
    }

    fn has_numbers(&self, id: &ContainerId, wanted: std::ops::RangeInclusive<u64>) -> bool {
        let numbers = self.numbers();
        let of = numbers.get(id.as_str()).cloned().unwrap_or_default();
        of.last() == Some(wanted.end()) && of == wanted.collect::<Vec<_>>()
    }

    /// Everything about one container but its lines, in short.
    fn story(&self, about: &str) -> Vec<String> {
        let mut told: Vec<String> = Vec::new();
        for frame in &self.frames {
            let (container, what) = match frame {
                Frame::Part { container, name, replaces, .. } => {
                    let replaces = replaces.as_deref().map(|id| format!(" for {}", &id[60..]));
                    let name = name.as_deref().unwrap_or("?");
                    (container, format!("part {name}{}", replaces.unwrap_or_default()))
                }
                Frame::Start { container, .. } => (container, "start".to_owned()),
                Frame::Gap { container, from, to, reason, .. } => {
                    (container, format!("gap {from}-{to} {reason}"))
                }
                Frame::State { container, state, .. } => (container, state.clone()),
                Frame::Error { container, code, .. } => (container, format!("error {code}")),
                Frame::End { container, reason } => (container, format!("end {reason}")),
                Frame::Stack { stack, state, .. } => (stack, state.clone()),
                Frame::Log { .. } | Frame::Heartbeat {} => continue,
            };
            if container == about {
                told.push(what);
            }
        }
        told
    }
}

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
async fn a_stack_whose_host_is_out_of_use_says_so_and_comes_back_with_it() {
    let server = TestServer::start().await;
    let ada = server.person("ada", Role::Admin).await;
    let edge = server.fake("edge");
    edge.add("placeholder", &[]);
    let (here, web) = (server.engine.add("here", &[]), edge.add("shop-web-1", &[]));
    edge.put_in_stack(&web, "shop", "web", 1);
    let added = server.post("/api/v1/hosts", &ada, json!({ "id": "edge", "address": "tcp://e:2375" })).await;
    assert_eq!(added.status, 201);
    let enable = async |enabled: bool| {
        let changed = server.send("PATCH", "/api/v1/hosts/edge", &ada, json!({ "enabled": enabled })).await;
        assert_eq!(changed.status, 200);
    };
    let _here_log = Writer::begin(&server, "local", &here, 1).await;
    let mut web_log = Writer::begin(&server, "edge", &web, 1).await;
    web_log.write(2).await;
    let mut viewer = Viewer::open(&server, &ada, &format!("container=local/{here}&stack=edge/shop")).await;
    let mut alone = Viewer::open(&server, &ada, "stack=edge/shop").await;
    assert!(alone.until(|seen| seen.has_numbers(&web, 1..=2)).await);
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=2)).await);
    assert!(viewer.until(|seen| seen.story("edge/shop") == ["live"]).await);

    enable(false).await;
    assert!(viewer.until(|seen| seen.story("edge/shop") == ["live", "ended"]).await);
    assert!(viewer.until(|seen| seen.story(web.as_str()).contains(&"end host_left".to_owned())).await);
    assert!(!alone.until(|_| false).await, "nobody waits for a host alone");
    assert_eq!(alone.story("edge/shop"), ["live", "ended"]);
    web_log.write(1).await;

    // It goes on where it was.
    enable(true).await;
    assert!(viewer.until(|seen| seen.story("edge/shop") == ["live", "ended", "live"]).await);
    assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=3)).await);
    let parts = viewer.story(web.as_str()).iter().filter(|told| *told == "part shop-web-1").count();
    assert_eq!(parts, 2, "{:?}", viewer.story(web.as_str()));

    // So soon that its containers are known to be the same.
    for n in 4..=6 {
        enable(false).await;
        enable(true).await;
        web_log.write(1).await;
        assert!(viewer.until(|seen| seen.has_numbers(&web, 1..=n)).await);
    }
    assert!(viewer.story(here.as_str()).iter().all(|told| !told.starts_with("end")));
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

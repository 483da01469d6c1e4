//! `/ws/logs` over two hosts. The tests write the logs as a streamer would.

mod containers;
mod stacks;

use std::{collections::BTreeMap, time::Duration};

use dockline_contract::ws::{Chunk as Sent, MergedLogFrame as Frame};
use dockline_domain::{
    ContainerId, HostId, Timestamp,
    log::{Chunk, CursorTracker, Epoch, Stream},
};
use dockline_fanout::{BatchBuilder, LogBegin, LogPublisher, StreamState, memory::MemoryFanout};
use dockline_lease::{Leadership, Lease, memory::MemoryLease};
use futures::StreamExt;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

use crate::{TestServer, server::Person, sockets::open};

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

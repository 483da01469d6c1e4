//! Several logs in one socket, on real engines.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use dockline_contract::ws::{LogFrame, MergedLogFrame as Frame};
use dockline_testkit::{ContainerSpec, DocklineCluster, TestContainer, TestEngine, engines};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::client::{Api, PATIENCE, Seen, Socket, assert_numbered, dockline, start};

const CUTS: usize = 40;

/// Somebody who watches several logs, and what they saw of each; it outlives the socket.
#[derive(Default)]
struct View {
    seen: BTreeMap<String, Seen>,
    /// Which container came in whose place.
    replaced: BTreeMap<String, String>,
    /// How the logs that are over ended.
    ends: BTreeMap<String, String>,
    stacks: Vec<String>,
}

impl View {
    /// The query that goes on where this view is.
    fn from(&self) -> String {
        let positions = self.seen.iter().filter(|(_, seen)| seen.last > 0);
        positions.map(|(id, seen)| format!("&from={id}={}:{}", seen.epoch, seen.last)).collect()
    }

    async fn until(&mut self, socket: &mut Socket, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let reading = tokio::time::timeout(PATIENCE, async {
            while !holds(self) {
                let text = match socket.next().await? {
                    Ok(text) => text,
                    Err(closed) => bail!("closed: {closed:?}"),
                };
                let frame = serde_json::from_str(&text).with_context(|| format!("a frame: {text}"))?;
                self.take(frame).with_context(|| text.to_string())?;
            }
            Ok(())
        });
        reading
            .await
            .unwrap_or_else(|_| bail!("not within {PATIENCE:?}: {:?} {:?}", self.counts(), self.ends))
    }

    fn take(&mut self, frame: Frame) -> Result<()> {
        let (container, frame) = match frame {
            Frame::Part { container, replaces, .. } => {
                if let Some(old) = replaces {
                    self.replaced.insert(container.clone(), old);
                }
                self.seen.entry(container).or_default();
                return Ok(());
            }
            Frame::End { container, reason } => {
                self.ends.insert(container, reason);
                return Ok(());
            }
            Frame::Stack { state, .. } => {
                self.stacks.push(state);
                return Ok(());
            }
            Frame::Heartbeat {} => return Ok(()),
            Frame::Start { container, epoch, tty, oldest, next } => {
                let start = LogFrame::Start { container: container.clone(), epoch, tty, oldest, next };
                (container, start)
            }
            Frame::Log { container, epoch, chunks } => (container, LogFrame::Log { epoch, chunks }),
            Frame::Gap { container, from, to, reason, epoch } => {
                (container, LogFrame::Gap { from, to, reason, epoch })
            }
            Frame::State { container, state, reason } => (container, LogFrame::State { state, reason }),
            Frame::Error { container, code, message } => (container, LogFrame::Error { code, message }),
        };
        let seen = self.seen.get_mut(&container).context("a frame of a container that was not told of")?;
        seen.take(frame).map(drop)
    }

    fn counts(&self) -> Vec<usize> {
        self.seen.values().map(|seen| seen.chunks.len()).collect()
    }

    fn chunks(&self, container: &TestContainer) -> usize {
        self.seen.get(container.id()).map_or(0, |seen| seen.chunks.len())
    }
}

/// Writes `line 1`, `line 2`, … in bursts, until it is removed.
fn counter(engine: &TestEngine, every: u32) -> Result<TestContainer> {
    engine.run_container(&ContainerSpec::script(format!(
        "i=0; while true; do i=$((i+1)); echo line $i; [ $((i % {every})) = 0 ] && usleep 20000; done"
    )))
}

#[tokio::test(flavor = "multi_thread")]
async fn three_logs_on_two_hosts_survive_cuts_and_a_takeover_whole() -> Result<()> {
    let [first, second] = <[_; 2]>::try_from(engines()).ok().context("two engines")?;
    let hosts = [first.host.clone(), second.host.clone()];
    let mut cluster = DocklineCluster::start(dockline(), &hosts, 2, 2).await?;
    let admin = Api::set_up(&cluster.replicas[0]).await?;
    let admins: Vec<Api> = cluster.replicas.iter().map(|replica| admin.at(replica)).collect();
    // One of them floods the view, and the others must come through all the same.
    let containers = [counter(&first, 2)?, counter(&first, 30)?, counter(&second, 4)?];
    let which: String = containers.iter().map(|one| format!("&container={}", one.id())).collect();
    let mut random = StdRng::seed_from_u64(11);
    let mut view = View::default();
    for cut in 0..CUTS {
        let api = &admins[random.random_range(0..admins.len())];
        let mut socket = api.socket(&format!("/ws/logs?tail=all{which}{}", view.from())).await?;
        let more = random.random_range(1..20);
        let enough: Vec<usize> = containers.iter().map(|one| view.chunks(one) + more).collect();
        let all =
            |view: &View| containers.iter().zip(&enough).all(|(one, enough)| view.chunks(one) >= *enough);
        view.until(&mut socket, all).await.with_context(|| format!("cut {cut}"))?;
        if cut == CUTS / 2 {
            let leader = cluster.leader("host-0").context("a leader of host-0")?;
            cluster.streamers[leader].kill9().await?;
            cluster.replace_streamer(leader).await?;
        }
        // The socket is dropped without a close frame, in the middle of whatever is on its way.
    }
    for container in &containers {
        let seen = &view.seen[container.id()];
        ensure!(seen.gaps.is_empty() && seen.errors.is_empty(), "{:?} {:?}", seen.gaps, seen.errors);
        let mut lines = seen.lines();
        ensure!(lines.len() > CUTS, "{} lines", lines.len());
        lines.truncate(lines.len() - 1);
        assert_numbered(&lines, "line ", container.id());
    }
    cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_is_followed_through_a_recreation() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let project = format!("shop-{}", std::process::id());
        let member = |name: &str, service: &str, script: &str| {
            let spec = ContainerSpec::script(script).name(&format!("{name}-{project}"));
            let spec = spec.label("com.docker.compose.project", &project);
            let spec = spec.label("com.docker.compose.service", service);
            engine.create_container(&spec.label("com.docker.compose.container-number", "1"))
        };
        let counting = "i=0; while true; do i=$((i+1)); echo line $i; usleep 20000; done";
        let (web, db) = (member("web", "web", counting)?, member("db", "db", counting)?);
        web.start()?;
        db.start()?;
        let mut view = View::default();
        let mut socket = api.socket(&format!("/ws/logs?tail=all&stack=local/{project}")).await?;
        view.until(&mut socket, |view| view.chunks(&web) > 5 && view.chunks(&db) > 5).await?;
        view.until(&mut socket, |view| view.stacks == ["live"]).await?;

        // As Compose does it: the new one is made under another name, the old one goes, the new one takes its name.
        let new = member("0f0f_web", "web", counting)?;
        web.remove()?;
        engine.docker(["rename", new.id(), &format!("web-{project}")])?;
        new.start()?;
        view.until(&mut socket, |view| view.chunks(&new) > 5 && view.ends.contains_key(web.id())).await?;
        ensure!(view.replaced.get(new.id()).map(String::as_str) == Some(web.id()), "{:?}", view.replaced);
        ensure!(view.ends[web.id()] == "removed", "{:?}", view.ends);

        // Cut off, while one that was not there yet comes.
        drop(socket);
        let late = member("late", "late", counting)?;
        late.start()?;
        let resume = format!("/ws/logs?tail=all&stack=local/{project}{}", view.from());
        let mut socket = api.socket(&resume).await?;
        let enough = view.chunks(&db) + 5;
        view.until(&mut socket, |view| view.chunks(&late) > 5 && view.chunks(&db) > enough).await?;
        for container in [&web, &db, &new, &late] {
            assert_numbered(&view.seen[container.id()].lines(), "line ", container.id());
        }
        dockline.terminate().await?;
    }
    Ok(())
}

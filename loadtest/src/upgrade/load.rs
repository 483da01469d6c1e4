//! What goes on during the upgrade, and what came of it.

use std::{fmt, time::Duration};

use anyhow::{Context, Result, ensure};
use dockline_testkit::eventually;

use super::{fleet::Fleet, history::Histories, requests::Requests};
use crate::chaos::{
    check::Verdict,
    record::Witness,
    trial::{ARRIVAL, judge, pause},
    writer::{Going, Pace, Stream, Writer},
};

/// Viewers of each log. They come in through Traefik, which spreads them.
const VIEWERS: usize = 4;

/// A writer that goes on by itself, and who watches it.
struct Log {
    writer: Going,
    viewers: Vec<Witness>,
}

pub(super) struct Load {
    logs: Vec<Log>,
    requests: Requests,
}

/// What came of it all.
pub(super) struct Outcome {
    written: u64,
    viewers: usize,
    verdict: Verdict,
    pause: Duration,
    lists: u64,
    restarts: u64,
    failed: Vec<String>,
    histories: Histories,
}

impl Load {
    /// Starts everything, and waits until each viewer got something.
    pub(super) async fn start(fleet: &Fleet) -> Result<Self> {
        let (mut logs, mut containers) = (Vec::new(), Vec::new());
        for engine in &fleet.engines {
            let writer = Writer::start(engine, |spec| spec).await?;
            let id = writer.container().id().to_owned();
            let viewers = (0..VIEWERS).map(|_| Witness::at(vec![fleet.door.clone()], &id)).collect();
            containers.push(id);
            logs.push(Log { writer: writer.go(Pace::USUAL), viewers });
        }
        let requests = Requests::start(fleet, containers)?;
        let load = Self { logs, requests };
        load.until_further(1).await.context("at first")?;
        Ok(load)
    }

    /// Waits until every viewer got so many more lines than the one that is furthest.
    pub(super) async fn until_further(&self, lines: u64) -> Result<()> {
        for log in &self.logs {
            let line = |viewer: &Witness| viewer.record().last(Stream::Stdout);
            let furthest = log.viewers.iter().map(line).max().unwrap_or_default();
            for viewer in &log.viewers {
                viewer.until(Stream::Stdout, furthest + lines, ARRIVAL).await?;
            }
        }
        Ok(())
    }

    /// Stops everything and looks at what came of it.
    pub(super) async fn stop(self, fleet: &Fleet) -> Result<Outcome> {
        let asked = self.requests.stop().await?;
        let (mut written, mut verdict, mut longest) = (0, Verdict::default(), Duration::ZERO);
        for log in self.logs {
            let mut writer = log.writer.stop().await?;
            let last = writer.last(Stream::Stdout);
            for viewer in &log.viewers {
                viewer.until(Stream::Stdout, last, ARRIVAL).await.context("at the end")?;
            }
            written += last;
            verdict = verdict.plus(judge(&mut writer, &log.viewers)?);
            longest = longest.max(pause(&log.viewers));
        }
        let histories = eventually(ARRIVAL, async || {
            let histories = Histories::read(fleet, &asked.restarts)?;
            ensure!(histories.is_complete(), "{histories}");
            Ok(histories)
        })
        .await?;
        Ok(Outcome {
            written,
            viewers: fleet.engines.len() * VIEWERS,
            verdict,
            pause: longest,
            lists: asked.lists,
            restarts: asked.restarts.iter().map(|(_, times)| times).sum(),
            failed: asked.failed,
            histories,
        })
    }
}

impl Outcome {
    pub(super) fn is_clean(&self) -> bool {
        self.verdict.is_whole() && self.failed.is_empty() && self.histories.are_exact()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { lost, marked, marks, duplicated, disordered, unexpected } = self.verdict;
        writeln!(
            f,
            "lines: {} written, {} viewers through Traefik: {lost} lost, {duplicated} twice, {disordered} out of order, \
             {unexpected} never written, {marked} missing behind {marks} markers; longest pause of a viewer {} ms",
            self.written,
            self.viewers,
            self.pause.as_millis(),
        )?;
        writeln!(
            f,
            "requests: {} readings, {} restarts: {} failed",
            self.lists,
            self.restarts,
            self.failed.len()
        )?;
        for failure in self.failed.iter().take(10) {
            writeln!(f, "  {failure}")?;
        }
        write!(f, "{}", self.histories)
    }
}

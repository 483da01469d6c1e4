//! Which containers are being read: a reconciler. What is wanted is the truth, a change is a hint.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use dockline_fanout::Topic;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

use crate::{host::Session, log::LogReader, stats::StatsReader};

/// How long a reader that nobody wants may go on, at most, beyond its idle time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Readers {
    session: Session,
    running: BTreeMap<Topic, CancellationToken>,
    tasks: TaskTracker,
}

impl Readers {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, running: BTreeMap::new(), tasks: TaskTracker::new() }
    }

    pub(crate) async fn run(mut self, term: CancellationToken) {
        while !term.is_cancelled() {
            match self.session.publisher.wanted(&self.session.host.id).await {
                Ok(wanted) => self.reconcile(&wanted, &term),
                Err(error) => warn!(host = %self.session.host.id, %error, "cannot see what is wanted"),
            }
            tokio::select! {
                () = self.session.publisher.changed(&self.session.host.id) => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = term.cancelled() => {}
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn reconcile(&mut self, wanted: &BTreeSet<Topic>, term: &CancellationToken) {
        self.running.retain(|topic, stop| {
            let keep = wanted.contains(topic);
            if !keep {
                stop.cancel();
            }
            keep
        });
        for topic in wanted {
            if self.running.contains_key(topic) {
                continue;
            }
            let stop = term.child_token();
            let session = self.session.clone();
            match topic.clone() {
                Topic::Logs(id) => {
                    let reader = LogReader::new(session, id);
                    self.tasks.spawn(reader.run(stop.clone()));
                }
                Topic::Stats(id) => {
                    let reader = StatsReader::new(session, id);
                    self.tasks.spawn(reader.run(stop.clone()));
                }
            }
            self.running.insert(topic.clone(), stop);
        }
    }
}

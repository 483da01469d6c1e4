//! Which containers are being read: a reconciler. What is wanted is the truth, a change is a hint.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dockline_fanout::Topic;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

use crate::{host::Session, log::LogReader, samples::Sampling, stats::StatsReader};

/// How long a reader that nobody wants may go on, at most, beyond its idle time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often the containers are listed whose samples are kept, when nothing hints at a change.
const LIST_EVERY: Duration = Duration::from_secs(10);
const LIST_WITHIN: Duration = Duration::from_secs(2);

pub(crate) struct Readers {
    session: Session,
    running: BTreeMap<Topic, Reader>,
    tasks: TaskTracker,
    sampled: Sampled,
}

struct Reader {
    stop: CancellationToken,
    /// Whether somebody watches, and not only the history.
    watched: Arc<AtomicBool>,
}

/// What is read for the history.
#[derive(Default)]
struct Sampled {
    topics: BTreeSet<Topic>,
    listed: Option<Instant>,
    hint: u64,
}

impl Readers {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, running: BTreeMap::new(), tasks: TaskTracker::new(), sampled: Sampled::default() }
    }

    pub(crate) async fn run(mut self, term: CancellationToken) {
        while !term.is_cancelled() {
            if self.session.sampling() == Sampling::All {
                tokio::select! {
                    () = self.sampled.look(&self.session) => {}
                    () = term.cancelled() => break,
                }
            }
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
        let sampled = &self.sampled.topics;
        self.running.retain(|topic, reader| {
            let is_watched = wanted.contains(topic);
            reader.watched.store(is_watched, Ordering::Relaxed);
            let keep = is_watched || sampled.contains(topic);
            if !keep {
                reader.stop.cancel();
            }
            keep
        });
        for topic in wanted.union(sampled) {
            if self.running.contains_key(topic) {
                continue;
            }
            let stop = term.child_token();
            let watched = Arc::new(AtomicBool::new(wanted.contains(topic)));
            let session = self.session.clone();
            match topic.clone() {
                Topic::Logs(id) => {
                    let reader = LogReader::new(session, id);
                    self.tasks.spawn(reader.run(term.clone(), stop.clone()));
                }
                Topic::Stats(id) => {
                    let reader = StatsReader::new(session, id, Arc::clone(&watched));
                    self.tasks.spawn(reader.run(stop.clone()));
                }
            }
            self.running.insert(topic.clone(), Reader { stop, watched });
        }
    }
}

impl Sampled {
    /// Lists the running containers when something happened to one, or the last list is old.
    async fn look(&mut self, session: &Session) {
        let hint = *session.hints.borrow();
        if hint == self.hint && self.listed.is_some_and(|at| at.elapsed() < LIST_EVERY) {
            return;
        }
        // A slow engine must not hold up what people want to see.
        let listed = tokio::time::timeout(LIST_WITHIN, session.host.engine.list()).await;
        self.listed = Some(Instant::now());
        // An engine that does not answer keeps what it had: its streams have ended by themselves.
        let Ok(Ok(list)) = listed else { return };
        self.hint = hint;
        let running = list.iter().map(|one| one.identity()).filter(|(.., state)| *state == "running");
        self.topics = running.filter_map(|(id, ..)| Some(Topic::Stats(id.parse().ok()?))).collect();
    }
}

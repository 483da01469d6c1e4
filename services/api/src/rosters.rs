//! Which containers a host has, for those who follow them by stack or by name: one list for all of them together, read
//! again when an event hints that it has changed. Hosts that nobody follows are not asked.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dockline_contract::rest::ContainerSummary;
use dockline_docker::Sensitive;
use dockline_domain::{ContainerId, HostId, event::EngineEvent};
use dockline_fanout::EventItem;
use futures::{StreamExt, stream::FuturesUnordered};
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, broadcast::error::RecvError, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::App;

/// Events come in bursts, as when a stack is started: a list is read this long after the one before, at the earliest.
const SETTLE: Duration = Duration::from_millis(150);
/// How long after a list that failed the next one is tried, when nothing hints before.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// The containers of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Roster {
    pub(crate) host: HostId,
    /// Of the host's record. A host that is in use again is news, also when its containers are those of before.
    pub(crate) revision: u64,
    /// The oldest first.
    pub(crate) members: Vec<Member>,
    pub(crate) state: RosterState,
}

/// How far a roster can be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RosterState {
    /// It is what the engine says.
    Current,
    /// The engine does not answer, for this reason: it is what the engine said before.
    Stale(String),
    /// The host is not in use.
    Left(&'static str),
}

/// A container, as far as everybody may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: ContainerId,
    pub(crate) name: String,
    pub(crate) place: Option<Place>,
}

/// Where Compose put it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) project: String,
    pub(crate) service: Option<String>,
    /// `None` of one-off containers.
    pub(crate) number: Option<String>,
}

/// The rosters that are followed at this replica.
#[derive(Debug, Default)]
pub(crate) struct Rosters {
    followed: Mutex<HashMap<HostId, Arc<Followed>>>,
    /// One more is followed.
    added: Notify,
}

#[derive(Debug)]
struct Followed {
    host: HostId,
    /// `None` until the host was asked for the first time.
    roster: watch::Sender<Option<Arc<Roster>>>,
    /// The roster may have changed.
    hint: Notify,
    is_read: AtomicBool,
}

impl Rosters {
    /// A host's roster as soon as it is known, and each change from then on.
    pub(crate) fn watch(&self, host: &HostId) -> watch::Receiver<Option<Arc<Roster>>> {
        let mut followed = self.followed.lock();
        if let Some(known) = followed.get(host) {
            return known.roster.subscribe();
        }
        let new = Arc::new(Followed {
            host: host.clone(),
            roster: watch::Sender::new(None),
            hint: Notify::new(),
            is_read: AtomicBool::new(false),
        });
        let receiver = new.roster.subscribe();
        followed.insert(host.clone(), new);
        self.added.notify_one();
        receiver
    }

    /// Keeps what is followed up to date until `ends`.
    pub(crate) async fn run(&self, app: &App, ends: &CancellationToken) {
        let (mut events, mut hosts) = (app.events.watch_events(), app.hosts.watch());
        let mut reading = FuturesUnordered::new();
        loop {
            tokio::select! {
                item = events.0.recv() => self.hint(&item),
                Ok(()) = hosts.changed() => hint(self.followed.lock().values()),
                () = self.added.notified() => {
                    let followed = self.followed.lock();
                    let new = followed.values().filter(|one| !one.is_read.swap(true, Ordering::Relaxed));
                    reading.extend(new.map(|one| self.read(app, Arc::clone(one))));
                }
                Some(()) = reading.next() => {}
                () = ends.cancelled() => return,
            }
        }
    }

    fn hint(&self, item: &Result<EventItem, RecvError>) {
        let followed = self.followed.lock();
        match item {
            Ok(EventItem::Event(event)) if !changes_a_roster(event) => {}
            Ok(EventItem::HostState(_, Some(_))) | Err(RecvError::Closed) => {}
            Ok(EventItem::Event(event)) => hint(followed.get(&event.host)),
            Ok(EventItem::Gap(host) | EventItem::HostState(host, None)) => hint(followed.get(host)),
            // Which events were missed is not known.
            Err(RecvError::Lagged(_)) => hint(followed.values()),
        }
    }

    /// Reads one roster for as long as somebody follows it.
    async fn read(&self, app: &App, one: Arc<Followed>) {
        loop {
            let now = one.look(app).await;
            let is_current = now.state == RosterState::Current;
            one.roster.send_if_modified(|known| {
                let is_news = known.as_deref() != Some(&now);
                if is_news {
                    *known = Some(Arc::new(now));
                }
                is_news
            });
            tokio::select! {
                () = one.hint.notified() => {}
                () = sleep(TRY_AGAIN), if !is_current => {}
                () = one.roster.closed() => {}
            }
            {
                // Under the lock: who comes now either finds this one with its reader, or begins anew.
                let mut followed = self.followed.lock();
                if one.roster.receiver_count() == 0 {
                    followed.remove(&one.host);
                    return;
                }
            }
            sleep(SETTLE).await;
        }
    }
}

fn hint<'a>(followed: impl IntoIterator<Item = &'a Arc<Followed>>) {
    followed.into_iter().for_each(|one| one.hint.notify_one());
}

/// Whether there is a container more or less, or another name.
fn changes_a_roster(event: &EngineEvent) -> bool {
    event.kind == "container"
        && matches!(event.action.as_str(), "create" | "destroy" | "rename" | EngineEvent::RECONCILED)
}

impl Followed {
    async fn look(&self, app: &App) -> Roster {
        let before = || self.roster.borrow().as_ref().map(|known| known.members.clone()).unwrap_or_default();
        let host = app.hosts.get(&self.host);
        let revision = host.as_ref().map_or(0, |host| host.revision);
        let (members, state) = match host {
            None => (Vec::new(), RosterState::Left("the host was removed")),
            Some(host) if !host.enabled => (Vec::new(), RosterState::Left("the host was disabled")),
            Some(host) => {
                let patience = app.patience(&host);
                match timeout(patience, host.engine.list()).await {
                    // Who came in whose place is told in the order in which they came.
                    Ok(Ok(list)) => (list.iter().rev().filter_map(member).collect(), RosterState::Current),
                    Ok(Err(error)) => (before(), RosterState::Stale(error.to_string())),
                    Err(_) => (before(), RosterState::Stale(app.silence(&host, patience))),
                }
            }
        };
        Roster { host: self.host.clone(), revision, members, state }
    }
}

fn member(listed: &Sensitive<ContainerSummary>) -> Option<Member> {
    let (id, name, ..) = listed.identity();
    let place = listed.compose_place().map(|place| Place {
        project: place.project.to_owned(),
        service: place.service.map(str::to_owned),
        number: place.number.map(str::to_owned),
    });
    Some(Member { id: id.parse().ok()?, name: name.to_owned(), place })
}

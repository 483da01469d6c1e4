use std::{
    collections::HashMap,
    future::poll_fn,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use dockline_contract::ws::CloseCode;
use dockline_domain::{SessionId, access::Principal};
use dockline_fanout::session::Revocation;
use dockline_telemetry::SocketMetrics;
use futures::{StreamExt, task::AtomicWaker};
use parking_lot::Mutex;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::App;

/// A viewer that took nothing for this long, although there was something, is too slow.
pub(super) const MAX_STALL: Duration = Duration::from_secs(30);
/// A connection that does not take its close frame within this time is cut.
const MAX_CLOSING: Duration = Duration::from_secs(10);
/// How often stalled sockets are looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often rights are read again, for revocations that did not arrive.
const CHECK_RIGHTS_EVERY: Duration = Duration::from_secs(15);

/// Every live socket of this replica.
#[derive(Debug)]
pub struct Sockets {
    live: Mutex<HashMap<u64, Weak<Control>>>,
    next_id: AtomicU64,
    /// Whether new ones close at once, since nobody looks after them any more.
    ended: AtomicBool,
    pub(super) metrics: SocketMetrics,
}

/// What can be done to a socket from outside, or to what somebody has running here.
#[derive(Debug)]
pub(crate) struct Control {
    id: u64,
    principal: Principal,
    born: Instant,
    /// Why the socket must close, once it must.
    closing: Mutex<Option<Closing>>,
    /// Wakes the connection's task.
    waker: AtomicWaker,
    /// Milliseconds after `born` at which the peer last took something.
    progress: AtomicU64,
    /// Whether there is nothing to take, so that no progress is no stall.
    idle: AtomicBool,
    /// The connection itself, to cut it when the peer reads nothing any more.
    connection: Option<Arc<socket2::Socket>>,
}

#[derive(Debug, Clone)]
struct Closing {
    code: CloseCode,
    reason: String,
    since: Instant,
}

impl Control {
    /// Asks the socket to close; the first reason counts.
    pub(super) fn close(&self, code: CloseCode, reason: &str) {
        self.closing.lock().get_or_insert_with(|| Closing {
            code,
            reason: reason.to_owned(),
            since: Instant::now(),
        });
        self.waker.wake();
    }

    /// Asks the socket to close because this process ends.
    fn end(&self) {
        self.close(CloseCode::Restart, "this server is shutting down; reconnect");
    }

    /// Why the socket must close.
    pub(super) fn closing(&self) -> Option<(CloseCode, String)> {
        self.closing.lock().as_ref().map(|closing| (closing.code, closing.reason.clone()))
    }

    pub(super) fn register(&self, waker: &std::task::Waker) {
        self.waker.register(waker);
    }

    /// Waits until it must close. For one waiter, who is the connection's task then.
    pub(crate) async fn closed(&self) -> (CloseCode, String) {
        poll_fn(|context| {
            self.register(context.waker());
            self.closing().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// The peer took something, or waits for something new.
    pub(super) fn progressed(&self, idle: bool) {
        let elapsed = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.progress.store(elapsed, Ordering::Relaxed);
        self.idle.store(idle, Ordering::Relaxed);
    }

    fn is_stalled(&self) -> bool {
        let progress = Duration::from_millis(self.progress.load(Ordering::Relaxed));
        !self.idle.load(Ordering::Relaxed) && self.born.elapsed().saturating_sub(progress) > MAX_STALL
    }

    fn look(&self) {
        let overdue =
            self.closing.lock().as_ref().is_some_and(|closing| closing.since.elapsed() > MAX_CLOSING);
        if overdue {
            if let Some(connection) = &self.connection {
                // Already gone is as good as cut.
                let cut = connection.shutdown(std::net::Shutdown::Both);
                debug!(socket = self.id, ?cut, "a peer that reads nothing was cut off");
            }
        } else if self.is_stalled() {
            self.close(CloseCode::TooSlow, "the viewer takes nothing; reconnect with from");
        }
    }
}

impl Sockets {
    /// No sockets yet.
    #[must_use]
    pub fn new(metrics: SocketMetrics) -> Self {
        Self { live: Mutex::default(), next_id: AtomicU64::new(1), ended: AtomicBool::new(false), metrics }
    }

    /// Looks after one more. Without a connection it is told when it must close, and that is all.
    pub(crate) fn add(&self, principal: Principal, connection: Option<Arc<socket2::Socket>>) -> Arc<Control> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let control = Arc::new(Control {
            id,
            principal,
            born: Instant::now(),
            closing: Mutex::new(None),
            waker: AtomicWaker::new(),
            progress: AtomicU64::new(0),
            idle: AtomicBool::new(true),
            connection,
        });
        self.live.lock().insert(id, Arc::downgrade(&control));
        // Behind the insertion: who ends the sockets meanwhile either finds this one or is seen here.
        if self.ended.load(Ordering::SeqCst) {
            control.end();
        }
        control
    }

    fn all(&self) -> Vec<Arc<Control>> {
        let mut all = Vec::new();
        self.live.lock().retain(|_, control| match control.upgrade() {
            Some(control) => {
                all.push(control);
                true
            }
            None => false,
        });
        all
    }

    fn revoke(&self, revocation: Revocation) {
        for control in self.all() {
            let meant = match revocation {
                Revocation::User(user) => control.principal.user == user,
                Revocation::Session(session) => control.principal.session == session,
            };
            if meant {
                control.close(CloseCode::Unauthenticated, "the sign-in has ended or its rights have changed");
            }
        }
    }

    /// Looks after the sockets until the server ends, then closes them with 1012, also those that still come.
    pub async fn supervise(&self, app: &App, ends: &CancellationToken) {
        let mut revocations = app.revocations.subscribe();
        let mut look = interval(LOOK_EVERY);
        let mut check = interval(CHECK_RIGHTS_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(revocation) = revocations.next() => self.revoke(revocation),
                _ = look.tick() => self.all().iter().for_each(|control| control.look()),
                _ = check.tick() => self.check_rights(app).await,
                () = ends.cancelled() => break,
            }
        }
        self.ended.store(true, Ordering::SeqCst);
        self.all().iter().for_each(|control| control.end());
    }

    /// Reads the rights behind every socket again: whatever happened to an announcement, nobody keeps
    /// a socket for long without them.
    async fn check_rights(&self, app: &App) {
        let mut by_session: HashMap<SessionId, Vec<Arc<Control>>> = HashMap::new();
        for control in self.all() {
            by_session.entry(control.principal.session).or_default().push(control);
        }
        for controls in by_session.into_values() {
            let Some(known) = controls.first().map(|control| control.principal.clone()) else { continue };
            match app.reload(&known).await {
                Ok(Some(now)) if now.role == known.role => {}
                Ok(_) => {
                    for control in controls {
                        control.close(
                            CloseCode::Unauthenticated,
                            "the sign-in has ended or its rights have changed",
                        );
                    }
                }
                Err(error) => warn!(%error, "the rights behind live sockets could not be checked"),
            }
        }
    }
}

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::web;
use dockline_contract::ws::{CloseCode, MergedLogFrame};
use dockline_domain::{ContainerId, ContainerRef, HostId};
use dockline_fanout::{StartAt, session::Seat};
use dockline_telemetry::{SocketKind, SocketMetrics};
use futures::{
    FutureExt, StreamExt,
    future::LocalBoxFuture,
    stream::{self, BoxStream, FuturesUnordered, SelectAll},
};
use tokio::sync::watch;

use super::{
    Failure, Found, MOST_PARTS,
    asked::{Asked, Stack},
    lineage::Lineages,
    part::{Part, name},
    turns::Turns,
};
use crate::{
    ApiError, App,
    rosters::{Member, Roster, RosterState},
    ws::{
        logs::{
            json,
            reading::{End, News},
        },
        socket::{Outgoing, Source},
    },
};

/// The logs that one viewer watches together: a position in each ring, and nothing queued but who comes and goes.
pub(super) struct View {
    app: web::Data<App>,
    asked: Asked,
    stacks: Vec<Followed>,
    rosters: SelectAll<BoxStream<'static, Arc<Roster>>>,
    lineages: Lineages,
    joining: FuturesUnordered<LocalBoxFuture<'static, Joined>>,
    /// Those who are joining.
    coming: HashSet<ContainerId>,
    parts: Vec<Part>,
    away: Vec<Away>,
    turns: Turns,
    /// What is told before the next log is read.
    told: VecDeque<MergedLogFrame>,
    metrics: SocketMetrics,
    _seat: Seat,
}

/// A stack, and what the viewer knows of it.
struct Followed {
    stack: Stack,
    said: Option<RosterState>,
    /// Whether all that it had at the beginning are in the view.
    is_known: bool,
}

/// Somebody whose host was taken out of use. Their log goes on if it is used again.
struct Away {
    host: HostId,
    id: ContainerId,
    at: StartAt,
}

/// Somebody who takes a place in the view.
struct Joined {
    id: ContainerId,
    part: Result<Part, ApiError>,
}

impl View {
    pub(super) fn new(app: web::Data<App>, asked: Asked, found: Vec<Found>, seat: Seat) -> Self {
        let stacks = asked.stacks.iter().cloned();
        let mut view = Self {
            stacks: stacks.map(|stack| Followed { stack, said: None, is_known: false }).collect(),
            rosters: SelectAll::new(),
            lineages: Lineages::default(),
            joining: FuturesUnordered::new(),
            coming: HashSet::new(),
            parts: Vec::new(),
            away: Vec::new(),
            turns: Turns::default(),
            told: VecDeque::new(),
            metrics: app.sockets.metrics.clone(),
            app,
            asked,
            _seat: seat,
        };
        let mut hosts: Vec<HostId> = view.stacks.iter().map(|one| one.stack.host.clone()).collect();
        for found in found {
            match found {
                Ok((host, id)) => {
                    hosts.push(host.clone());
                    view.take_in(host, id);
                }
                Err(Failure { container, error }) => view.tell_failure(container, &error),
            }
        }
        hosts.sort();
        hosts.dedup();
        view.rosters.extend(hosts.iter().map(|host| rosters(view.app.rosters.watch(host))));
        view
    }

    /// Takes a container in that was asked for by its ID.
    fn take_in(&mut self, host: HostId, id: ContainerId) {
        // The same container by two names, or on two hosts with the same disk: frames tell containers apart by their IDs.
        if self.lineages.knows(&id) {
            return;
        }
        let at = self.asked.start_at(&id);
        let frame = self.lineages.admit(host.clone(), id.clone());
        self.told.push_back(frame);
        self.join(host, id, at);
    }

    fn join(&mut self, host: HostId, id: ContainerId, at: StartAt) {
        if self.room() == 0 {
            self.refuse(&id);
            return;
        }
        self.coming.insert(id.clone());
        let (app, follow) = (self.app.clone(), self.asked.follow);
        self.joining.push(
            async move {
                let part = Part::open(&app, &host, id.clone(), at, follow).await;
                Joined { id, part }
            }
            .boxed_local(),
        );
    }

    /// How many more can be watched.
    fn room(&self) -> usize {
        MOST_PARTS.saturating_sub(self.parts.len() + self.joining.len())
    }

    fn refuse(&mut self, id: &ContainerId) {
        let container = id.to_string();
        let message = format!("at most {MOST_PARTS} containers can be watched together");
        self.told.push_back(MergedLogFrame::Error {
            container: container.clone(),
            code: "too_many_containers".to_owned(),
            message,
        });
        self.told.push_back(end(container, End::Failed));
    }

    fn tell_failure(&mut self, container: String, error: &ApiError) {
        self.told.push_back(MergedLogFrame::Error {
            container: container.clone(),
            code: error.code().to_owned(),
            message: error.to_string(),
        });
        self.told.push_back(end(container, End::Failed));
    }

    /// Looks who has come, who is called otherwise, and whether the stacks' containers are known.
    fn look_at(&mut self, roster: &Roster) {
        let open: Vec<ContainerId> = self.open().cloned().collect();
        self.lineages.forget(roster, |id| open.contains(id));
        let news = self.lineages.learn(roster);
        self.told.extend(news);
        // Where there is not room for all, those who came last are wanted: the others are mostly over.
        let coming = roster.members.iter().filter(|member| self.place_for(&roster.host, member).is_some());
        let mut surplus = coming.count().saturating_sub(self.room());
        for member in &roster.members {
            if let Some(at) = self.place_for(&roster.host, member) {
                let frame = self.lineages.succeed(&roster.host, member);
                self.told.push_back(frame);
                if surplus > 0 {
                    surplus -= 1;
                    self.refuse(&member.id);
                } else {
                    self.join(roster.host.clone(), member.id.clone(), at);
                }
            }
        }
        self.look_for_the_away(roster);
        self.look_at_stacks(roster);
    }

    /// Waits no more for those who are back, nor for those of whom the engine says that they are not there any more.
    fn look_for_the_away(&mut self, roster: &Roster) {
        let is_current = roster.state == RosterState::Current;
        let (lineages, told) = (&self.lineages, &mut self.told);
        self.away.retain(|away| {
            if away.host != roster.host {
                return true;
            }
            let is_back = lineages.knows(&away.id);
            if is_current && !is_back {
                told.push_back(end(away.id.to_string(), End::Removed));
            }
            !is_current && !is_back
        });
    }

    /// Waits for somebody whose host was taken out of use.
    fn wait_for(&mut self, part: &Part) {
        let Some(host) = self.lineages.let_go(part.id()) else { return };
        self.away.push(Away { host: host.clone(), id: part.id().clone(), at: part.at() });
        // It may be back by now, and its roster have come before this end. One that is still to come is looked at then.
        let Some(host) = self.app.hosts.get(&host).filter(|host| host.enabled) else { return };
        let roster = self.app.rosters.watch(&host.id).borrow().clone();
        if let Some(roster) = roster.filter(|roster| roster.revision == host.revision) {
            self.look_at(&roster);
        }
    }

    /// Where the log of a container on a roster begins, if it belongs into the view and is not there.
    fn place_for(&self, host: &HostId, member: &Member) -> Option<StartAt> {
        if self.lineages.knows(&member.id) {
            return None;
        }
        if let Some(away) = self.away.iter().find(|away| away.id == member.id && away.host == *host) {
            return Some(away.at);
        }
        let mut stacks = self.stacks.iter().filter(|one| one.has(host, member));
        match stacks.next() {
            Some(stack) if !stack.is_known => Some(self.asked.start_at(&member.id)),
            // Whoever comes later begins with its first line.
            Some(_) => self.asked.follow.then_some(StartAt::Oldest),
            None => {
                let succeeds = self.asked.follow && self.lineages.predecessor(host, member).is_some();
                succeeds.then_some(StartAt::Oldest)
            }
        }
    }

    fn look_at_stacks(&mut self, roster: &Roster) {
        let before = self.absence();
        for one in self.stacks.iter_mut().filter(|one| one.stack.host == roster.host) {
            one.is_known |= roster.state == RosterState::Current;
            if one.said.as_ref() != Some(&roster.state) {
                one.said = Some(roster.state.clone());
                self.told.push_back(one.frame(&roster.state));
            }
        }
        let after = self.absence();
        if let Some(reason) = after
            && after != before
        {
            let is_there = |seen: &ContainerRef| {
                let mut away = self.away.iter().map(|away| &away.id);
                away.any(|id| seen.matches(id)) || self.lineages.known().any(|id| seen.matches(id))
            };
            let gone = self.asked.gone(is_there).map(|seen| end(seen.to_string(), reason));
            self.told.extend(gone);
        }
    }

    /// What became of those whose log was seen before and who are not in the view; `None` while they may still come.
    fn absence(&self) -> Option<End> {
        if self.stacks.iter().all(|one| one.is_known) {
            return Some(End::Removed);
        }
        // Which host they are on is not known: they may come back with any that is out of use.
        self.stacks.iter().all(|one| one.is_known || one.is_over()).then_some(End::HostLeft)
    }

    /// Those whose log is read, or about to be.
    fn open(&self) -> impl Iterator<Item = &ContainerId> {
        self.parts.iter().map(Part::id).chain(&self.coming)
    }

    fn is_over(&self) -> bool {
        let awaits_nobody = |one: &Followed| one.is_over() || one.is_known && !self.asked.follow;
        self.parts.is_empty() && self.joining.is_empty() && self.stacks.iter().all(awaits_nobody)
    }
}

impl Source for View {
    const KIND: SocketKind = SocketKind::MergedLogs;

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Outgoing> {
        while let Poll::Ready(Some(roster)) = self.rosters.poll_next_unpin(context) {
            self.look_at(&roster);
        }
        while let Poll::Ready(Some(Joined { id, part })) = self.joining.poll_next_unpin(context) {
            self.coming.remove(&id);
            match part {
                Ok(part) => self.parts.push(part),
                Err(error) => self.tell_failure(id.to_string(), &error),
            }
        }
        if let Some(frame) = self.told.pop_front() {
            return Poll::Ready(json(&frame));
        }
        let parts = &mut self.parts;
        if let Poll::Ready((index, news)) =
            self.turns.next(parts.len(), |index| parts[index].poll_next(context))
        {
            let end = if let News::End(end) = news { Some(end) } else { None };
            let frame = parts[index].frame(news, &self.metrics);
            if let Some(end) = end {
                let part = parts.remove(index);
                self.turns.left(index);
                if end == End::HostLeft && self.asked.follow {
                    self.wait_for(&part);
                }
            }
            return Poll::Ready(frame);
        }
        if self.is_over() {
            return Poll::Ready(Outgoing::Close(CloseCode::Ended, String::new()));
        }
        Poll::Pending
    }
}

impl Followed {
    fn has(&self, host: &HostId, member: &Member) -> bool {
        self.stack.host == *host
            && member.place.as_ref().is_some_and(|place| place.project == self.stack.project)
    }

    /// A host that was removed or disabled may come back, but nobody waits for that alone.
    fn is_over(&self) -> bool {
        matches!(self.said, Some(RosterState::Left(_)))
    }

    fn frame(&self, state: &RosterState) -> MergedLogFrame {
        let (state, reason) = match state {
            RosterState::Current => ("live", String::new()),
            RosterState::Stale(reason) => ("delayed", reason.clone()),
            RosterState::Left(reason) => ("ended", (*reason).to_owned()),
        };
        let Stack { host, project } = &self.stack;
        MergedLogFrame::Stack { stack: format!("{host}/{project}"), state: state.to_owned(), reason }
    }
}

fn end(container: String, end: End) -> MergedLogFrame {
    MergedLogFrame::End { container, reason: name(end).to_owned() }
}

/// A roster as soon as it is known, and each change from then on.
fn rosters(mut watch: watch::Receiver<Option<Arc<Roster>>>) -> BoxStream<'static, Arc<Roster>> {
    watch.mark_changed();
    stream::unfold(watch, |mut watch| async move {
        loop {
            watch.changed().await.ok()?;
            let known = watch.borrow_and_update().clone();
            if let Some(roster) = known {
                return Some((roster, watch));
            }
        }
    })
    .boxed()
}

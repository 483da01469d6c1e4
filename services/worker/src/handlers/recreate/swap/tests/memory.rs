//! An engine in memory that breaks at whatever step is wanted.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use dockline_docker::{Condition, Error, FoundSuccessor, HealthSaid, Result as Answer};
use dockline_domain::{ContainerId, ContainerName, JobId};
use dockline_jobs::Progress;
use futures::future::pending;
use tokio::sync::{Notify, watch};

use super::super::{super::site::Site, Ended, Names, Pace, Swap, Way, take_up};

/// What happens at one of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    /// The engine refuses.
    Refused,
    /// Whoever asks dies before it was done.
    DiesBefore,
    /// Whoever asks dies after it was done.
    DiesAfter,
    /// It was done, and the answer is lost.
    Unheard,
    /// It was done, and the engine dies in the middle of the answer. It makes no sense for some time.
    Garbled,
    /// The engine refuses this step, whatever it is, and all that follow.
    RefusedFromHere,
    /// Whoever asks dies, and the engine does it only after so many looks at containers.
    DoneLate(usize),
}

/// What an engine does after whoever asked for it is gone.
struct Late {
    looks: usize,
    /// Nobody waits for a stop but another stop; for everything else all others wait.
    is_stop: bool,
    act: Box<dyn FnOnce(&mut World) + Send>,
}

#[derive(Debug, Clone)]
struct Held {
    name: String,
    state: &'static str,
    /// Of a new one: the job that made it.
    job: Option<JobId>,
}

#[derive(Default)]
pub(super) struct World {
    boxes: BTreeMap<String, Held>,
    born: u32,
    pub(super) steps: Vec<String>,
    mishap: Option<(usize, Mishap)>,
    late: Option<Late>,
    /// How many more answers make no sense.
    garbled: u32,
    /// What the health check of new ones says.
    pub(super) health: Option<HealthSaid>,
    pub(super) ran: bool,
}

pub(super) struct Memory {
    world: Mutex<World>,
    pub(super) job: JobId,
    /// A worker dies.
    death: Notify,
}

/// Nobody waits.
pub(super) const PACE: Pace = Pace {
    settled: Duration::ZERO,
    grace: Duration::ZERO,
    look_every: Duration::from_millis(1),
    patience: Duration::from_millis(200),
    ask_again: Duration::from_millis(1),
};

pub(super) fn id(number: u32) -> ContainerId {
    format!("{number:064x}").parse().expect("an ID")
}

pub(super) fn job(number: u32) -> JobId {
    format!("00000000-0000-7000-8000-{number:012}").parse().expect("an ID")
}

pub(super) fn names() -> Names {
    Names::of(&"web".parse().expect("a name"), &id(0)).expect("names")
}

impl World {
    /// What was asked for is done now, if something is left.
    pub(super) fn catch_up(&mut self) {
        if let Some(late) = self.late.take() {
            (late.act)(self);
        }
    }

    fn is_looked_at(&mut self) -> Answer<()> {
        if self.garbled > 0 {
            self.garbled -= 1;
            return Err(Error::Engine { operation: "look", message: "half an answer".to_owned() });
        }
        match &mut self.late {
            Some(late) if late.looks > 0 => late.looks -= 1,
            _ => self.catch_up(),
        }
        Ok(())
    }
}

impl Memory {
    pub(super) fn new(ran: bool) -> Self {
        let old = Held { name: "web".to_owned(), state: if ran { "running" } else { "exited" }, job: None };
        let boxes = BTreeMap::from([(id(0).to_string(), old)]);
        Self {
            world: Mutex::new(World { boxes, born: 1, ran, ..World::default() }),
            job: job(1),
            death: Notify::new(),
        }
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("nobody panicked")
    }

    /// One command, with whatever befalls it. Never do two run.
    async fn command<T>(
        &self,
        what: &str,
        act: impl FnOnce(&mut World) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let is_stop = what == "stop";
        let (mishap, done) = {
            let mut world = self.world();
            world.steps.push(what.to_owned());
            if world.late.as_ref().is_some_and(|late| is_stop || !late.is_stop) {
                world.catch_up();
            }
            let now = world.steps.len();
            let is_now = |(at, mishap): &(usize, Mishap)| {
                *at == now || *at < now && *mishap == Mishap::RefusedFromHere
            };
            let mishap = world.mishap.filter(is_now).map(|(_, mishap)| mishap);
            let done = match mishap {
                Some(Mishap::DiesBefore | Mishap::Refused | Mishap::RefusedFromHere) => None,
                Some(Mishap::DoneLate(looks)) => {
                    let act = Box::new(move |world: &mut World| drop(act(world)));
                    world.late = Some(Late { looks, is_stop, act });
                    None
                }
                _ => Some(act(&mut world)),
            };
            if mishap == Some(Mishap::Garbled) {
                world.garbled = 5;
            }
            let running = world.boxes.values().filter(|one| one.state == "running").count();
            assert!(running <= 1, "two run after {:?}", world.steps);
            (mishap, done)
        };
        match (mishap, done) {
            (Some(Mishap::DiesBefore | Mishap::DiesAfter | Mishap::DoneLate(_)), _) => {
                self.death.notify_one();
                pending().await
            }
            (Some(Mishap::Unheard), _) => Err(Error::Unreachable { reason: "cut".to_owned() }),
            (Some(Mishap::Garbled), _) => {
                Err(Error::Engine { operation: "do it", message: "half an answer".to_owned() })
            }
            (_, Some(done)) => done,
            (_, None) => Err(Error::Engine { operation: "do it", message: "it broke".to_owned() }),
        }
    }

    pub(super) fn swap<'a>(&'a self, progress: &'a watch::Sender<Progress>) -> Swap<'a, Self> {
        let ran = self.world().ran;
        Swap { site: self, job: self.job, old: id(0), names: names(), ran, progress, pace: PACE }
    }

    /// As a worker does that gets the job.
    pub(super) async fn work(&self) -> Result<Ended, String> {
        let progress = watch::Sender::new(Progress::default());
        let found = self.successors(&id(0)).await.map_err(|error| error.to_string())?;
        if let Some(found) = found.first()
            && let Some(ended) = take_up(self, self.job, &id(0), found, &progress, PACE).await?
        {
            return Ok(ended);
        }
        self.swap(&progress).go(Way::Forward, false).await
    }

    /// As a worker does that hears that the job was called off.
    pub(super) async fn take_back(&self) -> Result<Ended, String> {
        let progress = watch::Sender::new(Progress::default());
        let begun = !self.successors(&id(0)).await.map_err(|error| error.to_string())?.is_empty();
        if begun { self.swap(&progress).go(Way::Back(None), true).await } else { Ok(Ended::Kept) }
    }

    /// What there is: each container's number, name and state.
    pub(super) fn state(&self) -> Vec<(u64, String, &'static str)> {
        let world = self.world();
        let number = |id: &str| u64::from_str_radix(&id[48..], 16).expect("hexadecimal digits");
        world.boxes.iter().map(|(id, one)| (number(id), one.name.clone(), one.state)).collect()
    }

    /// How it ends, unless the worker dies.
    pub(super) async fn until_death(
        &self,
        work: impl Future<Output = Result<Ended, String>>,
    ) -> Option<Result<Ended, String>> {
        tokio::select! {
            ended = work => Some(ended),
            () = self.death.notified() => None,
        }
    }

    pub(super) fn set(&self, mishap: Option<(usize, Mishap)>) {
        self.world().mishap = mishap;
    }
}

fn gone() -> Error {
    Error::NotFound
}

#[async_trait]
impl Site for Memory {
    async fn condition(&self, id: &ContainerId) -> Answer<Option<Condition>> {
        let mut world = self.world();
        world.is_looked_at()?;
        Ok(world.boxes.get(id.as_str()).map(|one| Condition {
            name: one.name.clone(),
            untouched: one.state == "created",
            running: one.state == "running",
            restarting: false,
            restarts: 0,
            exit_code: 0,
            error: String::new(),
            health: world.health.filter(|_| one.job.is_some()),
            health_within: Duration::ZERO,
        }))
    }

    async fn successors(&self, _of: &ContainerId) -> Answer<Vec<FoundSuccessor>> {
        let world = self.world();
        let new = |(id, one): (&String, &Held)| {
            Some(FoundSuccessor {
                id: id.parse().expect("an ID"),
                job: one.job?,
                name: "web".parse().expect("a name"),
                ran: world.ran,
            })
        };
        Ok(world.boxes.iter().filter_map(new).collect())
    }

    async fn create(&self) -> Answer<ContainerId> {
        let by = self.job;
        let act = move |world: &mut World| {
            let name = names().temporary.to_string();
            if world.boxes.values().any(|one| one.name == name) {
                return Err(Error::Conflict { message: "the name is in use".to_owned() });
            }
            let made = id(world.born);
            world.born += 1;
            world.boxes.insert(made.to_string(), Held { name, state: "created", job: Some(by) });
            Ok(made)
        };
        self.command("create", act).await
    }

    async fn start(&self, id: &ContainerId) -> Answer<()> {
        let id = id.clone();
        let act = move |world: &mut World| {
            world.boxes.get_mut(id.as_str()).ok_or_else(gone)?.state = "running";
            Ok(())
        };
        self.command("start", act).await
    }

    async fn stop(&self, id: &ContainerId) -> Answer<()> {
        let id = id.clone();
        let act = move |world: &mut World| {
            world.boxes.get_mut(id.as_str()).ok_or_else(gone)?.state = "exited";
            Ok(())
        };
        self.command("stop", act).await
    }

    async fn rename(&self, id: &ContainerId, name: &ContainerName) -> Answer<()> {
        let (id, name) = (id.clone(), name.clone());
        let act = move |world: &mut World| {
            if world.boxes.values().any(|one| one.name == name.as_str()) {
                return Err(Error::Conflict { message: format!("the name {name} is in use") });
            }
            world.boxes.get_mut(id.as_str()).ok_or_else(gone)?.name = name.to_string();
            Ok(())
        };
        self.command("rename", act).await
    }

    async fn remove(&self, id: &ContainerId, _volumes: bool) -> Answer<()> {
        let id = id.clone();
        let act = move |world: &mut World| {
            if world.boxes.get(id.as_str()).is_some_and(|one| one.state == "running") {
                return Err(Error::Conflict { message: "it runs".to_owned() });
            }
            world.boxes.remove(id.as_str());
            Ok(())
        };
        self.command("remove", act).await
    }

    async fn last_words(&self, id: &ContainerId) -> String {
        let is_new = self.world().boxes.get(id.as_str()).is_some_and(|one| one.job.is_some());
        if is_new { "cannot open the door".to_owned() } else { String::new() }
    }
}

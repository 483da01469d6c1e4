//! The exchange on an engine in memory that breaks at every step, and under workers that die at every step.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use dockline_docker::Result as Answer;
use futures::future::pending;
use tokio::sync::Notify;

use super::*;

/// What happens at one of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mishap {
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
struct World {
    boxes: BTreeMap<String, Held>,
    born: u32,
    steps: Vec<String>,
    mishap: Option<(usize, Mishap)>,
    late: Option<Late>,
    /// How many more answers make no sense.
    garbled: u32,
    /// What the health check of new ones says.
    health: Option<HealthSaid>,
    ran: bool,
}

struct Memory {
    world: Mutex<World>,
    job: JobId,
    /// A worker dies.
    death: Notify,
}

/// Nobody waits.
const PACE: Pace = Pace {
    settled: Duration::ZERO,
    grace: Duration::ZERO,
    look_every: Duration::from_millis(1),
    patience: Duration::from_millis(200),
    ask_again: Duration::from_millis(1),
};

fn id(number: u32) -> ContainerId {
    format!("{number:064x}").parse().expect("an ID")
}

fn job(number: u32) -> JobId {
    format!("00000000-0000-7000-8000-{number:012}").parse().expect("an ID")
}

fn names() -> Names {
    Names::of(&"web".parse().expect("a name"), &id(0)).expect("names")
}

impl World {
    /// What was asked for is done now, if something is left.
    fn catch_up(&mut self) {
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
    fn new(ran: bool) -> Self {
        let old = Held { name: "web".to_owned(), state: if ran { "running" } else { "exited" }, job: None };
        let boxes = BTreeMap::from([(id(0).to_string(), old)]);
        Self {
            world: Mutex::new(World { boxes, born: 1, ran, ..World::default() }),
            job: job(1),
            death: Notify::new(),
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
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

    fn swap<'a>(&'a self, progress: &'a watch::Sender<Progress>) -> Swap<'a, Self> {
        let ran = self.world().ran;
        Swap { site: self, job: self.job, old: id(0), names: names(), ran, progress, pace: PACE }
    }

    /// As a worker does that gets the job.
    async fn work(&self) -> Result<Ended, String> {
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
    async fn take_back(&self) -> Result<Ended, String> {
        let progress = watch::Sender::new(Progress::default());
        let begun = !self.successors(&id(0)).await.map_err(|error| error.to_string())?.is_empty();
        if begun { self.swap(&progress).go(Way::Back(None), true).await } else { Ok(Ended::Kept) }
    }

    /// What there is: each container's number, name and state.
    fn state(&self) -> Vec<(u64, String, &'static str)> {
        let world = self.world();
        let number = |id: &str| u64::from_str_radix(&id[48..], 16).expect("hexadecimal digits");
        world.boxes.iter().map(|(id, one)| (number(id), one.name.clone(), one.state)).collect()
    }

    /// How it ends, unless the worker dies.
    async fn until_death(
        &self,
        work: impl Future<Output = Result<Ended, String>>,
    ) -> Option<Result<Ended, String>> {
        tokio::select! {
            ended = work => Some(ended),
            () = self.death.notified() => None,
        }
    }

    fn set(&self, mishap: Option<(usize, Mishap)>) {
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

fn as_it_was(memory: &Memory) {
    let state = if memory.world().ran { "running" } else { "exited" };
    assert_eq!(memory.state(), [(0, "web".to_owned(), state)], "{:?}", memory.world().steps);
}

/// The new one alone is in its place.
fn replaced(memory: &Memory) {
    let (state, ran) = (memory.state(), memory.world().ran);
    let [(number, name, state)] = state.as_slice() else { panic!("{state:?} {:?}", memory.world().steps) };
    let expected = if ran { "running" } else { "created" };
    assert!(
        *number > 0 && name == "web" && *state == expected,
        "{number} {name} {state} {:?}",
        memory.world().steps
    );
}

/// How many steps it takes when nothing happens: create, name, stop, name, start, remove.
const STEPS: usize = 6;

#[tokio::test]
async fn the_new_one_comes_in_the_old_ones_place() {
    for ran in [true, false] {
        for health in [None, Some(HealthSaid::Healthy)] {
            let memory = Memory::new(ran);
            memory.world().health = health;
            assert_eq!(memory.work().await, Ok(Ended::Replaced(id(1))));
            replaced(&memory);
            assert_eq!(memory.world().steps.len(), if ran { STEPS } else { 4 });
            // A job that was finished without anybody hearing of it.
            assert_eq!(memory.work().await, Ok(Ended::Replaced(id(1))));
            replaced(&memory);
        }
    }
}

#[tokio::test]
async fn a_step_that_is_refused_leaves_the_old_one_as_it_was() {
    for at in 1..STEPS {
        let memory = Memory::new(true);
        memory.set(Some((at, Mishap::Refused)));
        let Ok(Ended::Failed(why)) = memory.work().await else { panic!("{at}") };
        assert!(why.contains("it broke"), "{at}: {why}");
        as_it_was(&memory);
    }
    // The old one could not be removed: the new one runs, and it is said under which name the old one is stopped.
    let memory = Memory::new(true);
    memory.set(Some((STEPS, Mishap::RefusedFromHere)));
    let Ok(Ended::Failed(why)) = memory.work().await else { panic!("a failure") };
    assert!(why.contains(names().parked.as_str()) && why.contains("it broke"), "{why}");
    let mut state = memory.state();
    state.sort();
    assert_eq!(state, [(0, names().parked.to_string(), "exited"), (1, "web".to_owned(), "running")]);
    assert_eq!(memory.world().steps.len(), STEPS + TRIES - 1);
}

#[tokio::test]
async fn a_step_of_the_way_back_that_is_refused_once_is_tried_again() {
    for at in STEPS..=STEPS + 5 {
        let memory = Memory::new(true);
        memory.world().health = Some(HealthSaid::Unhealthy);
        memory.set(Some((at, Mishap::Refused)));
        let Ok(Ended::Failed(why)) = memory.work().await else { panic!("{at}") };
        assert!(why.contains("not healthy") && !why.contains("it broke"), "{at}: {why}");
        as_it_was(&memory);
    }
}

#[tokio::test]
async fn one_that_is_not_well_gives_way_with_its_last_words() {
    for health in [HealthSaid::Unhealthy, HealthSaid::Starting] {
        let memory = Memory::new(true);
        memory.world().health = Some(health);
        let Ok(Ended::Failed(why)) = memory.work().await else { panic!("{health:?}") };
        assert!(why.contains("healthy") && why.contains("cannot open the door"), "{why}");
        as_it_was(&memory);
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_at_any_step_loses_no_container() {
    for at in 1..=STEPS {
        for mishap in [Mishap::Unheard, Mishap::Garbled] {
            let memory = Memory::new(true);
            memory.set(Some((at, mishap)));
            match memory.work().await {
                Ok(Ended::Replaced(_)) => replaced(&memory),
                Ok(Ended::Failed(_)) => as_it_was(&memory),
                other => panic!("{at} {mishap:?}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn what_an_engine_does_after_its_worker_died_is_reckoned_with() {
    for health in [None, Some(HealthSaid::Unhealthy)] {
        for at in 1..=12 {
            for looks in 0..=12 {
                for is_called_off in [false, true] {
                    let memory = Memory::new(true);
                    memory.world().health = health;
                    memory.set(Some((at, Mishap::DoneLate(looks))));
                    let first = memory.until_death(memory.work()).await;
                    memory.set(None);
                    let ended = match first {
                        Some(ended) => ended,
                        None if is_called_off => memory.take_back().await,
                        None => memory.work().await,
                    };
                    memory.world().catch_up();
                    match ended {
                        // It was nowhere to be seen. The next job finds it.
                        Ok(Ended::Kept) if at == 1 => {
                            memory.world().health = None;
                            assert!(matches!(memory.work().await, Ok(Ended::Replaced(_))));
                            replaced(&memory);
                        }
                        Ok(Ended::Kept | Ended::Failed(_)) => as_it_was(&memory),
                        Ok(Ended::Replaced(_)) => replaced(&memory),
                        Err(why) => panic!("{at} {looks}: {why} {:?}", memory.world().steps),
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_worker_that_dies_at_any_step_leaves_what_the_next_one_finishes() {
    for ran in [true, false] {
        for health in [None, Some(HealthSaid::Unhealthy)] {
            for at in 1..=16 {
                for mishap in [Mishap::DiesBefore, Mishap::DiesAfter] {
                    let memory = Memory::new(ran);
                    memory.world().health = health;
                    memory.set(Some((at, mishap)));
                    let first = memory.until_death(memory.work()).await;
                    memory.set(None);
                    let ended = match first {
                        Some(ended) => ended,
                        None => memory.work().await,
                    };
                    match ended {
                        Ok(Ended::Replaced(_)) if health.is_none() || !ran => replaced(&memory),
                        Ok(Ended::Failed(_)) if health.is_some() && ran => as_it_was(&memory),
                        other => panic!("{at} {mishap:?}: {other:?} {:?}", memory.world().steps),
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_job_that_is_called_off_at_any_step_is_taken_back() {
    for at in 1..=STEPS {
        for mishap in [Mishap::DiesBefore, Mishap::DiesAfter] {
            for again in 1..=8 {
                let memory = Memory::new(true);
                memory.set(Some((at, mishap)));
                assert_eq!(memory.until_death(memory.work()).await, None);
                // Whoever takes it back dies as well.
                let from = memory.world().steps.len();
                memory.set(Some((from + again, mishap)));
                let second = memory.until_death(memory.take_back()).await;
                memory.set(None);
                let ended = match second {
                    Some(ended) => ended,
                    None => memory.take_back().await,
                };
                match ended {
                    Ok(Ended::Kept) => as_it_was(&memory),
                    // It was too late.
                    Ok(Ended::Replaced(_)) if at == STEPS => replaced(&memory),
                    other => panic!("{at} {mishap:?} {again}: {other:?} {:?}", memory.world().steps),
                }
            }
        }
    }
}

#[tokio::test]
async fn another_jobs_exchange_is_left_alone() {
    let mut memory = Memory::new(true);
    // The first worker died in the middle; its job is still its own.
    memory.set(Some((4, Mishap::DiesBefore)));
    assert_eq!(memory.until_death(memory.work()).await, None);
    memory.set(None);
    let before = memory.state();
    memory.job = job(2);
    let progress = watch::Sender::new(Progress::default());
    let Ok(Ended::Failed(why)) = memory.swap(&progress).go(Way::Forward, false).await else {
        panic!("a failure")
    };
    assert!(why.contains("in use"), "{why}");
    assert_eq!(memory.state(), before);
    // When that job is over, the next one takes its remains back and begins anew.
    assert_eq!(memory.work().await, Ok(Ended::Replaced(id(2))));
    replaced(&memory);
}

#[tokio::test]
async fn what_another_job_put_in_its_place_is_not_told_as_done() {
    let mut memory = Memory::new(true);
    memory.set(Some((STEPS, Mishap::DiesAfter)));
    assert_eq!(memory.until_death(memory.work()).await, None);
    memory.set(None);
    memory.job = job(2);
    let Ok(Ended::Failed(why)) = memory.work().await else { panic!("a failure") };
    assert!(why.contains(&job(1).to_string()), "{why}");
    replaced(&memory);
}

#[tokio::test]
async fn an_engine_that_stays_away_is_not_waited_for_for_ever() {
    struct Away;
    #[async_trait]
    impl Site for Away {
        async fn condition(&self, _: &ContainerId) -> Answer<Option<Condition>> {
            Err(Error::Unreachable { reason: "away".to_owned() })
        }
        async fn successors(&self, _: &ContainerId) -> Answer<Vec<FoundSuccessor>> {
            Err(Error::Unreachable { reason: "away".to_owned() })
        }
        async fn create(&self) -> Answer<ContainerId> {
            unreachable!("nothing is known")
        }
        async fn start(&self, _: &ContainerId) -> Answer<()> {
            unreachable!("nothing is known")
        }
        async fn stop(&self, _: &ContainerId) -> Answer<()> {
            unreachable!("nothing is known")
        }
        async fn rename(&self, _: &ContainerId, _: &ContainerName) -> Answer<()> {
            unreachable!("nothing is known")
        }
        async fn remove(&self, _: &ContainerId, _: bool) -> Answer<()> {
            unreachable!("nothing is known")
        }
        async fn last_words(&self, _: &ContainerId) -> String {
            String::new()
        }
    }
    let progress = watch::Sender::new(Progress::default());
    let swap = Swap {
        site: &Away,
        job: job(1),
        old: id(0),
        names: names(),
        ran: true,
        progress: &progress,
        pace: PACE,
    };
    let found = FoundSuccessor { id: id(1), job: job(1), name: "web".parse().expect("a name"), ran: true };
    let why = take_up(&Away, job(1), &id(0), &found, &progress, PACE).await.expect_err("nobody knows");
    assert!(why.contains("sets all of it right"), "{why}");
    assert_eq!(progress.borrow().message, "waiting for the engine to answer");
    let why = swap.go(Way::Forward, true).await.expect_err("nobody knows");
    assert!(why.contains(names().parked.as_str()) && why.contains("sets all of it right"), "{why}");
}

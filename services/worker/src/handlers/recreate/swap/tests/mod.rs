//! The exchange on an engine that breaks at every step, and under workers that die at every step.

mod memory;

use async_trait::async_trait;
use dockline_docker::{Condition, Error, FoundSuccessor, HealthSaid, Result as Answer};
use dockline_domain::{ContainerId, ContainerName};
use dockline_jobs::Progress;
use tokio::sync::watch;

use self::memory::{Memory, Mishap, PACE, id, job, names};
use super::{super::site::Site, Ended, Swap, Way, going::TRIES, take_up};

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

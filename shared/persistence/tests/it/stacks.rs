use dockline_domain::{UserId, host::Sealed, stack::SavedFor};
use dockline_jobs::JobSpec;
use dockline_persistence::{Error, Moment, NewJob, NewStackRevision};
use sea_orm::ConnectionTrait;

use crate::{
    engine::{Engine, TestDatabase},
    jobs::{fill, new_job},
};

fn form(revision: u32) -> NewStackRevision {
    NewStackRevision {
        host: "edge".parse().expect("a host"),
        name: "shop".parse().expect("a stack"),
        revision,
        action: if revision == 1 { SavedFor::Deploy } else { SavedFor::Update },
        sealed: Sealed(vec![1]),
        services: vec!["web".to_owned()],
        saved_by: (UserId::generate(), "otto".parse().expect("a username")),
    }
}

fn deploy(revision: u32) -> NewJob {
    let NewStackRevision { host, name: stack, .. } = form(revision);
    let spec = JobSpec::StackDeploy { host, stack, revision, always_pull: false };
    NewJob { spec, ..new_job("edge", "nginx") }
}

pub async fn a_file_whose_job_is_refused_is_not_kept(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (stacks, jobs, raw) = (test.database.stacks(), test.database.jobs(), test.raw().await);
    let kept = async || {
        let NewStackRevision { host, name, .. } = form(1);
        stacks.of(&host, &name).await.expect("forms").into_iter().map(|one| one.revision).collect::<Vec<_>>()
    };
    fill(engine, &raw, 1_000).await;
    assert!(matches!(jobs.require_room().await, Err(Error::TooManyJobs)));
    for revision in [1, 2] {
        let refused = stacks.save_and_deploy(form(revision), deploy(revision), Moment::now()).await;
        assert!(matches!(refused, Err(Error::TooManyJobs)), "{refused:?}");
        assert_eq!(kept().await, (1..revision).rev().collect::<Vec<_>>());
        if revision == 1 {
            stacks.save(form(1), Moment::now()).await.expect("kept");
        }
    }
    raw.execute_unprepared("DELETE FROM jobs WHERE kind = 'x'").await.expect("emptied");
    jobs.require_room().await.expect("there is room");
    let job = stacks.save_and_deploy(form(2), deploy(2), Moment::now()).await.expect("a job");
    assert_eq!((kept().await, job.spec), (vec![2, 1], Some(deploy(2).spec)));
    // A job is not added either when the file has changed meanwhile.
    let late = stacks.save_and_deploy(form(2), deploy(2), Moment::now()).await;
    assert!(matches!(late, Err(Error::StackChanged)), "{late:?}");
    let all = jobs.live_about(&form(1).host, "shop").await.expect("jobs");
    assert_eq!(all.len(), 1, "{all:?}");
}

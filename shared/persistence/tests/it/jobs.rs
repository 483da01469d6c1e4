use std::{collections::HashSet, time::Duration};

use dockline_domain::{JobId, SessionId, UserId};
use dockline_jobs::{Asker, Claim, Job, JobKind, JobSpec, JobState, Progress};
use dockline_persistence::{Database, End, Error, JobFilter, NewJob, Standing};
use sea_orm::ConnectionTrait;
use tokio::task::JoinSet;

use crate::engine::{Engine, TestDatabase};

const LEASE: Duration = Duration::from_secs(30);

pub fn new_job(host: &str, image: &str) -> NewJob {
    NewJob {
        spec: JobSpec::ImagePull {
            host: host.parse().expect("a host id"),
            image: image.parse().expect("an image"),
        },
        asker: Asker {
            user: UserId::generate(),
            username: "otto".parse().expect("a username"),
            session: SessionId::generate(),
        },
        retry_of: None,
    }
}

async fn enqueue(database: &Database, image: &str) -> Job {
    database.jobs().enqueue(new_job("edge", image)).await.expect("a job")
}

async fn take(database: &Database, worker: &str) -> Option<(Claim, Job)> {
    let job = database.jobs().claim(worker, LEASE).await.expect("an answer")?;
    Some((Claim { job: job.id, attempt: job.attempt }, job))
}

async fn stored(database: &Database, id: JobId) -> Job {
    database.jobs().get(id).await.expect("an answer").expect("the job")
}

fn halfway() -> Progress {
    let mut progress = Progress::default();
    progress.say("half of it");
    progress.step("layer", "Downloading \0 ü", Some((5, Some(10))));
    progress
}

/// As if the time had passed.
async fn expire_every_claim(test: &TestDatabase) {
    let expired = "UPDATE jobs SET claimed_until = 1 WHERE state = 'running'";
    test.raw().await.execute_unprepared(expired).await.expect("changed");
}

pub async fn of_workers_that_ask_together_each_gets_another_job(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let replicas = [test.replica().await, test.replica().await];
    for number in 0..24 {
        enqueue(&test.database, &format!("image-{number}")).await;
    }
    let mut workers = JoinSet::new();
    for number in 0..6 {
        let database = replicas[number % 2].clone();
        workers.spawn(async move {
            let mut taken = Vec::new();
            while let Some((_, job)) = take(&database, &format!("worker-{number}")).await {
                assert_eq!((job.state, job.attempt), (JobState::Running, 1));
                taken.push(job.id);
            }
            taken
        });
    }
    let taken: Vec<JobId> = workers.join_all().await.into_iter().flatten().collect();
    let different: HashSet<JobId> = taken.iter().copied().collect();
    assert_eq!((taken.len(), different.len()), (24, 24));
}

pub async fn a_silent_worker_loses_its_job_and_writes_nothing_any_more(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (jobs, made) = (test.database.jobs(), enqueue(&test.database, "nginx").await);
    let (first, _) = take(&test.database, "first").await.expect("the job");
    let going_on = jobs.report(first, Some(&halfway()), LEASE).await.expect("an answer");
    assert_eq!(going_on, Standing::Yours { cancel_requested: false });
    assert!(take(&test.database, "second").await.is_none(), "its worker was heard of just now");

    expire_every_claim(&test).await;
    let (second, taken) = take(&test.database, "second").await.expect("the job");
    assert_eq!((second.job, second.attempt, taken.lost_workers), (made.id, 2, 1));
    assert_eq!(taken.progress, halfway(), "what is known of it stays");
    assert_eq!(taken.started_at, stored(&test.database, made.id).await.started_at);

    assert_eq!(
        jobs.report(first, Some(&Progress::default()), LEASE).await.expect("an answer"),
        Standing::Lost
    );
    assert_eq!(jobs.finish(first, &Progress::default(), End::Succeeded).await.expect("an answer"), None);
    assert_eq!(jobs.give_back(first).await.expect("an answer"), None);
    let untouched = stored(&test.database, made.id).await;
    assert_eq!((untouched.state, untouched.worker.as_deref()), (JobState::Running, Some("second")));
    assert_eq!(untouched.progress, halfway());

    let over = jobs.finish(second, &halfway(), End::Failed("no\0pe".to_owned())).await.expect("an answer");
    let over = over.expect("its job");
    assert_eq!((over.state, over.error.as_deref()), (JobState::Failed, Some("no\u{fffd}pe")));
    assert!(over.finished_at >= over.started_at && over.started_at >= Some(over.created_at));
    expire_every_claim(&test).await;
    assert!(take(&test.database, "third").await.is_none(), "what is over is not taken");
    assert_eq!(jobs.report(second, None, LEASE).await.expect("an answer"), Standing::Lost);
}

pub async fn a_claim_ends_by_the_clock_of_the_database(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let made = enqueue(&test.database, "nginx").await;
    let lease = Duration::from_millis(300);
    let job = test.database.jobs().claim("first", lease).await.expect("an answer").expect("the job");
    let taken = dockline_testkit::eventually(Duration::from_secs(10), || async {
        take(&test.database, "second").await.ok_or_else(|| anyhow::anyhow!("not yet free"))
    })
    .await
    .expect("taken over");
    assert_eq!((taken.1.id, taken.1.attempt), (made.id, job.attempt + 1));
}

pub async fn a_job_is_called_off_before_and_while_it_is_worked_on(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let jobs = test.database.jobs();
    let waiting = enqueue(&test.database, "nginx").await;
    let over = jobs.cancel(waiting.id).await.expect("called off");
    assert_eq!((over.state, over.finished_at.is_some()), (JobState::Cancelled, true));
    assert!(take(&test.database, "worker").await.is_none());
    let again = jobs.cancel(waiting.id).await;
    assert!(matches!(again, Err(Error::JobOver { state: JobState::Cancelled })), "{again:?}");
    assert!(matches!(jobs.cancel(JobId::generate()).await, Err(Error::NoSuchJob)));

    let made = enqueue(&test.database, "redis").await;
    let (claim, _) = take(&test.database, "worker").await.expect("the job");
    for _ in 0..2 {
        let asked = jobs.cancel(made.id).await.expect("noted");
        assert_eq!((asked.state, asked.cancel_requested, asked.finished_at), (JobState::Running, true, None));
    }
    let told = jobs.report(claim, None, LEASE).await.expect("an answer");
    assert_eq!(told, Standing::Yours { cancel_requested: true });
    // Its worker dies before it hears of that: the next one knows.
    expire_every_claim(&test).await;
    let (claim, taken) = take(&test.database, "other").await.expect("the job");
    assert!(taken.cancel_requested);
    let over = jobs.finish(claim, &Progress::default(), End::Cancelled).await.expect("an answer");
    assert_eq!(over.expect("its job").state, JobState::Cancelled);
}

pub async fn a_job_that_is_given_back_is_taken_at_once(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let made = enqueue(&test.database, "nginx").await;
    let (claim, _) = take(&test.database, "first").await.expect("the job");
    let back = test.database.jobs().give_back(claim).await.expect("an answer").expect("its job");
    assert_eq!(back.state, JobState::Queued);
    let (next, taken) = take(&test.database, "second").await.expect("the job");
    assert_eq!((next.job, next.attempt, taken.lost_workers), (made.id, 2, 0));
    // Nothing of it has to be taken back.
    test.database.jobs().give_back(next).await.expect("an answer");
    let off = test.database.jobs().cancel(made.id).await.expect("called off");
    assert_eq!((off.state, off.finished_at.is_some()), (JobState::Cancelled, true));

    // What must be taken back is not over by being called off: a worker has to see to it first.
    let mut new = new_job("edge", "nginx");
    new.spec = JobSpec::ContainerRecreate {
        host: "edge".parse().expect("a host id"),
        container: "ab".repeat(32).parse().expect("an ID"),
        name: "web".parse().expect("a name"),
        image: None,
        pull: false,
    };
    let made = test.database.jobs().enqueue(new).await.expect("a job");
    let (claim, _) = take(&test.database, "first").await.expect("the job");
    test.database.jobs().give_back(claim).await.expect("an answer");
    let off = test.database.jobs().cancel(made.id).await.expect("noted");
    assert_eq!((off.state, off.cancel_requested, off.finished_at), (JobState::Queued, true, None));
    let (_, taken) = take(&test.database, "second").await.expect("the job");
    assert!(taken.cancel_requested);
}

pub async fn jobs_are_found_by_everything_in_pages(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let jobs = test.database.jobs();
    let mut made = Vec::new();
    for number in 0..7 {
        let host = if number % 2 == 0 { "edge" } else { "core" };
        made.push(jobs.enqueue(new_job(host, &format!("image-{number}"))).await.expect("a job"));
    }
    jobs.cancel(made[1].id).await.expect("called off");
    let find = async |filter: JobFilter| {
        let page = jobs.search(&filter).await.expect("a page");
        let numbers: Vec<usize> =
            page.jobs.iter().filter_map(|job| made.iter().position(|one| one.id == job.id)).collect();
        (numbers, page.next)
    };
    let all = JobFilter { limit: 100, ..JobFilter::default() };
    assert_eq!(find(all.clone()).await, (vec![6, 5, 4, 3, 2, 1, 0], None));
    let core = JobFilter { host: Some("core".parse().expect("a host id")), ..all.clone() };
    assert_eq!(find(core).await.0, [5, 3, 1]);
    let live = JobFilter { states: vec![JobState::Queued, JobState::Running], ..all.clone() };
    assert_eq!(find(live).await.0, [6, 5, 4, 3, 2, 0]);
    let pulls = JobFilter { kind: Some(JobKind::ImagePull), ..all.clone() };
    assert_eq!(find(pulls).await.0.len(), 7);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let (page, next) = find(JobFilter { limit: 3, before, ..all.clone() }).await;
        seen.extend(page);
        before = next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1, 0]);
    let some = jobs.many(&[made[2].id, JobId::generate(), made[4].id]).await.expect("jobs");
    assert_eq!(
        some.iter().map(|job| job.id).collect::<HashSet<_>>(),
        HashSet::from([made[2].id, made[4].id])
    );
    assert_eq!(stored(&test.database, made[3].id).await, made[3]);
}

/// Adds so many jobs of the kind `x` that wait.
pub async fn fill(engine: Engine, raw: &sea_orm::DatabaseConnection, count: u32) {
    let id = match engine {
        Engine::Sqlite => "randomblob(16)",
        Engine::Postgres => "gen_random_uuid()",
    };
    let sql = format!(
        "INSERT INTO jobs (id, kind, subject, spec, state, attempt, lost_workers, cancel_requested, progress, asker_id, \
         asker_name, asker_session, created_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         SELECT {id}, 'x', '', '', 'queued', 0, 0, FALSE, '', {id}, 'x', {id}, 0 FROM n"
    );
    raw.execute_unprepared(&sql).await.expect("filled");
}

pub async fn neither_what_waits_nor_what_is_over_grows_without_end(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (jobs, raw) = (test.database.jobs(), test.raw().await);
    let model = enqueue(&test.database, "nginx").await;
    let copies = async |count: u32, finished: &str, state: &str| {
        let id = match engine {
            Engine::Sqlite => "randomblob(16)",
            Engine::Postgres => "gen_random_uuid()",
        };
        let sql = format!(
            "INSERT INTO jobs (id, kind, subject, spec, state, attempt, lost_workers, cancel_requested, progress, asker_id, \
             asker_name, asker_session, created_at, finished_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             SELECT {id}, kind, subject, spec, '{state}', 1, 0, FALSE, progress, asker_id, asker_name, asker_session, \
             created_at, {finished} FROM jobs, n WHERE finished_at IS NULL AND worker IS NULL AND subject = 'nginx:latest' \
             AND attempt = 0"
        );
        raw.execute_unprepared(&sql).await.expect("copied");
    };
    // Of the last minute, so that it is their number and not their age.
    copies(10_050, "created_at + n.i", "succeeded").await;
    copies(20, "created_at - 31 * CAST(86400000000 AS BIGINT)", "failed").await;
    assert_eq!(jobs.prune().await.expect("pruned"), 70);
    assert_eq!(jobs.prune().await.expect("pruned"), 0);
    assert_eq!(stored(&test.database, model.id).await.state, JobState::Queued, "what waits stays");

    copies(999, "NULL", "running").await;
    let refused = jobs.enqueue(new_job("edge", "one-more")).await;
    assert!(matches!(refused, Err(Error::TooManyJobs)), "{refused:?}");
    jobs.cancel(model.id).await.expect("called off");
    jobs.enqueue(new_job("edge", "one-more")).await.expect("there is room again");
}

pub async fn a_job_of_another_release_is_shown_and_left_alone(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let made = enqueue(&test.database, "nginx").await;
    let newer = "UPDATE jobs SET kind = 'moon.landing', spec = '{\"kind\":\"moon.landing\"}'";
    test.raw().await.execute_unprepared(newer).await.expect("changed");
    assert!(take(&test.database, "worker").await.is_none());
    let shown = stored(&test.database, made.id).await;
    assert_eq!((shown.kind.as_str(), shown.spec), ("moon.landing", None));
    test.database.jobs().cancel(made.id).await.expect("called off");
}

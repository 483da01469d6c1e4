//! Workers on a real database and engines in memory.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use dockline_auth::{Sealer, SecretKey};
use dockline_docker::{Recreate, fake::FakeEngine};
use dockline_domain::{ContainerId, JobId, SessionId, access::Role};
use dockline_hosts::Opener;
use dockline_jobs::{Asker, Job, JobSpec, JobState, sealed_for};
use dockline_persistence::{
    Account, AuditFilter, Database, HostChange, Moment, NewHost, NewJob, NewUser, Outcome, Part, UserChange,
};
use dockline_telemetry::Metrics;
use dockline_testkit::eventually;
use dockline_worker::{Pace, StoredHosts, Worker};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(10);
const IMAGE: &str = "registry.test/web:1";

/// A database, one host `edge`, and somebody who asks for jobs.
struct Stage {
    database: Database,
    engine: Arc<FakeEngine>,
    asker: Account,
    sealer: Sealer,
    _folder: TempDir,
}

/// A running worker.
struct Running {
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Stage {
    async fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}", folder.path().join("dockline.db").display());
        let database = Database::open(&url).await?;
        let host = NewHost {
            id: "edge".parse()?,
            address: "unix:///nowhere".to_owned(),
            labels: Default::default(),
            enabled: true,
            sealed: None,
        };
        database.hosts().insert(host, Moment::now()).await?;
        let otto =
            NewUser { username: "otto".parse()?, password_hash: "none".to_owned(), role: Role::Operator };
        let asker = database.users().create(otto, Moment::now()).await?;
        // Somebody must be left who manages accounts.
        let ada = NewUser { username: "ada".parse()?, password_hash: "none".to_owned(), role: Role::Admin };
        database.users().create(ada, Moment::now()).await?;
        let engine = FakeEngine::new("edge".parse()?);
        let sealer = Sealer::new(&SecretKey::generate());
        Ok(Self { database, engine, asker, sealer, _folder: folder })
    }

    fn worker(&self, name: &str) -> Result<Running> {
        let engine = Arc::clone(&self.engine);
        let opener = Opener::with_engines(self.sealer.clone(), move |_, _| engine.clone());
        let hosts = StoredHosts::new(self.database.hosts(), opener);
        let pace = Pace {
            lease: Duration::from_secs(5),
            report_every: Duration::from_millis(20),
            look_every: Duration::from_millis(20),
            at_once: 2,
        };
        let worker =
            Worker::new(name.to_owned(), &self.database, hosts, self.sealer.clone(), Metrics::new()?.jobs)
                .at_pace(pace);
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(worker.run(shutdown.clone()));
        Ok(Running { shutdown, task })
    }

    async fn pull(&self, host: &str, image: &str) -> Result<JobId> {
        self.ask(JobSpec::ImagePull { host: host.parse()?, image: image.parse()? }).await
    }

    /// Of the container `web`.
    async fn recreate(&self, web: &ContainerId) -> Result<JobId> {
        let (host, container, name) = ("edge".parse()?, web.clone(), "web".parse()?);
        let image = Some("fake:1".parse()?);
        self.ask(JobSpec::ContainerRecreate { host, container, name, image, pull: false }).await
    }

    async fn ask(&self, spec: JobSpec) -> Result<JobId> {
        let (user, username) = (self.asker.id, self.asker.username.clone());
        let asker = Asker { user, username, session: SessionId::generate() };
        Ok(self.database.jobs().enqueue(NewJob { spec, asker, retry_of: None }).await?.id)
    }

    async fn job(&self, id: JobId) -> Result<Job> {
        self.database.jobs().get(id).await?.context("the job")
    }

    async fn until(&self, id: JobId, holds: impl Fn(&Job) -> bool) -> Result<Job> {
        eventually(PATIENCE, || async {
            let job = self.job(id).await?;
            ensure!(holds(&job), "{job:?}");
            Ok(job)
        })
        .await
    }

    async fn over(&self, id: JobId) -> Result<Job> {
        self.until(id, |job| job.state.is_final()).await
    }

    async fn until_pulling(&self, count: usize) -> Result<()> {
        eventually(PATIENCE, || async {
            let now = self.engine.registry.under_way();
            ensure!(now == count, "{now} pulls are under way");
            Ok(())
        })
        .await
    }
}

impl Running {
    async fn stop(self) -> Result<()> {
        self.shutdown.cancel();
        Ok(tokio::time::timeout(PATIENCE, self.task).await??)
    }
}

#[tokio::test]
async fn a_pull_tells_how_far_it_is_and_leaves_a_line_in_the_audit_log() -> Result<()> {
    let stage = Stage::new().await?;
    stage.engine.registry.offer(IMAGE, true);
    let worker = stage.worker("one")?;
    let id = stage.pull("edge", IMAGE).await?;
    let half = stage.until(id, |job| job.progress.steps.len() == 1).await?;
    let bar = &half.progress.steps[0];
    ensure!((bar.current, bar.total) == (Some(5), Some(10)), "{bar:?}");
    ensure!(half.worker.as_deref() == Some("one") && half.state == JobState::Running, "{half:?}");
    stage.engine.registry.release(IMAGE);
    let over = stage.over(id).await?;
    ensure!(over.state == JobState::Succeeded && over.progress.steps[0].current == Some(10), "{over:?}");
    let filter = AuditFilter { action: Some("job.finish".to_owned()), limit: 10, ..AuditFilter::default() };
    let line = eventually(PATIENCE, || async {
        let page = stage.database.audit().search(&filter).await?;
        page.rows.into_iter().next().context("no line yet")
    })
    .await?;
    ensure!(
        line.actor.name.as_deref() == Some("otto") && line.outcome == Outcome::Success.as_str(),
        "{line:?}"
    );
    worker.stop().await
}

#[tokio::test]
async fn what_a_worker_that_ends_has_in_hand_goes_to_another_at_once() -> Result<()> {
    let stage = Stage::new().await?;
    stage.engine.registry.offer(IMAGE, true);
    let first = stage.worker("first")?;
    let id = stage.pull("edge", IMAGE).await?;
    stage.until_pulling(1).await?;
    first.stop().await?;
    ensure!(stage.engine.registry.under_way() == 0, "the engine still pulls");
    let back = stage.job(id).await?;
    ensure!(back.state == JobState::Queued && back.lost_workers == 0, "{back:?}");
    let second = stage.worker("second")?;
    stage.until_pulling(1).await?;
    stage.engine.registry.release(IMAGE);
    let over = stage.over(id).await?;
    ensure!(over.state == JobState::Succeeded && over.attempt == 2, "{over:?}");
    second.stop().await
}

#[tokio::test]
async fn a_worker_that_lost_its_job_stops_working_on_it() -> Result<()> {
    let stage = Stage::new().await?;
    stage.engine.registry.offer(IMAGE, true);
    let worker = stage.worker("slow")?;
    let id = stage.pull("edge", IMAGE).await?;
    stage.until_pulling(1).await?;
    // As if it had been silent for too long, and another one had been quicker than it.
    let taken = "UPDATE jobs SET attempt = attempt + 1, worker = 'quick' WHERE worker = 'slow'";
    stage.database.execute_raw(taken).await?;
    stage.until_pulling(0).await?;
    stage.engine.registry.release(IMAGE);
    worker.stop().await?;
    let job = stage.job(id).await?;
    ensure!(job.state == JobState::Running && job.worker.as_deref() == Some("quick"), "{job:?}");
    ensure!(stage.engine.registry.pulled().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_job_that_is_called_off_ends_at_the_engine_too() -> Result<()> {
    let stage = Stage::new().await?;
    stage.engine.registry.offer(IMAGE, true);
    let worker = stage.worker("one")?;
    let id = stage.pull("edge", IMAGE).await?;
    stage.until_pulling(1).await?;
    stage.database.jobs().cancel(id).await?;
    let over = stage.over(id).await?;
    ensure!(over.state == JobState::Cancelled && over.error.is_none(), "{over:?}");
    stage.until_pulling(0).await?;
    worker.stop().await
}

#[tokio::test]
async fn only_so_many_jobs_are_done_at_the_same_time() -> Result<()> {
    let stage = Stage::new().await?;
    stage.engine.registry.offer(IMAGE, true);
    let worker = stage.worker("one")?;
    let mut jobs = Vec::new();
    for _ in 0..5 {
        jobs.push(stage.pull("edge", IMAGE).await?);
    }
    stage.until_pulling(2).await?;
    let waiting = stage.job(jobs[4]).await?;
    ensure!(waiting.state == JobState::Queued, "{waiting:?}");
    stage.engine.registry.release(IMAGE);
    for id in jobs {
        ensure!(stage.over(id).await?.state == JobState::Succeeded);
    }
    worker.stop().await
}

#[tokio::test]
async fn whoever_lost_the_right_has_nothing_done_any_more() -> Result<()> {
    let demoted = UserChange { role: Some(Role::Viewer), ..UserChange::default() };
    let disabled = UserChange { enabled: Some(false), ..UserChange::default() };
    for (change, said) in [(Some(demoted), "images.manage"), (Some(disabled), "disabled"), (None, "removed")]
    {
        let stage = Stage::new().await?;
        stage.engine.registry.offer(IMAGE, false);
        let id = stage.pull("edge", IMAGE).await?;
        let users = stage.database.users();
        match change {
            Some(change) => drop(users.update(stage.asker.id, change, Moment::now()).await?),
            None => drop(users.remove(stage.asker.id).await?),
        }
        let worker = stage.worker("one")?;
        let over = stage.over(id).await?;
        let error = over.error.unwrap_or_default();
        ensure!(over.state == JobState::Failed && error.contains(said) && error.contains("otto"), "{error}");
        ensure!(stage.engine.calls().is_empty(), "{:?}", stage.engine.calls());
        worker.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_done_fails_with_the_reason() -> Result<()> {
    let stage = Stage::new().await?;
    let worker = stage.worker("one")?;
    let absent = stage.over(stage.pull("edge", "registry.test/none:1").await?).await?;
    let error = absent.error.unwrap_or_default();
    ensure!(absent.state == JobState::Failed && error.contains("manifest unknown"), "{error}");
    let nowhere = stage.over(stage.pull("nowhere", IMAGE).await?).await?;
    ensure!(nowhere.error.as_deref() == Some("there is no host nowhere any more"), "{nowhere:?}");

    // A change of the hosts is known to the next job.
    let book = stage.database.hosts().load().await?;
    let off = HostChange { enabled: Some(false), ..HostChange::default() };
    stage.database.hosts().update(&book.hosts[0], off, Moment::now()).await?;
    let disabled = stage.over(stage.pull("edge", IMAGE).await?).await?;
    ensure!(disabled.error.as_deref() == Some("the host edge is disabled"), "{disabled:?}");
    worker.stop().await
}

#[tokio::test]
async fn a_container_comes_back_although_its_host_was_disabled_and_does_not_answer_at_first() -> Result<()> {
    let stage = Stage::new().await?;
    let web = stage.engine.add("web", &[]);
    let first = stage.worker("first")?;
    let id = stage.recreate(&web).await?;
    stage.until(id, |job| job.progress.message == "watching the new container").await?;
    first.stop().await?;
    ensure!(!stage.engine.condition(&web).await?.running);

    let book = stage.database.hosts().load().await?;
    let off = HostChange { enabled: Some(false), ..HostChange::default() };
    stage.database.hosts().update(&book.hosts[0], off, Moment::now()).await?;
    stage.engine.set_unreachable(true);
    let second = stage.worker("second")?;
    stage.until(id, |job| job.progress.message == "waiting for the engine to answer").await?;
    stage.engine.set_unreachable(false);
    let over = stage.over(id).await?;
    ensure!(over.error.as_deref() == Some("the host edge is disabled"), "{over:?}");
    let web_now = stage.engine.condition(&web).await?;
    ensure!(web_now.running && web_now.name == "web", "{web_now:?}");
    ensure!(stage.engine.successors(&web).await?.is_empty());
    second.stop().await
}

#[tokio::test]
async fn of_two_jobs_for_one_container_the_older_one_is_done() -> Result<()> {
    let stage = Stage::new().await?;
    let web = stage.engine.add("web", &[]);
    let (older, later) = (stage.recreate(&web).await?, stage.recreate(&web).await?);
    let worker = stage.worker("one")?;
    let refused = stage.over(later).await?;
    let error = refused.error.unwrap_or_default();
    ensure!(error.starts_with(&format!("another job recreates this container: {older}")), "{error}");
    let done = stage.over(older).await?;
    ensure!(done.state == JobState::Succeeded, "{done:?}");
    ensure!(stage.engine.condition(&web).await.is_err(), "the old one is still there");
    worker.stop().await
}

#[tokio::test]
async fn a_job_that_workers_die_of_is_not_tried_for_ever() -> Result<()> {
    let stage = Stage::new().await?;
    stage.engine.registry.offer(IMAGE, false);
    let id = stage.pull("edge", IMAGE).await?;
    let jobs = stage.database.jobs();
    for number in 0..3 {
        let dead = jobs.claim(&format!("dead-{number}"), Duration::ZERO).await?;
        ensure!(dead.context("the job")?.lost_workers == number);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let worker = stage.worker("one")?;
    let over = stage.over(id).await?;
    let error = over.error.unwrap_or_default();
    ensure!(over.state == JobState::Failed && error.starts_with("3 workers died"), "{error}");
    ensure!(stage.engine.registry.pulled().is_empty());
    worker.stop().await
}

#[tokio::test]
async fn a_build_gets_its_context_in_order_and_leaves_nothing_when_it_does_not_succeed() -> Result<()> {
    let stage = Stage::new().await?;
    let worker = stage.worker("one")?;
    let jobs = stage.database.jobs();
    let build = async || -> Result<JobId> {
        let id = JobId::generate();
        for (seq, byte) in [(0, b'a'), (1, b'b'), (2, b'c')] {
            jobs.put_input(id, Part::Context, seq, vec![byte; 1_000]).await?;
        }
        let args = SecretString::from(r#"{"TOKEN":"hunter2"}"#);
        jobs.put_input(id, Part::Sealed, 0, stage.sealer.seal(&sealed_for(id), &args)).await?;
        let spec = JobSpec::ImageBuild {
            host: "edge".parse()?,
            tags: vec!["app:1".parse()?],
            dockerfile: "Dockerfile".to_owned(),
            target: None,
            pull: false,
            no_cache: false,
        };
        let (user, username) = (stage.asker.id, stage.asker.username.clone());
        let asker = Asker { user, username, session: SessionId::generate() };
        jobs.enqueue_as(id, NewJob { spec, asker, retry_of: None }).await?;
        Ok(id)
    };
    let built = stage.over(build().await?).await?;
    ensure!(
        built.state == JobState::Succeeded && built.progress.output == "Step 1/1 : RUN true\n",
        "{built:?}"
    );
    let (wanted, context) = stage.engine.builds.all().pop().context("a build")?;
    ensure!(context == [[b'a'; 1_000], [b'b'; 1_000], [b'c'; 1_000]].concat(), "{} bytes", context.len());
    ensure!(wanted.args.context("arguments")?.expose_secret() == r#"{"TOKEN":"hunter2"}"#);
    ensure!(stage.engine.builds.discarded() == 0);

    stage.engine.builds.fail("returned hunter2");
    let failed = stage.over(build().await?).await?;
    let error = failed.error.unwrap_or_default();
    ensure!(error == "Step 1/1 : RUN true: the engine could not build the image: returned ***", "{error}");
    let until_discarded = async |count: usize| {
        eventually(PATIENCE, || async {
            let now = stage.engine.builds.discarded();
            ensure!(now == count, "{now} layers were discarded");
            Ok(())
        })
        .await
    };
    until_discarded(1).await?;

    stage.engine.builds.hold(true);
    let id = build().await?;
    stage.until(id, |job| job.progress.steps.len() == 1).await?;
    jobs.cancel(id).await?;
    ensure!(stage.over(id).await?.state == JobState::Cancelled);
    until_discarded(2).await?;
    worker.stop().await
}

//! Schedules, run by workers on a real database, by a clock that stands still until a test moves it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use dockline_auth::{Sealer, SecretKey};
use dockline_docker::{NewVolume, Volumes, fake::FakeEngine};
use dockline_domain::{
    HostId, JobId, SessionId, VolumeName,
    access::{Permission, Principal, Role, authorize},
};
use dockline_hosts::Opener;
use dockline_jobs::{Asker, Job, JobSpec, JobState, Schedule, Task, Timing};
use dockline_persistence::{
    Account, BackupFilter, BackupFolder, Database, JobFilter, Moment, NewHost, NewJob, NewSchedule, NewUser,
    UserChange,
};
use dockline_telemetry::Metrics;
use dockline_testkit::eventually;
use dockline_worker::{Clock, Pace, StoredHosts, Worker};
use futures::future::BoxFuture;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(10);
/// 2026-11-29 02:00 UTC.
const BEFORE: i64 = 1_795_917_600_000_000;
const HOUR: i64 = 3_600_000_000;

/// A clock that is set by hand.
#[derive(Default)]
struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> BoxFuture<'_, dockline_persistence::Result<i64>> {
        Box::pin(async { Ok(self.0.load(Ordering::SeqCst)) })
    }
}

struct Stage {
    database: Database,
    engine: Arc<FakeEngine>,
    clock: Arc<HandClock>,
    owner: Account,
    folder: TempDir,
    shutdown: CancellationToken,
    workers: Vec<JoinHandle<()>>,
}

impl Stage {
    async fn new(workers: usize) -> Result<Self> {
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
        let person = |name: &str, role| -> Result<NewUser> {
            Ok(NewUser { username: name.parse()?, password_hash: "none".to_owned(), role })
        };
        database.users().create(person("ada", Role::Admin)?, Moment::now()).await?;
        let owner = database.users().create(person("otto", Role::Operator)?, Moment::now()).await?;
        let clock = Arc::new(HandClock::default());
        clock.0.store(BEFORE, Ordering::SeqCst);
        let engine = FakeEngine::new("edge".parse()?);
        let (shutdown, workers) = (CancellationToken::new(), Vec::with_capacity(workers));
        let mut stage = Self { database, engine, clock, owner, folder, shutdown, workers };
        for number in 0..stage.workers.capacity() {
            stage.add_worker(number)?;
        }
        Ok(stage)
    }

    fn add_worker(&mut self, number: usize) -> Result<Metrics> {
        let metrics = Metrics::new()?;
        let (engine, sealer) = (Arc::clone(&self.engine), Sealer::new(&SecretKey::generate()));
        let opener = Opener::with_engines(sealer.clone(), move |_, _| engine.clone());
        let hosts = StoredHosts::new(self.database.hosts(), opener);
        let pace = Pace {
            report_every: Duration::from_millis(20),
            look_every: Duration::from_millis(10),
            ..Pace::default()
        };
        let worker = Worker::new(format!("w{number}"), &self.database, hosts, sealer, metrics.jobs.clone())
            .at_pace(pace)
            .by_clock(self.clock.clone())
            .with_backups(Some(BackupFolder::new(self.folder.path().join("backups"))));
        self.workers.push(tokio::spawn(worker.run(self.shutdown.clone())));
        Ok(metrics)
    }

    /// Makes a volume with a file in it.
    async fn volume(&self, name: &str) -> Result<()> {
        let (user, username) = (self.owner.id, "ada".parse()?);
        let admin = Principal { user, username, role: Role::Admin, session: SessionId::generate() };
        let grant = authorize(&admin, Permission::VolumesManage)?;
        let new = NewVolume { name: Some(name.parse()?), ..NewVolume::default() };
        self.engine.create_volume(&grant, &new).await?;
        self.engine.put_volume_file(name, "/a/file", b"one\n");
        Ok(())
    }

    fn asker(&self) -> Asker {
        Asker { user: self.owner.id, username: self.owner.username.clone(), session: SessionId::generate() }
    }

    async fn schedule(&self, task: Task) -> Result<Schedule> {
        self.schedule_called("nightly", task).await
    }

    async fn schedule_called(&self, name: &str, task: Task) -> Result<Schedule> {
        let next_at = Timing::new("0 3 * * *", "UTC")?.after(BEFORE);
        let owner = self.asker();
        let (name, cron, timezone) = (name.to_owned(), "0 3 * * *".to_owned(), "UTC".to_owned());
        let new = NewSchedule { name, cron, timezone, task, enabled: true, owner, next_at };
        Ok(self.database.schedules().insert(new).await?)
    }

    /// Moves the clock, and waits until the schedule is moved on.
    async fn pass(&self, schedule: &Schedule, hours: i64) -> Result<Schedule> {
        let now = self.clock.0.fetch_add(hours * HOUR, Ordering::SeqCst) + hours * HOUR;
        eventually(PATIENCE, || async {
            let found = self.database.schedules().get(schedule.id).await?.context("the schedule")?;
            ensure!(found.next_at > Some(now), "{found:?}");
            Ok(found)
        })
        .await
    }

    async fn jobs(&self) -> Result<Vec<Job>> {
        Ok(self.database.jobs().search(&JobFilter { limit: 100, ..JobFilter::default() }).await?.jobs)
    }

    /// All jobs, when they are over and so many.
    async fn over(&self, count: usize) -> Result<Vec<Job>> {
        eventually(PATIENCE, || async {
            let jobs = self.jobs().await?;
            ensure!(jobs.len() == count && jobs.iter().all(|job| job.state.is_final()), "{jobs:?}");
            Ok(jobs)
        })
        .await
    }

    async fn stop(self) -> Result<()> {
        self.shutdown.cancel();
        for worker in self.workers {
            tokio::time::timeout(PATIENCE, worker).await??;
        }
        Ok(())
    }
}

fn prune() -> Result<Task> {
    let what = dockline_contract::rest::PruneSystem { containers: true, ..Default::default() };
    Ok(Task::SystemPrune { host: "edge".parse()?, what })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_time_is_one_job_and_missed_times_are_one() -> Result<()> {
    let stage = Stage::new(3).await?;
    let schedule = stage.schedule(prune()?).await?;
    let after = stage.pass(&schedule, 1).await?;
    let jobs = stage.over(1).await?;
    ensure!(jobs[0].state == JobState::Succeeded && jobs[0].schedule == Some(schedule.id), "{jobs:?}");
    ensure!(after.last_job == Some(jobs[0].id) && after.next_at == Some(BEFORE + 25 * HOUR), "{after:?}");
    let text = jobs[0].progress.steps.first().map(|step| step.text.as_str());
    ensure!(text == Some("removed 0, 0 B"), "{jobs:?}");
    // Ten days in which nobody was there.
    let after = stage.pass(&schedule, 240).await?;
    ensure!(after.next_at == Some(BEFORE + (241 + 24) * HOUR), "{after:?}");
    stage.over(2).await?;
    stage.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_for_whoever_lost_the_right() -> Result<()> {
    let stage = Stage::new(2).await?;
    let schedule = stage.schedule(prune()?).await?;
    let off = UserChange { enabled: Some(false), ..UserChange::default() };
    stage.database.users().update(stage.owner.id, off, Moment::now()).await?;
    let passed = stage.pass(&schedule, 1).await?;
    ensure!(passed.last_at.is_none() && stage.jobs().await?.is_empty(), "{passed:?}");
    let on = UserChange { enabled: Some(true), ..UserChange::default() };
    stage.database.users().update(stage.owner.id, on, Moment::now()).await?;
    stage.pass(&schedule, 24).await?;
    stage.over(1).await?;
    stage.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_cannot_be_run_holds_up_no_other() -> Result<()> {
    let stage = Stage::new(1).await?;
    stage.schedule_called("broken", prune()?).await?;
    let break_it = "CREATE TRIGGER broken BEFORE UPDATE ON schedules WHEN OLD.name = 'broken' \
         BEGIN SELECT RAISE(ABORT, 'broken'); END";
    stage.database.execute_raw(break_it).await?;
    let sound = stage.schedule(prune()?).await?;
    stage.pass(&sound, 1).await?;
    let jobs = stage.over(1).await?;
    ensure!(jobs[0].schedule == Some(sound.id), "{jobs:?}");
    stage.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_cannot_be_read_is_counted_and_holds_up_no_other() -> Result<()> {
    let mut stage = Stage::new(0).await?;
    stage.schedule_called("broken", prune()?).await?;
    stage.database.execute_raw("UPDATE schedules SET owner_name = ''").await?;
    let sound = stage.schedule(prune()?).await?;
    let metrics = stage.add_worker(0)?;
    stage.pass(&sound, 1).await?;
    let jobs = stage.over(1).await?;
    ensure!(jobs[0].schedule == Some(sound.id), "{jobs:?}");
    let families = metrics.registry().gather();
    let unreadable = families.iter().find(|one| one.name() == "dockline_schedules_unreadable");
    let counted = unreadable.map(|family| family.get_metric()[0].get_gauge().get_value());
    ensure!(counted == Some(1.0), "{counted:?}");
    stage.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_called_off_before_it_is_noted_leaves_no_file() -> Result<()> {
    let mut stage = Stage::new(0).await?;
    stage.volume("data").await?;
    let (host, volume) = ("edge".parse()?, "data".parse()?);
    let spec = JobSpec::VolumeBackup { host, volume, schedule: None, keep: None };
    let asker = stage.asker();
    let new = || NewJob { spec: spec.clone(), asker: asker.clone(), retry_of: None };
    let refuse = "CREATE TRIGGER full BEFORE INSERT ON backups BEGIN SELECT RAISE(ABORT, 'full'); END";
    stage.database.execute_raw(refuse).await?;
    let (jobs, folder) = (stage.database.jobs(), stage.folder.path().join("backups"));
    let file = |id: JobId| folder.join(format!("{id}.tar"));
    let called_off = jobs.enqueue(new()).await?.id;
    stage.add_worker(0)?;
    eventually(PATIENCE, || async {
        ensure!(file(called_off).exists());
        Ok(())
    })
    .await?;
    jobs.cancel(called_off).await?;
    stage.over(1).await?;
    stage.database.execute_raw("DROP TRIGGER full").await?;
    // One that is noted, one that was just written, one that nobody here knows.
    let noted = jobs.enqueue(new()).await?.id;
    stage.over(2).await?;
    let young = jobs.enqueue(new()).await?.id;
    jobs.cancel(young).await?;
    let foreign = JobId::generate();
    for id in [young, foreign] {
        std::fs::write(file(id), "x")?;
    }
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(2 * 3_600);
    for id in [called_off, noted, foreign] {
        std::fs::File::options().write(true).open(file(id))?.set_modified(long_ago)?;
    }
    let as_long_ago = "UPDATE jobs SET finished_at = finished_at - 7200000000";
    stage.database.execute_raw(as_long_ago).await?;
    // Every worker looks when it starts.
    stage.add_worker(1)?;
    eventually(PATIENCE, || async {
        ensure!(!file(called_off).exists());
        Ok(())
    })
    .await?;
    ensure!([noted, young, foreign].into_iter().all(|id| file(id).exists()));
    stage.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_volume_is_restored_nothing_younger_touches_it() -> Result<()> {
    let mut stage = Stage::new(0).await?;
    let (host, volume) = ("edge".parse::<HostId>()?, "data".parse::<VolumeName>()?);
    let restore = JobSpec::VolumeRestore {
        backup: JobId::generate(),
        host: host.clone(),
        volume: volume.clone(),
        force: false,
    };
    let backup = JobSpec::VolumeBackup { host, volume, schedule: None, keep: None };
    let jobs = stage.database.jobs();
    let add = async |spec: &JobSpec| {
        jobs.enqueue(NewJob { spec: spec.clone(), asker: stage.asker(), retry_of: None }).await
    };
    add(&restore).await?;
    let older = jobs.claim("another worker", Duration::from_mins(1)).await?.context("a job")?;
    let younger = [add(&restore).await?.id, add(&backup).await?.id];
    stage.add_worker(0)?;
    for id in younger {
        eventually(PATIENCE, || async {
            let job = jobs.get(id).await?.context("the job")?;
            let error = job.error.as_deref().unwrap_or_default();
            ensure!(error.starts_with("another job (volume.restore) is working on data"), "{job:?}");
            Ok(())
        })
        .await?;
    }
    ensure!(jobs.get(older.id).await?.is_some_and(|job| job.state == JobState::Running));
    stage.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_each_time_and_the_newest_are_kept() -> Result<()> {
    let stage = Stage::new(2).await?;
    stage.volume("data").await?;
    let task = Task::VolumeBackup { host: "edge".parse()?, volume: "data".parse()?, keep: 2 };
    let mut schedule = stage.schedule(task).await?;
    for number in 1..=3 {
        schedule = stage.pass(&schedule, if number == 1 { 1 } else { 24 }).await?;
        let jobs = stage.over(number).await?;
        ensure!(jobs.iter().all(|job| job.state == JobState::Succeeded), "{jobs:?}");
    }
    let kept =
        stage.database.backups().search(&BackupFilter { limit: 10, ..BackupFilter::default() }).await?;
    ensure!(kept.backups.len() == 2 && stage.engine.helpers() == 0, "{kept:?}");
    let files: Vec<_> = std::fs::read_dir(stage.folder.path().join("backups"))?.collect::<Result<_, _>>()?;
    let sizes: Vec<u64> =
        files.iter().map(|file| file.metadata().map(|data| data.len())).collect::<Result<_, _>>()?;
    ensure!(sizes == [kept.backups[0].bytes; 2] && sizes[0] > 1_024, "{files:?}");

    // An old one that cannot be removed makes no failure of the new one.
    let oldest = stage.folder.path().join("backups").join(format!("{}.tar", kept.backups[1].id));
    std::fs::remove_file(&oldest)?;
    std::fs::create_dir(&oldest)?;
    stage.pass(&schedule, 24).await?;
    let jobs = stage.over(4).await?;
    ensure!(jobs.iter().all(|job| job.state == JobState::Succeeded), "{jobs:?}");
    stage.stop().await
}

use dockline_domain::{JobId, ScheduleId, SessionId, UserId};
use dockline_jobs::{Asker, Job, Schedule, Task};
use dockline_persistence::{
    Backup, BackupFilter, Database, Error, Fired, JobFilter, Moment, NewJob, NewSchedule, Part,
    StoredSchedules,
};
use sea_orm::{ConnectionTrait, TransactionTrait};
use tokio::task::JoinSet;

use crate::{
    engine::{Engine, TestDatabase},
    jobs::fill,
};

/// When the schedules of these tests are due.
const DUE: i64 = 1_000_000_000;
const NEXT: i64 = 2_000_000_000;

fn backup(volume: &str) -> Task {
    Task::VolumeBackup {
        host: "edge".parse().expect("a host"),
        volume: volume.parse().expect("a volume"),
        keep: 2,
    }
}

pub fn wanted(name: &str, next_at: Option<i64>) -> NewSchedule {
    NewSchedule {
        name: name.to_owned(),
        cron: "0 3 * * *".to_owned(),
        timezone: "Europe/Berlin".to_owned(),
        task: backup("data"),
        enabled: true,
        owner: Asker {
            user: UserId::generate(),
            username: "otto".parse().expect("a username"),
            session: SessionId::generate(),
        },
        next_at,
    }
}

/// What is known of a backup of the volume `data`.
pub fn backup_of(id: JobId, schedule: Option<ScheduleId>) -> Backup {
    Backup {
        id,
        host: "edge".parse().expect("a host"),
        volume: "data".parse().expect("a volume"),
        bytes: 1,
        sha256: "0".repeat(64),
        reaches: None,
        schedule,
        creator: UserId::generate(),
        creator_name: "otto".to_owned(),
        created_at: DUE,
    }
}

async fn due(database: &Database) -> Schedule {
    database.schedules().insert(wanted("data", Some(DUE))).await.expect("a schedule")
}

async fn fire(database: &Database, seen: &Schedule) -> Result<Fired, Error> {
    let spec = seen.task.as_ref().expect("a task").spec(seen.id);
    database.schedules().fire(seen, DUE, Some(NEXT), Some(spec)).await
}

async fn jobs(database: &Database) -> Vec<Job> {
    let all = JobFilter { limit: 100, ..JobFilter::default() };
    database.jobs().search(&all).await.expect("jobs").jobs
}

pub async fn however_many_workers_see_a_time_one_job_comes_of_it(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let replicas = [test.replica().await, test.replica().await, test.database.clone()];
    let schedule = due(&test.database).await;
    assert_eq!(test.database.schedules().due(DUE - 1).await.expect("an answer"), StoredSchedules::default());
    let mut workers = JoinSet::new();
    for number in 0..24 {
        let (database, seen) = (replicas[number % 3].clone(), schedule.clone());
        workers.spawn(async move { fire(&database, &seen).await.expect("an answer") });
    }
    let came: Vec<Fired> = workers.join_all().await;
    assert_eq!(came.iter().filter(|one| matches!(one, Fired::Job(_))).count(), 1, "{came:?}");
    let made = jobs(&test.database).await;
    assert_eq!((made.len(), made[0].schedule), (1, Some(schedule.id)));
    let after = test.database.schedules().get(schedule.id).await.expect("an answer").expect("it");
    assert_eq!((after.next_at, after.last_at, after.last_job), (Some(NEXT), Some(DUE), Some(made[0].id)));
}

pub async fn a_worker_that_dies_between_the_time_and_the_job_leaves_the_time(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let schedule = due(&test.database).await;
    // Half of what a worker does, by one whose connection then breaks.
    let raw = test.raw().await;
    let half = raw.begin().await.expect("a transaction");
    let moved = half.execute_unprepared("UPDATE schedules SET next_at = 2000000000").await.expect("moved");
    assert_eq!(moved.rows_affected(), 1);
    half.rollback().await.expect("rolled back");
    assert!(matches!(fire(&test.database, &schedule).await, Ok(Fired::Job(_))));

    // No room for the job: the time is not lost either.
    let schedule = test.database.schedules().insert(wanted("logs", Some(DUE))).await.expect("a schedule");
    fill(engine, &raw, 999).await;
    assert!(matches!(fire(&test.database, &schedule).await, Err(Error::TooManyJobs)));
    let again = test.database.schedules().due(DUE).await.expect("an answer").schedules;
    assert_eq!(again, std::slice::from_ref(&schedule));
    raw.execute_unprepared("DELETE FROM jobs WHERE kind = 'x'").await.expect("emptied");
    assert!(matches!(fire(&test.database, &schedule).await, Ok(Fired::Job(_))));
    assert_eq!(fire(&test.database, &schedule).await.expect("an answer"), Fired::Taken);
}

pub async fn a_schedule_does_not_overtake_itself(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (schedules, schedule) = (test.database.schedules(), due(&test.database).await);
    let new =
        || NewJob { spec: backup("data").spec(schedule.id), asker: schedule.owner.clone(), retry_of: None };
    let job = schedules.run_now(&schedule, DUE, new()).await.expect("a job");
    assert!(matches!(schedules.run_now(&schedule, DUE, new()).await, Err(Error::ScheduleBusy)));
    assert_eq!(fire(&test.database, &schedule).await.expect("an answer"), Fired::Busy);
    let after = schedules.get(schedule.id).await.expect("an answer").expect("it");
    assert_eq!((after.next_at, after.last_job), (Some(NEXT), Some(job.id)));
    test.database.jobs().cancel(job.id).await.expect("cancelled");
    assert!(matches!(fire(&test.database, &after).await, Ok(Fired::Job(_))));
    let skipped = schedules.get(schedule.id).await.expect("an answer").expect("it");
    let skipped = schedules.fire(&skipped, DUE, None, None).await.expect("an answer");
    assert_eq!(skipped, Fired::Skipped);
}

pub async fn schedules_are_kept_changed_and_removed(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let schedules = test.database.schedules();
    let made = due(&test.database).await;
    assert_eq!(made.task, Some(backup("data")));
    assert!(matches!(schedules.insert(wanted("data", None)).await, Err(Error::ScheduleTaken)));
    let other = schedules.insert(wanted("a first one", None)).await.expect("a schedule");
    let names: Vec<String> =
        schedules.all().await.expect("all").schedules.into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["a first one", "data"]);
    assert!(matches!(schedules.update(other.id, wanted("data", None)).await, Err(Error::ScheduleTaken)));
    // Whoever saw another task of the same time does nothing any more.
    while schedules.update(made.id, wanted("data", Some(DUE))).await.expect("changed").updated_at
        == made.updated_at
    {}
    assert_eq!(fire(&test.database, &made).await.expect("an answer"), Fired::Taken);
    let off = NewSchedule { enabled: false, ..wanted("data", Some(DUE)) };
    let changed = schedules.update(made.id, off).await.expect("changed");
    assert_eq!((changed.enabled, changed.created_at), (false, made.created_at));
    assert_eq!(schedules.due(NEXT).await.expect("an answer"), StoredSchedules::default());
    // Who looked before does nothing any more.
    assert_eq!(fire(&test.database, &made).await.expect("an answer"), Fired::Taken);
    schedules.remove(made.id).await.expect("removed");
    assert!(matches!(schedules.remove(made.id).await, Err(Error::NoSuchSchedule)));
}

pub async fn a_schedule_that_cannot_be_read_holds_up_no_other(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let schedules = test.database.schedules();
    let (sound, odd) = (due(&test.database).await, wanted("odd", Some(DUE)));
    let odd = schedules.insert(odd).await.expect("a schedule");
    let spoil = "UPDATE schedules SET owner_name = '' WHERE name = 'odd'";
    test.raw().await.execute_unprepared(spoil).await.expect("spoilt");
    for found in [schedules.due(DUE).await.expect("an answer"), schedules.all().await.expect("all")] {
        assert_eq!(found.schedules, std::slice::from_ref(&sound));
        let [broken] = &found.broken[..] else { panic!("{found:?}") };
        assert_eq!((broken.id, broken.name.as_str(), broken.cron.as_str()), (odd.id, "odd", "0 3 * * *"));
        assert!(broken.enabled && broken.why.contains("owner"), "{broken:?}");
    }
    assert!(matches!(schedules.get(odd.id).await, Err(Error::BrokenSchedule { .. })));
    assert_eq!(schedules.remove(odd.id).await.expect("removed"), "odd");
    assert_eq!(schedules.all().await.expect("all").broken, []);
}

pub async fn a_file_is_unnoted_when_its_job_is_over_and_nothing_is_known_of_it(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (jobs, backups) = (test.database.jobs(), test.database.backups());
    let [left, again, noted, live, foreign] = std::array::from_fn(|_| JobId::generate());
    for id in [left, again, noted, live] {
        jobs.enqueue_as(id, crate::jobs::new_job("edge", "data")).await.expect("a job");
    }
    for id in [left, again, noted] {
        jobs.cancel(id).await.expect("cancelled");
    }
    backups.put(&backup_of(noted, None)).await.expect("noted");
    let now = Moment::now();
    // Its job was done again, long after its file was written: the database had been set back.
    let files = [(foreign, now), (live, now), (noted, now), (again, now.plus_seconds(-7_200)), (left, now)];
    assert_eq!(backups.unnoted(&files).await.expect("an answer"), [left]);
    assert_eq!(backups.unnoted(&[]).await.expect("an answer"), []);
}

pub async fn the_newest_backups_of_a_schedule_are_told_from_the_others(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (backups, schedule) = (test.database.backups(), due(&test.database).await);
    let mut ids = Vec::new();
    for number in 0..5 {
        let one = backup_of(JobId::generate(), (number > 0).then_some(schedule.id));
        backups.put(&one).await.expect("noted");
        backups.put(&Backup { bytes: 7, ..one.clone() }).await.expect("noted again");
        assert_eq!(backups.get(one.id).await.expect("an answer").map(|one| one.bytes), Some(7));
        ids.push(one.id);
    }
    assert_eq!(backups.beyond(schedule.id, 2).await.expect("old ones"), [ids[2], ids[1]]);
    let filter = BackupFilter { schedule: Some(schedule.id), limit: 3, ..BackupFilter::default() };
    let page = backups.search(&filter).await.expect("a page");
    let found: Vec<JobId> = page.backups.iter().map(|one| one.id).collect();
    assert_eq!((found.as_slice(), page.next), ([ids[4], ids[3], ids[2]].as_slice(), Some(ids[2])));
    assert!(backups.remove(ids[0]).await.expect("gone") && !backups.remove(ids[0]).await.expect("gone"));
}

pub async fn inputs_are_there_before_their_job_and_go_when_it_is_over(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let jobs = test.database.jobs();
    let [over, live, orphan, young] = std::array::from_fn(|_| JobId::generate());
    for id in [over, live, orphan, young] {
        jobs.put_input(id, Part::Context, 0, vec![0, 255, 1]).await.expect("kept");
        jobs.put_input(id, Part::Sealed, 0, vec![9]).await.expect("kept");
    }
    for id in [over, live] {
        jobs.enqueue_as(id, crate::jobs::new_job("edge", "nginx")).await.expect("a job");
    }
    jobs.cancel(over).await.expect("cancelled");
    let id = orphan.0;
    let id = if engine == Engine::Sqlite { format!("X'{}'", id.simple()) } else { format!("'{id}'") };
    let aged = format!("UPDATE job_inputs SET created_at = 1 WHERE job = {id}");
    test.raw().await.execute_unprepared(&aged).await.expect("aged");
    assert_eq!(jobs.prune_inputs().await.expect("pruned"), 4);
    for (id, left) in
        [(over, None), (orphan, None), (live, Some(vec![0, 255, 1])), (young, Some(vec![0, 255, 1]))]
    {
        assert_eq!(jobs.input(id, Part::Context, 0).await.expect("an answer"), left);
    }
    assert_eq!(jobs.input(live, Part::Context, 1).await.expect("an answer"), None);
    jobs.drop_inputs(young).await.expect("dropped");
    assert_eq!(jobs.input(young, Part::Sealed, 0).await.expect("an answer"), None);
}

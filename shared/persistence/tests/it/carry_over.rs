use std::{collections::BTreeMap, time::Duration};

use dockline_domain::{Timestamp, access::Role, event::EngineEvent, host::Sealed};
use dockline_migrations::Migrator;
use dockline_persistence::{
    Actor, AuditFilter, BackupFilter, Broken, CarryOverError, Database, EventFilter, EventMark, Extent,
    Moment, NewEntry, NewHost, NewSession, OpenError, Outcome, Part, RecordingEnd, RecordingFilter, Rotation,
    Sample, Step, TokenHash,
};
use dockline_testkit::PostgresServer;
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use crate::{
    engine::{Engine, TestDatabase, empty_database, file_url},
    jobs::new_job,
    new_user,
    recordings::new_recording,
    schedules,
};

const NOW: Moment = Moment(1_795_514_400_000_000);
/// More than is carried over at once.
const EVENTS: i64 = 2_300;

fn token(name: &str) -> TokenHash {
    TokenHash(name.to_owned())
}

fn entry(action: &str) -> NewEntry {
    NewEntry {
        actor: Actor { id: None, name: Some("Ärger\0🦀".to_owned()) },
        action: action.to_owned(),
        target: Some("users/eve".to_owned()),
        detail: Some(serde_json::json!({ "b": 1.50, "a": ["ü", null] })),
        address: None,
        request_id: "a-request".to_owned(),
    }
}

fn event(number: i64) -> (String, EngineEvent) {
    let event = EngineEvent {
        host: "local".parse().expect("a host id"),
        // Three share a moment, so that pages end between equals.
        at: Timestamp(NOW.0 * 1_000 + number / 3),
        kind: "container".to_owned(),
        action: "start".to_owned(),
        actor_id: format!("{number:064x}"),
        attributes: [("name".to_owned(), format!("web-{number}"))].into(),
    };
    (event.id(), event)
}

/// A file with something in every table that a standalone installation fills.
async fn standalone() -> TestDatabase {
    let test = TestDatabase::new(Engine::Sqlite).await;
    let db = &test.database;
    let ada = db.setup().complete(new_user("ada", Role::Admin), NOW).await.expect("an administrator");
    test.user("bob", Role::Viewer).await;
    let new = NewSession { user: ada.id, token: token("1"), address: None, user_agent: Some("ü".into()) };
    db.sessions().open(new, NOW).await.expect("a sign-in");
    db.sessions().rotate(token("1"), token("2"), NOW.plus_seconds(60)).await.expect("rotated");
    let pending = db.audit().intend(entry("user.create"), NOW).await.expect("written");
    db.audit().record(entry("auth.login"), Outcome::Failure, NOW).await.expect("written");
    db.audit().conclude(pending, Outcome::Success, NOW.plus_seconds(1)).await.expect("written");
    let host = NewHost {
        id: "edge".parse().expect("a host id"),
        address: "tcp://10.0.0.1:2376".to_owned(),
        labels: BTreeMap::from([("zone".to_owned(), "ä".to_owned())]),
        enabled: false,
        sealed: Some(Sealed(vec![0, 1, 0xff, 0])),
    };
    db.hosts().insert(host, NOW).await.expect("a host");
    db.events().append((0..EVENTS).map(event).collect(), NOW).await.expect("written");
    let sample = |second: i64| Sample {
        container: "a".repeat(64).parse().expect("a container id"),
        at_ms: NOW.0 / 1_000 + second * 1_000,
        cpu: (second > 0).then_some(0.1 + 0.2),
        memory: Some(u64::try_from(i64::MAX).expect("positive")),
        memory_limit: None,
        rx_rate: Some(1.5),
        tx_rate: None,
        read_rate: None,
        write_rate: Some(0.0),
        pids: Some(3),
    };
    let host = "local".parse().expect("a host id");
    db.stats().append(&host, (0..30).map(sample).collect(), NOW.plus_seconds(40)).await.expect("written");
    let job = db.jobs().enqueue(new_job("edge", "nginx")).await.expect("a job").id;
    db.jobs().put_input(job, Part::Context, 0, vec![0, 1, 0xff]).await.expect("kept");
    let schedule = db.schedules().insert(schedules::wanted("data", Some(1))).await.expect("a schedule");
    db.backups().put(&schedules::backup_of(job, Some(schedule.id))).await.expect("noted");
    let recording = new_recording("ada", 'a');
    db.recordings().begin(recording.clone()).await.expect("begun");
    let extent = Extent { bytes: 3, length: Duration::from_secs(1) };
    db.recordings().append(recording.id, 0, vec![0, 1, 0xff], extent).await.expect("written");
    let end = RecordingEnd { ended: "exited", exit_code: Some(0), cut: false };
    db.recordings().finish(recording.id, end).await.expect("ended");
    test
}

async fn carry(from: &Database, url: &str) -> Result<dockline_persistence::CarriedOver, CarryOverError> {
    let to = Database::open_unmigrated(url).await.expect("opened");
    let carried = from.carry_over(&to, &mut |_, _| {}).await;
    to.close().await.expect("closed");
    carried
}

fn tables(server: &PostgresServer, url: &str) -> String {
    let sql = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    server.query(url, sql).expect("an answer")
}

async fn events(db: &Database) -> Vec<(String, EngineEvent)> {
    let mut events: Vec<(String, EngineEvent)> = Vec::new();
    loop {
        let after = events.last().map(|(id, event)| EventMark { at: event.at, id: id.clone() });
        let filter = EventFilter { limit: 1_000, after, ..EventFilter::default() };
        let page = db.events().search(&filter).await.expect("a page");
        events.extend(page.events);
        if !page.more {
            return events;
        }
    }
}

/// What the repositories answer, in one text that can be compared.
async fn everything(db: &Database) -> String {
    let users = db.users().list(None, 100).await.expect("users");
    let mut said = format!("{users:?}\n");
    for user in &users {
        let credentials = db.users().credentials(&user.username).await.expect("an answer").expect("known");
        let sessions = db.sessions().list(user.id, NOW).await.expect("sign-ins");
        said += &format!("{:?} {sessions:?}\n", credentials.password_hash);
    }
    let hosts = db.hosts().load().await.expect("hosts");
    let rows = db.audit().search(&AuditFilter { limit: 100, ..AuditFilter::default() }).await.expect("rows");
    let chain = db.audit().chain_after(0, 100).await.expect("the chain");
    let events = events(db).await;
    assert_eq!(i64::try_from(events.len()).expect("few"), EVENTS);
    let container = "a".repeat(64).parse().expect("a container id");
    said += &format!("{hosts:?}\n{rows:?}\n{chain:?}\n{events:?}\n");
    for step in [Step::Second, Step::TenSeconds, Step::Minute] {
        let samples = db.stats().read(&container, None, step, 0, i64::MAX).await.expect("samples");
        assert!(!samples.is_empty());
        said += &format!("{samples:?}\n");
    }
    let filter = RecordingFilter { limit: 10, ..RecordingFilter::default() };
    let schedules = db.schedules().all().await.expect("schedules").schedules;
    let kept = BackupFilter { limit: 10, ..BackupFilter::default() };
    let kept = db.backups().search(&kept).await.expect("backups").backups;
    assert_eq!((schedules.len(), kept.len()), (1, 1));
    let input = db.jobs().input(kept[0].id, Part::Context, 0).await.expect("an answer").expect("an input");
    said += &format!("{schedules:?} {kept:?} {input:?}\n");
    let recordings = db.recordings().search(&filter).await.expect("recordings").recordings;
    for recording in &recordings {
        let pieces = db.recordings().pieces(recording.id, 0).await.expect("pieces");
        assert!(!pieces.is_empty());
        said += &format!("{recording:?} {pieces:?}\n");
    }
    said += &format!("{}", db.setup().required().await.expect("an answer"));
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_the_same_in_the_other_database_and_goes_on_there() {
    let from = standalone().await;
    let (server, url) = empty_database();
    let mut told = Vec::new();
    let target = Database::open_unmigrated(&url).await.expect("opened");
    let mut tell = |table, rows| told.push((table, rows));
    let carried = from.database.carry_over(&target, &mut tell).await.expect("carried over");
    target.close().await.expect("closed");
    let events: Vec<_> = told.iter().filter(|(table, _)| *table == "event_history").collect();
    assert_eq!(events.len(), 3, "{told:?}");
    let to = Database::open(&url).await.expect("the present schema");
    assert_eq!(everything(&to).await, everything(&from.database).await);
    // What is sealed shows nothing of itself in a text.
    let hosts = to.hosts().load().await.expect("hosts");
    assert_eq!(hosts, from.database.hosts().load().await.expect("hosts"));
    assert_eq!(hosts.hosts[0].sealed, Some(Sealed(vec![0, 1, 0xff, 0])));
    assert_eq!(to.audit().verify().await.expect("an answer"), carried.audit);
    assert_eq!((carried.audit.rows, &carried.audit.broken), (3, &None));

    // No table is left out: those of the schema beside the ones that hold one row in every database.
    let names = "SELECT string_agg(tablename, ' ' ORDER BY tablename COLLATE \"C\") FROM pg_tables \
                 WHERE schemaname = 'public' AND tablename NOT IN ('seaql_migrations', 'audit_head', 'host_book')";
    let mut carried_names: Vec<&str> = carried.tables.iter().map(|(table, _)| *table).collect();
    carried_names.sort_unstable();
    assert_eq!(server.query(&url, names).expect("an answer"), carried_names.join(" "));
    let rows: BTreeMap<_, _> = carried.tables.iter().copied().collect();
    assert_eq!((rows["users"], rows["sessions"], rows["refresh_tokens"], rows["setup"]), (2, 1, 2, 1));
    assert_eq!((rows["hosts"], rows["audit_log"], rows["event_history"]), (1, 3, EVENTS.unsigned_abs()));
    assert_eq!(rows["jobs"], 1);

    // It goes on where it was: jobs are taken, sign-ins are refreshed, the chain grows, hosts change behind their revision.
    let job = to.jobs().claim("worker", Duration::from_secs(9)).await.expect("an answer").expect("the job");
    assert_eq!((job.subject.as_str(), job.attempt), ("nginx:latest", 1));
    let rotated =
        to.sessions().rotate(token("2"), token("3"), NOW.plus_seconds(120)).await.expect("an answer");
    assert!(matches!(rotated, Rotation::Rotated { .. }), "{rotated:?}");
    to.audit().record(entry("auth.login"), Outcome::Success, NOW.plus_seconds(2)).await.expect("written");
    let verified = to.audit().verify().await.expect("an answer");
    assert_eq!((verified.rows, verified.broken), (4, None));
    let before = to.hosts().revision().await.expect("a number");
    to.hosts().remove(&"edge".parse().expect("a host id"), NOW).await.expect("removed");
    assert!(to.hosts().revision().await.expect("a number") > before);

    // It is not empty any more, and stays as it is.
    let again = carry(&from.database, &url).await.expect_err("refused");
    assert!(matches!(again, CarryOverError::NotEmpty { table: "users", rows: 2, .. }), "{again:?}");
    assert!(again.to_string().contains("is not empty (users has 2 rows)"), "{again}");
    assert_eq!(to.audit().verify().await.expect("an answer").rows, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_leaves_nothing_behind() {
    let from = standalone().await;
    let raw = from.raw().await;
    for statement in
        ["DROP TRIGGER audit_log_no_update", "UPDATE audit_log SET actor = 'nobody' WHERE seq = 2"]
    {
        raw.execute_unprepared(statement).await.expect(statement);
    }
    let (server, url) = empty_database();
    // It shows at the very end, when every row has been written.
    let error = carry(&from.database, &url).await.expect_err("refused");
    assert!(matches!(error, CarryOverError::Tampered(Broken::Altered(2))), "{error:?}");
    assert_eq!(tables(&server, &url), "0", "not even the schema");
    let sound = standalone().await;
    carry(&sound.database, &url).await.expect("the same database takes another one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_was_used_is_refused_also_when_its_rows_are_gone() {
    let from = standalone().await;
    let used = TestDatabase::new(Engine::Postgres).await;
    used.database.audit().record(entry("auth.login"), Outcome::Failure, NOW).await.expect("written");
    let error = carry(&from.database, &used.url).await.expect_err("refused");
    assert!(matches!(error, CarryOverError::NotEmpty { table: "audit_log", rows: 1, .. }), "{error:?}");

    let used = TestDatabase::new(Engine::Postgres).await;
    let host = NewHost {
        id: "edge".parse().expect("a host id"),
        address: "unix:///var/run/docker.sock".to_owned(),
        labels: BTreeMap::new(),
        enabled: true,
        sealed: None,
    };
    let edge = used.database.hosts().insert(host, NOW).await.expect("a host").id;
    used.database.hosts().remove(&edge, NOW).await.expect("removed");
    let error = carry(&from.database, &used.url).await.expect_err("refused");
    assert!(matches!(error, CarryOverError::NotEmpty { table: "host_book", .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemas_of_other_versions_and_other_directions_are_refused() {
    let (server, url) = empty_database();
    let folder = tempfile::tempdir().expect("a folder");
    let old = Database::open_unmigrated(&file_url(folder.path())).await.expect("opened");
    let raw = sea_orm::Database::connect(file_url(folder.path())).await.expect("a connection");
    let steps = u32::try_from(Migrator::migrations().len()).expect("few");
    Migrator::up(&raw, Some(steps - 1)).await.expect("an older schema");
    let error = carry(&old, &url).await.expect_err("refused");
    assert!(matches!(error, CarryOverError::Outdated { missing: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("dockline migrate"), "{error}");

    let from = standalone().await;
    let future = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99991231_000001_future', 1)";
    from.raw().await.execute_unprepared(future).await.expect("inserted");
    let error = carry(&from.database, &url).await.expect_err("refused");
    assert!(matches!(error, CarryOverError::Database(OpenError::TooNew { .. })), "{error:?}");

    let server_to_file = TestDatabase::new(Engine::Postgres).await;
    let file = TestDatabase::new(Engine::Sqlite).await;
    for (from, to) in [(&server_to_file, &file), (&file, &file), (&server_to_file, &server_to_file)] {
        let error = carry(&from.database, &to.url).await.expect_err("refused");
        assert!(matches!(error, CarryOverError::Direction), "{error:?}");
    }
    assert_eq!(tables(&server, &url), "0");
}

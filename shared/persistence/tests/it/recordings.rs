use std::time::Duration;

use dockline_domain::{ExecId, UserId};
use dockline_persistence::{
    Database, Error, Extent, NewRecording, OfContainer, RecordingEnd, RecordingFilter, RecordingState,
};
use sea_orm::ConnectionTrait;

use crate::engine::{Engine, TestDatabase};

pub fn new_recording(username: &str, container: char) -> NewRecording {
    NewRecording {
        id: ExecId::generate(),
        user: UserId::generate(),
        username: username.parse().expect("a username"),
        host: "edge".parse().expect("a host id"),
        container: container.to_string().repeat(64).parse().expect("a container id"),
        container_name: format!("web-{container}"),
        sealed_command: vec![0, 0xff],
        run_as: Some("1000".parse().expect("a user")),
        terminal: true,
        size: (132, 43),
        input: false,
    }
}

async fn begin(database: &Database, username: &str, container: char) -> ExecId {
    let new = new_recording(username, container);
    let id = new.id;
    database.recordings().begin(new).await.expect("begun");
    id
}

const END: RecordingEnd = RecordingEnd { ended: "exited", exit_code: Some(7), cut: true };

fn extent(bytes: u64, seconds: u64) -> Extent {
    Extent { bytes, length: Duration::from_secs(seconds) }
}

/// As if the time had passed.
async fn silence(test: &TestDatabase, id: ExecId) {
    let change = match test.raw().await.get_database_backend() {
        sea_orm::DbBackend::Postgres => format!("id = '{id}'"),
        _ => format!("id = X'{}'", id.to_string().replace('-', "")),
    };
    let silent = format!("UPDATE recordings SET alive_at = alive_at - 21000000 WHERE {change}");
    let changed = test.raw().await.execute_unprepared(&silent).await.expect("changed");
    assert_eq!(changed.rows_affected(), 1);
}

pub async fn a_recording_is_written_piece_by_piece_and_ended_once(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let recordings = test.database.recordings();
    let id = begin(&test.database, "otto", 'a').await;
    for number in 0..20 {
        let sealed = vec![u8::try_from(number).expect("small"); 3];
        // Twice, as by a writer that did not hear of the first time.
        for _ in 0..2 {
            let extent = extent(u64::from(number) * 10, u64::from(number));
            recordings.append(id, number, sealed.clone(), extent).await.expect("written");
        }
    }
    recordings.still_alive(id).await.expect("known");
    let found = recordings.get(id).await.expect("an answer").expect("the recording");
    assert_eq!(
        (found.state, found.bytes, found.length),
        (RecordingState::Recording, 190, Duration::from_secs(19))
    );
    assert_eq!((found.size, found.ended.as_deref(), found.finished_at), ((132, 43), None, None));

    let (mut pieces, mut next) = (Vec::new(), 0);
    loop {
        let page = recordings.pieces(id, next).await.expect("an answer");
        let Some((last, _)) = page.last() else { break };
        next = last + 1;
        pieces.extend(page);
    }
    let wanted: Vec<(u32, Vec<u8>)> =
        (0..20).map(|number| (number, vec![u8::try_from(number).expect("small"); 3])).collect();
    assert_eq!(pieces, wanted);

    assert!(matches!(recordings.remove(id).await, Err(Error::RecordingGoesOn)));
    recordings.finish(id, END).await.expect("ended");
    let found = recordings.get(id).await.expect("an answer").expect("the recording");
    assert_eq!(
        (found.state, found.ended.as_deref(), found.exit_code, found.cut),
        (RecordingState::Finished, Some("exited"), Some(7), true)
    );
    assert!(found.finished_at.expect("a time") >= found.started_at);
    for refused in [
        recordings.finish(id, END).await,
        recordings.still_alive(id).await,
        recordings.append(id, 20, vec![1], extent(200, 20)).await,
    ] {
        assert!(matches!(refused, Err(Error::NoSuchRecording)), "{refused:?}");
    }
    recordings.remove(id).await.expect("removed");
    assert!(recordings.pieces(id, 0).await.expect("an answer").is_empty(), "its pieces went with it");
    assert!(matches!(recordings.remove(id).await, Err(Error::NoSuchRecording)));
}

pub async fn a_writer_that_is_silent_is_dead_by_the_clock_of_the_database(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let recordings = test.database.recordings();
    let id = begin(&test.database, "otto", 'a').await;
    silence(&test, id).await;
    let state = async || recordings.get(id).await.expect("an answer").expect("the recording").state;
    assert_eq!(state().await, RecordingState::Unfinished);
    recordings.still_alive(id).await.expect("it was only slow");
    assert_eq!(state().await, RecordingState::Recording);
    silence(&test, id).await;
    recordings.remove(id).await.expect("removed");
    // What its writer still sends finds nothing.
    assert!(matches!(recordings.append(id, 0, vec![1], extent(1, 1)).await, Err(Error::NoSuchRecording)));
    let taken_back = begin(&test.database, "otto", 'a').await;
    recordings.discard(taken_back).await.expect("gone");
    assert_eq!(recordings.get(taken_back).await.expect("an answer"), None);
}

pub async fn recordings_are_found_by_everything_in_pages(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let mut otto = Vec::new();
    for number in 0..5 {
        otto.push(begin(&test.database, "otto", if number % 2 == 0 { 'a' } else { 'b' }).await);
    }
    let ada = begin(&test.database, "ada", 'a').await;
    let recordings = test.database.recordings();
    let search = async |filter: RecordingFilter| {
        let filter = RecordingFilter { limit: 100, ..filter };
        let page = recordings.search(&filter).await.expect("a page");
        page.recordings.iter().map(|one| one.id).collect::<Vec<_>>()
    };
    let of = |name: &str| RecordingFilter { username: Some(name.to_owned()), ..RecordingFilter::default() };
    let within = |container| RecordingFilter { container: Some(container), ..RecordingFilter::default() };
    assert_eq!(search(of("ada")).await, [ada]);
    assert_eq!(search(of("nobody\0")).await, []);
    let by_prefix = within(OfContainer::Reference("b".repeat(12).parse().expect("a prefix")));
    assert_eq!(search(by_prefix).await, [otto[3], otto[1]]);
    let by_name =
        RecordingFilter { username: Some("otto".into()), ..within(OfContainer::Name("web-a".into())) };
    assert_eq!(search(by_name).await, [otto[4], otto[2], otto[0]]);
    let elsewhere =
        RecordingFilter { host: Some("local".parse().expect("a host id")), ..RecordingFilter::default() };
    assert_eq!(search(elsewhere).await, []);

    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let page =
            recordings.search(&RecordingFilter { before, limit: 2, ..RecordingFilter::default() }).await;
        let page = page.expect("a page");
        seen.extend(page.recordings.iter().map(|one| one.id));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let newest_first: Vec<_> = [ada].into_iter().chain(otto.into_iter().rev()).collect();
    assert_eq!(seen, newest_first);
}

pub async fn what_is_old_goes_and_what_is_being_written_stays(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let recordings = test.database.recordings();
    let (ended, dead, written) = (
        begin(&test.database, "otto", 'a').await,
        begin(&test.database, "otto", 'a').await,
        begin(&test.database, "otto", 'a').await,
    );
    recordings.append(ended, 0, vec![1], extent(1, 1)).await.expect("written");
    recordings.finish(ended, END).await.expect("ended");
    silence(&test, dead).await;
    assert_eq!(recordings.prune(Duration::from_secs(60)).await.expect("pruned"), 0, "nothing is so old");
    let old = "UPDATE recordings SET started_at = started_at - 61000000";
    test.raw().await.execute_unprepared(old).await.expect("changed");
    assert_eq!(recordings.prune(Duration::from_secs(60)).await.expect("pruned"), 2);
    let left = recordings
        .search(&RecordingFilter { limit: 10, ..RecordingFilter::default() })
        .await
        .expect("a page");
    assert_eq!(left.recordings.iter().map(|one| one.id).collect::<Vec<_>>(), [written]);
    assert!(recordings.pieces(ended, 0).await.expect("an answer").is_empty());
}

use dockline_domain::{ContainerId, HostId, Timestamp, event::EngineEvent};
use dockline_persistence::{
    Appended, EventFilter, EventMark, Moment, NewEntry, Outcome, Sample, StatsHistory, Step,
};

use crate::{Engine, TestDatabase};

const NOW: Moment = Moment(1_795_514_400_000_000);
const NOW_MS: i64 = NOW.0 / 1_000;

fn host(name: &str) -> HostId {
    name.parse().expect("a host id")
}

fn event(number: i64) -> (String, EngineEvent) {
    let event = EngineEvent {
        host: host(if number % 2 == 0 { "edge" } else { "web" }),
        // Three share a moment.
        at: Timestamp((NOW_MS * 1_000_000) + number / 3),
        kind: if number % 5 == 0 { "image" } else { "container" }.to_owned(),
        action: if number % 4 == 0 { "die" } else { "start" }.to_owned(),
        actor_id: format!("{number:064x}"),
        attributes: [("name".to_owned(), format!("100%_{number}\0ä"))].into(),
    };
    (event.id(), event)
}

fn sample(container: &str, at_ms: i64, cpu: Option<f64>) -> Sample {
    Sample {
        container: id(container),
        at_ms,
        cpu,
        memory: Some(1_000 + at_ms.unsigned_abs() % 1_000),
        memory_limit: Some(u64::MAX),
        rx_rate: Some(1.5),
        tx_rate: None,
        read_rate: None,
        write_rate: Some(0.0),
        pids: Some(3),
    }
}

fn id(container: &str) -> ContainerId {
    container.repeat(64).parse().expect("a container id")
}

pub async fn an_event_is_stored_once_however_often_it_comes(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let history = test.database.events();
    let appended = history.append((0..700).map(event).collect(), NOW).await.expect("written");
    assert_eq!(appended, Appended { new: 700, repeated: 0 });
    // Again, with one twice and some that are new; by two at the same moment.
    let other = test.database.events();
    let (one, two) = tokio::join!(
        history.append((600..800).chain([799]).map(event).collect(), NOW),
        other.append((600..800).rev().map(event).collect(), NOW)
    );
    let (one, two) = (one.expect("written"), two.expect("written"));
    assert_eq!(one.new + two.new, 100, "{one:?} {two:?}");
    assert_eq!(one.repeated + two.repeated, 301, "{one:?} {two:?}");
    let page = history.search(&EventFilter { limit: 1_000, ..EventFilter::default() }).await.expect("a page");
    assert_eq!((page.events.len(), page.more), (800, false));
    // What was given comes back, but for what no text of a database holds.
    let (first, last) = (event(0), page.events.last().expect("the oldest"));
    assert_eq!((last.1.at, last.1.host.clone()), (first.1.at, first.1.host));
    assert!(last.1.actor_name().is_some_and(|name| name.starts_with("100%_")), "{last:?}");
}

pub async fn events_are_searched_by_everything_in_pages_that_neither_skip_nor_repeat(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let history = test.database.events();
    history.append((0..200).map(event).collect(), NOW).await.expect("written");
    let (mut seen, mut after) = (Vec::new(), None::<EventMark>);
    loop {
        let filter = EventFilter { limit: 7, after, ..EventFilter::default() };
        let page = history.search(&filter).await.expect("a page");
        after = page.events.last().map(|(id, event)| EventMark { at: event.at, id: id.clone() });
        seen.extend(page.events.into_iter().map(|(id, event)| EventMark { at: event.at, id }));
        if !page.more {
            break;
        }
    }
    assert_eq!(seen.len(), 200);
    assert!(seen.is_sorted_by(|one, other| one > other), "newest first, each once");
    let count = async |filter: EventFilter| {
        history.search(&EventFilter { limit: 1_000, ..filter }).await.expect("a page").events.len()
    };
    let all = EventFilter::default;
    assert_eq!(count(EventFilter { host: Some(host("edge")), ..all() }).await, 100);
    assert_eq!(count(EventFilter { kind: Some("image".into()), ..all() }).await, 40);
    assert_eq!(count(EventFilter { action: Some("die".into()), ..all() }).await, 50);
    assert_eq!(count(EventFilter { action: Some("di".into()), ..all() }).await, 0);
    assert_eq!(count(EventFilter { actor: Some(format!("{:064x}", 17)), ..all() }).await, 1);
    assert_eq!(count(EventFilter { actor: Some("0".repeat(63)), ..all() }).await, 16);
    assert_eq!(count(EventFilter { text: Some("STAR".into()), ..all() }).await, 150);
    // What people type is text, not a pattern.
    assert_eq!(count(EventFilter { text: Some("100%_19".into()), ..all() }).await, 11);
    assert_eq!(count(EventFilter { text: Some("10%".into()), ..all() }).await, 0);
    let at = |number| Some(Timestamp(NOW_MS * 1_000_000 + number));
    assert_eq!(count(EventFilter { from: at(10), to: at(11), ..all() }).await, 6);
    assert_eq!(history.prune(Timestamp(NOW_MS * 1_000_000 + 10)).await.expect("pruned"), 30);
    assert_eq!(count(all()).await, 170);
}

async fn read(history: &StatsHistory, container: &str, step: Step) -> Vec<(String, i64, Option<f64>)> {
    let rows = history.read(&id(container), None, step, 0, i64::MAX).await.expect("an answer");
    rows.into_iter().map(|(host, one)| (host.to_string(), one.at_ms - NOW_MS, one.cpu)).collect()
}

pub async fn averages_are_the_same_however_often_and_in_whichever_pieces_samples_come(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let history = test.database.stats();
    let samples: Vec<Sample> = (0..90)
        .flat_map(|second| {
            // The first of a container has no rate of CPU.
            let cpu = (second > 0).then_some(f64::from(second));
            ["a", "b"].map(|container| sample(container, NOW_MS + i64::from(second) * 1_000, cpu))
        })
        .collect();
    let later = NOW.plus_seconds(100);
    let edge = host("edge");
    for piece in [&samples[20..100], &samples[..40], &samples[90..], &samples[..]] {
        history.append(&edge, piece.to_vec(), later).await.expect("written");
    }
    // A cloned machine has a container of the same ID.
    history.append(&host("clone"), vec![sample("a", NOW_MS, Some(7.0))], later).await.expect("written");
    let seconds = read(&history, "b", Step::Second).await;
    assert_eq!(seconds.len(), 90);
    assert_eq!((seconds[0].2, seconds[89].2), (None, Some(89.0)));
    let tens = read(&history, "b", Step::TenSeconds).await;
    assert_eq!(tens.len(), 9);
    assert_eq!(tens[0], ("edge".to_owned(), 0, Some(5.0)), "of the nine that are known");
    assert_eq!(tens[8], ("edge".to_owned(), 80_000, Some(84.5)));
    let minutes = read(&history, "b", Step::Minute).await;
    assert_eq!(minutes, [("edge".to_owned(), 0, Some(30.0)), ("edge".to_owned(), 60_000, Some(74.5))]);
    let both = read(&history, "a", Step::Minute).await;
    assert_eq!(both.len(), 3, "{both:?}");
    let clone = history.read(&id("a"), Some(&host("clone")), Step::TenSeconds, 0, i64::MAX).await;
    let clone = clone.expect("an answer");
    assert_eq!((clone.len(), clone[0].1.cpu), (1, Some(7.0)));
    assert_eq!(clone[0].1.memory_limit, Some(i64::MAX.unsigned_abs()), "as much as the database holds");
}

pub async fn samples_go_with_their_step_and_wrong_times_never_come(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let (history, edge) = (test.database.stats(), host("edge"));
    let wrong = [i64::MIN, 0, NOW_MS - 3_600_000, NOW_MS + 7_200_000, i64::MAX];
    let wrong = wrong.map(|at_ms| sample("a", at_ms, None)).to_vec();
    history.append(&edge, wrong, NOW).await.expect("passed over");
    for step in Step::ALL {
        assert_eq!(read(&history, "a", step).await, [], "{step:?}");
    }
    history.append(&edge, vec![sample("a", NOW_MS, Some(1.0))], NOW).await.expect("written");
    for (days_later, left) in [(0.0, [1, 1, 1]), (0.1, [0, 1, 1]), (2.0, [0, 0, 1]), (15.0, [0, 0, 0])] {
        let seconds = days_later * 24.0 * 3_600.0;
        #[expect(clippy::cast_possible_truncation, reason = "some days")]
        history.prune(NOW.plus_seconds(seconds as i64)).await.expect("pruned");
        for (step, left) in Step::ALL.into_iter().zip(left) {
            assert_eq!(read(&history, "a", step).await.len(), left, "{step:?} {days_later} days later");
        }
    }
}

pub async fn the_audit_log_is_relayed_in_the_order_of_its_chain(engine: Engine) {
    let test = TestDatabase::new(engine).await;
    let audit = test.database.audit();
    for number in 0..5 {
        let entry = NewEntry {
            actor: dockline_persistence::Actor::default(),
            action: format!("test.{number}"),
            target: None,
            detail: Some(serde_json::json!({ "number": number })),
            address: None,
            request_id: "request".to_owned(),
        };
        audit.record(entry, Outcome::Success, NOW).await.expect("written");
    }
    assert_eq!(audit.relayed().await.expect("an answer"), 0);
    let rows = audit.chain_after(0, 3).await.expect("rows");
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(rows[1].prev_hash, rows[0].hash);
    assert_eq!(rows[2].detail, Some(serde_json::json!({ "number": 2 })));
    assert!(audit.relay_to(3, 7).await.expect("noted"), "the first");
    assert!(!audit.relay_to(2, 6).await.expect("an answer"), "of an older term");
    assert_eq!(audit.relayed().await.expect("an answer"), 3);
    assert!(audit.relay_to(4, 7).await.expect("noted") && audit.relay_to(5, 9).await.expect("noted"));
    assert!(!audit.relay_to(4, 8).await.expect("an answer"), "of a term that is over");
    assert_eq!(audit.chain_after(audit.relayed().await.expect("an answer"), 10).await.expect("rows"), []);
}

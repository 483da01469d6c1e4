use std::{collections::BTreeMap, sync::Arc};

use dockline_domain::{Timestamp, access::Role, event::EngineEvent};
use dockline_fanout::{EventItem, EventPublisher};
use dockline_lease::{Lease, memory::MemoryLease};

use crate::TestServer;

#[tokio::test]
async fn recent_events_are_listed_newest_first_and_searched() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let host = "local".parse().expect("a host id");
    let leadership = MemoryLease::default().campaign(&host).await.expect("a term");
    for number in 0..5_i64 {
        let action = if number % 2 == 0 { "start" } else { "exec_start: sh -c 'login hunter2'" };
        let attributes = [("name", "web"), ("image", "nginx"), ("api.token", "hunter2")];
        let event = EngineEvent {
            host: host.clone(),
            at: Timestamp(number * 1_000_000_000),
            kind: "container".into(),
            action: action.into(),
            actor_id: format!("{number:064x}"),
            attributes: attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        };
        // As the Docker port hands it out.
        let event = Arc::new(event.without_secrets());
        server.fanout.publish_event(&leadership, EventItem::Event(event)).await.expect("published");
    }
    let all = server.get("/api/v1/events", &vera).await;
    assert!(!all.text.contains("hunter2"), "{all:?}");
    let all = all.json();
    let times: Vec<&str> =
        all["items"].as_array().expect("items").iter().filter_map(|one| one["at"].as_str()).collect();
    assert_eq!(times.first(), Some(&"1970-01-01T00:00:04.000000000Z"));
    assert_eq!(times.len(), 5);
    assert_eq!(
        all["items"][0]["attributes"],
        serde_json::json!(BTreeMap::from([("image", "nginx"), ("name", "web")]))
    );

    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = server.get(&format!("/api/v1/events{query}"), &vera).await.json();
        seen.extend(page["items"].as_array().expect("items").iter().map(|one| one["at"].clone()));
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, times);
    for (query, count) in [
        ("?action=start", 3),
        ("?q=EXEC", 2),
        ("?host=spare", 0),
        ("?kind=image", 0),
        ("?q=web&action=start", 3),
    ] {
        let page = server.get(&format!("/api/v1/events{query}"), &vera).await.json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(count), "{query}");
    }
}

fn kept(host: &str, number: i64) -> EngineEvent {
    EngineEvent {
        host: host.parse().expect("a host id"),
        at: Timestamp(number * 1_000_000_000),
        kind: "container".into(),
        action: "start".into(),
        actor_id: format!("{number:064x}"),
        attributes: BTreeMap::from([("name".to_owned(), "web".to_owned())]),
    }
}

#[tokio::test]
async fn the_history_and_what_is_not_in_it_yet_are_one_list() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    let leadership =
        MemoryLease::default().campaign(&"local".parse().expect("a host id")).await.expect("a term");
    // The history has 0 to 29, the memory 25 to 34, of which 30 to 34 have not arrived in the history.
    let history = (0..30).map(|number| kept("local", number)).map(|event| (event.id(), event)).collect();
    server.database.events().append(history, dockline_persistence::Moment::now()).await.expect("written");
    for number in 25..35 {
        let item = EventItem::Event(Arc::new(kept("local", number)));
        server.fanout.publish_event(&leadership, item).await.expect("published");
    }
    for limit in [1, 4, 7, 100] {
        let (mut seen, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            let page = server.get(&format!("/api/v1/events{query}"), &vera).await.json();
            let items = page["items"].as_array().expect("items");
            assert!(items.len() <= limit, "{}", items.len());
            seen.extend(items.iter().map(|one| one["actor"]["id"].as_str().expect("an id").to_owned()));
            match page["next_cursor"].as_str() {
                Some(cursor) => query = format!("?limit={limit}&cursor={cursor}"),
                None => break,
            }
        }
        let wanted: Vec<String> = (0..35).rev().map(|number| format!("{number:064x}")).collect();
        assert_eq!(seen, wanted, "in pages of {limit}");
    }
    for (query, count) in [
        ("?since=1970-01-01T00:00:28Z", 7),
        ("?until=1970-01-01T00:00:02.5Z", 3),
        ("?since=1970-01-01T00:00:29Z&until=1970-01-01T00:00:30Z", 2),
        ("?actor=00000000000000000000000000000000000000000000000000000000000000000", 0),
        ("?q=WEB&since=", 35),
    ] {
        let page = server.get(&format!("/api/v1/events{query}"), &vera).await.json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(count), "{query}");
    }
    for (query, field) in
        [("?since=yesterday", "since"), ("?until=1", "until"), ("?cursor=x", "cursor"), ("?limit=0", "limit")]
    {
        let refused = server.get(&format!("/api/v1/events{query}"), &vera).await;
        assert_eq!((refused.status, refused.json()["fields"][0]["field"].as_str()), (422, Some(field)));
    }
}

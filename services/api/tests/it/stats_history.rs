//! A container's resource use as it was.

use dockline_domain::{ContainerId, HostId, access::Role};
use dockline_persistence::{Moment, Sample};

use crate::TestServer;

fn sample(container: &ContainerId, at_ms: i64, cpu: f64) -> Sample {
    Sample {
        container: container.clone(),
        at_ms,
        cpu: Some(cpu),
        memory: Some(4_096),
        memory_limit: None,
        rx_rate: Some(10.0),
        tx_rate: Some(20.0),
        read_rate: None,
        write_rate: None,
        pids: Some(2),
    }
}

#[tokio::test]
async fn the_history_is_read_by_step_and_time_also_of_what_is_gone() {
    let server = TestServer::start().await;
    let vera = server.person("vera", Role::Viewer).await;
    // No engine has it any more.
    let gone: ContainerId = "e".repeat(64).parse().expect("an id");
    let host: HostId = "local".parse().expect("a host id");
    // At the begin of a minute, so that averages are of whole ones.
    let now = Moment::now();
    let begin = (now.0 / 60_000_000 - 3) * 60_000;
    let samples =
        (0..120_i32).map(|second| sample(&gone, begin + i64::from(second) * 1_000, f64::from(second)));
    server.database.stats().append(&host, samples.collect(), now).await.expect("written");
    let path = format!("/api/v1/containers/{gone}/stats");
    let last = server.get(&path, &vera).await.json();
    assert_eq!((last["step"].as_u64(), last["kept"].as_u64()), (Some(1), Some(3_600)), "{last}");
    assert_eq!((last["host"].as_str(), last["container"].as_str()), (Some("local"), Some(gone.as_str())));
    let items = last["items"].as_array().expect("items");
    assert_eq!(items.len(), 120);
    let point = &items[7];
    assert_eq!((point["cpu_percent"].as_f64(), point["memory_used"].as_u64()), (Some(7.0), Some(4_096)));
    assert!(point["memory_limit"].is_null() && point["read_rate"].is_null(), "{point}");
    assert_eq!(point["at"], Moment((begin + 7_000) * 1_000).to_string().replace("000Z", "000000Z"));
    let minutes = server.get(&format!("{path}?step=1m"), &vera).await.json();
    let cpu = |answer: &serde_json::Value| -> Vec<f64> {
        answer["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter_map(|one| one["cpu_percent"].as_f64())
            .collect()
    };
    assert_eq!(cpu(&minutes), [29.5, 89.5]);
    let since = Moment((begin + 110_000) * 1_000);
    let part = server.get(&format!("{path}?step=10s&since={since}"), &vera).await.json();
    assert_eq!(cpu(&part), [114.5]);
    let nothing = server.get(&format!("/api/v1/containers/{}/stats", "d".repeat(64)), &vera).await.json();
    assert_eq!((nothing["items"].as_array().map(Vec::len), nothing["host"].is_null()), (Some(0), true));
    for (query, field) in [
        ("step=5s", "step"),
        ("since=yesterday", "since"),
        ("until=x", "until"),
        ("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "since"),
    ] {
        let refused = server.get(&format!("{path}?{query}"), &vera).await;
        assert_eq!(
            (refused.status, refused.json()["fields"][0]["field"].as_str()),
            (422, Some(field)),
            "{query}"
        );
    }

    // A prefix is looked up at the engines, and one ID on two hosts must be told apart.
    let short = server.get(&format!("/api/v1/containers/{}/stats", &gone.as_str()[..12]), &vera).await;
    assert_eq!((short.status, short.code().as_str()), (404, "container_not_found"));
    let clone: HostId = "spare".parse().expect("a host id");
    let samples = vec![sample(&gone, begin, 1_000.0)];
    server.database.stats().append(&clone, samples, now).await.expect("written");
    let both = server.get(&path, &vera).await;
    assert_eq!((both.status, both.code().as_str()), (409, "ambiguous_container"));
    let chosen = server.get(&format!("{path}?host=spare"), &vera).await.json();
    assert_eq!((cpu(&chosen), chosen["host"].as_str()), (vec![1_000.0], Some("spare")));
}

//! Replicas behind a real Traefik, with the configuration of `traefik/`: who goes where, what a replica's death costs, and
//! whom Traefik refuses.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use dockline_testkit::{
    ContainerSpec, DocklineCluster, RedisServer, Role, TraefikServer, engines, eventually, free_port,
};
use reqwest::Response;
use serde_json::json;

use crate::client::{Api, LogViewer, assert_numbered, dockline};

/// Longer than the health check's second and a start of Dockline.
const SOON: Duration = Duration::from_secs(20);
/// Traefik's own address as a client, and another one for which it has other limits.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Replicas at addresses that stay, so that Traefik finds one again that was replaced. One of them may be there for a while
/// after it was asked to end, as in Compose.
async fn start(
    hosts: &[String],
    replicas: usize,
    streamers: usize,
    draining: Option<usize>,
) -> Result<(DocklineCluster, Vec<String>, Api)> {
    let addresses: Vec<String> = (0..replicas).map(|_| format!("127.0.0.1:{}", free_port())).collect();
    let program =
        dockline().env("DOCKLINE_TRUSTED_PROXIES", "127.0.0.1/32").env("DOCKLINE_SOCKETS_PER_USER", "50");
    let cluster = DocklineCluster::start_with(
        program,
        hosts,
        RedisServer::start().await?,
        [replicas, streamers],
        |role, number, command| match role {
            Role::Replica => {
                let seconds = if draining == Some(number) { "3" } else { "0" };
                command.env("DOCKLINE_LISTEN", &addresses[number]).env("DOCKLINE_DRAIN_SECONDS", seconds)
            }
            Role::Streamer => command,
        },
    )
    .await?;
    let admin = Api::set_up(&cluster.replicas[0]).await?;
    Ok((cluster, addresses, admin))
}

async fn edge_before(addresses: &[String], settings: &[(&str, &str)]) -> Result<TraefikServer> {
    let addresses: Vec<_> = addresses.iter().map(String::as_str).collect();
    TraefikServer::start(&addresses, settings).await
}

/// How many answers of a route each replica has given.
async fn answered(cluster: &DocklineCluster, route: &str) -> Result<Vec<usize>> {
    let mut counts = Vec::new();
    for replica in &cluster.replicas {
        let metrics = reqwest::get(replica.url("/metrics")).await?.text().await?;
        let label = format!("route=\"{route}\"");
        let of_route = metrics
            .lines()
            .filter(|line| line.starts_with("dockline_http_requests_total") && line.contains(&label));
        let counted = of_route.map(|line| Ok(line.rsplit(' ').next().context("a value")?.parse::<f64>()?));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        counts.push(counted.sum::<Result<f64>>()? as usize);
    }
    Ok(counts)
}

/// Asks `times` and tells how many of the answers came from each replica.
async fn spread(cluster: &DocklineCluster, client: &Api, times: usize) -> Result<Vec<usize>> {
    let before = answered(cluster, "/api/v1/auth/me").await?;
    for _ in 0..times {
        let (status, body) = client.call("GET", "/api/v1/auth/me", None).await?;
        ensure!(status == 200, "{status} {body}");
    }
    let after = answered(cluster, "/api/v1/auth/me").await?;
    Ok(after.iter().zip(before).map(|(after, before)| after - before).collect())
}

/// The cookie by which Traefik knows a client again.
async fn new_cookie(edge: &TraefikServer) -> Result<String> {
    let answer = reqwest::get(edge.url("/healthz")).await?;
    let cookie = answer.headers().get("set-cookie").context("no cookie")?.to_str()?;
    ensure!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// Watches a numbered log through Traefik up to a line that is yet to be told, and comes back whenever the socket is lost.
/// Returns how often.
async fn watch(client: Api, container: String, last: &AtomicU64) -> Result<usize> {
    let mut viewer = client.logs(&container, "tail=all").await?;
    let mut lost = 0;
    while viewer.seen.last < last.load(Ordering::Relaxed) {
        match viewer.socket.next().await {
            Ok(Ok(frame)) => {
                viewer.seen.take(serde_json::from_str(&frame)?)?;
            }
            Ok(Err(_)) | Err(_) => {
                lost += 1;
                let from = match viewer.seen.last {
                    0 => "tail=all".to_owned(),
                    last => format!("from={}:{last}", viewer.seen.epoch),
                };
                // As browsers do: a connection whose end Traefik has not noticed yet fails once.
                let back = eventually(SOON, async || client.logs(&container, &from).await).await?;
                viewer = LogViewer { socket: back.socket, seen: viewer.seen };
            }
        }
    }
    assert_numbered(&viewer.seen.lines(), "line ", "through Traefik");
    ensure!(viewer.seen.gaps.is_empty(), "{:?}", viewer.seen.gaps);
    Ok(lost)
}

/// A request that failed, and when.
struct Failed {
    began: Instant,
    ended: Instant,
    how: String,
}

/// Asks without a pause until told to stop.
async fn ask(client: Api, stop: &AtomicBool) -> (usize, Vec<Failed>) {
    let (mut asked, mut failed) = (0, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        let how = match client.call("GET", "/api/v1/auth/me", None).await {
            Ok((200, _)) => None,
            Ok((status, body)) => Some(format!("{status} {body}")),
            Err(error) => Some(format!("{error:#}")),
        };
        asked += 1;
        if let Some(how) = how {
            failed.push(Failed { began, ended: Instant::now(), how });
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    (asked, failed)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_stays_at_its_replica_and_loses_nothing_when_that_dies() -> Result<()> {
    let engine = &engines()[1];
    let (mut cluster, addresses, admin) = start(std::slice::from_ref(&engine.host), 3, 2, Some(1)).await?;
    // Several people behind one address ask without a pause here.
    let edge =
        edge_before(&addresses, &[("DOCKLINE_EDGE_RATE", "5000"), ("DOCKLINE_EDGE_BURST", "5000")]).await?;
    let anybody = admin.through(edge.url(""), None);

    ensure!(
        spread(&cluster, &anybody, 30).await?.iter().all(|&count| count > 0),
        "not every replica got requests"
    );
    // A client of each replica.
    let mut clients: BTreeMap<usize, Api> = BTreeMap::new();
    for _ in 0..30 {
        let client = admin.through(edge.url(""), Some(new_cookie(&edge).await?));
        let spread = spread(&cluster, &client, 10).await?;
        let home = spread.iter().position(|&count| count == 10);
        clients.insert(home.with_context(|| format!("went to several replicas: {spread:?}"))?, client);
        if clients.len() == addresses.len() {
            break;
        }
    }
    ensure!(clients.len() == addresses.len(), "of 30 new clients none came to some replica: {clients:?}");

    static LAST: AtomicU64 = AtomicU64::new(u64::MAX);
    static STOP: AtomicBool = AtomicBool::new(false);
    let script = "i=0; while true; do i=$((i+1)); echo line $i; usleep 2000; done";
    let container = engine.create_container(&ContainerSpec::script(script))?;
    let viewers: Vec<_> = clients
        .values()
        .map(|client| tokio::spawn(watch(client.clone(), container.id().to_owned(), &LAST)))
        .collect();
    let asking: Vec<_> = clients
        .values()
        .cloned()
        .chain([anybody.clone(), anybody])
        .map(|client| tokio::spawn(ask(client, &STOP)))
        .collect();
    container.start()?;

    // Two die without a word, one drains; each time the others serve, and it comes back.
    let mut deaths = Vec::new();
    for (index, signal) in ["KILL", "TERM", "KILL"].into_iter().enumerate() {
        let replica = &mut cluster.replicas[index];
        let began = Instant::now();
        match signal {
            "KILL" => replica.kill9().await?,
            _ => ensure!(replica.terminate().await?.success(), "{}", replica.stderr()),
        }
        deaths.push((signal, began, Instant::now()));
        eventually(SOON, async || match edge.healthy_replicas().await? {
            2 => Ok(()),
            other => bail!("{other} replicas are healthy"),
        })
        .await?;
        cluster.replace_replica(index).await?;
        eventually(SOON, async || match edge.healthy_replicas().await? {
            3 => Ok(()),
            other => bail!("{other} replicas are healthy"),
        })
        .await?;
    }
    let newest = clients[&0].logs(container.id(), "tail=1").await?.until(|seen| seen.last > 0).await?.last;
    ensure!(newest > 500, "the writer was too slow: {newest} lines");
    LAST.store(newest + 100, Ordering::Relaxed);
    for viewer in viewers {
        let lost = viewer.await??;
        ensure!(lost > 0, "a viewer lost no socket although its replica died");
    }
    STOP.store(true, Ordering::Relaxed);
    let (mut asked, mut failed) = (0, Vec::new());
    for task in asking {
        let (more, those) = task.await?;
        asked += more;
        failed.extend(those);
    }
    ensure!(asked > 500, "only {asked} requests");
    // What was under way at a kill may be lost, and what went out on a connection whose end was not noticed yet.
    let notice = Duration::from_millis(50);
    let in_flight = |request: &Failed| {
        deaths.iter().any(|(signal, began, ended)| {
            *signal == "KILL" && request.began < *ended + notice && request.ended > *began
        })
    };
    let unexplained: Vec<_> = failed.iter().filter(|request| !in_flight(request)).collect();
    if let Some(first) = unexplained.first() {
        let when = |death: &Instant| first.began.checked_duration_since(*death);
        let deaths: Vec<_> = deaths.iter().map(|(signal, began, _)| (signal, when(began))).collect();
        let count = unexplained.len();
        bail!("{count} of {asked} requests failed with no reason, one with {} at {deaths:?}", first.how);
    }
    ensure!(
        failed.len() <= 10,
        "five clients and two kills, and of {asked} requests failed {}",
        failed.len()
    );
    cluster.stop().await
}

/// Somebody at an address.
fn client_at(address: IpAddr) -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().local_address(address).build()?)
}

async fn me(client: &reqwest::Client, base: &str, admin: &Api) -> Result<Response> {
    Ok(client.get(format!("{base}/api/v1/auth/me")).bearer_auth(&admin.token).send().await?)
}

async fn guess(client: &reqwest::Client, base: &str, username: &str) -> Result<Response> {
    let body = json!({"username": username, "password": "not the right one"});
    let request = client.post(format!("{base}/api/v1/auth/login")).json(&body);
    Ok(request.header("x-forwarded-for", "203.0.113.9").send().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_too_much_is_refused_and_nobody_forges_an_address() -> Result<()> {
    let (cluster, addresses, admin) = start(&[engines()[1].host.clone()], 1, 1, None).await?;
    let limits =
        [("DOCKLINE_EDGE_RATE", "5"), ("DOCKLINE_EDGE_BURST", "5"), ("DOCKLINE_EDGE_SIGN_INS_BURST", "3")];
    let edge = edge_before(&addresses, &limits).await?;
    let base = edge.url("");
    let (greedy, other) = (client_at(HERE)?, client_at(ELSEWHERE)?);

    let mut refused = 0;
    for _ in 0..40 {
        let answer = me(&greedy, &base, &admin).await?;
        match answer.status().as_u16() {
            200 => {}
            429 => {
                refused += 1;
                ensure!(answer.headers().contains_key("retry-after"), "{:?}", answer.headers());
                ensure!(answer.headers()["x-content-type-options"] == "nosniff", "{:?}", answer.headers());
            }
            status => bail!("{status}"),
        }
    }
    ensure!(refused >= 20, "of 40 at once only {refused} were refused");
    ensure!(
        me(&other, &base, &admin).await?.status() == 200,
        "one address was refused for another one's requests"
    );
    eventually(SOON, async || {
        let status = me(&greedy, &base, &admin).await?.status();
        ensure!(status == 200, "{status}");
        Ok(())
    })
    .await?;

    // Each guesses at an account of its own, so that only the address counts.
    let mut statuses = Vec::new();
    for n in 0..6 {
        statuses.push(guess(&other, &base, &format!("guess-{n}")).await?.status().as_u16());
    }
    ensure!(statuses == [401, 401, 401, 429, 429, 429], "{statuses:?}");
    // What the client wrote about itself was not believed, what Traefik wrote was.
    let (status, audit) = admin.call("GET", "/api/v1/audit?limit=50", None).await?;
    ensure!(status == 200, "{audit}");
    let rows = audit["items"].as_array().context("rows")?;
    let of_guesses: Vec<_> = rows.iter().filter(|row| row["address"] == "127.0.0.2").collect();
    ensure!(!of_guesses.is_empty() && !audit.to_string().contains("203.0.113.9"), "{audit}");

    // Metrics are for machines inside, who ask the replica itself.
    ensure!(other.get(format!("{base}/metrics")).send().await?.status() == 404);
    ensure!(reqwest::get(cluster.replicas[0].url("/metrics")).await?.status() == 200);
    cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn internal_errors_open_the_breaker_and_a_dead_engine_does_not() -> Result<()> {
    let hosts = [engines()[1].host.clone(), "unix:///nonexistent/docker.sock".to_owned()];
    let (cluster, addresses, admin) = start(&hosts, 2, 1, None).await?;
    let edge = edge_before(&addresses, &[]).await?;
    let client = admin.through(edge.url(""), None);

    // A program asks an engine that is down, as fast as it can and may, and nobody else notices.
    let (base, other) = (edge.url(""), client_at(ELSEWHERE)?);
    let path = format!("/api/v1/containers/{}?host=host-1", "ab".repeat(32));
    let mut answers: BTreeMap<u16, usize> = BTreeMap::new();
    let insist = async {
        loop {
            *answers.entry(client.call("GET", &path, None).await?.0).or_default() += 1;
        }
        #[expect(unreachable_code, reason = "names the type")]
        anyhow::Ok(())
    };
    let use_it = async {
        for n in 0..40 {
            let answer = me(&other, &base, &admin).await?;
            ensure!(answer.status() == 200, "while an engine is down, request {n}: {}", answer.status());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::Ok(())
    };
    tokio::select! {
        failed = insist => failed?,
        used = use_it => used?,
    }
    ensure!(answers.get(&502) > Some(&100), "{answers:?}");
    ensure!(answers.keys().all(|status| [429, 502].contains(status)), "{answers:?}");

    // The replicas fail: after a few answers of theirs Traefik gives its own and leaves them alone.
    cluster.query("ALTER TABLE users RENAME TO users_away")?;
    eventually(SOON, async || {
        let answer = me(&other, &base, &admin).await?;
        let (status, body) = (answer.status(), answer.text().await?);
        ensure!(status == 503 && body == "Service Unavailable", "{status} {body}");
        Ok(())
    })
    .await?;
    ensure!(admin.call("GET", "/api/v1/auth/me", None).await?.0 == 500, "the replica itself fails");
    let before = answered(&cluster, "/api/v1/auth/me").await?;
    for _ in 0..10 {
        ensure!(me(&other, &base, &admin).await?.status() == 503);
    }
    ensure!(answered(&cluster, "/api/v1/auth/me").await? == before, "the replicas were not left alone");
    // Other ways are open.
    ensure!(reqwest::get(edge.url("/healthz")).await?.status() == 200);

    cluster.query("ALTER TABLE users_away RENAME TO users")?;
    eventually(Duration::from_secs(30), async || {
        for _ in 0..20 {
            let status = me(&other, &base, &admin).await?.status();
            ensure!(status == 200, "{status}");
        }
        Ok(())
    })
    .await?;
    cluster.stop().await
}

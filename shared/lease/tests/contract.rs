//! What every adapter of the election port promises; and what only an election over Redis can go through.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use anyhow::{Result, ensure};
use dockline_domain::HostId;
use dockline_lease::{
    Lease,
    memory::MemoryLease,
    redis::{RedisLease, Timing, lease_key},
};
use dockline_redis::{Keys, Redis};
use dockline_testkit::{RedisCluster, RedisServer, eventually};
use tokio::time::timeout;

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Long enough for a second leader to show up if one could.
const A_WHILE: Duration = Duration::from_secs(3);

fn host(name: &str) -> HostId {
    name.parse().expect("a valid host")
}

/// Two processes that stand for election.
struct Stage {
    first: Arc<dyn Lease>,
    second: Arc<dyn Lease>,
}

async fn one_leader_per_host_and_each_term_has_a_larger_token(stage: &Stage) -> Result<()> {
    let (local, other) = (host("local"), host("other"));
    let mut last = 0;
    for round in 0..4 {
        let (one, two) =
            if round % 2 == 0 { (&stage.first, &stage.second) } else { (&stage.second, &stage.first) };
        let leader = timeout(PATIENCE, one.campaign(&local)).await??;
        ensure!(leader.token().number() > last, "round {round}: the token did not grow");
        last = leader.token().number();
        ensure!(timeout(A_WHILE, two.campaign(&local)).await.is_err(), "round {round}: two leaders");
        // Hosts are independent.
        let elsewhere = timeout(PATIENCE, two.campaign(&other)).await??;
        ensure!(elsewhere.host() == &other && !leader.has_ended() && !elsewhere.has_ended());
        // Whoever waits gets the host when it is given back.
        let (next, ()) = tokio::join!(timeout(PATIENCE, two.campaign(&local)), async { drop(leader) });
        let next = next??;
        ensure!(next.token().number() > last, "round {round}: the next token did not grow");
        last = next.token().number();
    }
    Ok(())
}

async fn over_redis(address: &str) -> Result<RedisLease> {
    let redis = Redis::connect(&address.parse()?, Keys::default()).await?;
    Ok(RedisLease::new(redis, Timing::default()))
}

#[tokio::test]
async fn memory_keeps_the_contract() -> Result<()> {
    let lease = Arc::new(MemoryLease::default());
    let stage = Stage { first: lease.clone(), second: lease };
    one_leader_per_host_and_each_term_has_a_larger_token(&stage).await
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_keeps_the_contract() -> Result<()> {
    let server = RedisServer::start().await?;
    let (first, second) = (over_redis(&server.url()).await?, over_redis(&server.url()).await?);
    let stage = Stage { first: Arc::new(first), second: Arc::new(second) };
    one_leader_per_host_and_each_term_has_a_larger_token(&stage).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_cluster_keeps_the_contract() -> Result<()> {
    let cluster = RedisCluster::start().await?;
    let address = cluster.urls().join(",");
    let (first, second) = (over_redis(&address).await?, over_redis(&address).await?);
    let stage = Stage { first: Arc::new(first), second: Arc::new(second) };
    one_leader_per_host_and_each_term_has_a_larger_token(&stage).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_cannot_renew_stops_and_a_flushed_store_gives_a_larger_token() -> Result<()> {
    let mut server = RedisServer::start().await?;
    let (first, second) = (over_redis(&server.url()).await?, over_redis(&server.url()).await?);
    let local = host("local");

    // FLUSHALL: the lease is gone, so is the last token. The old leader finds out at its next renewal.
    let old = timeout(PATIENCE, first.campaign(&local)).await??;
    server.command(&["FLUSHALL"]).await?;
    let new = timeout(PATIENCE, second.campaign(&local)).await??;
    ensure!(new.token().number() > old.token().number(), "the token went back");
    timeout(PATIENCE, old.ended()).await?;
    ensure!(!new.has_ended());
    // A term that was lost gives nothing back: the lease is another's.
    drop(old);
    ensure!(timeout(A_WHILE, first.campaign(&local)).await.is_err(), "two leaders");

    // Redis hangs: the leader stops by its own clock, before the lease could have run out.
    server.pause().await?;
    timeout(PATIENCE, new.ended()).await?;
    server.resume().await?;
    drop(new);
    let next = timeout(PATIENCE, first.campaign(&local)).await??;

    // Redis dies and comes back with what its file holds.
    server.kill().await?;
    timeout(PATIENCE, next.ended()).await?;
    ensure!(first.campaign(&local).await.is_err(), "nobody leads without the store");
    server.restart().await?;
    // The first command after an outage may still fail.
    let last = eventually(PATIENCE, async || Ok(second.campaign(&local).await?)).await?;
    ensure!(last.token().number() > next.token().number());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_waits_until_leases_are_given_back() -> Result<()> {
    let server = RedisServer::start().await?;
    let lease = over_redis(&server.url()).await?;
    let redis = Redis::connect(&server.url().parse()?, Keys::default()).await?;
    let key = lease_key(&redis, &host("local"));
    let leader = timeout(PATIENCE, lease.campaign(&host("local"))).await??;
    ensure!(server.command(&["EXISTS", &key]).await?.trim() == "1");
    drop(leader);
    timeout(PATIENCE, lease.close()).await?;
    ensure!(server.command(&["EXISTS", &key]).await?.trim() == "0", "the lease was left to run out");
    ensure!(server.command(&["ZCARD", "dockline:{streamers}"]).await?.trim() == "0", "still on the list");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_shared_out_among_those_who_live() -> Result<()> {
    let server = RedisServer::start().await?;
    let timing = Timing { hold_at_least: Duration::from_millis(500), ..Timing::default() };
    let join = async || -> Result<Arc<RedisLease>> {
        let redis = Redis::connect(&server.url().parse()?, Keys::default()).await?;
        Ok(Arc::new(RedisLease::new(redis, timing)))
    };
    let hosts: Vec<HostId> = (0..32).map(|n| host(&format!("host-{n}"))).collect();
    let led = Arc::new([const { AtomicUsize::new(0) }; 2]);
    let mut tasks = tokio::task::JoinSet::new();
    let mut members = Vec::new();
    for index in 0..2 {
        let lease = join().await?;
        members.push(Arc::clone(&lease));
        for host in hosts.clone() {
            let (lease, led) = (Arc::clone(&lease), Arc::clone(&led));
            tasks.spawn(async move {
                loop {
                    let Ok(term) = lease.campaign(&host).await else { continue };
                    led[index].fetch_add(1, SeqCst);
                    term.ended().await;
                    led[index].fetch_sub(1, SeqCst);
                }
            });
        }
        // The first one leads everything before the second comes.
        if index == 0 {
            eventually(PATIENCE, async || shares(&led, |led| led == [32, 0])).await?;
        }
    }
    // Hosts that the second comes first for, on average half of them, go over until the first has no more than 1.25
    // times its share, 20. That it comes first for fewer than six happens once in 100,000 runs.
    eventually(PATIENCE, async || shares(&led, |[one, two]| one + two == 32 && two >= 6)).await?;
    tasks.shutdown().await;
    Ok(())
}

fn shares(led: &[AtomicUsize; 2], hold: impl Fn([usize; 2]) -> bool) -> Result<()> {
    let led = [0, 1].map(|index| led[index].load(SeqCst));
    ensure!(hold(led), "they lead {led:?}");
    Ok(())
}

//! Real servers of Redis and PostgreSQL: they start, take a disturbance, and leave nothing behind.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use dockline_testkit::{PostgresServer, RedisCluster, RedisServer, eventually};

const SOON: Duration = Duration::from_secs(10);

/// Where a server was.
struct Trace {
    pid: u32,
    folder: PathBuf,
}

impl Trace {
    fn of(pid: u32, folder: &Path) -> Self {
        assert!(running(pid) && folder.is_dir());
        Self { pid, folder: folder.to_owned() }
    }

    fn assert_gone(&self) {
        assert!(!running(self.pid), "process {} is left", self.pid);
        assert!(!self.folder.exists(), "the folder {} is left", self.folder.display());
    }
}

fn running(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[tokio::test]
async fn redis_keeps_its_keys_over_a_kill_and_leaves_nothing_behind() -> Result<()> {
    let mut redis = RedisServer::start().await?;
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{}", redis.port()));
    assert_eq!(redis.command(&["SET", "key", "a value"]).await?, "OK");
    let (port, first) = (redis.port(), redis.pid());

    redis.kill().await?;
    assert!(!running(first));
    assert!(redis.command(&["PING"]).await.is_err());

    redis.restart().await?;
    assert_eq!(redis.port(), port);
    assert_ne!(redis.pid(), first);
    assert_eq!(redis.command(&["GET", "key"]).await?, "a value");
    let error = redis.command(&["INCR", "key"]).await.expect_err("no number").to_string();
    assert!(error.contains("not an integer"), "{error}");

    let trace = Trace::of(redis.pid(), redis.folder());
    drop(redis);
    trace.assert_gone();
    Ok(())
}

#[tokio::test]
async fn a_paused_redis_answers_when_it_goes_on_and_ends_even_while_paused() -> Result<()> {
    let mut redis = RedisServer::start().await?;
    redis.pause().await?;
    let silent = tokio::time::timeout(Duration::from_millis(300), redis.command(&["PING"])).await;
    assert!(silent.is_err(), "answered while paused: {silent:?}");
    redis.resume().await?;
    assert_eq!(redis.command(&["PING"]).await?, "PONG");

    redis.pause().await?;
    let trace = Trace::of(redis.pid(), redis.folder());
    drop(redis);
    trace.assert_gone();
    Ok(())
}

#[tokio::test]
async fn every_node_of_a_cluster_serves_its_part() -> Result<()> {
    let mut cluster = RedisCluster::start().await?;
    assert_eq!(cluster.urls().len(), 3);
    for key in ["a", "b", "c", "d", "e", "f"] {
        assert_eq!(cluster.command(&["SET", key, key]).await?, "OK");
    }
    for node in cluster.nodes() {
        let keys = node.command(&["DBSIZE"]).await?;
        assert_ne!(keys, "0", "node {}", node.port());
    }
    // The others notice that one is silent, and that it is back.
    cluster.nodes()[2].pause().await?;
    cluster_state(&mut cluster, "cluster_state:fail").await?;
    cluster.nodes()[2].resume().await?;
    cluster_state(&mut cluster, "cluster_state:ok").await?;

    let traces: Vec<_> = cluster.nodes().iter().map(|node| Trace::of(node.pid(), node.folder())).collect();
    drop(cluster);
    traces.iter().for_each(Trace::assert_gone);
    Ok(())
}

async fn cluster_state(cluster: &mut RedisCluster, state: &str) -> Result<()> {
    let node = &cluster.nodes()[0];
    eventually(SOON, || async {
        let info = node.command(&["CLUSTER", "INFO"]).await?;
        ensure!(info.contains(state), "{info}");
        Ok(())
    })
    .await
}

/// A database of the one server, used for what only it may see.
fn use_a_database() -> Result<(u32, String)> {
    let server = PostgresServer::start()?;
    let url = server.database()?;
    let sql = "CREATE TABLE t (name text); INSERT INTO t VALUES ('ä'); SELECT name FROM t";
    assert_eq!(server.query(&url, sql)?, "ä");
    Ok((server.pid(), url))
}

/// One test, because the server is the process's: it ends only when no other test has it.
#[test]
fn tests_share_one_postgres_with_a_database_each_and_it_leaves_nothing_behind() -> Result<()> {
    let server = PostgresServer::start()?;
    let trace = Trace::of(server.pid(), server.folder());
    // The threads that ask for it may end before those that use it.
    let users: Vec<_> = (0..4).map(|_| std::thread::spawn(use_a_database)).collect();
    let mut urls = Vec::new();
    for user in users {
        let (pid, url) = user.join().expect("the thread ends")?;
        assert_eq!(pid, server.pid());
        urls.push(url);
    }
    urls.sort();
    urls.dedup();
    assert_eq!(urls.len(), 4);
    assert!(urls[0].starts_with(&format!("postgres://dockline@127.0.0.1:{}/", server.port())));
    server.query(&urls[0], "INSERT INTO t VALUES ('b')")?;
    assert_eq!(server.query(&urls[0], "SELECT name FROM t ORDER BY name")?, "b\nä");
    assert_eq!(server.query(&urls[1], "SELECT name FROM t")?, "ä");
    let error = server.query(&urls[1], "SELECT * FROM elsewhere").expect_err("no such table").to_string();
    assert!(error.contains("elsewhere"), "{error}");

    drop(server);
    trace.assert_gone();
    Ok(())
}

/// The thread that started it ends first: it must not take the server along.
#[test]
fn a_server_outlives_the_thread_that_started_it() -> Result<()> {
    let start = || -> Result<RedisServer> {
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(RedisServer::start())
    };
    let redis = std::thread::spawn(start).join().expect("the thread ends")?;
    std::thread::sleep(Duration::from_millis(100));
    assert!(running(redis.pid()));
    Ok(())
}

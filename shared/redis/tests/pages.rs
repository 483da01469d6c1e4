//! Reads of whole pages have connections of their own.

use std::time::{Duration, Instant};

use dockline_redis::{Keys, Redis, cmd};
use dockline_testkit::{RedisServer, eventually};

#[tokio::test]
async fn pages_come_apart_from_commands_and_heal() -> anyhow::Result<()> {
    let mut server = RedisServer::start().await?;
    let redis = Redis::connect(&server.url().parse()?, Keys::default()).await?;
    let id = async || redis.query::<u64>(cmd("CLIENT").arg("ID")).await;
    let page_id = async || redis.read_page::<u64>(cmd("CLIENT").arg("ID")).await;
    assert_ne!(id().await?, page_id().await?);
    assert_eq!(page_id().await?, page_id().await?, "a connection is kept");

    // A server that hangs is an error in bounded time, for however many ask at once.
    server.pause().await?;
    let began = Instant::now();
    let asked = futures::future::join_all((0..20).map(|_| page_id())).await;
    assert!(asked.iter().all(Result::is_err), "{asked:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    server.resume().await?;
    eventually(Duration::from_secs(10), async || Ok(page_id().await?)).await?;
    server.kill().await?;
    assert!(page_id().await.is_err());
    server.restart().await?;
    eventually(Duration::from_secs(10), async || Ok(page_id().await?)).await?;
    Ok(())
}

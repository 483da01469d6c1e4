//! A Redis that speaks TLS, under an authority that only those know who were told.

use dockline_redis::{Keys, Message, Redis, RedisAddress, cmd};
use dockline_testkit::{Authority, RedisServer};

#[tokio::test]
async fn commands_and_subscriptions_are_encrypted_and_the_server_must_prove_itself() -> anyhow::Result<()> {
    let authority = Authority::new()?;
    let (_server, url) = RedisServer::start_with_tls(&authority.issue(&["localhost"])?).await?;
    let address: RedisAddress = url.parse()?;
    let trusting = address.clone().trusting(Some(&authority.certificate()));
    let redis = Redis::connect(&trusting, Keys::default()).await?;
    redis.query::<()>(cmd("SET").arg("key").arg("value")).await?;
    assert_eq!(redis.query::<String>(cmd("GET").arg("key")).await?, "value");
    assert_eq!(redis.read_page::<String>(cmd("GET").arg("key")).await?, "value");
    let mut news = redis.subscribe("news");
    assert!(matches!(news.next().await, Some(Message::Sync)));
    redis.publish("news", b"hello").await?;
    let Some(Message::Data(message)) = news.next().await else { anyhow::bail!("not the message") };
    assert_eq!(&message[..], b"hello");

    let unknown = Redis::connect(&address, Keys::default()).await.expect_err("nobody trusts it").to_string();
    assert!(unknown.contains("DOCKLINE_REDIS_CA"), "{unknown}");
    let other = address.trusting(Some(&Authority::new()?.certificate()));
    assert!(Redis::connect(&other, Keys::default()).await.is_err());
    Ok(())
}

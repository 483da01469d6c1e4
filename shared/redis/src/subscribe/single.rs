//! One server: a connection that does nothing but subscribe.

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use redis::{Client, RedisResult, aio::PubSubSink};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{Instant, interval, sleep, timeout},
};
use tracing::{debug, info, warn};

use super::{
    Order,
    channels::{Change, Channels},
};

/// How often a silent connection is asked whether it lives, and how long it may take to answer.
const PROBE_EVERY: Duration = Duration::from_secs(2);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// Pauses between attempts to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(client: Client, mut orders: UnboundedReceiver<Order>) {
    let mut channels = Channels::default();
    let mut pause = FIRST_PAUSE;
    let mut is_broken = false;
    loop {
        let began = Instant::now();
        match serve(&client, &mut channels, &mut orders, &mut is_broken).await {
            Ok(()) => return,
            Err(reason) if is_broken => debug!(reason, "the subscriptions at Redis are still broken"),
            Err(reason) => warn!(reason, "the subscriptions at Redis broke; restoring them"),
        }
        is_broken = true;
        if began.elapsed() > LONGEST_PAUSE {
            pause = FIRST_PAUSE;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Holds one connection until it breaks (an error) or nobody can order anything any more.
async fn serve(
    client: &Client,
    channels: &mut Channels,
    orders: &mut UnboundedReceiver<Order>,
    is_broken: &mut bool,
) -> Result<(), String> {
    let connection = timeout(ANSWER_WITHIN, client.get_async_pubsub()).await;
    let (mut sink, mut stream) = said(connection)?.split();
    let names: Vec<&String> = channels.names().collect();
    if !names.is_empty() {
        said(timeout(ANSWER_WITHIN, sink.subscribe(names)).await)?;
    }
    channels.all_synced();
    if std::mem::take(is_broken) {
        info!("the subscriptions at Redis are restored");
    }
    let mut probes = interval(PROBE_EVERY);
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                None => return Ok(()),
                Some(order) => follow(&mut sink, channels, order).await?,
            },
            message = stream.next() => match message {
                None => return Err("the connection was closed".to_owned()),
                Some(message) => {
                    let data = Bytes::copy_from_slice(message.get_payload_bytes());
                    channels.deliver(message.get_channel_name(), &data);
                }
            },
            _ = probes.tick() => {
                let _pong: redis::Value = said(timeout(ANSWER_WITHIN, sink.ping()).await)?;
            }
        }
    }
}

async fn follow(sink: &mut PubSubSink, channels: &mut Channels, order: Order) -> Result<(), String> {
    match channels.carry_out(order) {
        None => {}
        Some(Change::Subscribe(channel)) => {
            said(timeout(ANSWER_WITHIN, sink.subscribe(&channel)).await)?;
            channels.synced(&channel);
        }
        Some(Change::Unsubscribe(channel)) => said(timeout(ANSWER_WITHIN, sink.unsubscribe(&channel)).await)?,
    }
    Ok(())
}

fn said<T>(answer: Result<RedisResult<T>, tokio::time::error::Elapsed>) -> Result<T, String> {
    match answer {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {ANSWER_WITHIN:?}")),
    }
}

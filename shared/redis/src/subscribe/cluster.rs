//! A cluster: sharded channels, whose messages arrive on the connections for commands.

use std::time::Duration;

use bytes::Bytes;
use redis::{PushInfo, PushKind, Value, cluster_async::ClusterConnection};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{MissedTickBehavior, interval, timeout},
};
use tracing::{debug, warn};

use super::{
    Order,
    channels::{Change, Channels},
};

/// A subscription that is not confirmed in this time is tried again.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How often what could not be subscribed is tried again.
const AGAIN_EVERY: Duration = Duration::from_millis(200);
/// How often everything is subscribed anew: a node that was cut off may have forgotten us without a word.
const RENEW_EVERY: Duration = Duration::from_secs(30);

pub(super) async fn run(
    mut connection: ClusterConnection,
    mut pushes: UnboundedReceiver<PushInfo>,
    mut orders: UnboundedReceiver<Order>,
) {
    let mut channels = Channels::default();
    // Subscribed again at the next chance; what is confirmed leaves.
    let mut open: Vec<String> = Vec::new();
    let mut again = interval(AGAIN_EVERY);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut renew = interval(RENEW_EVERY);
    loop {
        tokio::select! {
            order = orders.recv() => match order.map(|order| channels.carry_out(order)) {
                None => return,
                Some(None) => {}
                Some(Some(Change::Subscribe(channel))) => {
                    if !subscribe(&mut connection, &channels, &channel).await {
                        open.push(channel);
                    }
                }
                Some(Some(Change::Unsubscribe(channel))) => {
                    open.retain(|one| *one != channel);
                    // An unwanted channel costs its messages until the connection ends, nothing else.
                    let done = timeout(ANSWER_WITHIN, connection.sunsubscribe(&channel)).await;
                    debug!(channel, ?done, "unsubscribed");
                }
            },
            push = pushes.recv() => match push {
                None => return,
                Some(PushInfo { kind: PushKind::SMessage, data }) => {
                    if let [Value::BulkString(channel), Value::BulkString(payload)] = data.as_slice() {
                        let data = Bytes::copy_from_slice(payload);
                        channels.deliver(&String::from_utf8_lossy(channel), &data);
                    }
                }
                // Which channels were on the lost connection is not told.
                Some(PushInfo { kind: PushKind::Disconnection, .. }) => {
                    open = channels.names().cloned().collect();
                }
                // The slot moved to another node, or the order was ours.
                Some(PushInfo { kind: PushKind::SUnsubscribe, data }) => {
                    if let Some(Value::BulkString(channel)) = data.first() {
                        let moved = channels.names().find(|name| name.as_bytes() == channel.as_slice());
                        open.extend(moved.cloned());
                    }
                }
                Some(_) => {}
            },
            _ = again.tick(), if !open.is_empty() => {
                let tried = std::mem::take(&mut open);
                for channel in tried {
                    if !subscribe(&mut connection, &channels, &channel).await {
                        open.push(channel);
                    }
                }
            }
            _ = renew.tick(), if !channels.is_empty() => open = channels.names().cloned().collect(),
        }
    }
}

/// Subscribes and tells the listeners; `false` if the cluster did not confirm.
async fn subscribe(connection: &mut ClusterConnection, channels: &Channels, channel: &str) -> bool {
    match timeout(ANSWER_WITHIN, connection.ssubscribe(channel)).await {
        Ok(Ok(())) => {
            channels.synced(channel);
            true
        }
        Ok(Err(error)) => {
            warn!(channel, %error, "a subscription in the Redis Cluster failed; trying again");
            false
        }
        Err(_) => {
            warn!(channel, "a subscription in the Redis Cluster was not confirmed; trying again");
            false
        }
    }
}

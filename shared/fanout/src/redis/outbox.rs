//! What waits for the event log: a stream per host, filled by the script that publishes an event.

use async_trait::async_trait;
use dockline_domain::HostId;
use dockline_lease::Leadership;
use tracing::warn;

use super::{
    OUTBOX_LEVEL, OUTBOX_OPEN, OUTBOX_READ, OUTBOX_RELAYED, RedisFanout, events::Stored, publish::number,
};
use crate::{Error, Outbox, OutboxEntry, OutboxItem, OutboxLevel, OutboxPosition, Result};

/// Names of a host's outbox and of what is known about it.
pub(super) fn names(fanout: &RedisFanout, host: &HostId) -> [String; 2] {
    ["outbox", "outbox-meta"].map(|name| fanout.redis.keys().of_host(host, name))
}

#[async_trait]
impl Outbox for RedisFanout {
    async fn open_outbox(&self, leadership: &Leadership) -> Result<bool> {
        let [stream, meta] = names(self, leadership.host());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let answer = self
            .fenced(leadership, &OUTBOX_OPEN, &[&stream, &meta], |args| {
                args.number(u64::try_from(now.as_millis()).unwrap_or_default())
            })
            .await?;
        Ok(number(&answer, 1)? == 1)
    }

    async fn waiting(&self, leadership: &Leadership, most: usize) -> Result<Vec<OutboxEntry>> {
        let [stream, _] = names(self, leadership.host());
        let answer =
            self.fenced(leadership, &OUTBOX_READ, &[&stream], |args| args.number(most as u64)).await?;
        let host = leadership.host();
        answer[1..].chunks_exact(3).map(|entry| parse(&entry[0], &entry[1], &entry[2], host)).collect()
    }

    async fn relayed(&self, leadership: &Leadership, to: OutboxPosition) -> Result<OutboxLevel> {
        let [stream, meta] = names(self, leadership.host());
        let answer = self
            .fenced(leadership, &OUTBOX_RELAYED, &[&stream, &meta], |args| {
                args.bytes(format!("{}-{}", to.ms, to.n)).bytes(format!("{}-{}", to.ms, to.n + 1))
            })
            .await?;
        Ok(OutboxLevel {
            waiting: number(&answer, 1)?,
            limit: self.options.outbox,
            lost: number(&answer, 2)?,
        })
    }

    async fn outbox_level(&self, leadership: &Leadership) -> Result<OutboxLevel> {
        let [stream, _] = names(self, leadership.host());
        let answer = self.fenced(leadership, &OUTBOX_LEVEL, &[&stream], |args| args).await?;
        Ok(OutboxLevel { waiting: number(&answer, 1)?, limit: self.options.outbox, lost: 0 })
    }
}

/// What cannot be read is counted as lost: it cannot be carried over, and must not hold up what comes behind it.
fn parse(place: &[u8], field: &[u8], value: &[u8], host: &HostId) -> Result<OutboxEntry> {
    let position = std::str::from_utf8(place)
        .ok()
        .and_then(|place| place.split_once('-'))
        .and_then(|(ms, n)| Some(OutboxPosition { ms: ms.parse().ok()?, n: n.parse().ok()? }))
        .ok_or_else(|| Error::Unavailable("an outbox has an entry without a place".to_owned()))?;
    let item = match field {
        b"e" => match serde_json::from_slice::<Stored>(value) {
            Ok(stored) => OutboxItem::Published(stored.item(host)),
            Err(error) => {
                warn!(%host, ?position, %error, "an entry of the outbox is not ours");
                OutboxItem::Lost(1)
            }
        },
        b"l" => OutboxItem::Lost(String::from_utf8_lossy(value).parse().unwrap_or(1)),
        _ => OutboxItem::Began,
    };
    Ok(OutboxEntry { position, item })
}

//! The audit log on its way to the event log. One replica at a time does it, under a lease; how far it has come is in the
//! database, so that whoever follows goes on from there. Rows arrive in the order of their chain, each at least once.

use std::{sync::Arc, time::Duration};

use dockline_contract::kafka::{AuditEntry, Payload};
use dockline_domain::HostId;
use dockline_eventlog::{CloudEvent, EventLog, Topic};
use dockline_lease::{Leadership, Lease};
use dockline_persistence::{AuditLog, ChainRow, Database};
use dockline_telemetry::AuditRelayMetrics;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

/// How often the audit log is looked at. A row waits so long at most while everything works.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// The pause after a failure.
const PAUSE: Duration = Duration::from_secs(2);
/// Rows that are under way at once.
const ROWS: u64 = 500;
/// What the lease is for, and the key of the messages: all in one partition, in one order.
const NAME: &str = "audit";

/// Carries the audit log over.
pub struct AuditRelay {
    audit: AuditLog,
    log: Arc<dyn EventLog>,
    lease: Arc<dyn Lease>,
    metrics: AuditRelayMetrics,
}

impl AuditRelay {
    /// A relay; `lease` must be of its own, apart from those of hosts.
    #[must_use]
    pub fn new(
        database: &Database,
        log: Arc<dyn EventLog>,
        lease: Arc<dyn Lease>,
        metrics: AuditRelayMetrics,
    ) -> Self {
        Self { audit: database.audit(), log, lease, metrics }
    }

    /// Runs until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        let name: HostId = match NAME.parse() {
            Ok(name) => name,
            Err(error) => return warn!(%error, "the audit log is not relayed"),
        };
        while !shutdown.is_cancelled() {
            tokio::select! {
                campaign = self.lease.campaign(&name) => match campaign {
                    Ok(leadership) => tokio::select! {
                        () = self.relay(&leadership) => self.metrics.relayed(0, 0),
                        // Who relays now tells how many wait.
                        () = leadership.ended() => self.metrics.relayed(0, 0),
                        () = shutdown.cancelled() => {}
                    },
                    Err(error) => {
                        debug!(%error, "cannot take part in the election");
                        pause(PAUSE, &shutdown).await;
                    }
                },
                () = shutdown.cancelled() => {}
            }
        }
    }

    /// Carries over until another does.
    async fn relay(&self, leadership: &Leadership) {
        info!("relaying the audit log");
        let mut is_troubled = false;
        loop {
            match self.round(leadership).await {
                Ok(Round::Some) => {
                    if std::mem::take(&mut is_troubled) {
                        info!("the audit log is being relayed again");
                    }
                }
                Ok(Round::Nothing) => tokio::time::sleep(LOOK_EVERY).await,
                Ok(Round::Over) => return,
                Err(reason) => {
                    if !std::mem::replace(&mut is_troubled, true) {
                        warn!(reason, "audit rows wait; trying again");
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn round(&self, leadership: &Leadership) -> Result<Round, String> {
        let text = |error: dockline_persistence::Error| error.to_string();
        let relayed = self.audit.relayed().await.map_err(text)?;
        let rows = self.audit.chain_after(relayed, ROWS).await.map_err(text)?;
        if rows.is_empty() {
            self.metrics.relayed(0, 0);
            return Ok(Round::Nothing);
        }
        self.metrics.relayed(0, i64::try_from(rows.len()).unwrap_or(i64::MAX));
        let events: Vec<CloudEvent> = rows.iter().map(cloud_event).collect();
        let appended = self.log.append(Topic::Audit, &events).await;
        let arrived = appended.as_ref().map_or_else(|error| error.delivered, |()| rows.len());
        if let Some(last) = arrived.checked_sub(1).and_then(|index| rows.get(index)) {
            if !self.audit.relay_to(last.seq, leadership.token().number()).await.map_err(text)? {
                return Ok(Round::Over);
            }
            let waiting = rows.len() - arrived;
            self.metrics.relayed(arrived as u64, i64::try_from(waiting).unwrap_or(i64::MAX));
        }
        appended.map(|()| Round::Some).map_err(|error| error.to_string())
    }
}

enum Round {
    Some,
    Nothing,
    /// A newer term has gone on.
    Over,
}

impl std::fmt::Debug for AuditRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditRelay").finish_non_exhaustive()
    }
}

fn cloud_event(row: &ChainRow) -> CloudEvent {
    let payload = AuditEntry {
        seq: row.seq,
        entry: row.entry,
        at: row.at.to_string(),
        written_at: row.written_at.to_string(),
        actor_id: row.actor.id.map(|id| id.to_string()),
        actor: row.actor.name.clone(),
        action: row.action.clone(),
        target: row.target.clone(),
        outcome: row.outcome.clone(),
        detail: row.detail.clone(),
        address: row.address.clone(),
        request_id: row.request_id.clone(),
        prev_hash: row.prev_hash.clone(),
        hash: row.hash.clone(),
    };
    CloudEvent {
        // Depends on every row before it: no other row has it.
        id: row.hash.clone(),
        kind: AuditEntry::TYPE.to_owned(),
        source: "/audit".to_owned(),
        subject: row.target.clone(),
        time: payload.written_at.clone(),
        schema: AuditEntry::SCHEMA.to_owned(),
        key: NAME.to_owned(),
        trace_parent: None,
        // Texts, numbers and a JSON value: serialization cannot fail.
        data: serde_json::to_vec(&payload).unwrap_or_default().into(),
    }
}

async fn pause(time: Duration, shutdown: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = shutdown.cancelled() => {}
    }
}

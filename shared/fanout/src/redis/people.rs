//! Tickets and revocations.

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dockline_domain::{SessionId, UserId};
use dockline_redis::{Message, cmd};
use futures::{StreamExt, stream, stream::BoxStream};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracing::warn;

use super::RedisFanout;
use crate::{
    Error, Result,
    session::{Revocation, Revocations, TICKET_SECONDS, TicketClaims, Tickets},
};

#[derive(Debug, Serialize, Deserialize)]
struct StoredClaims {
    user: UserId,
    session: SessionId,
    path: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredRevocation {
    User(UserId),
    Session(SessionId),
}

impl RedisFanout {
    /// Named by its hash: whoever reads the store cannot use a ticket.
    fn ticket_key(&self, ticket: &str) -> String {
        self.redis.keys().of_all(&format!("ticket:{}", URL_SAFE_NO_PAD.encode(Sha256::digest(ticket))))
    }

    fn revocations(&self) -> String {
        self.redis.keys().of_all("revocations")
    }
}

#[async_trait]
impl Tickets for RedisFanout {
    async fn issue(&self, claims: TicketClaims) -> Result<String> {
        let mut bytes = [0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let ticket = URL_SAFE_NO_PAD.encode(bytes);
        let TicketClaims { user, session, path } = claims;
        let claims = encode(&StoredClaims { user, session, path })?;
        let mut set = cmd("SET");
        set.arg(self.ticket_key(&ticket)).arg(claims).arg("EX").arg(TICKET_SECONDS);
        self.redis.query::<()>(&set).await?;
        Ok(ticket)
    }

    async fn redeem(&self, ticket: &str) -> Result<Option<TicketClaims>> {
        let take = cmd("GETDEL").arg(self.ticket_key(ticket)).to_owned();
        let Some(claims) = self.redis.query::<Option<Vec<u8>>>(&take).await? else { return Ok(None) };
        let claims: Option<StoredClaims> = serde_json::from_slice(&claims).ok();
        Ok(claims.map(|StoredClaims { user, session, path }| TicketClaims { user, session, path }))
    }
}

#[async_trait]
impl Revocations for RedisFanout {
    async fn revoke(&self, revocation: Revocation) -> Result<()> {
        let stored = match revocation {
            Revocation::User(user) => StoredRevocation::User(user),
            Revocation::Session(session) => StoredRevocation::Session(session),
        };
        Ok(self.redis.publish(&self.revocations(), &encode(&stored)?).await?)
    }

    /// One that a broken subscription misses is found by the periodic check against the database.
    fn subscribe(&self) -> BoxStream<'static, Revocation> {
        let news = self.redis.subscribe(&self.revocations());
        stream::unfold(news, |mut news| async move {
            loop {
                match news.next().await? {
                    Message::Sync => {}
                    Message::Data(bytes) => match serde_json::from_slice(&bytes) {
                        Ok(StoredRevocation::User(user)) => return Some((Revocation::User(user), news)),
                        Ok(StoredRevocation::Session(session)) => {
                            return Some((Revocation::Session(session), news));
                        }
                        Err(error) => warn!(%error, "skipped a revocation that is not ours"),
                    },
                }
            }
        })
        .boxed()
    }
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::Unavailable(error.to_string()))
}

//! Tickets, seats and revocations.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::{StreamExt, stream, stream::BoxStream};
use rand::RngCore;
use tokio::sync::broadcast::error::RecvError;

use super::MemoryFanout;
use crate::{
    Result,
    session::{Revocation, Revocations, Seat, SeatOf, Seats, TICKET_SECONDS, TicketClaims, Tickets},
};

#[async_trait]
impl Tickets for MemoryFanout {
    async fn issue(&self, claims: TicketClaims) -> Result<String> {
        let mut bytes = [0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let ticket = URL_SAFE_NO_PAD.encode(bytes);
        let now = Instant::now();
        let mut tickets = self.tickets.lock();
        tickets.retain(|_, (expires, _)| *expires > now);
        tickets.insert(ticket.clone(), (now + Duration::from_secs(TICKET_SECONDS), claims));
        Ok(ticket)
    }

    async fn redeem(&self, ticket: &str) -> Result<Option<TicketClaims>> {
        let entry = self.tickets.lock().remove(ticket);
        Ok(entry.filter(|(expires, _)| *expires > Instant::now()).map(|(_, claims)| claims))
    }
}

#[async_trait]
impl Seats for MemoryFanout {
    async fn take(&self, of: SeatOf, limit: u32) -> Result<Option<Seat>> {
        let mut seats = self.seats.lock();
        let taken = seats.entry(of.clone()).or_default();
        if *taken >= limit {
            return Ok(None);
        }
        *taken += 1;
        let seats = Arc::clone(&self.seats);
        Ok(Some(Seat::new(move || {
            let mut seats = seats.lock();
            if let Some(taken) = seats.get_mut(&of) {
                *taken -= 1;
                if *taken == 0 {
                    seats.remove(&of);
                }
            }
        })))
    }
}

#[async_trait]
impl Revocations for MemoryFanout {
    async fn revoke(&self, revocation: Revocation) -> Result<()> {
        // No receiver is no error: there is no live socket.
        let _receivers = self.revocations.send(revocation);
        Ok(())
    }

    fn subscribe(&self) -> BoxStream<'static, Revocation> {
        stream::unfold(self.revocations.subscribe(), |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok(revocation) => return Some((revocation, receiver)),
                    // Missed ones are found by the periodic check against the database.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        })
        .boxed()
    }
}

use anyhow::{Result, ensure};
use dockline_domain::{SessionId, UserId};
use dockline_fanout::session::{Revocation, SeatOf, TicketClaims};
use dockline_testkit::eventually;
use futures::StreamExt;

use crate::stage::{PATIENCE, Stage, container};

fn ids() -> (UserId, SessionId) {
    let id = "0193e4a0-0000-7000-8000-000000000001";
    (id.parse().expect("valid"), id.parse().expect("valid"))
}

pub async fn seats_are_limited_everywhere_together(stage: &Stage) -> Result<()> {
    let [a, b] = &stage.replicas;
    let kinds = [SeatOf::User(ids().0), SeatOf::Logs(container('a')), SeatOf::Stats(container('a'))];
    for of in kinds {
        let first = a.take(of.clone(), 3).await?;
        let second = b.take(of.clone(), 3).await?;
        let third = b.take(of.clone(), 3).await?;
        ensure!(first.is_some() && second.is_some() && third.is_some(), "{of:?}");
        ensure!(a.take(of.clone(), 3).await?.is_none() && b.take(of.clone(), 3).await?.is_none(), "{of:?}");
        drop(second);
        // Free at any replica, and only once.
        let again = eventually(PATIENCE, async || {
            let seat = a.take(of.clone(), 3).await?;
            seat.ok_or_else(|| anyhow::anyhow!("still taken"))
        })
        .await?;
        ensure!(b.take(of.clone(), 3).await?.is_none(), "{of:?}");
        drop((first, third, again));
    }
    Ok(())
}

pub async fn a_ticket_opens_once_anywhere(stage: &Stage) -> Result<()> {
    let (user, session) = ids();
    let claims = TicketClaims { user, session, path: "/ws/events".to_owned() };
    let ticket = stage.replicas[0].issue(claims.clone()).await?;
    ensure!(stage.replicas[1].redeem("no such ticket").await? == None);
    // Two replicas at the same moment: one of them gets it.
    let (one, two) = tokio::join!(stage.replicas[0].redeem(&ticket), stage.replicas[1].redeem(&ticket));
    let mut redeemed: Vec<TicketClaims> = one?.into_iter().chain(two?).collect();
    ensure!(redeemed.pop() == Some(claims) && redeemed.is_empty());
    ensure!(stage.replicas[0].redeem(&ticket).await? == None);
    Ok(())
}

pub async fn revocations_reach_everybody(stage: &Stage) -> Result<()> {
    let (user, session) = ids();
    let [mut at_a, mut at_b] = stage.replicas.each_ref().map(|replica| replica.subscribe());
    // Until both subscriptions stand, a message may be missed: announced again until it arrives.
    for revocation in [Revocation::User(user), Revocation::Session(session)] {
        for watch in [&mut at_a, &mut at_b] {
            let announce = async {
                let mut again = tokio::time::interval(std::time::Duration::from_millis(50));
                loop {
                    again.tick().await;
                    stage.replicas[1].revoke(revocation).await?;
                }
            };
            let arrived = async {
                while watch.next().await != Some(revocation) {}
                anyhow::Ok(())
            };
            let either = async {
                tokio::select! { failed = announce => failed, arrived = arrived => arrived }
            };
            tokio::time::timeout(PATIENCE, either).await??;
        }
    }
    Ok(())
}

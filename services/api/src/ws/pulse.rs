//! The signs of life of a socket: pings that want an answer, and frames that a browser's programs can see.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures::FutureExt;
use tokio::time::{Instant, Sleep, sleep_until};

/// A ping goes out this often.
const PING_EVERY: Duration = Duration::from_secs(30);
/// A pong must come within this time.
const PONG_WITHIN: Duration = Duration::from_secs(10);
/// Browsers do not show pings to programs, so a frame goes out this often.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);

/// The frame that goes out as a heartbeat.
pub(super) const HEARTBEAT: &str = r#"{"type":"heartbeat"}"#;
/// Why a socket is closed whose peer is [`Beat::Lost`].
pub(super) const NO_PONG: &str = "no pong came in time";

/// When what is due.
pub(super) struct Pulse {
    timer: Pin<Box<Sleep>>,
    next_ping: Instant,
    next_heartbeat: Instant,
    pong_until: Option<Instant>,
}

/// What is due now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beat {
    /// A ping.
    Ping,
    /// A heartbeat.
    Heartbeat,
    /// The end: the last ping was not answered.
    Lost,
}

impl Pulse {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        let (next_ping, next_heartbeat) = (now + PING_EVERY, now + HEARTBEAT_EVERY);
        let timer = Box::pin(sleep_until(next_ping.min(next_heartbeat)));
        Self { timer, next_ping, next_heartbeat, pong_until: None }
    }

    /// The peer has answered.
    pub(super) fn pong(&mut self) {
        self.pong_until = None;
    }

    /// The next thing that is due.
    pub(super) fn poll_beat(&mut self, context: &mut Context<'_>) -> Poll<Beat> {
        while self.timer.poll_unpin(context).is_ready() {
            let now = Instant::now();
            let due = if self.pong_until.is_some_and(|until| now >= until) {
                Some(Beat::Lost)
            } else if now >= self.next_ping {
                self.next_ping = now + PING_EVERY;
                self.pong_until = Some(now + PONG_WITHIN);
                Some(Beat::Ping)
            } else if now >= self.next_heartbeat {
                self.next_heartbeat = now + HEARTBEAT_EVERY;
                Some(Beat::Heartbeat)
            } else {
                None
            };
            let next = self.next_ping.min(self.next_heartbeat);
            self.timer.as_mut().reset(self.pong_until.map_or(next, |until| until.min(next)));
            if let Some(beat) = due {
                return Poll::Ready(beat);
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_answers_lives_and_who_does_not_is_lost() {
        let (mut pulse, began) = (Pulse::new(), Instant::now());
        let mut seen = Vec::new();
        for _ in 0..8 {
            let beat = poll_fn(|context| pulse.poll_beat(context)).await;
            seen.push((began.elapsed().as_secs(), beat));
            if beat == Beat::Ping && began.elapsed() < Duration::from_secs(60) {
                pulse.pong();
            }
            if beat == Beat::Lost {
                break;
            }
        }
        let (beat, ping) = (Beat::Heartbeat, Beat::Ping);
        let wanted =
            [(15, beat), (30, ping), (30, beat), (45, beat), (60, ping), (60, beat), (70, Beat::Lost)];
        assert_eq!(seen, wanted);
    }
}

//! Between a socket of actix-ws and a session.
//!
//! Both directions go at their own pace: whoever is flooded by output can still type `^C`. Nothing is queued beyond what a
//! few messages hold: actix-ws takes 32 at a time, the session has room for 8, and then the program waits.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    sync::Arc,
};

use actix_http::ws::CloseCode as WireCode;
use actix_ws::{Closed, MessageStream, Session};
use dockline_contract::ws::{CloseCode, ExecFrame};
use dockline_docker::ExecPiece;
use dockline_domain::log::Stream;
use dockline_telemetry::{OpenGauge, SocketKind};
use tokio::sync::mpsc;

use super::hearing::Hearing;
use crate::{
    exec::{Attachment, Leaving, Outgoing},
    ws::{
        Sockets,
        control::Control,
        pulse::{Beat, HEARTBEAT, NO_PONG, Pulse},
        socket::close_reason,
    },
};

/// For metrics.
const KIND: SocketKind = SocketKind::Exec;

/// One socket.
pub(super) struct Pump {
    session: Session,
    control: Arc<Control>,
    sockets: Arc<Sockets>,
    /// Of what the last binary frame was.
    stream: Stream,
    _open: OpenGauge,
}

/// How a socket ends.
pub(super) enum End {
    /// It is closed from here.
    Close(CloseCode, String),
    /// The client closed it, with this code.
    Left(Option<WireCode>),
    /// The connection broke.
    Lost,
}

impl Pump {
    pub(super) fn new(session: Session, control: Arc<Control>, sockets: Arc<Sockets>) -> Self {
        let open = sockets.metrics.socket_open(KIND);
        Self { session, control, sockets, stream: Stream::Stdout, _open: open }
    }

    /// There is no such session: said on the socket, since a page does not see why an upgrade is refused.
    pub(super) async fn refuse(mut self) {
        let error = ExecFrame::Error {
            code: "exec_not_found".to_owned(),
            message: "there is no such program of yours in this container here: it has ended, or runs at another replica"
                .to_owned(),
        };
        // Whoever is gone already needs no answer.
        let _told = self.text(&error).await;
        self.close(CloseCode::NotFound, "no such program here".to_owned()).await;
    }

    /// Speaks until the program or the socket ends.
    pub(super) async fn run(mut self, messages: MessageStream, attachment: Attachment, started: ExecFrame) {
        let Attachment { seen, mut outgoing, typed, size, left, .. } = attachment;
        let (pulse, held_up) = (RefCell::new(Pulse::new()), Cell::new(false));
        let mut hearing = Hearing::new(messages, self.session.clone(), typed, size, &pulse, &held_up);
        let (control, session) = (Arc::clone(&self.control), self.session.clone());
        let end = tokio::select! {
            biased;
            (code, reason) = control.closed() => End::Close(code, reason),
            end = hearing.listen() => end,
            end = beat(session, &pulse, &held_up) => end,
            end = self.speak(started, seen, &mut outgoing) => end.unwrap_or(End::Lost),
        };
        match end {
            End::Close(code, reason) => self.close(code, reason).await,
            End::Left(code) => {
                let leaving = if code == Some(WireCode::Away) { Leaving::Away } else { Leaving::Done };
                // A session that is over has nobody to tell; and the peer may be gone behind its close frame.
                let _told = left.send(leaving);
                self.sockets.metrics.socket_closed(KIND, CloseCode::Ended.number());
                let _answered = self.session.close(None).await;
            }
            End::Lost => {}
        }
    }

    /// Sends what the session has to say, to its end.
    async fn speak(
        &mut self,
        started: ExecFrame,
        seen: Vec<ExecPiece>,
        outgoing: &mut mpsc::Receiver<Outgoing>,
    ) -> Result<End, Closed> {
        self.text(&started).await?;
        for piece in seen {
            self.piece(piece).await?;
        }
        while let Some(next) = outgoing.recv().await {
            match next {
                Outgoing::Piece(piece) => self.piece(piece).await?,
                Outgoing::Exit(code) => {
                    self.text(&ExecFrame::Exit { code }).await?;
                    return Ok(End::Close(CloseCode::Ended, format!("the program ended with code {code}")));
                }
                Outgoing::Failed { code, message } => {
                    let reason = message.clone();
                    self.text(&ExecFrame::Error { code: code.to_owned(), message }).await?;
                    return Ok(End::Close(CloseCode::Ended, reason));
                }
            }
        }
        Ok(End::Close(CloseCode::Ended, "the program goes on at another connection of yours".to_owned()))
    }

    async fn piece(&mut self, piece: ExecPiece) -> Result<(), Closed> {
        if self.stream != piece.stream {
            self.stream = piece.stream;
            let stream = if piece.stream == Stream::Stderr { "stderr" } else { "stdout" };
            self.text(&ExecFrame::Stream { stream: stream.to_owned() }).await?;
        }
        self.sockets.metrics.delivered(piece.bytes.len());
        self.control.progressed(false);
        self.session.binary(piece.bytes).await?;
        self.control.progressed(true);
        Ok(())
    }

    async fn text(&mut self, frame: &ExecFrame) -> Result<(), Closed> {
        let text = serde_json::to_string(frame).map_err(|_| Closed)?;
        self.sockets.metrics.delivered(text.len());
        self.control.progressed(false);
        self.session.text(text).await?;
        self.control.progressed(true);
        Ok(())
    }

    /// Closes behind what is on its way. A peer that does not take it is cut off by whoever looks after the sockets.
    async fn close(self, code: CloseCode, reason: String) {
        self.control.close(code, &reason);
        self.sockets.metrics.socket_closed(KIND, code.number());
        let _taken = self.session.close(Some(close_reason(code, reason))).await;
    }
}

/// Shows signs of life, and wants them.
async fn beat(mut session: Session, pulse: &RefCell<Pulse>, held_up: &Cell<bool>) -> End {
    loop {
        let beat = poll_fn(|context| pulse.borrow_mut().poll_beat(context)).await;
        let shown = match beat {
            Beat::Ping => session.ping(b"").await,
            Beat::Heartbeat => session.text(HEARTBEAT).await,
            // Its answer may have come: nobody listens while the program takes nothing.
            Beat::Lost if held_up.get() => {
                pulse.borrow_mut().pong();
                Ok(())
            }
            Beat::Lost => return End::Close(CloseCode::PongTimeout, NO_PONG.to_owned()),
        };
        if shown.is_err() {
            return End::Lost;
        }
    }
}

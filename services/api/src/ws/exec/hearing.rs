use std::cell::{Cell, RefCell};

use actix_http::ws::ProtocolError;
use actix_ws::{AggregatedMessage, AggregatedMessageStream, MessageStream, Session};
use bytes::Bytes;
use dockline_contract::ws::{CloseCode, ExecMessage};
use dockline_domain::exec::TerminalSize;
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

use super::pump::End;
use crate::{
    exec::{TYPED_AT_ONCE, Typed},
    ws::{control::MAX_STALL, pulse::Pulse},
};

/// The largest message that a client may send, in one frame or in several, in bytes.
const MAX_MESSAGE: usize = 1 << 20;

/// Hears what a client says.
pub(super) struct Hearing<'a> {
    messages: AggregatedMessageStream,
    session: Session,
    typed: mpsc::Sender<Typed>,
    size: watch::Sender<TerminalSize>,
    pulse: &'a RefCell<Pulse>,
    /// Whether nobody listens, because the program does not take what was typed.
    held_up: &'a Cell<bool>,
}

impl<'a> Hearing<'a> {
    pub(super) fn new(
        messages: MessageStream,
        session: Session,
        typed: mpsc::Sender<Typed>,
        size: watch::Sender<TerminalSize>,
        pulse: &'a RefCell<Pulse>,
        held_up: &'a Cell<bool>,
    ) -> Self {
        let messages = messages.max_frame_size(MAX_MESSAGE).aggregate_continuations();
        Self { messages: messages.max_continuation_size(MAX_MESSAGE), session, typed, size, pulse, held_up }
    }

    /// Listens until the client has nothing more to say.
    pub(super) async fn listen(&mut self) -> End {
        while let Some(message) = self.messages.recv().await {
            let heard = match message {
                Ok(AggregatedMessage::Binary(bytes)) => self.paste(bytes).await,
                Ok(AggregatedMessage::Text(text)) => self.order(&text).await,
                Ok(AggregatedMessage::Ping(payload)) => {
                    self.session.pong(&payload).await.map_err(|_| End::Lost)
                }
                Ok(AggregatedMessage::Pong(_)) => {
                    self.pulse.borrow_mut().pong();
                    Ok(())
                }
                Ok(AggregatedMessage::Close(reason)) => return End::Left(reason.map(|reason| reason.code)),
                Err(error) => broken(&error).map_or(Ok(()), Err),
            };
            if let Err(end) = heard {
                return end;
            }
        }
        End::Lost
    }

    async fn paste(&mut self, mut bytes: Bytes) -> Result<(), End> {
        while !bytes.is_empty() {
            let part = bytes.split_to(bytes.len().min(TYPED_AT_ONCE));
            self.type_in(Typed::Bytes(part)).await?;
        }
        Ok(())
    }

    /// What this version does not know is ignored.
    async fn order(&mut self, text: &str) -> Result<(), End> {
        match serde_json::from_str(text) {
            Ok(ExecMessage::Resize { cols, rows }) if cols > 0 && rows > 0 => {
                self.size.send_replace(TerminalSize::bounded(cols, rows));
                Ok(())
            }
            Ok(ExecMessage::Eof {}) => self.type_in(Typed::End).await,
            _ => Ok(()),
        }
    }

    async fn type_in(&mut self, typed: Typed) -> Result<(), End> {
        self.held_up.set(true);
        let taken = timeout(MAX_STALL, self.typed.send(typed)).await;
        self.held_up.set(false);
        match taken {
            // A program that has ended takes no more; that it has is on its way.
            Ok(_) => Ok(()),
            Err(_) => Err(End::Close(CloseCode::TooSlow, "the program takes no input".to_owned())),
        }
    }
}

/// The end that an error of actix-ws means; `None` when it has more to say.
fn broken(error: &ProtocolError) -> Option<End> {
    match error {
        ProtocolError::Overflow => Some(too_large()),
        // Its words for a message in several frames.
        ProtocolError::Io(error) if error.to_string().contains("continuation size") => Some(too_large()),
        // The connection broke, and a close frame that came before it comes next. Or a text is not UTF-8, and is ignored
        // like everything else that is not known.
        ProtocolError::Io(_) => None,
        error => Some(End::Close(CloseCode::BadRequest, format!("not a WebSocket message: {error}"))),
    }
}

fn too_large() -> End {
    End::Close(CloseCode::TooLarge, "messages are limited to 1 MiB".to_owned())
}

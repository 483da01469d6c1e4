use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use actix_http::ws::{CloseCode as WireCode, CloseReason, Codec, Frame, Message};
use actix_web::{
    body::{BodySize, MessageBody},
    dev::Payload,
};
use bytes::{BufMut, Bytes, BytesMut};
use bytestring::ByteString;
use dockline_contract::ws::CloseCode;
use dockline_telemetry::{OpenGauge, SocketKind};
use futures::StreamExt;
use tokio_util::codec::{Decoder, Encoder};

use super::{
    Sockets,
    control::Control,
    pulse::{Beat, HEARTBEAT, NO_PONG, Pulse},
};

/// The largest message that a viewer may send; viewers have nothing to say.
const MAX_MESSAGE: usize = 64 * 1024;
/// Frames up to this size are joined with their header; larger ones are shared between viewers.
const JOIN_UP_TO: usize = 1_024;

/// Where a socket's frames come from.
pub(super) trait Source: Unpin {
    /// For metrics.
    const KIND: SocketKind;

    /// The next thing to send. Pending means that the waker will be called when there is one.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Outgoing>;
}

/// What a source wants to have sent.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// A text frame.
    Text(ByteString),
    /// A text frame of two parts: what is this viewer's own, and what all share.
    Joined(ByteString, ByteString),
    /// The end.
    Close(CloseCode, String),
}

/// One WebSocket, as the body of its upgrade response.
pub(super) struct Socket<S: Source> {
    payload: Payload,
    received: BytesMut,
    codec: Codec,
    source: S,
    control: Arc<Control>,
    sockets: Arc<Sockets>,
    pulse: Pulse,
    /// The rest of a frame whose header was handed out.
    rest: Option<Bytes>,
    is_closed: bool,
    _open: OpenGauge,
}

impl<S: Source> Socket<S> {
    pub(super) fn new(payload: Payload, source: S, control: Arc<Control>, sockets: Arc<Sockets>) -> Self {
        Self {
            payload,
            received: BytesMut::new(),
            codec: Codec::new().max_size(MAX_MESSAGE),
            source,
            control,
            pulse: Pulse::new(),
            rest: None,
            is_closed: false,
            _open: sockets.metrics.socket_open(S::KIND),
            sockets,
        }
    }

    fn close(&mut self, code: CloseCode, reason: String) -> Bytes {
        self.is_closed = true;
        self.control.close(code, &reason);
        self.sockets.metrics.socket_closed(S::KIND, code.number());
        self.encode(Message::Close(Some(close_reason(code, reason))))
    }

    fn encode(&mut self, message: Message) -> Bytes {
        let mut bytes = BytesMut::new();
        // Only a close frame after a close frame is refused, and nothing is sent after one.
        let _infallible = self.codec.encode(message, &mut bytes);
        bytes.freeze()
    }

    /// Reads what the peer sent. Something to answer, or the end of the connection (`None`).
    fn poll_received(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match self.codec.decode(&mut self.received) {
                Ok(Some(Frame::Ping(payload))) => {
                    let pong = self.encode(Message::Pong(payload));
                    return Poll::Ready(Some(pong));
                }
                Ok(Some(Frame::Pong(_))) => self.pulse.pong(),
                Ok(Some(Frame::Close(_))) => {
                    self.is_closed = true;
                    self.sockets.metrics.socket_closed(S::KIND, CloseCode::Ended.number());
                    let answer = self.encode(Message::Close(None));
                    return Poll::Ready(Some(answer));
                }
                // Viewers have nothing to say; what they say all the same is ignored.
                Ok(Some(Frame::Text(_) | Frame::Binary(_) | Frame::Continuation(_))) => {}
                Ok(None) => match self.payload.poll_next_unpin(context) {
                    Poll::Ready(Some(Ok(bytes))) => self.received.extend_from_slice(&bytes),
                    Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(None),
                    Poll::Pending => return Poll::Pending,
                },
                Err(actix_http::ws::ProtocolError::Overflow) => {
                    let close = self.close(CloseCode::TooLarge, "messages are limited to 64 KiB".to_owned());
                    return Poll::Ready(Some(close));
                }
                Err(error) => {
                    let close =
                        self.close(CloseCode::BadRequest, format!("not a WebSocket message: {error}"));
                    return Poll::Ready(Some(close));
                }
            }
        }
    }

    fn poll_pulse(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        self.pulse.poll_beat(context).map(|beat| match beat {
            Beat::Ping => self.encode(Message::Ping(Bytes::new())),
            Beat::Heartbeat => self.encode(Message::Text(ByteString::from_static(HEARTBEAT))),
            Beat::Lost => self.close(CloseCode::PongTimeout, NO_PONG.to_owned()),
        })
    }

    fn text(&mut self, own: &str, text: ByteString) -> Bytes {
        let length = own.len() + text.len();
        self.sockets.metrics.delivered(length);
        let payload = text.into_bytes();
        let joined = if payload.len() > JOIN_UP_TO { 0 } else { payload.len() };
        let mut head = BytesMut::with_capacity(10 + own.len() + joined);
        put_text_header(&mut head, length);
        head.extend_from_slice(own.as_bytes());
        if payload.len() > JOIN_UP_TO {
            self.rest = Some(payload);
        } else {
            head.extend_from_slice(&payload);
        }
        head.freeze()
    }
}

/// What a close frame says, which carries at most 123 bytes of reason.
pub(super) fn close_reason(code: CloseCode, mut reason: String) -> CloseReason {
    let mut end = reason.len().min(123);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    let description = Some(reason).filter(|text| !text.is_empty());
    CloseReason { code: WireCode::from(code.number()), description }
}

/// The header of an unfragmented, unmasked text frame (RFC 6455, section 5.2).
fn put_text_header(out: &mut BytesMut, length: usize) {
    const FINAL_TEXT: u8 = 0x81;
    out.put_u8(FINAL_TEXT);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => out.put_u8(short),
        (_, Ok(medium)) => {
            out.put_u8(126);
            out.put_u16(medium);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(length as u64);
        }
    }
}

impl<S: Source> MessageBody for Socket<S> {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let this = self.get_mut();
        if let Some(rest) = this.rest.take() {
            return Poll::Ready(Some(Ok(rest)));
        }
        if this.is_closed {
            return Poll::Ready(None);
        }
        this.control.progressed(false);
        this.control.register(context.waker());
        if let Some((code, reason)) = this.control.closing() {
            return Poll::Ready(Some(Ok(this.close(code, reason))));
        }
        match this.poll_received(context) {
            Poll::Ready(Some(answer)) => return Poll::Ready(Some(Ok(answer))),
            Poll::Ready(None) => {
                this.is_closed = true;
                return Poll::Ready(None);
            }
            Poll::Pending => {}
        }
        if let Poll::Ready(bytes) = this.poll_pulse(context) {
            return Poll::Ready(Some(Ok(bytes)));
        }
        match this.source.poll_next(context) {
            Poll::Ready(Outgoing::Text(text)) => Poll::Ready(Some(Ok(this.text("", text)))),
            Poll::Ready(Outgoing::Joined(own, rest)) => Poll::Ready(Some(Ok(this.text(&own, rest)))),
            Poll::Ready(Outgoing::Close(code, reason)) => Poll::Ready(Some(Ok(this.close(code, reason)))),
            Poll::Pending => {
                this.control.progressed(true);
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_follow_the_rfc() {
        for (length, header) in [
            (5, vec![0x81, 5]),
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (65_535, vec![0x81, 126, 255, 255]),
            (65_536, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let mut out = BytesMut::new();
            put_text_header(&mut out, length);
            assert_eq!(out.to_vec(), header, "{length}");
        }
    }
}

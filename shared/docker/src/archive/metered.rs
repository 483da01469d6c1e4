use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, ReadBuf};

/// What may be read between two contents of entries: headers, long names, padding.
const DESCRIPTION: u64 = 1 << 20;

/// A reader that gives out only so much as it was told to: the parser reads what describes an entry as a whole.
pub(super) struct Metered<R> {
    inner: R,
    meter: Meter,
}

/// The other side of a [`Metered`] reader, which is inside the parser meanwhile.
#[derive(Clone, Default)]
pub(super) struct Meter(Arc<State>);

#[derive(Default)]
struct State {
    allowance: AtomicU64,
    ended: AtomicBool,
    overdrawn: AtomicBool,
    broken: AtomicBool,
    /// The first bytes, and how many are there.
    first: AtomicU64,
    seen: AtomicU64,
}

impl<R> Metered<R> {
    pub(super) fn new(inner: R) -> (Self, Meter) {
        let meter = Meter::default();
        (Self { inner, meter: meter.clone() }, meter)
    }
}

impl Meter {
    /// From here on the description of an entry is read.
    pub(super) fn allow_description(&self) {
        self.0.allowance.store(DESCRIPTION, Ordering::Relaxed);
    }

    /// From here on so much content is read.
    pub(super) fn allow(&self, bytes: u64) {
        self.0.allowance.store(bytes, Ordering::Relaxed);
    }

    /// Whether the source has come to its end.
    pub(super) fn ended(&self) -> bool {
        self.0.ended.load(Ordering::Relaxed)
    }

    /// Whether more was wanted than was allowed.
    pub(super) fn overdrawn(&self) -> bool {
        self.0.overdrawn.load(Ordering::Relaxed)
    }

    /// Whether the source failed.
    pub(super) fn broken(&self) -> bool {
        self.0.broken.load(Ordering::Relaxed)
    }

    /// Whether the first bytes are those of a compressed file.
    pub(super) fn compressed(&self) -> bool {
        let first = self.0.first.load(Ordering::Relaxed).to_be_bytes();
        let known: [&[u8]; 4] =
            [&[0x1f, 0x8b], b"BZh", &[0xfd, b'7', b'z', b'X', b'Z'], &[0x28, 0xb5, 0x2f, 0xfd]];
        known.iter().any(|magic| first.starts_with(magic))
    }

    fn note(&self, bytes: &[u8]) {
        for byte in bytes {
            let seen = self.0.seen.load(Ordering::Relaxed);
            if seen == 8 {
                return;
            }
            let first = self.0.first.load(Ordering::Relaxed) | (u64::from(*byte) << (56 - 8 * seen));
            self.0.first.store(first, Ordering::Relaxed);
            self.0.seen.store(seen + 1, Ordering::Relaxed);
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Metered<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { inner, meter } = self.get_mut();
        let allowance = meter.0.allowance.load(Ordering::Relaxed);
        if allowance == 0 {
            meter.0.overdrawn.store(true, Ordering::Relaxed);
            return Poll::Ready(Err(io::Error::other("more than was allowed")));
        }
        let most = usize::try_from(allowance).unwrap_or(usize::MAX).min(buffer.remaining());
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most));
        if let Err(error) = ready!(Pin::new(inner).poll_read(cx, &mut part)) {
            meter.0.broken.store(true, Ordering::Relaxed);
            return Poll::Ready(Err(error));
        }
        let read = part.filled().len();
        meter.note(part.filled());
        buffer.advance(read);
        meter.0.ended.store(read == 0, Ordering::Relaxed);
        meter.0.allowance.store(allowance - read as u64, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

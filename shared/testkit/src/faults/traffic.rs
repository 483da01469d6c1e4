use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
};

use super::recent::Recent;

/// In which direction bytes go through a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// All that goes one way through a link, over all its connections, and what is done to it.
#[derive(Debug)]
pub(super) struct Traffic {
    held: watch::Sender<bool>,
    /// Begins to hold everything with the piece that completes this text.
    hold_at: Mutex<Option<Vec<u8>>>,
    /// Loses the piece that completes this text.
    lose: Mutex<Option<Vec<u8>>>,
    /// Bytes that were read and wait.
    waiting: watch::Sender<u64>,
    lost: AtomicU64,
    /// Bytes per second of each connection; as many as come when it is 0.
    pace: AtomicU64,
    words: Vec<(Vec<u8>, AtomicU64)>,
}

impl Traffic {
    pub(super) fn new(words: &[&[u8]]) -> Self {
        Self {
            held: watch::Sender::new(false),
            hold_at: Mutex::default(),
            lose: Mutex::default(),
            waiting: watch::Sender::new(0),
            lost: AtomicU64::new(0),
            pace: AtomicU64::new(0),
            words: words.iter().map(|word| (word.to_vec(), AtomicU64::new(0))).collect(),
        }
    }

    pub(super) fn hold(&self, hold: bool) {
        *lock(&self.hold_at) = None;
        self.held.send_replace(hold);
    }

    pub(super) fn hold_at(&self, text: &[u8]) {
        *lock(&self.hold_at) = Some(text.to_vec());
    }

    pub(super) fn lose_next(&self, text: &[u8]) {
        *lock(&self.lose) = Some(text.to_vec());
    }

    pub(super) fn slow_down(&self, bytes_per_second: u64) {
        self.pace.store(bytes_per_second, Ordering::SeqCst);
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::SeqCst)
    }

    pub(super) fn count(&self, word: &[u8]) -> u64 {
        let counts = self.words.iter().filter(|(known, _)| known == word);
        counts.map(|(_, count)| count.load(Ordering::SeqCst)).sum()
    }

    /// Completes when bytes are held back.
    pub(super) async fn until_waiting(&self) {
        let mut waiting = self.waiting.subscribe();
        // The sender lives as long as this.
        let _open = waiting.wait_for(|bytes| *bytes > 0).await;
    }

    /// Carries one connection's bytes this way until their source ends.
    pub(super) async fn carry(
        &self,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) -> Result<()> {
        let mut held = self.held.subscribe();
        let mut recent = Recent::default();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            // A source that breaks ends its way like one that is closed: what was read of it is delivered.
            let count = from.read(&mut buffer).await.unwrap_or(0);
            let piece = &buffer[..count];
            for (word, total) in &self.words {
                total.fetch_add(recent.count(word, piece), Ordering::SeqCst);
            }
            let is_lost = take_if_complete(&self.lose, &recent, piece);
            let is_the_mark = take_if_complete(&self.hold_at, &recent, piece);
            recent.push(piece);
            if is_lost {
                self.lost.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            if is_the_mark {
                self.held.send_replace(true);
            }
            if *held.borrow_and_update() {
                self.waiting.send_modify(|bytes| *bytes += count as u64);
                // The sender lives as long as this.
                let _open = held.wait_for(|held| !held).await;
                self.waiting.send_modify(|bytes| *bytes -= count as u64);
            }
            if count == 0 {
                to.shutdown().await?;
                return Ok(());
            }
            to.write_all(piece).await?;
            if let Some(micros) = (count as u64 * 1_000_000).checked_div(self.pace.load(Ordering::SeqCst)) {
                tokio::time::sleep(Duration::from_micros(micros)).await;
            }
        }
    }
}

/// Whether this piece completes the text that is looked for; once it did, nothing is.
fn take_if_complete(text: &Mutex<Option<Vec<u8>>>, recent: &Recent, piece: &[u8]) -> bool {
    lock(text).take_if(|text| recent.count(text, piece) > 0).is_some()
}

/// A test that panicked elsewhere must not hide what was counted.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

use dockline_docker::{Engine, LogQuery, Result, Tail};
use dockline_domain::{ContainerId, Timestamp, log::Chunk};
use futures::StreamExt;

/// A window larger than this is not looked at: better a gap marker than a streamer without memory.
const MAX_BYTES: usize = 64 << 20;

/// A bounded reading of the log as it is stored now.
pub(super) struct StoredWindow {
    pub(super) chunks: Vec<Chunk>,
    /// Whether it begins with the first chunk that the engine holds.
    pub(super) is_whole: bool,
}

/// Reads the last `count` chunks, without following.
pub(super) async fn read_last(engine: &dyn Engine, id: &ContainerId, count: u32) -> Result<StoredWindow> {
    let query = LogQuery { tail: Tail::Last(count), since: None, until: None, follow: false };
    let chunks = read(engine, id, &query).await?;
    let is_whole = chunks.len() < count as usize;
    Ok(StoredWindow { chunks, is_whole })
}

/// Reads everything from a time on. Slow on large logs: the engine scans them from the beginning.
pub(super) async fn read_since(
    engine: &dyn Engine,
    id: &ContainerId,
    since: Timestamp,
) -> Result<StoredWindow> {
    let query = LogQuery { tail: Tail::All, since: Some(since), until: None, follow: false };
    Ok(StoredWindow { chunks: read(engine, id, &query).await?, is_whole: false })
}

async fn read(engine: &dyn Engine, id: &ContainerId, query: &LogQuery) -> Result<Vec<Chunk>> {
    let mut stream = engine.logs(id, query).await?.chunks;
    let (mut chunks, mut bytes) = (Vec::new(), 0);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        bytes += chunk.bytes.len();
        chunks.push(chunk);
        if bytes > MAX_BYTES {
            break;
        }
    }
    Ok(chunks)
}
